// toStartOfMinute … toStartOfYear, toMonday, timeSlot, toLastDayOfMonth: clock units give DateTime, calendar units Date.

#include "functions/dates/TimeArgument.h"
#include "functions/dates/registerDates.h"

namespace mangrove
{

namespace
{

/// The divisors are constants of the compiler: this is the innermost loop of every time series.
template <typename T, int64_t ticks, int64_t seconds>
void roundDown(const T * values, uint32_t * out, size_t rows)
{
    constexpr int64_t step = ticks * seconds;
    for (size_t i = 0; i < rows; ++i)
    {
        if constexpr (std::is_unsigned_v<T>)
            out[i] = values[i] - values[i] % static_cast<T>(seconds);
        else
        {
            int64_t remainder = values[i] % step;
            out[i] = static_cast<uint32_t>((values[i] - remainder - (remainder < 0 ? step : 0)) / ticks);
        }
    }
}

/// False for a precision that is not usual.
template <int64_t seconds>
bool roundDownUsual(const Column & column, int64_t ticks, uint32_t * out, size_t rows)
{
    if (column.kind() == ColumnKind::UInt32)
    {
        roundDown<uint32_t, 1, seconds>(numbersOf<uint32_t>(column).data(), out, rows);
        return true;
    }
    if (column.kind() != ColumnKind::Int64)
        return false;
    const int64_t * values = numbersOf<int64_t>(column).data();
    switch (ticks)
    {
        case 1'000: roundDown<int64_t, 1'000, seconds>(values, out, rows); return true;
        case 1'000'000: roundDown<int64_t, 1'000'000, seconds>(values, out, rows); return true;
        case 1'000'000'000: roundDown<int64_t, 1'000'000'000, seconds>(values, out, rows); return true;
        default: return false;
    }
}

/// Rounds down to a multiple of `seconds`; the hour rounds in local time (zones with half hours).
template <int64_t seconds>
void addClock(FunctionRegistry & registry, const char * name)
{
    addFunction(registry, {
        .name = name, .arguments_min = 1, .arguments_max = 2,
        .return_type = [=](const Arguments & arguments) -> DataTypePtr
        {
            expectTime(name, arguments, 0, false);
            return std::make_shared<DataTypeDateTime>(zoneNameOf(name, arguments, 0, 1));
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            TimeArgument time(name, arguments, 0, 1);
            auto result = ColumnUInt32::create(rows);
            const bool whole_hours = time.zone().isUTC() || seconds < 3600;
            if (whole_hours && roundDownUsual<seconds>(*arguments[0].column, time.ticksPerSecond(),
                result->data().data(), rows))
                return result;
            for (size_t i = 0; i < rows; ++i)
            {
                int64_t t = time.seconds(i);
                int64_t shift = whole_hours ? 0 : time.zone().offsetAt(t);
                int64_t local = t + shift;
                int64_t remainder = local % seconds;
                result->data()[i] = time.asDateTime(t - remainder - (remainder < 0 ? seconds : 0));
            }
            return result;
        },
        .constants = {1}});
}

/// f(day number) → day number
template <typename F>
void addCalendar(FunctionRegistry & registry, const char * name, F f)
{
    addFunction(registry, {
        .name = name, .arguments_min = 1, .arguments_max = 2,
        .return_type = [=](const Arguments & arguments)
        {
            expectTime(name, arguments, 0);
            return makeType(TypeId::Date);
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            TimeArgument time(name, arguments, 0, 1);
            auto result = ColumnUInt16::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = static_cast<uint16_t>(std::max(0, f(time.dayNumber(i))));
            return result;
        },
        .constants = {1}});
}

int32_t monthStart(int32_t day, int months)
{
    CivilTime t = civilFromDays(day);
    return daysFromCivil(t.year, (t.month - 1) / months * months + 1, 1);
}

/// Weeks begin on Sunday, or on Monday if the mode is odd.
void addStartOfWeek(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "toStartOfWeek", .arguments_min = 1, .arguments_max = 3,
        .return_type = [](const Arguments & arguments)
        {
            expectTime("toStartOfWeek", arguments, 0);
            return makeType(TypeId::Date);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            TimeArgument time("toStartOfWeek", arguments, 0, 2);
            bool monday = arguments.size() > 1 && (constantArgument("toStartOfWeek", arguments, 1).get<uint64_t>() & 1);
            auto result = ColumnUInt16::create(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                int32_t day = time.dayNumber(i);
                result->data()[i] = static_cast<uint16_t>(std::max(0, monday ? mondayOf(day) : mondayOf(day + 1) - 1));
            }
            return result;
        },
        .constants = {1, 2}});
}

