// parseDateTimeBestEffort, parseDateTime32BestEffort and parseDateTime64BestEffort with OrNull and OrZero: the conversion
// of text that toDateTime() makes, for text only.

#include "columns/ColumnNullable.h"
#include "functions/cast/Cast.h"
#include "functions/dates/registerDates.h"

namespace mangrove
{

namespace
{

enum class Failure { Throw, Null, Zero };

DataTypePtr parsedType(const std::string & name, const Arguments & arguments, bool sub_seconds)
{
    expectString(name, arguments, 0);
    size_t zone_position = 1;
    uint64_t precision = 3;
    if (sub_seconds && arguments.size() > 1)
    {
        expectInteger(name, arguments, 1);
        precision = constantArgument(name, arguments, 1).get<uint64_t>();
        zone_position = 2;
        if (precision > 9)
            throw Exception(ErrorCode::ARGUMENT_OUT_OF_BOUND,
                "Scale {} is too large for DateTime64. Maximum is up to nanoseconds (9)", precision);
    }
    std::string zone = arguments.size() > zone_position ? constantString(name, arguments, zone_position) : "";
    if (!zone.empty())
        TimeZone::get(zone);
    if (sub_seconds)
        return std::make_shared<DataTypeDateTime64>(static_cast<uint32_t>(precision), zone);
    return std::make_shared<DataTypeDateTime>(zone);
}

void addParser(FunctionRegistry & registry, const std::string & name, bool sub_seconds, Failure failure)
{
    addFunction(registry, {
        .name = name, .arguments_min = 1, .arguments_max = sub_seconds ? size_t{3} : size_t{2},
        .return_type = [=](const Arguments & arguments)
        {
            DataTypePtr type = parsedType(name, arguments, sub_seconds);
            return failure == Failure::Null ? makeNullable(type) : type;
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr & result_type, size_t rows) -> ColumnPtr
        {
            PodVector<uint8_t> failed(rows, 0);
            ColumnPtr parsed = tryCastColumn({arguments[0].column->materialize(), arguments[0].type, ""},
                removeNullable(result_type), false, failed)->materialize();
            if (failure == Failure::Null)
                return std::make_shared<ColumnNullable>(parsed, std::make_shared<ColumnUInt8>(std::move(failed)));
            for (size_t i = 0; i < rows && failure == Failure::Throw; ++i)
                if (failed[i])
                    throw Exception(ErrorCode::CANNOT_PARSE_DATETIME, "Cannot read DateTime from '{}' in function {}",
                        StringArgument(*arguments[0].column)[i], name);
            return parsed;
        },
        .constants = {1, 2}});
}

}

void registerBestEffort(FunctionRegistry & registry)
{
    for (const std::string base : {"parseDateTimeBestEffort", "parseDateTime32BestEffort", "parseDateTime64BestEffort"})
    {
        const bool sub_seconds = base.find("64") != std::string::npos;
        addParser(registry, base, sub_seconds, Failure::Throw);
        addParser(registry, base + "OrNull", sub_seconds, Failure::Null);
        addParser(registry, base + "OrZero", sub_seconds, Failure::Zero);
    }
}

}
