// toYear, toMonth … toSecond, toYYYYMM … and the like: numbers read off the calendar or the clock.

#include "functions/dates/addNumber.h"
#include "functions/dates/registerDates.h"

namespace mangrove
{

namespace
{

/// f(CivilTime) → R
template <typename R, typename F>
void addPart(FunctionRegistry & registry, const char * name, TypeId type, bool date_allowed, F f)
{
    addNumber<R>(registry, name, type, [f](const TimeArgument & time, size_t row) { return f(time.civil(row)); }, date_allowed);
}

/// ISO 8601: the week of the year that has the Thursday.
std::pair<int32_t, int32_t> isoYearAndWeek(const CivilTime & time)
{
    int32_t thursday = daysFromCivil(time.year, time.month, time.day) - time.weekday + 4;
    CivilTime civil = civilFromDays(thursday);
    return {civil.year, (civil.day_of_year - 1) / 7 + 1};
}

uint64_t number(const CivilTime & t)
{
    return t.year * 10000ULL + t.month * 100 + t.day;
}

void registerDayOfWeek(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "toDayOfWeek", .arguments_min = 1, .arguments_max = 3,
        .return_type = [](const Arguments & arguments)
        {
            expectTime("toDayOfWeek", arguments, 0);
            return makeType(TypeId::UInt8);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            TimeArgument time("toDayOfWeek", arguments, 0, 2);
            uint64_t mode = 0;
            if (arguments.size() > 1)
                mode = constantArgument("toDayOfWeek", arguments, 1).get<uint64_t>() & 3;
            auto result = ColumnUInt8::create(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                int weekday = time.civil(i).weekday; /// Monday = 1
                int from_sunday = weekday % 7;
                result->data()[i] = mode == 0 ? weekday : mode == 1 ? weekday - 1 : mode == 2 ? from_sunday
                    : from_sunday + 1;
            }
            return result;
        },
        .constants = {1, 2}});
    registry.addAlias("DAYOFWEEK", "toDayOfWeek", true);
}

}

void registerDateParts(FunctionRegistry & registry)
{
    addPart<uint16_t>(registry, "toYear", TypeId::UInt16, true, [](const CivilTime & t) { return t.year; });
    addPart<uint8_t>(registry, "toQuarter", TypeId::UInt8, true,
        [](const CivilTime & t) { return (t.month - 1) / 3 + 1; });
    addPart<uint8_t>(registry, "toMonth", TypeId::UInt8, true, [](const CivilTime & t) { return t.month; });
    addPart<uint8_t>(registry, "toDayOfMonth", TypeId::UInt8, true, [](const CivilTime & t) { return t.day; });
    addPart<uint16_t>(registry, "toDayOfYear", TypeId::UInt16, true, [](const CivilTime & t) { return t.day_of_year; });
    addPart<uint8_t>(registry, "toHour", TypeId::UInt8, false, [](const CivilTime & t) { return t.hour; });
    addPart<uint8_t>(registry, "toMinute", TypeId::UInt8, false, [](const CivilTime & t) { return t.minute; });
    addPart<uint8_t>(registry, "toSecond", TypeId::UInt8, false, [](const CivilTime & t) { return t.second; });
    addPart<uint8_t>(registry, "toISOWeek", TypeId::UInt8, true,
        [](const CivilTime & t) { return isoYearAndWeek(t).second; });
    addPart<uint16_t>(registry, "toISOYear", TypeId::UInt16, true,
        [](const CivilTime & t) { return isoYearAndWeek(t).first; });
    addPart<uint32_t>(registry, "toYYYYMM", TypeId::UInt32, true, [](const CivilTime & t) { return number(t) / 100; });
    addPart<uint32_t>(registry, "toYYYYMMDD", TypeId::UInt32, true, number);
    addPart<uint64_t>(registry, "toYYYYMMDDhhmmss", TypeId::UInt64, true,
        [](const CivilTime & t) { return number(t) * 1000000 + t.hour * 10000 + t.minute * 100 + t.second; });
    registerDayOfWeek(registry);
    for (const auto & [alias, name] : std::initializer_list<std::pair<const char *,
        const char *>>{{"YEAR", "toYear"}, {"QUARTER", "toQuarter"},
             {"MONTH", "toMonth"}, {"DAY", "toDayOfMonth"}, {"DAYOFMONTH", "toDayOfMonth"},
                 {"DAYOFYEAR", "toDayOfYear"}, {"HOUR", "toHour"},
             {"MINUTE", "toMinute"}, {"SECOND", "toSecond"}})
        registry.addAlias(alias, name, true);
}

}
