// toJSONString: a value of any type as the JSON formats write it. JSONArrayLength: NULL for what is no array.

#include "columns/ColumnNullable.h"
#include "functions/json/JsonPath.h"
#include "functions/json/registerJson.h"
#include "types/Serialization.h"

namespace mangrove
{

namespace
{

ColumnPtr toJsonString(const ColumnWithType & argument, size_t rows)
{
    const FormatSettings settings;
    const SerializationPtr serialization = serializationOf(argument.type);
    const ColumnPtr column = argument.column->materialize();
    auto result = ColumnString::create();
    WriteBuffer out;
    for (size_t i = 0; i < rows; ++i)
    {
        out.str().clear();
        serialization->writeJson(*column, i, out, settings);
        result->append(out.str());
    }
    return result;
}

ColumnPtr arrayLengths(const StringArgument & json, size_t rows)
{
    auto lengths = ColumnUInt64::create(rows);
    auto nulls = ColumnUInt8::create(rows);
    simdjson::dom::parser parser;
    for (size_t i = 0; i < rows; ++i)
    {
        simdjson::dom::array array;
        bool found = !json[i].empty() && parser.parse(json[i].data(), json[i].size()).get(array) == simdjson::SUCCESS;
        lengths->data()[i] = found ? jsonSize(array) : 0;
        nulls->data()[i] = !found;
    }
    return ColumnNullable::create(lengths, nulls);
}

}

void registerJsonTexts(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "toJSONString", .arguments_min = 1, .arguments_max = 1, .return_type = returns(TypeId::String),
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
            { return toJsonString(arguments[0], rows); }});
    addFunction(registry, {
        .name = "JSONArrayLength", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments)
        {
            if (!arguments[0].type->isString())
                throwIllegalType("JSONArrayLength", *arguments[0].type, 0);
            return makeNullable(makeType(TypeId::UInt64));
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
            { return arrayLengths(StringArgument(*arguments[0].column), rows); }});
    registry.addAlias("JSON_ARRAY_LENGTH", "JSONArrayLength", true);
}

}
