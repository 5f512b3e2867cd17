// Dates and times from their parts: makeDate, makeDateTime.
// A part that is out of its range gives the least value of the type, except that days run over into the next month.

#include "functions/dates/TimeArgument.h"
#include "functions/dates/registerDates.h"

#include <algorithm>

namespace mangrove
{

namespace
{

/// Days since 1970, or what `fallback` says if the parts are no date of [year_min, year_max].
int32_t daysOf(double year, double month, double day, int32_t year_min, int32_t year_max, int32_t fallback)
{
    if (!(year >= year_min && year < year_max + 1) || !(month >= 1 && month < 13) || !(day >= 1 && day < 32))
        return fallback;
    return daysFromCivil(static_cast<int32_t>(year), static_cast<int>(month), 1) + static_cast<int>(day) - 1;
}

int32_t dateOf(double year, double month, double day)
{
    int32_t days = daysOf(year, month, day, 1970, 2149, 0);
    return days > 65535 ? 0 : days;
}

void registerDateOnly(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "makeDate", .arguments_min = 2, .arguments_max = 3,
        .return_type = [](const Arguments & arguments)
        {
            for (size_t k = 0; k < arguments.size(); ++k)
                expectNumber("makeDate", arguments, k);
            return makeType(TypeId::Date);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            NumberArgument<double> year(*arguments[0].column);
            NumberArgument<double> second(*arguments[1].column);
            NumberArgument<double> third(*arguments.back().column);
            auto result = ColumnUInt16::create(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                int32_t days = 0;
                if (arguments.size() == 3)
                    days = dateOf(year[i], second[i], third[i]);
                else if (second[i] >= 1 && second[i] < 366)
                    if (int32_t first = dateOf(year[i], 1, 1); first || year[i] < 1971)
                        days = first + static_cast<int32_t>(second[i]) - 1;
                result->data()[i] = static_cast<uint16_t>(days > 65535 ? 0 : days);
            }
            return result;
        },
        .case_insensitive = true});
}

/// The parts of a call f(year, month, day, hour, minute, second, …) as a moment, or `low` where they are none.
class DateTimeParts
{
public:
    explicit DateTimeParts(const Arguments & arguments)
        : year_(*arguments[0].column), month_(*arguments[1].column), day_(*arguments[2].column),
          hour_(*arguments[3].column), minute_(*arguments[4].column), second_(*arguments[5].column)
    {
    }

    int64_t seconds(size_t row, const TimeZone & zone, int32_t year_min, int32_t year_max, int64_t low) const
    {
        int32_t days = daysOf(year_[row], month_[row], day_[row], year_min, year_max, no_date);
        const auto valid = [](double x) { return x >= 0 && x < 100; };
        if (days == no_date || !valid(hour_[row]) || !valid(minute_[row]) || !valid(second_[row]))
            return low;
        /// The clock runs over into the next minute, hour or day; on the wall, not in elapsed time.
        auto second_of_day = static_cast<int32_t>(hour_[row]) * 3600 + static_cast<int32_t>(minute_[row]) * 60
            + static_cast<int32_t>(second_[row]);
        CivilTime date = civilFromDays(days + second_of_day / 86400);
        second_of_day %= 86400;
        return zone.unixSeconds(date.year, date.month, date.day, second_of_day / 3600, second_of_day / 60 % 60,
            second_of_day % 60);
    }

private:
    static constexpr int32_t no_date = std::numeric_limits<int32_t>::min();
    NumberArgument<double> year_, month_, day_, hour_, minute_, second_;
};

void registerDateTimes(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "makeDateTime", .arguments_min = 6, .arguments_max = 7,
        .return_type = [](const Arguments & arguments) -> DataTypePtr
        {
            for (size_t k = 0; k < 6; ++k)
                expectNumber("makeDateTime", arguments, k);
            return std::make_shared<DataTypeDateTime>(arguments.size() == 7 ? constantString("makeDateTime", arguments, 6) : "");
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            DateTimeParts parts(arguments);
            TimeZonePtr zone = TimeZone::get(typeAs<DataTypeDateTime>(*type).zoneName());
            auto result = ColumnUInt32::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = static_cast<uint32_t>(
                    std::clamp<int64_t>(parts.seconds(i, *zone, 1970, 9999, 0), 0, 0xffffffff));
            return result;
        },
        .constants = {6}, .case_insensitive = true});
}

}

void registerMakeDate(FunctionRegistry & registry)
{
    registerDateOnly(registry);
    registerDateTimes(registry);
}

}
