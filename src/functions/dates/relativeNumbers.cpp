// Numbers of units since a fixed moment (toRelativeDayNum…, toMonthNumSinceEpoch…), parts of a second, days of a month,
// and the calendar's edges that are rarely asked for: toLastDayOfWeek, toStartOfISOYear; timeDiff.

#include "functions/dates/addNumber.h"
#include "functions/dates/registerDates.h"

namespace mangrove
{

namespace
{

int64_t floorDivide(int64_t x, int64_t step)
{
    return x / step - (x % step < 0);
}

/// Months since the year 0.
int64_t months(const TimeArgument & time, size_t row)
{
    CivilTime t = time.civil(row);
    return int64_t{t.year} * 12 + t.month - 1;
}

int64_t nanoseconds(const TimeArgument & time, size_t row)
{
    return time.fraction(row) * (1'000'000'000 / time.ticksPerSecond());
}

void registerSubseconds(FunctionRegistry & registry)
{
    addNumber<uint16_t>(registry, "toMillisecond", TypeId::UInt16,
        [](const TimeArgument & time, size_t i) { return nanoseconds(time, i) / 1'000'000; }, false);
    addNumber<uint32_t>(registry, "toMicrosecond", TypeId::UInt32,
        [](const TimeArgument & time, size_t i) { return nanoseconds(time, i) / 1'000; }, false);
    addNumber<uint32_t>(registry, "toNanosecond", TypeId::UInt32, nanoseconds, false);
    registry.addAlias("MILLISECOND", "toMillisecond", true);
    registry.addAlias("MICROSECOND", "toMicrosecond", true);
    registry.addAlias("NANOSECOND", "toNanosecond", true);
}

/// Are the zone's offsets whole hours, in every quarter since 1970?
bool hasWholeHours(const TimeZone & zone)
{
    constexpr int64_t quarter = 90 * 86400;
    for (int64_t t = 0; !zone.isUTC() && t <= 0xffffffffLL; t += quarter)
        if (zone.offsetAt(t) % 3600)
            return false;
    return true;
}

/// Hours since 1970, but counted a day on and less the zone's offset in 1970 before it and in zones with parts of
/// hours: the numbers of ClickHouse, which are for differences only.
void registerRelativeHour(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "toRelativeHourNum", .arguments_min = 1, .arguments_max = 2,
        .return_type = [](const Arguments & arguments)
        {
            expectTime("toRelativeHourNum", arguments, 0);
            return makeType(TypeId::UInt32);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            TimeArgument time("toRelativeHourNum", arguments, 0, 1);
            const bool whole = hasWholeHours(time.zone());
            const int64_t shift = 86400 - time.zone().offsetAt(0);
            auto result = ColumnUInt32::create(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                int64_t t = time.seconds(i);
                result->data()[i] = static_cast<uint32_t>(whole && t >= 0 ? t / 3600 : (t + shift) / 3600);
            }
            return result;
        },
        .constants = {1}});
}

/// Days, weeks and months since 1970 are those of a Date, 16 bits, before and after what a Date holds too.
void registerRelative(FunctionRegistry & registry)
{
    addNumber<uint16_t>(registry, "toRelativeYearNum", TypeId::UInt16,
        [](const TimeArgument & time, size_t i) { return time.civil(i).year; });
    addNumber<uint32_t>(registry, "toRelativeQuarterNum", TypeId::UInt32,
        [](const TimeArgument & time, size_t i) { return months(time, i) / 3; });
    addNumber<uint32_t>(registry, "toRelativeMonthNum", TypeId::UInt32,
        [](const TimeArgument & time, size_t i) { return months(time, i) + 1; });
    addNumber<uint32_t>(registry, "toRelativeWeekNum", TypeId::UInt32,
        [](const TimeArgument & time, size_t i) { return static_cast<uint16_t>((mondayOf(time.dayNumber(i)) + 7) / 7); });
    addNumber<uint32_t>(registry, "toRelativeDayNum", TypeId::UInt32,
        [](const TimeArgument & time, size_t i) { return static_cast<uint16_t>(time.dayNumber(i)); });
    registerRelativeHour(registry);
    addNumber<uint32_t>(registry, "toRelativeMinuteNum", TypeId::UInt32,
        [](const TimeArgument & time, size_t i) { return floorDivide(time.seconds(i), 60); });
    addNumber<uint32_t>(registry, "toRelativeSecondNum", TypeId::UInt32,
        [](const TimeArgument & time, size_t i) { return time.seconds(i); });
    addNumber<uint32_t>(registry, "toMonthNumSinceEpoch", TypeId::UInt32,
        [](const TimeArgument & time, size_t i) { return static_cast<uint16_t>(months(time, i) - 1970 * 12); });
    addNumber<uint16_t>(registry, "toYearNumSinceEpoch", TypeId::UInt16,
        [](const TimeArgument & time, size_t i) { return time.civil(i).year - 1970; });
}

/// The Monday of the week that has January 4th.
int32_t isoYearStart(int32_t day)
{
    int32_t thursday = mondayOf(day) + 3;
    return mondayOf(daysFromCivil(civilFromDays(thursday).year, 1, 4));
}

uint16_t asDate(int32_t day)
{
    return static_cast<uint16_t>(std::max(0, day));
}

}

void registerRelativeNumbers(FunctionRegistry & registry)
{
    registerSubseconds(registry);
    registerRelative(registry);
    addNumber<uint8_t>(registry, "toDaysInMonth", TypeId::UInt8, [](const TimeArgument & time, size_t i)
    {
        CivilTime t = time.civil(i);
        return daysFromCivil(t.month == 12 ? t.year + 1 : t.year, t.month % 12 + 1, 1) - daysFromCivil(t.year, t.month, 1);
    });
    addNumber<uint16_t>(registry, "toStartOfISOYear", TypeId::Date,
        [](const TimeArgument & time, size_t i) { return asDate(isoYearStart(time.dayNumber(i))); });
    addFunction(registry, {
        .name = "toLastDayOfWeek", .arguments_min = 1, .arguments_max = 3,
        .return_type = [](const Arguments & arguments)
        {
            expectTime("toLastDayOfWeek", arguments, 0);
            return makeType(TypeId::Date);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            TimeArgument time("toLastDayOfWeek", arguments, 0, 2);
            bool monday = arguments.size() > 1 && (constantArgument("toLastDayOfWeek", arguments, 1).get<uint64_t>() & 1);
            auto result = ColumnUInt16::create(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                int32_t day = time.dayNumber(i);
                int32_t last = monday ? mondayOf(day) + 6 : mondayOf(day + 1) + 5;
                result->data()[i] = asDate(last > 65535 ? 0 : last);
            }
            return result;
        },
        .constants = {1, 2}});
    addFunction(registry, {
        .name = "timeDiff", .arguments_min = 2, .arguments_max = 2,
        .return_type = [](const Arguments & arguments)
        {
            expectTime("timeDiff", arguments, 0);
            expectTime("timeDiff", arguments, 1);
            return makeType(TypeId::Int64);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            TimeArgument from("timeDiff", arguments, 0, arguments.size());
            TimeArgument to("timeDiff", arguments, 1, arguments.size());
            auto result = ColumnInt64::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = to.seconds(i) - from.seconds(i);
            return result;
        },
        .case_insensitive = true});
}

}
