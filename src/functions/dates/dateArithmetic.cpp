// addX/subtractX, addDate, subDate, toIntervalX, dateDiff, age; timeSlots(start, duration[, size]): the starts of all slots of
// `size` seconds (by default half an hour) that the time from start to start + duration touches.

#include "columns/ColumnArray.h"
#include "functions/callFunction.h"
#include "functions/cast/Cast.h"
#include "functions/dates/TimeArgument.h"
#include "functions/dates/registerDates.h"
#include "functions/scalar/addInterval.h"

#include <array>

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

/// What has passed of the unit at that moment, from the largest part to nanoseconds: compares as time does.
std::array<int64_t, 6> withinUnit(const TimeArgument & time, size_t row, IntervalUnit unit)
{
    const CivilTime t = time.civil(row);
    std::array<int64_t, 6> parts{t.month, t.day, t.hour, t.minute, t.second, ticksAt(time, row, 1'000'000'000) - time.seconds(row) * 1'000'000'000};
    if (unit == IntervalUnit::Quarter)
        parts[0] = (t.month - 1) % 3;
    if (unit == IntervalUnit::Week)
        parts[1] = t.weekday;
    size_t above = 0; /// parts that belong to larger units
    switch (unit)
    {
        case IntervalUnit::Month:
        case IntervalUnit::Week: above = 1; break;
        case IntervalUnit::Day: above = 2; break;
        case IntervalUnit::Hour: above = 3; break;
        case IntervalUnit::Minute: above = 4; break;
        case IntervalUnit::Second: above = 5; break;
        default: break;
    }
    std::fill_n(parts.begin(), above, 0);
    return parts;
}

/// Whole units between two moments: a boundary counts only if as much of the unit has passed at the later one.
int64_t wholeUnits(const TimeArgument & from, const TimeArgument & to, size_t row, IntervalUnit unit)
{
    const int64_t boundaries = boundary(to, row, unit) - boundary(from, row, unit);
    const auto before = withinUnit(from, row, unit);
    const auto after = withinUnit(to, row, unit);
    /// From a later moment to an earlier one ClickHouse compares weekdays as if it were the other way round.
    if (unit == IntervalUnit::Week && before[1] != after[1] && from.seconds(row) > to.seconds(row))
        return boundaries + (before[1] > after[1]);
    if (boundaries > 0 && before > after)
        return boundaries - 1;
    if (boundaries < 0 && before < after)
        return boundaries + 1;
    return boundaries;
}

IntervalUnit diffUnit(const char * name, const Arguments & arguments)
{
    std::string text = constantString(name, arguments, 0);
    auto unit = parseUnit(text);
    if (!unit)
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Function {} does not support '{}' unit", name, text);
    return *unit;
}

/// `whole`: units that have passed, not boundaries.
void addDifference(FunctionRegistry & registry, const char * name, bool whole)
{
    addFunction(registry, {
        .name = name, .arguments_min = 3, .arguments_max = 4,
        .return_type = [name](const Arguments & arguments)
        {
            diffUnit(name, arguments);
            expectTime(name, arguments, 1);
            expectTime(name, arguments, 2);
            return makeType(TypeId::Int64);
        },
        .execute = [name, whole](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            IntervalUnit unit = diffUnit(name, arguments);
            TimeArgument from(name, arguments, 1, 3);
            TimeArgument to(name, arguments, 2, 3);
            auto result = ColumnInt64::create(rows);
            const int64_t ticks = unit < IntervalUnit::Second ? 1'000'000'000 / unitNanoseconds(unit) : 0;
            for (size_t i = 0; i < rows; ++i)
            {
                if (ticks)
                    result->data()[i] = ticksAt(to, i, ticks) - ticksAt(from, i, ticks);
                else
                    result->data()[i] = whole ? wholeUnits(from, to, i, unit) : boundary(to, i, unit) - boundary(from, i, unit);
            }
            return result;
        },
        .constants = {0, 3}, .case_insensitive = true});
}

void addDateDiff(FunctionRegistry & registry)
{
    addDifference(registry, "dateDiff", false);
    addDifference(registry, "age", true);
    for (const char * alias : {"DATE_DIFF", "TIMESTAMP_DIFF", "TIMESTAMPDIFF"})
        registry.addAlias(alias, "dateDiff", true);
}

uint32_t slotSize(const Arguments & arguments)
{
    if (arguments.size() < 3)
        return 1800;
    expectInteger("timeSlots", arguments, 2);
    Field size = constantArgument("timeSlots", arguments, 2);
    if (!size.is<uint64_t>() || size.get<uint64_t>() == 0 || size.get<uint64_t>() > std::numeric_limits<uint32_t>::max())
        throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "Third argument for function timeSlots must be greater than zero");
    return static_cast<uint32_t>(size.get<uint64_t>());
}

void addTimeSlots(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "timeSlots", .arguments_min = 2, .arguments_max = 3,
        .return_type = [](const Arguments & arguments) -> DataTypePtr
        {
            if (arguments[0].type->id() != TypeId::DateTime)
                throwIllegalType("timeSlots", *arguments[0].type, 0);
            if (arguments[1].type->id() != TypeId::UInt32)
                throwIllegalType("timeSlots", *arguments[1].type, 1);
            slotSize(arguments);
            return std::make_shared<DataTypeArray>(arguments[0].type);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            NumberArgument<uint32_t> start(*arguments[0].column);
            NumberArgument<uint32_t> duration(*arguments[1].column);
            const uint32_t size = slotSize(arguments);
            auto slots = ColumnUInt32::create();
            auto offsets = ColumnUInt64::create(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                const uint32_t last = static_cast<uint32_t>(start[i] + duration[i]) / size;
                const uint32_t first = start[i] / size;
                if (first <= last && slots->size() + (last - first) >= generated_elements_max)
                    throw Exception(ErrorCode::TOO_LARGE_ARRAY_SIZE, "Function timeSlots would make more than {} slots", generated_elements_max);
                for (uint64_t slot = first; slot <= last; ++slot)
                    slots->data().push_back(static_cast<uint32_t>(slot * size));
                offsets->data()[i] = slots->size();
            }
            return ColumnArray::create(slots, offsets);
        },
        .constants = {2}});
}

/// addDate(time, interval) is time + interval.
void addIntervalCall(FunctionRegistry & registry, const char * name, const char * operation)
{
    addFunction(registry, {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [=](const Arguments & arguments)
        {
            expectTime(name, arguments, 0);
            if (arguments[1].type->id() != TypeId::Interval)
                throwIllegalType(name, *arguments[1].type, 1);
            return resultType(*FunctionRegistry::instance().get(operation), arguments);
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr & type, size_t rows)
        { return callFunction(*FunctionRegistry::instance().get(operation), arguments, type, rows); },
        .case_insensitive = true});
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
    addIntervalCall(registry, "addDate", "plus");
    addIntervalCall(registry, "subDate", "minus");
    addDateDiff(registry);
    addTimeSlots(registry);
}

}
