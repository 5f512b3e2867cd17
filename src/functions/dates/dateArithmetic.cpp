// addX/subtractX, toIntervalX, dateDiff.

#include "functions/cast/Cast.h"
#include "functions/dates/TimeArgument.h"
#include "functions/dates/registerDates.h"
#include "functions/scalar/addInterval.h"

namespace mangrove
{

namespace
{

constexpr std::pair<const char *, IntervalUnit> units[] = {{"Nanosecond", IntervalUnit::Nanosecond},
    {"Microsecond", IntervalUnit::Microsecond}, {"Millisecond", IntervalUnit::Millisecond},
        {"Second", IntervalUnit::Second},
    {"Minute", IntervalUnit::Minute}, {"Hour", IntervalUnit::Hour}, {"Day", IntervalUnit::Day},
        {"Week", IntervalUnit::Week},
    {"Month", IntervalUnit::Month}, {"Quarter", IntervalUnit::Quarter}, {"Year", IntervalUnit::Year}};

void addMove(FunctionRegistry & registry, const std::string & name, IntervalUnit unit, int sign)
{
    addFunction(registry, {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [=](const Arguments & arguments)
        {
            expectNumber(name, arguments, 1);
            return addIntervalType(name, arguments[0].type, unit);
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr & type, size_t rows)
        { return addInterval(arguments[0], unit, *arguments[1].column, sign, type, rows); }});
}

void addIntervalMaker(FunctionRegistry & registry, const std::string & name, IntervalUnit unit)
{
    addFunction(registry, {
        .name = name, .arguments_min = 1, .arguments_max = 1,
        .return_type = [=](const Arguments & arguments) -> DataTypePtr
        {
            if (!arguments[0].type->isString())
                expectNumber(name, arguments, 0);
            return std::make_shared<DataTypeInterval>(unit);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t) -> ColumnPtr
        { return castColumn(arguments[0], makeType(TypeId::Int64), false); }});
}

int64_t floorDivide(int64_t x, int64_t step)
{
    return x / step - (x % step < 0);
}

/// A counter that grows by one at each boundary of the unit.
int64_t boundary(const TimeArgument & time, size_t row, IntervalUnit unit)
{
    switch (unit)
    {
        case IntervalUnit::Second: return time.seconds(row);
        case IntervalUnit::Minute: return floorDivide(time.seconds(row), 60);
        /// As ClickHouse: less the zone's offset in 1970, which shows only between two zones.
        case IntervalUnit::Hour: return floorDivide(time.seconds(row) - time.zone().offsetAt(0), 3600);
        case IntervalUnit::Day: return time.dayNumber(row);
        case IntervalUnit::Week: return (mondayOf(time.dayNumber(row)) + 3) / 7;
        default:
        {
            CivilTime t = time.civil(row);
            return (int64_t{t.year} * 12 + t.month - 1) / unitMonths(unit);
        }
    }
}

int64_t ticksAt(const TimeArgument & time, size_t row, int64_t ticks_per_second)
{
    int64_t fraction = time.ticksPerSecond() > ticks_per_second
        ? time.fraction(row) / (time.ticksPerSecond() / ticks_per_second)
                                                                : time.fraction(row) * (ticks_per_second / time.ticksPerSecond());
    return time.seconds(row) * ticks_per_second + fraction;
}

IntervalUnit diffUnit(const Arguments & arguments)
{
    std::string text = constantString("dateDiff", arguments, 0);
    auto unit = parseUnit(text);
    if (!unit)
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Function dateDiff does not support '{}' unit", text);
    return *unit;
}

void addDateDiff(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "dateDiff", .arguments_min = 3, .arguments_max = 4,
        .return_type = [](const Arguments & arguments)
        {
            diffUnit(arguments);
            expectTime("dateDiff", arguments, 1);
            expectTime("dateDiff", arguments, 2);
            return makeType(TypeId::Int64);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            IntervalUnit unit = diffUnit(arguments);
            TimeArgument from("dateDiff", arguments, 1, 3);
            TimeArgument to("dateDiff", arguments, 2, 3);
            auto result = ColumnInt64::create(rows);
            const int64_t ticks = unit < IntervalUnit::Second ? 1'000'000'000 / unitNanoseconds(unit) : 0;
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = ticks ? ticksAt(to, i, ticks) - ticksAt(from, i, ticks)
                    : boundary(to, i, unit) - boundary(from, i, unit);
            return result;
        },
        .constants = {0, 3}});
    for (const char * alias : {"DATE_DIFF", "TIMESTAMP_DIFF", "TIMESTAMPDIFF"})
        registry.addAlias(alias, "dateDiff", true);
}

}

void registerDateArithmetic(FunctionRegistry & registry)
{
    for (const auto & [unit_name, unit] : units)
    {
        addMove(registry, std::string("add") + unit_name + "s", unit, 1);
        addMove(registry, std::string("subtract") + unit_name + "s", unit, -1);
        addIntervalMaker(registry, std::string("toInterval") + unit_name, unit);
    }
    addDateDiff(registry);
}

}
