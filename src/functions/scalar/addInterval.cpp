#include "functions/scalar/addInterval.h"

#include "base/lowerCase.h"
#include "functions/cast/Cast.h"

namespace mangrove
{

namespace
{

constexpr int64_t nanoseconds_per_second = 1'000'000'000;

int64_t floorDiv(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int daysInMonth(int32_t year, int month)
{
    static constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

/// The same day `months` later, or the last of that month.
int32_t addMonthsToDate(int32_t day_number, int64_t months)
{
    CivilTime date = civilFromDays(day_number);
    int64_t month_index = int64_t{date.year} * 12 + date.month - 1 + months;
    month_index = std::clamp<int64_t>(month_index, 0, 9999 * 12);
    int32_t year = static_cast<int32_t>(month_index / 12);
    int month = static_cast<int>(month_index % 12) + 1;
    return daysFromCivil(year, month, std::min<int>(date.day, daysInMonth(year, month)));
}

int64_t addMonthsToTime(int64_t seconds, int64_t months, const TimeZone & zone)
{
    CivilTime time = zone.civil(seconds);
    CivilTime date = civilFromDays(addMonthsToDate(daysFromCivil(time.year, time.month, time.day), months));
    return zone.unixSeconds(date.year, date.month, date.day, time.hour, time.minute, time.second);
}

/// Days keep the wall clock time over a change of the zone's offset.
int64_t addDaysToTime(int64_t seconds, int64_t days, const TimeZone & zone)
{
    if (zone.isUTC())
        return seconds + days * 86400;
    CivilTime time = zone.civil(seconds);
    int64_t day = std::clamp<int64_t>(daysFromCivil(time.year, time.month, time.day) + days, -3'000'000, 3'000'000);
    CivilTime date = civilFromDays(static_cast<int32_t>(day));
    return zone.unixSeconds(date.year, date.month, date.day, time.hour, time.minute, time.second);
}

int64_t multiply(int64_t a, int64_t b)
{
    return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

int64_t sum(int64_t a, int64_t b)
{
    return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

}

int64_t unitNanoseconds(IntervalUnit unit)
{
    switch (unit)
    {
        case IntervalUnit::Nanosecond: return 1;
        case IntervalUnit::Microsecond: return 1000;
        case IntervalUnit::Millisecond: return 1'000'000;
        case IntervalUnit::Second: return nanoseconds_per_second;
        case IntervalUnit::Minute: return 60 * nanoseconds_per_second;
        case IntervalUnit::Hour: return 3600 * nanoseconds_per_second;
        case IntervalUnit::Day: return 86400 * nanoseconds_per_second;
        case IntervalUnit::Week: return 7 * 86400 * nanoseconds_per_second;
        default: return 0;
    }
}

int64_t unitMonths(IntervalUnit unit)
{
    switch (unit)
    {
        case IntervalUnit::Month: return 1;
        case IntervalUnit::Quarter: return 3;
        case IntervalUnit::Year: return 12;
        default: return 0;
    }
}

std::optional<IntervalUnit> parseUnit(std::string_view name)
{
    const std::string lower = lowerCase(name);
    using enum IntervalUnit;
    static constexpr std::pair<std::string_view,
        IntervalUnit> names[] = {{"nanosecond", Nanosecond}, {"nanoseconds", Nanosecond},
        {"ns", Nanosecond}, {"microsecond", Microsecond}, {"microseconds", Microsecond}, {"us", Microsecond},
            {"u", Microsecond},
        {"millisecond", Millisecond}, {"milliseconds", Millisecond}, {"ms", Millisecond}, {"second", Second},
            {"seconds", Second},
        {"ss", Second}, {"s", Second}, {"minute", Minute}, {"minutes", Minute}, {"mi", Minute}, {"n", Minute},
            {"hour", Hour},
        {"hours", Hour}, {"hh", Hour}, {"h", Hour}, {"day", Day}, {"days", Day}, {"dd", Day}, {"d", Day},
            {"week", Week}, {"weeks", Week},
        {"wk", Week}, {"ww", Week}, {"month", Month}, {"months", Month}, {"mm", Month}, {"m", Month},
            {"quarter", Quarter},
        {"quarters", Quarter}, {"qq", Quarter}, {"q", Quarter}, {"year", Year}, {"years", Year}, {"yyyy", Year},
            {"yy", Year}};
    for (const auto & [text, unit] : names)
        if (text == lower)
            return unit;
    return std::nullopt;
}

DataTypePtr addIntervalType(std::string_view function, const DataTypePtr & time, IntervalUnit unit)
{
    if (!time->isDateOrTime())
        throwIllegalType(function, *time, 0);
    const uint32_t precision = unit == IntervalUnit::Nanosecond ? 9
        : unit == IntervalUnit::Microsecond                    ? 6
        : unit == IntervalUnit::Millisecond                    ? 3
                                                               : 0;
    if (time->id() == TypeId::DateTime64)
    {
        auto & type = typeAs<DataTypeDateTime64>(*time);
        return precision > type.precision() ? std::make_shared<DataTypeDateTime64>(precision, type.zoneName()) : time;
    }
    if (precision)
        return std::make_shared<DataTypeDateTime64>(
            precision, time->id() == TypeId::DateTime ? typeAs<DataTypeDateTime>(*time).zoneName() : "");
    if (time->id() == TypeId::Date && unit < IntervalUnit::Day)
        return std::make_shared<DataTypeDateTime>();
    return time;
}

ColumnPtr addInterval(const ColumnWithType & time, IntervalUnit unit, const Column & amount, int sign,
    const DataTypePtr & result_type,
    size_t rows)
{
    NumberArgument<int64_t> count(amount);
    ColumnPtr cast = castColumn(time, result_type, false);
    NumberArgument<int64_t> from(*cast);
    const int64_t months = unitMonths(unit);

    // As in ClickHouse, months before 1970 end there; what leaves the range otherwise wraps.
    if (result_type->id() == TypeId::Date)
    {
        const int64_t days = unit == IntervalUnit::Week ? 7 : 1;
        auto result = ColumnUInt16::create(rows);
        for (size_t i = 0; i < rows; ++i)
        {
            int64_t n = multiply(count[i], sign);
            result->data()[i] = static_cast<uint16_t>(
                months ? std::max<int64_t>(addMonthsToDate(static_cast<int32_t>(from[i]), multiply(n, months)), 0)
                    : sum(from[i], multiply(n, days)));
        }
        return result;
    }
    const bool wide = result_type->id() == TypeId::DateTime64;
    const int64_t ticks = wide ? typeAs<DataTypeDateTime64>(*result_type).ticksPerSecond() : 1;
    const TimeZone & zone = wide ? typeAs<DataTypeDateTime64>(*result_type).zone()
        : typeAs<DataTypeDateTime>(*result_type).zone();
    const int64_t nanoseconds = unitNanoseconds(unit);
    const bool calendar_days = unit == IntervalUnit::Day || unit == IntervalUnit::Week;
    auto move = [&](size_t i) -> int64_t
    {
        int64_t n = multiply(count[i], sign);
        if (!months && !calendar_days)
        {
            int64_t step = nanoseconds >= nanoseconds_per_second ? multiply(nanoseconds / nanoseconds_per_second, ticks)
                                                                 : ticks / (nanoseconds_per_second / nanoseconds);
            if (step == 0) /// finer than the result: whole ticks only
                return sum(from[i], n / (nanoseconds_per_second / nanoseconds / ticks));
            return sum(from[i], multiply(n, step));
        }
        int64_t seconds = floorDiv(from[i], ticks);
        int64_t fraction = from[i] - seconds * ticks;
        int64_t moved = months ? addMonthsToTime(seconds, multiply(n, months), zone)
                               : addDaysToTime(seconds, multiply(n, unit == IntervalUnit::Week ? 7 : 1), zone);
        return sum(multiply(moved, ticks), fraction);
    };
    if (wide)
    {
        auto result = ColumnInt64::create(rows);
        for (size_t i = 0; i < rows; ++i)
            result->data()[i] = move(i);
        return result;
    }
    auto result = ColumnUInt32::create(rows);
    for (size_t i = 0; i < rows; ++i)
        result->data()[i] = static_cast<uint32_t>(months ? std::max<int64_t>(move(i), 0) : move(i));
    return result;
}

}
