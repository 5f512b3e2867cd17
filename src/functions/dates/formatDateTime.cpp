// formatDateTime(time, 'pattern'[, zone]), fromUnixTimestamp(seconds[, 'pattern'[, zone]]), monthName, dateName.

#include "base/lowerCase.h"
#include "functions/callFunction.h"
#include "functions/dates/TimeArgument.h"
#include "functions/dates/registerDates.h"
#include "functions/strings/mapStrings.h"

#include <cctype>

namespace mangrove
{

namespace
{

constexpr const char * month_names[] = {"January", "February", "March", "April", "May", "June", "July", "August",
    "September", "October",
    "November", "December"};
constexpr const char * weekday_names[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

/// One moment, with what patterns ask for.
struct Moment
{
    CivilTime time;
    int32_t offset_seconds;
    int64_t microseconds;
};

void appendNumber(PodVector<char> & out, int64_t x, size_t digits)
{
    append(out, fmt::format("{:0{}}", x, digits));
}

void appendField(PodVector<char> & out, char field, const Moment & moment)
{
    const CivilTime & t = moment.time;
    const int hour12 = t.hour % 12 == 0 ? 12 : t.hour % 12;
    auto isoWeek = [&]
    {
        CivilTime thursday = civilFromDays(daysFromCivil(t.year, t.month, t.day) - t.weekday + 4);
        return std::pair<int, int>{thursday.year, (thursday.day_of_year - 1) / 7 + 1};
    };
    auto fields = [&](std::string_view pattern)
    {
        for (char c : pattern)
            std::isalpha(static_cast<unsigned char>(c)) ? appendField(out, c, moment) : out.push_back(c);
    };
    switch (field)
    {
        case 'Y': return appendNumber(out, t.year, 4);
        case 'y': return appendNumber(out, t.year % 100, 2);
        case 'C': return appendNumber(out, t.year / 100, 2);
        case 'G': return appendNumber(out, isoWeek().first, 4);
        case 'g': return appendNumber(out, isoWeek().first % 100, 2);
        case 'V': return appendNumber(out, isoWeek().second, 2);
        case 'Q': return appendNumber(out, (t.month - 1) / 3 + 1, 1);
        case 'm':
        case 'c': return appendNumber(out, t.month, 2);
        case 'b': return append(out, std::string_view(month_names[t.month - 1]).substr(0, 3));
        case 'M': return append(out, month_names[t.month - 1]);
        case 'd': return appendNumber(out, t.day, 2);
        case 'e': return appendNumber(out, t.day, 1);
        case 'j': return appendNumber(out, t.day_of_year, 3);
        case 'u': return appendNumber(out, t.weekday, 1);
        case 'w': return appendNumber(out, t.weekday % 7, 1);
        case 'a': return append(out, std::string_view(weekday_names[t.weekday - 1]).substr(0, 3));
        case 'W': return append(out, weekday_names[t.weekday - 1]);
        case 'H':
        case 'k': return appendNumber(out, t.hour, 2);
        case 'h':
        case 'I':
        case 'l': return appendNumber(out, hour12, 2);
        case 'i': return appendNumber(out, t.minute, 2);
        case 'S':
        case 's': return appendNumber(out, t.second, 2);
        case 'f': return appendNumber(out, moment.microseconds, 6);
        case 'p': return append(out, t.hour < 12 ? "AM" : "PM");
        case 'D': return fields("m/d/y");
        case 'F': return fields("Y-m-d");
        case 'R': return fields("H:i");
        case 'T': return fields("H:i:S");
        case 'r': return fields("I:i p");
        case 'z':
        {
            int minutes = std::abs(moment.offset_seconds) / 60;
            out.push_back(moment.offset_seconds < 0 ? '-' : '+');
            return appendNumber(out, minutes / 60 * 100 + minutes % 60, 4);
        }
        case 'n': return out.push_back('\n');
        case 't': return out.push_back('\t');
        case '%': return out.push_back('%');
        default: throw Exception(ErrorCode::BAD_ARGUMENTS,
            "Incorrect syntax '%{}', symbol is not supported for function formatDateTime", field);
    }
}

ColumnPtr formatTimes(const TimeArgument & time, const std::string & pattern, size_t rows)
{
    return buildStrings(rows, [&](size_t row, PodVector<char> & out)
    {
        Moment moment{time.civil(row), time.isDate() ? 0 : time.zone().offsetAt(time.seconds(row)), 0};
        moment.microseconds = time.ticksPerSecond() <= 1'000'000
            ? time.fraction(row) * (1'000'000 / time.ticksPerSecond())
                                                                : time.fraction(row) / (time.ticksPerSecond() / 1'000'000);
        for (size_t i = 0; i < pattern.size(); ++i)
        {
            if (pattern[i] != '%')
            {
                out.push_back(pattern[i]);
                continue;
            }
            if (++i == pattern.size())
                throw Exception(ErrorCode::BAD_ARGUMENTS,
                    "'%' must not be the last character in the format string, use '%%' instead");
            appendField(out, pattern[i], moment);
        }
    });
}

void registerFormat(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "formatDateTime", .arguments_min = 2, .arguments_max = 3,
        .return_type = [](const Arguments & arguments)
        {
            expectTime("formatDateTime", arguments, 0);
            constantString("formatDateTime", arguments, 1);
            return makeType(TypeId::String);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
        { return formatTimes(TimeArgument("formatDateTime", arguments, 0, 2),
            constantString("formatDateTime", arguments, 1), rows); },
        .constants = {1, 2}});
    registry.addAlias("DATE_FORMAT", "formatDateTime", true);
    addFunction(registry, {
        .name = "fromUnixTimestamp", .arguments_min = 1, .arguments_max = 3,
        .return_type = [](const Arguments & arguments) -> DataTypePtr
        {
            expectInteger("fromUnixTimestamp", arguments, 0);
            if (arguments.size() > 1)
                return makeType(TypeId::String);
            return std::make_shared<DataTypeDateTime>();
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            auto time_type = std::make_shared<DataTypeDateTime>(arguments.size() == 3
                ? constantString("fromUnixTimestamp", arguments, 2) : "");
            ColumnWithType time{castColumn(arguments[0], time_type), time_type, ""};
            if (arguments.size() == 1)
                return time.column;
            return formatTimes(TimeArgument("fromUnixTimestamp", {time}, 0, 1),
                constantString("fromUnixTimestamp", arguments, 1), rows);
        },
        .constants = {1, 2}});
    registry.addAlias("FROM_UNIXTIME", "fromUnixTimestamp", true);
    addFunction(registry, {
        .name = "monthName", .arguments_min = 1, .arguments_max = 2,
        .return_type = [](const Arguments & arguments)
        {
            expectTime("monthName", arguments, 0);
            return makeType(TypeId::String);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
        { return formatTimes(TimeArgument("monthName", arguments, 0, 1), "%M", rows); },
        .constants = {1}, .case_insensitive = true});
}

/// The part of a time that dateName() calls by name, as text.
std::string namedPart(const std::string & part, const CivilTime & t)
{
    if (part == "year")
        return std::to_string(t.year);
    if (part == "quarter")
        return std::to_string((t.month - 1) / 3 + 1);
    if (part == "month")
        return month_names[t.month - 1];
    if (part == "dayofyear")
        return std::to_string(t.day_of_year);
    if (part == "day")
        return std::to_string(t.day);
    if (part == "week")
    {
        CivilTime thursday = civilFromDays(daysFromCivil(t.year, t.month, t.day) - t.weekday + 4);
        return std::to_string((thursday.day_of_year - 1) / 7 + 1);
    }
    if (part == "weekday")
        return weekday_names[t.weekday - 1];
    if (part == "hour")
        return std::to_string(t.hour);
    if (part == "minute")
        return std::to_string(t.minute);
    if (part == "second")
        return std::to_string(t.second);
    throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "Invalid date part {} for function dateName", part);
}

void registerDateName(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "dateName", .arguments_min = 2, .arguments_max = 3,
        .return_type = [](const Arguments & arguments)
        {
            constantString("dateName", arguments, 0);
            expectTime("dateName", arguments, 1);
            return makeType(TypeId::String);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            const std::string part = lowerCase(constantString("dateName", arguments, 0));
            TimeArgument time("dateName", arguments, 1, 2);
            return buildStrings(rows, [&](size_t row, PodVector<char> & out) { append(out, namedPart(part, time.civil(row))); });
        },
        .constants = {0, 2}, .case_insensitive = true});
}

}

void registerFormatDateTime(FunctionRegistry & registry)
{
    registerFormat(registry);
    registerDateName(registry);
}

}