void addStartOfDay(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "toStartOfDay", .arguments_min = 1, .arguments_max = 2,
        .return_type = [](const Arguments & arguments) -> DataTypePtr
        {
            expectTime("toStartOfDay", arguments, 0);
            return std::make_shared<DataTypeDateTime>(zoneNameOf("toStartOfDay", arguments, 0, 1));
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            TimeArgument time("toStartOfDay", arguments, 0, 1);
            auto result = ColumnUInt32::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = time.midnightAsDateTime(time.isDate() ? time.seconds(i)
                    : time.zone().startOfDay(time.seconds(i)), i);
            return result;
        },
        .constants = {1}});
}

/// Fractions of a DateTime64 cut to `precision` digits; the type gets at least that precision.
void addFraction(FunctionRegistry & registry, const char * name, uint32_t precision)
{
    addFunction(registry, {
        .name = name, .arguments_min = 1, .arguments_max = 2,
        .return_type = [=](const Arguments & arguments) -> DataTypePtr
        {
            if (arguments[0].type->id() != TypeId::DateTime64)
                throwIllegalType(name, *arguments[0].type, 0);
            uint32_t own = typeAs<DataTypeDateTime64>(*arguments[0].type).precision();
            return std::make_shared<DataTypeDateTime64>(std::max(own, precision), zoneNameOf(name, arguments, 0, 1));
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            NumberArgument<int64_t> ticks(*arguments[0].column);
            int64_t own = typeAs<DataTypeDateTime64>(*arguments[0].type).ticksPerSecond();
            int64_t target = typeAs<DataTypeDateTime64>(*type).ticksPerSecond();
            int64_t cut = 1;
            for (uint32_t digits = precision; digits < typeAs<DataTypeDateTime64>(*type).precision(); ++digits)
                cut *= 10;
            auto result = ColumnInt64::create(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                int64_t x = ticks[i] * (target / own);
                int64_t remainder = x % cut;
                result->data()[i] = x - remainder - (remainder < 0 ? cut : 0);
            }
            return result;
        },
        .constants = {1}});
}

}

void registerStartOf(FunctionRegistry & registry)
{
    addFraction(registry, "toStartOfNanosecond", 9);
    addFraction(registry, "toStartOfMicrosecond", 6);
    addFraction(registry, "toStartOfMillisecond", 3);
    addFraction(registry, "toStartOfSecond", 0);
    addClock<60>(registry, "toStartOfMinute");
    addClock<300>(registry, "toStartOfFiveMinutes");
    addClock<600>(registry, "toStartOfTenMinutes");
    addClock<900>(registry, "toStartOfFifteenMinutes");
    addClock<1800>(registry, "timeSlot");
    addClock<3600>(registry, "toStartOfHour");
    registry.addAlias("toStartOfFiveMinute", "toStartOfFiveMinutes");
    addStartOfDay(registry);
    addStartOfWeek(registry);
    addCalendar(registry, "toMonday", mondayOf);
    addCalendar(registry, "toStartOfMonth", [](int32_t day) { return monthStart(day, 1); });
    addCalendar(registry, "toStartOfQuarter", [](int32_t day) { return monthStart(day, 3); });
    addCalendar(registry, "toStartOfYear", [](int32_t day) { return monthStart(day, 12); });
    addCalendar(registry, "toLastDayOfMonth", [](int32_t day)
    {
        CivilTime t = civilFromDays(day);
        return t.month == 12 ? daysFromCivil(t.year, 12, 31) : daysFromCivil(t.year, t.month + 1, 1) - 1;
    });
    registry.addAlias("LAST_DAY", "toLastDayOfMonth", true);
}

}
