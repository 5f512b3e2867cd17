// now, now64, today, yesterday: the moment at which the query's call site was made, constant over its rows.
// timezone, toTimeZone, timezoneOf, timezoneOffset.

#include "functions/dates/TimeArgument.h"
#include "functions/dates/registerDates.h"

#include <chrono>

namespace mangrove
{

namespace
{

int64_t nowNanoseconds()
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string optionalZone(const char * name, const Arguments & arguments, size_t position)
{
    return arguments.size() > position ? constantString(name, arguments, position) : "";
}

ColumnPtr constant(const DataTypePtr & type, int64_t value, size_t rows)
{
    return type->createConst(rows,
        type->id() == TypeId::DateTime64 ? Field(value) : Field(static_cast<uint64_t>(value)));
}

void addNow(FunctionRegistry & registry)
{
    registry.add("now", []
    {
        const int64_t moment = nowNanoseconds();
        return makeFunction({
            .name = "now", .arguments_min = 0, .arguments_max = 1,
            .return_type = [](const Arguments & arguments) -> DataTypePtr
            { return std::make_shared<DataTypeDateTime>(optionalZone("now", arguments, 0)); },
            .execute = [moment](const Arguments &, const DataTypePtr & type, size_t rows)
            { return constant(type, moment / 1'000'000'000, rows); },
            .constants = {0}, .deterministic = false});
    }, true);
    registry.addAlias("current_timestamp", "now", true);
    registry.addAlias("localtimestamp", "now", true);
    registry.add("now64", []
    {
        const int64_t moment = nowNanoseconds();
        return makeFunction({
            .name = "now64", .arguments_min = 0, .arguments_max = 2,
            .return_type = [](const Arguments & arguments) -> DataTypePtr
            {
                uint64_t precision = 3;
                if (!arguments.empty())
                {
                    expectInteger("now64", arguments, 0);
                    Field value = constantArgument("now64", arguments, 0);
                    precision = value.is<uint64_t>() ? value.get<uint64_t>() : 100;
                }
                if (precision > 9)
                    throw Exception(ErrorCode::ARGUMENT_OUT_OF_BOUND, "Scale {} is too large for DateTime64",
                        precision);
                return std::make_shared<DataTypeDateTime64>(precision, optionalZone("now64", arguments, 1));
            },
            .execute = [moment](const Arguments &, const DataTypePtr & type, size_t rows)
            { return constant(type, moment / (1'000'000'000 / typeAs<DataTypeDateTime64>(*type).ticksPerSecond()),
                rows); },
            .constants = {0, 1}, .deterministic = false});
    }, true);
    for (const auto & [name, days_ago] : std::initializer_list<std::pair<const char *,
        int>>{{"today", 0}, {"yesterday", 1}})
    {
        registry.add(name, [name, days_ago]
        {
            const int64_t day = TimeZone::get("")->dayNumber(nowNanoseconds() / 1'000'000'000) - days_ago;
            return makeFunction({
                .name = name, .arguments_min = 0, .arguments_max = 0, .return_type = returns(TypeId::Date),
                .execute = [day](const Arguments &, const DataTypePtr & type, size_t rows)
                { return constant(type, day, rows); },
                .deterministic = false});
        }, days_ago == 0);
    }
    registry.addAlias("current_date", "today", true);
    registry.addAlias("curdate", "today", true);
}

}

void registerNow(FunctionRegistry & registry)
{
    addNow(registry);
    addFunction(registry, {
        .name = "timezone", .arguments_min = 0, .arguments_max = 0, .return_type = returns(TypeId::String),
        .execute = [](const Arguments &, const DataTypePtr & type, size_t rows)
        { return type->createConst(rows, Field(TimeZone::get("")->name())); },
        .case_insensitive = true});
    registry.addAlias("timeZone", "timezone", true);
    addFunction(registry, {
        .name = "serverTimezone", .arguments_min = 0, .arguments_max = 0, .return_type = returns(TypeId::String),
        .execute = [](const Arguments &, const DataTypePtr & type, size_t rows)
        { return type->createConst(rows, Field(TimeZone::get("")->name())); }});
    registry.addAlias("serverTimeZone", "serverTimezone");
    addFunction(registry, {
        .name = "toTimezone", .arguments_min = 2, .arguments_max = 2,
        .return_type = [](const Arguments & arguments) -> DataTypePtr
        {
            expectTime("toTimezone", arguments, 0, false);
            std::string zone = constantString("toTimezone", arguments, 1);
            if (arguments[0].type->id() == TypeId::DateTime)
                return std::make_shared<DataTypeDateTime>(zone);
            return std::make_shared<DataTypeDateTime64>(typeAs<DataTypeDateTime64>(*arguments[0].type).precision(),
                zone);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t) { return arguments[0].column; },
        .constants = {1}});
    registry.addAlias("toTimeZone", "toTimezone");
    addFunction(registry, {
        .name = "timezoneOf", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments)
        {
            expectTime("timezoneOf", arguments, 0, false);
            return makeType(TypeId::String);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows)
        { return type->createConst(rows, Field(TimeArgument("timezoneOf", arguments, 0, 1).zone().name())); }});
    registry.addAlias("timeZoneOf", "timezoneOf");
    addFunction(registry, {
        .name = "timezoneOffset", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments)
        {
            expectTime("timezoneOffset", arguments, 0, false);
            return makeType(TypeId::Int32);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            TimeArgument time("timezoneOffset", arguments, 0, 1);
            auto result = ColumnInt32::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = time.zone().offsetAt(time.seconds(i));
            return result;
        }});
    registry.addAlias("timeZoneOffset", "timezoneOffset");
}

}
