// toWeek and toYearWeek in MySQL's modes 0 to 7 (calc_week of MySQL) and ClickHouse's 8 and 9, in which the week of
// January 1st is the first.

#include "functions/dates/TimeArgument.h"
#include "functions/dates/registerDates.h"

namespace mangrove
{

namespace
{

struct YearWeek
{
    int32_t year;
    int32_t week;
};

constexpr uint64_t monday_first = 1;
constexpr uint64_t of_year = 2; /// the days before week 1 are in the last week of the year before
constexpr uint64_t first_weekday = 4;
constexpr uint64_t new_year_day = 8;

int32_t weekStart(int32_t day, bool monday)
{
    return monday ? mondayOf(day) : mondayOf(day + 1) - 1;
}

int32_t daysInYear(int32_t year)
{
    return daysFromCivil(year + 1, 1, 1) - daysFromCivil(year, 1, 1);
}

YearWeek yearWeek(int32_t day, uint64_t mode)
{
    const bool monday = mode & monday_first;
    if (mode & new_year_day)
    {
        int32_t start = weekStart(day, monday);
        int32_t year = civilFromDays(start + 6).year;
        return {year, (start - weekStart(daysFromCivil(year, 1, 1), monday)) / 7 + 1};
    }
    bool counts_years = mode & of_year;
    const bool whole_weeks = ((mode & first_weekday) != 0) == monday;
    CivilTime date = civilFromDays(day);
    YearWeek result{date.year, 0};
    int32_t first = daysFromCivil(date.year, 1, 1);
    int32_t weekday = first - weekStart(first, monday);
    auto startsLater = [&] { return whole_weeks ? weekday != 0 : weekday >= 4; };
    if (date.month == 1 && date.day <= 7 - weekday)
    {
        if (!counts_years && startsLater())
            return result;
        counts_years = true;
        --result.year;
        int32_t days = daysInYear(result.year);
        first -= days;
        weekday = (weekday + 53 * 7 - days) % 7;
    }
    int32_t days = day - (startsLater() ? first + 7 - weekday : first - weekday);
    if (counts_years && days >= 52 * 7)
    {
        weekday = (weekday + daysInYear(result.year)) % 7;
        if (!startsLater())
            return {result.year + 1, 1};
    }
    result.week = days / 7 + 1;
    return result;
}

template <typename R, typename F>
void addWeek(FunctionRegistry & registry, const char * name, TypeId type, F f)
{
    addFunction(registry, {
        .name = name, .arguments_min = 1, .arguments_max = 3,
        .return_type = [=](const Arguments & arguments)
        {
            expectTime(name, arguments, 0);
            if (arguments.size() > 1)
                expectInteger(name, arguments, 1);
            return makeType(type);
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            TimeArgument time(name, arguments, 0, 2);
            uint64_t mode = arguments.size() > 1 ? NumberArgument<uint64_t>(*arguments[1].column).value() & 0xff : 0;
            auto result = ColumnVector<R>::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = static_cast<R>(f(time.dayNumber(i), mode));
            return result;
        },
        .constants = {1, 2}});
}

}

void registerWeeks(FunctionRegistry & registry)
{
    addWeek<uint8_t>(registry, "toWeek", TypeId::UInt8,
        [](int32_t day, uint64_t mode) { return yearWeek(day, mode).week; });
    addWeek<uint32_t>(registry, "toYearWeek", TypeId::UInt32, [](int32_t day, uint64_t mode)
    {
        YearWeek result = yearWeek(day, mode | of_year);
        return result.year * 100 + result.week;
    });
    registry.addAlias("week", "toWeek", true);
    registry.addAlias("yearweek", "toYearWeek", true);
}

}
