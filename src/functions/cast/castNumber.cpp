// Casts between numbers, dates, enums and intervals.

#include "functions/cast/Cast.h"

#include <algorithm>

namespace mangrove
{

namespace
{

constexpr int64_t date_days_max = 65535;

void fail(const CastRules & rules, size_t row, const DataType & from, const DataType & to)
{
    if (!rules.failed)
        throw Exception(ErrorCode::CANNOT_CONVERT_TYPE, "Value in column {} cannot be safely converted into type {}",
            from.name(), to.name());
    (*rules.failed)[row] = 1;
}

template <typename To, typename From>
bool fits(From x)
{
    if constexpr (std::is_floating_point_v<From> && !std::is_floating_point_v<To>)
    {
        if (!(x == std::trunc(x)))
            return false;
        if constexpr (sizeof(To) == 16)
            return x >= 0 && x < 3.4028236692093846e38;
        else if constexpr (std::is_signed_v<To>)
            return x >= static_cast<double>(std::numeric_limits<To>::min())
                && x < -static_cast<double>(std::numeric_limits<To>::min());
        else
            return x >= 0 && x < 2 * static_cast<double>(1ULL << (sizeof(To) * 8 - 1));
    }
    else if constexpr (std::is_floating_point_v<To>)
        return std::is_floating_point_v<From> ? (x != x || static_cast<From>(static_cast<To>(x)) == x)
                                              : convertNumber<From>(static_cast<double>(static_cast<To>(x))) == x;
    else
    {
        To y = static_cast<To>(x);
        return static_cast<From>(y) == x && (x < From{}) == (y < To{});
    }
}

ColumnPtr numbersToNumbers(const ColumnPtr & column, const DataType & from, const DataType & to,
    const CastRules & rules, ColumnKind kind)
{
    return visitNumbers(*column, [&]<typename From>(const ColumnVector<From> & source) -> ColumnPtr
    {
        return visitNumberKind(kind, [&]<typename To>(std::type_identity<To>) -> ColumnPtr
        {
            if constexpr (std::is_same_v<From, To>)
                return column;
            else
            {
                const size_t rows = source.size();
                auto result = ColumnVector<To>::create(rows);
                for (size_t i = 0; i < rows; ++i)
                {
                    From x = source.data()[i];
                    result->data()[i] = convertNumber<To>(x);
                    if constexpr (std::is_floating_point_v<From> && !std::is_floating_point_v<To>)
                    {
                        if (!std::isfinite(static_cast<double>(x)))
                        {
                            if (!rules.failed)
                                throw Exception(ErrorCode::CANNOT_CONVERT_TYPE,
                                    "Unexpected inf or nan to integer conversion");
                            (*rules.failed)[i] = 1;
                            result->data()[i] = 0;
                        }
                    }
                    if (rules.accurate && !fits<To>(x))
                    {
                        fail(rules, i, from, to);
                        result->data()[i] = 0;
                    }
                }
                return result;
            }
        });
    });
}

/// result[i] = f(source[i]) where the source column is read as S.
template <typename T, typename S, typename F>
ColumnPtr mapNumbers(const Column & column, F && f)
{
    NumberArgument<S> source(column);
    auto result = ColumnVector<T>::create(column.size());
    for (size_t i = 0; i < column.size(); ++i)
        result->data()[i] = f(source[i]);
    return result;
}

int64_t floorDiv(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

ColumnPtr toBool(const ColumnPtr & column, const DataType & from)
{
    if (from.id() == TypeId::Bool)
        return column;
    return visitNumbers(*column, [&]<typename From>(const ColumnVector<From> & source) -> ColumnPtr
    {
        auto result = ColumnUInt8::create(source.size());
        for (size_t i = 0; i < source.size(); ++i)
            result->data()[i] = source.data()[i] != From{};
        return result;
    });
}

ColumnPtr toDate(const ColumnPtr & column, const DataType & from)
{
    if (from.id() == TypeId::DateTime || from.id() == TypeId::DateTime64)
    {
        int64_t ticks = from.id() == TypeId::DateTime ? 1 : typeAs<DataTypeDateTime64>(from).ticksPerSecond();
        const TimeZone & zone
            = from.id() == TypeId::DateTime ? typeAs<DataTypeDateTime>(from).zone()
                : typeAs<DataTypeDateTime64>(from).zone();
        return mapNumbers<uint16_t, int64_t>(*column,
            [&](int64_t x) { return static_cast<uint16_t>(zone.dayNumber(floorDiv(x, ticks))); });
    }
    TimeZonePtr zone = TimeZone::get("");
    auto fromInteger = [&](int64_t x) -> uint16_t
    {
        if (x < 0)
            return 0;
        return static_cast<uint16_t>(x <= date_days_max ? x : zone->dayNumber(std::min<int64_t>(x, UINT32_MAX)));
    };
    if (column->kind() == ColumnKind::UInt64)
        return mapNumbers<uint16_t, uint64_t>(*column,
            [&](uint64_t x) { return fromInteger(std::min<uint64_t>(x, UINT32_MAX)); });
    return mapNumbers<uint16_t, int64_t>(*column, fromInteger);
}

/// East of Greenwich 1970-01-01 begins before the times of a DateTime: it becomes the first midnight of these, as in ClickHouse.
int64_t midnightSince1970(int64_t days, const TimeZone & zone)
{
    auto midnight = [&](int64_t day_number)
    {
        const CivilTime day = civilFromDays(static_cast<int32_t>(day_number));
        return zone.unixSeconds(day.year, day.month, day.day, 0, 0, 0);
    };
    const int64_t seconds = midnight(days);
    return seconds < 0 ? midnight(days + 1) : seconds;
}

ColumnPtr toDateTime(const ColumnPtr & column, const DataType & from, const DataTypeDateTime & to)
{
    if (from.id() == TypeId::Date)
        return mapNumbers<uint32_t, int64_t>(*column,
            [&](int64_t days) { return static_cast<uint32_t>(std::min<int64_t>(midnightSince1970(days, to.zone()), UINT32_MAX)); });
    if (from.id() == TypeId::DateTime)
        return column;
    if (from.id() == TypeId::DateTime64)
    {
        int64_t ticks = typeAs<DataTypeDateTime64>(from).ticksPerSecond();
        return mapNumbers<uint32_t, int64_t>(*column,
            [&](int64_t x) { return static_cast<uint32_t>(floorDiv(x, ticks)); });
    }
    if (column->kind() == ColumnKind::UInt64)
        return mapNumbers<uint32_t, uint64_t>(*column,
            [](uint64_t x) { return static_cast<uint32_t>(std::min<uint64_t>(x, UINT32_MAX)); });
    return mapNumbers<uint32_t, int64_t>(*column,
        [](int64_t x) { return static_cast<uint32_t>(std::clamp<int64_t>(x, 0, UINT32_MAX)); });
}

int64_t scaleTicks(int64_t seconds, int64_t ticks)
{
    int64_t result;
    if (__builtin_mul_overflow(seconds, ticks, &result))
        throw Exception(ErrorCode::DECIMAL_OVERFLOW, "Convert overflow: {} seconds do not fit DateTime64", seconds);
    return result;
}

ColumnPtr toDateTime64(const ColumnPtr & column, const DataType & from, const DataTypeDateTime64 & to)
{
    const int64_t ticks = to.ticksPerSecond();
    if (from.id() == TypeId::Date)
        return mapNumbers<int64_t, int64_t>(*column, [&](int64_t days) { return scaleTicks(midnightSince1970(days, to.zone()), ticks); });
    if (from.id() == TypeId::DateTime64)
    {
        const int64_t from_ticks = typeAs<DataTypeDateTime64>(from).ticksPerSecond();
        if (from_ticks > ticks)
            return mapNumbers<int64_t, int64_t>(*column, [&](int64_t x) { return x / (from_ticks / ticks); });
        return mapNumbers<int64_t, int64_t>(*column, [&](int64_t x) { return scaleTicks(x, ticks / from_ticks); });
    }
    if (from.isFloat())
        return mapNumbers<int64_t, double>(*column, [&](double x)
        {
            if (!std::isfinite(x) || std::abs(x * static_cast<double>(ticks)) >= 9.2e18)
                throw Exception(ErrorCode::DECIMAL_OVERFLOW, "Convert overflow: {} is not a DateTime64", x);
            return static_cast<int64_t>(x * static_cast<double>(ticks));
        });
    return mapNumbers<int64_t, int64_t>(*column, [&](int64_t x) { return scaleTicks(x, ticks); });
}

ColumnPtr fromDateTime64(const ColumnPtr & column, const DataTypePtr & from, const DataTypePtr & to,
    const CastRules & rules, ColumnKind kind)
{
    int64_t ticks = typeAs<DataTypeDateTime64>(*from).ticksPerSecond();
    if (to->isFloat())
        return convertNumbers(*mapNumbers<double,
            int64_t>(*column, [&](int64_t x) { return static_cast<double>(x) / ticks; }), kind);
    ColumnPtr seconds = mapNumbers<int64_t, int64_t>(*column, [&](int64_t x) { return x / ticks; });
    return visitNumberKind(kind, [&]<typename To>(std::type_identity<To>) -> ColumnPtr
    {
        for (size_t i = 0; i < seconds->size(); ++i)
        {
            if (!fits<To>(numbersOf<int64_t>(*seconds)[i]))
            {
                if (!rules.failed)
                    throw Exception(ErrorCode::DECIMAL_OVERFLOW, "Convert overflow: a {} value does not fit {}",
                        from->name(), to->name());
                (*rules.failed)[i] = 1;
            }
        }
        return convertNumbers(*seconds, kind);
    });
}

ColumnPtr toEnum(const ColumnPtr & column, const DataType & from, const DataTypeEnum & to, const CastRules & rules)
{
    if (from.isEnum())
    {
        /// By name where the name exists, as ClickHouse does for ALTER and CAST between enums.
        auto & names = typeAs<DataTypeEnum>(from);
        auto result = ColumnInt16::create(column->size());
        NumberArgument<int16_t> source(*column);
        for (size_t i = 0; i < column->size(); ++i)
        {
            auto name = names.nameOf(source[i]);
            auto value = name ? to.valueOf(*name) : std::nullopt;
            if (!value)
                throw Exception(ErrorCode::UNKNOWN_ELEMENT_OF_ENUM, "Unknown element '{}' for {}", name.value_or(""),
                    to.name());
            result->data()[i] = *value;
        }
        return to.id() == TypeId::Enum8 ? ColumnPtr(convertNumbers(*result, ColumnKind::Int8)) : result;
    }
    if (!from.isInteger())
        throwCannotCast(from, to);
    NumberArgument<int64_t> source(*column);
    auto result = ColumnInt16::create(column->size());
    for (size_t i = 0; i < column->size(); ++i)
    {
        int64_t x = source[i];
        result->data()[i] = static_cast<int16_t>(x);
        if (x != static_cast<int16_t>(x) || !to.nameOf(static_cast<int16_t>(x)))
        {
            if (!rules.failed)
                throw Exception(ErrorCode::UNKNOWN_ELEMENT_OF_ENUM, "Unexpected value {} in enum", x);
            (*rules.failed)[i] = 1;
            result->data()[i] = static_cast<int16_t>(to.values().front().second);
        }
    }
    return to.id() == TypeId::Enum8 ? ColumnPtr(convertNumbers(*result, ColumnKind::Int8)) : result;
}

/// Between UUID and UInt128.
ColumnPtr swapHalves(const Column & column)
{
    auto result = ColumnUInt128::create(column.size());
    std::ranges::transform(numbersOf<UInt128>(column), result->data().begin(), swapUuidHalves);
    return result;
}

}

ColumnPtr castNumber(const ColumnPtr & column, const DataTypePtr & from, const DataTypePtr & to,
    const CastRules & rules)
{
    if (!isNumberKind(column->kind()))
        throwCannotCast(*from, *to);
    const bool from_uuid = from->id() == TypeId::UUID;
    if ((from_uuid && to->id() != TypeId::UInt128) || (to->id() == TypeId::UUID && from->id() != TypeId::UInt128))
        throwCannotCast(*from, *to);
    if (from_uuid)
        return swapHalves(*column);
    const bool from_time = from->isDateOrTime();
    switch (to->id())
    {
        case TypeId::Bool: return toBool(column, *from);
        case TypeId::Date:
            if (from->isFloat())
                return toDate(numbersToNumbers(column, *from, *to, rules, ColumnKind::Int64), *from);
            return toDate(column, *from);
        case TypeId::DateTime:
            if (from->isFloat())
                return toDateTime(numbersToNumbers(column, *from, *to, rules, ColumnKind::Int64), *from,
                    typeAs<DataTypeDateTime>(*to));
            return toDateTime(column, *from, typeAs<DataTypeDateTime>(*to));
        case TypeId::DateTime64: return toDateTime64(column, *from, typeAs<DataTypeDateTime64>(*to));
        case TypeId::Enum8:
        case TypeId::Enum16: return toEnum(column, *from, typeAs<DataTypeEnum>(*to), rules);
        case TypeId::UUID: return swapHalves(*column);
        case TypeId::Interval:
            if (from_time)
                throwCannotCast(*from, *to);
            return convertNumbers(*column, ColumnKind::Int64);
        default: break;
    }
    if (!to->isNumber())
        throwCannotCast(*from, *to);
    ColumnKind kind = to->createColumn()->kind();
    if (from->id() == TypeId::DateTime64)
        return fromDateTime64(column, from, to, rules, kind);
    return numbersToNumbers(column, *from, *to, rules, kind);
}

}
