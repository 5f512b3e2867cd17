// toStartOfInterval(time, INTERVAL n unit[, zone]) and date_trunc('unit', time[, zone]).
//
// As ClickHouse: seconds and minutes are counted from the epoch, hours from the local midnight, days from the epoch
// in local days, weeks from a Monday, months and years from year 0. Clock units and days give DateTime (fractions
// DateTime64), weeks and longer give Date.

#include "functions/callFunction.h"
#include "functions/dates/TimeArgument.h"
#include "functions/dates/registerDates.h"
#include "functions/scalar/addInterval.h"

namespace mangrove
{

namespace
{

int64_t roundDown(int64_t x, int64_t step)
{
    int64_t remainder = x % step;
    return x - remainder - (remainder < 0 ? step : 0);
}

int32_t calendarStart(int32_t day, IntervalUnit unit, int64_t n)
{
    if (unit == IntervalUnit::Week)
        return n == 1 ? mondayOf(day) : static_cast<int32_t>(4 + (day - 4) / (n * 7) * (n * 7));
    CivilTime t = civilFromDays(day);
    int64_t step = n * unitMonths(unit);
    int64_t month = roundDown(int64_t{t.year} * 12 + t.month - 1, step);
    return daysFromCivil(static_cast<int32_t>(month / 12), static_cast<int>(month % 12) + 1, 1);
}

/// The first second from which the zone's offset is that of `to`, which differs from that of `from`.
int64_t offsetChange(const TimeZone & zone, int64_t from, int64_t to)
{
    const auto offset = zone.offsetAt(to);
    while (to - from > 1)
    {
        const int64_t middle = from + (to - from) / 2;
        (zone.offsetAt(middle) == offset ? to : from) = middle;
    }
    return to;
}

/// Several hours begin where a clock on the wall shows a multiple of them, on days of 23 and 25 hours too.
int64_t hoursStart(const TimeZone & zone, int64_t t, int64_t n)
{
    const int64_t midnight = zone.startOfDay(t), step = n * 3600;
    const int64_t shift = zone.offsetAt(t) - zone.offsetAt(midnight);
    if (n == 1 || shift == 0)
        return midnight + roundDown(t - midnight, step);
    const int64_t change = offsetChange(zone, midnight, t) - midnight;
    const int64_t shown = roundDown(t - midnight + shift, step);
    return midnight + (shown < change ? shown : std::max(shown - shift, change));
}

int64_t clockStart(const TimeArgument & time, size_t row, IntervalUnit unit, int64_t n)
{
    int64_t t = time.seconds(row);
    switch (unit)
    {
        case IntervalUnit::Second: return roundDown(t, n);
        case IntervalUnit::Minute: return roundDown(t, n * 60);
        case IntervalUnit::Hour: return hoursStart(time.zone(), t, n);
        default: return time.startOfDay(static_cast<int32_t>(roundDown(time.dayNumber(row), n)));
    }
}

DataTypePtr intervalResult(std::string_view name, const Arguments & arguments, IntervalUnit unit)
{
    expectTime(name, arguments, 0);
    std::string zone = zoneNameOf(name, arguments, 0, 2);
    const bool is_date = arguments[0].type->id() == TypeId::Date;
    if (unit >= IntervalUnit::Week)
        return makeType(TypeId::Date);
    if (is_date && unit < IntervalUnit::Day)
        throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT,
            "Illegal interval kind for argument data type Date of function {}", name);
    if (unit < IntervalUnit::Second)
    {
        if (arguments[0].type->id() != TypeId::DateTime64)
            throwIllegalType(name, *arguments[0].type, 0);
        return std::make_shared<DataTypeDateTime64>(unit == IntervalUnit::Nanosecond ? 9
            : unit == IntervalUnit::Microsecond ? 6 : 3, zone);
    }
    return std::make_shared<DataTypeDateTime>(zone);
}

ColumnPtr startOfInterval(std::string_view name, const Arguments & arguments, IntervalUnit unit, int64_t n,
    const DataTypePtr & type, size_t rows)
{
    if (n <= 0 || n > 1'000'000'000)
        throw Exception(ErrorCode::ARGUMENT_OUT_OF_BOUND,
            "The value for 2nd argument of function {} must be positive and below 10^9, not {}", name, n);
    TimeArgument time(name, arguments, 0, 2);
    if (type->id() == TypeId::Date)
    {
        auto result = ColumnUInt16::create(rows);
        for (size_t i = 0; i < rows; ++i)
            result->data()[i] = static_cast<uint16_t>(std::max(0, calendarStart(time.dayNumber(i), unit, n)));
        return result;
    }
    if (type->id() == TypeId::DateTime64)
    {
        const int64_t target = typeAs<DataTypeDateTime64>(*type).ticksPerSecond();
        auto result = ColumnInt64::create(rows);
        for (size_t i = 0; i < rows; ++i)
        {
            int64_t ticks = time.ticksPerSecond() > target
                ? time.seconds(i) * target + time.fraction(i) / (time.ticksPerSecond() / target)
                : time.raw(i) * (target / time.ticksPerSecond());
            result->data()[i] = roundDown(ticks, n);
        }
        return result;
    }
    auto result = ColumnUInt32::create(rows);
    for (size_t i = 0; i < rows; ++i)
        result->data()[i] = unit == IntervalUnit::Day ? time.midnightAsDateTime(clockStart(time, i, unit, n), i)
            : time.asDateTime(clockStart(time, i, unit, n));
    return result;
}

IntervalUnit truncUnit(const Arguments & arguments)
{
    std::string text = constantString("dateTrunc", arguments, 0);
    auto unit = parseUnit(text);
    if (!unit)
        throw Exception(ErrorCode::BAD_ARGUMENTS, "{} doesn't look like datepart name in dateTrunc", text);
    return *unit;
}

/// date_trunc's arguments in the order of toStartOfInterval's: time, unit, zone.
Arguments reordered(const Arguments & arguments)
{
    Arguments result = arguments;
    std::swap(result[0], result[1]);
    return result;
}

}

void registerStartOfInterval(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "toStartOfInterval", .arguments_min = 2, .arguments_max = 3,
        .return_type = [](const Arguments & arguments)
        {
            if (arguments[1].type->id() != TypeId::Interval)
                throwIllegalType("toStartOfInterval", *arguments[1].type, 1);
            if (arguments.size() == 3 && !arguments[2].type->isString())
                throw Exception(ErrorCode::NOT_IMPLEMENTED,
                    "toStartOfInterval takes a time zone as argument 3; an origin is not supported");
            return intervalResult("toStartOfInterval", arguments, typeAs<DataTypeInterval>(*arguments[1].type).unit());
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows)
        {
            int64_t n = constantArgument("toStartOfInterval", arguments, 1).get<int64_t>();
            return startOfInterval("toStartOfInterval", arguments,
                typeAs<DataTypeInterval>(*arguments[1].type).unit(), n, type, rows);
        },
        .constants = {1, 2}});
    registry.addAlias("time_bucket", "toStartOfInterval", true);
    registry.addAlias("date_bin", "toStartOfInterval", true);
    addFunction(registry, {
        .name = "dateTrunc", .arguments_min = 2, .arguments_max = 3,
        .return_type = [](const Arguments & arguments) -> DataTypePtr
        {
            IntervalUnit unit = truncUnit(arguments);
            Arguments ordered = reordered(arguments);
            expectTime("dateTrunc", ordered, 0);
            if (ordered[0].type->id() == TypeId::DateTime64 && unit >= IntervalUnit::Second)
            {
                if (unit >= IntervalUnit::Week)
                    throw Exception(ErrorCode::NOT_IMPLEMENTED,
                        "dateTrunc of DateTime64 to weeks and longer gives Date32, which is not supported; apply toDateTime() first");
                return std::make_shared<DataTypeDateTime64>(0, zoneNameOf("dateTrunc", ordered, 0, 2));
            }
            return intervalResult("dateTrunc", ordered, unit);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            IntervalUnit unit = truncUnit(arguments);
            Arguments ordered = reordered(arguments);
            if (type->id() == TypeId::DateTime64 && unit >= IntervalUnit::Second)
            {
                TimeArgument time("dateTrunc", ordered, 0, 2);
                auto result = ColumnInt64::create(rows);
                for (size_t i = 0; i < rows; ++i)
                    result->data()[i] = clockStart(time, i, unit, 1);
                return result;
            }
            return startOfInterval("dateTrunc", ordered, unit, 1, type, rows);
        },
        .constants = {0, 2}});
    registry.addAlias("DATE_TRUNC", "dateTrunc", true);
}

}
