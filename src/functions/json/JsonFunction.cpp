#include "functions/json/JsonFunction.h"

#include "columns/ColumnNullable.h"

#include <algorithm>

namespace mangrove
{

namespace
{

bool isNullLiteral(const DataType & type)
{
    return type.isNullable() && typeAs<DataTypeNullable>(type).nested()->id() == TypeId::Nothing;
}

size_t pathEnd(const JsonFunction & function, const Arguments & arguments)
{
    return arguments.size() - function.type_argument;
}

DataTypePtr plainResult(const JsonFunction & function, const Arguments & arguments)
{
    if (!function.type_argument)
        return function.result(nullptr);
    // The type is a constant, of which execute() may see the only row.
    return function.result(parseDataType(arguments.back().column->stringAt(0)));
}

DataTypePtr returnType(const JsonFunction & function, const Arguments & arguments)
{
    if (arguments.size() < 1 + function.type_argument || (!function.path && arguments.size() > 1))
        throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH, "Function {} requires {}", function.name,
            function.type_argument ? "at least two arguments" : function.path ? "at least one argument" : "exactly one argument");
    for (const auto & argument : arguments)
        if (isNullLiteral(*argument.type))
            return argument.type;
    const DataTypePtr & json = arguments[0].type;
    if (!removeLowCardinalityAndNullable(json)->isString())
        throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT,
            "The first argument of function {} should be a string containing JSON, illegal type: {}", function.name,
            json->name());
    JsonPath::check(function.name, arguments, pathEnd(function, arguments));
    if (function.type_argument)
    {
        const auto & last = arguments.back();
        if (!removeLowCardinality(last.type)->isString() || !last.column || last.column->kind() != ColumnKind::Const)
            throw Exception(ErrorCode::ILLEGAL_COLUMN,
                "The last argument of function {} should be a constant string specifying the return data type",
                function.name);
    }
    DataTypePtr result = plainResult(function, arguments);
    function.append(result); // refuses types that it cannot make
    bool nullable = std::ranges::any_of(arguments, [](const auto & a) { return removeLowCardinality(a.type)->isNullable(); });
    if (!nullable || result->isNullable())
        return result;
    return std::make_shared<DataTypeNullable>(result); // refuses arrays, as ClickHouse does
}

/// Takes LowCardinality and Nullable off the arguments and marks the rows with a NULL.
Arguments withoutNulls(Arguments arguments, Filter & nulls)
{
    for (auto & argument : arguments)
    {
        const bool is_const = isConst(*argument.column);
        ColumnPtr values = fullOf(*argument.column).materialize();
        if (values->kind() == ColumnKind::Nullable)
        {
            auto & nullable = static_cast<const ColumnNullable &>(*values);
            for (size_t i = 0; i < nulls.size(); ++i)
                nulls[i] |= nullable.nullMap()[is_const ? 0 : i];
            values = nullable.nestedPtr();
        }
        argument.column = is_const ? ColumnPtr(ColumnConst::create(values, argument.column->size())) : values;
        argument.type = removeLowCardinalityAndNullable(argument.type);
    }
    return arguments;
}

ColumnPtr execute(const JsonFunction & function, const Arguments & arguments, const DataTypePtr & result_type, size_t rows)
{
    if (isNullLiteral(*result_type))
        return result_type->createConst(rows, Null{});
    Filter nulls(rows);
    std::fill(nulls.begin(), nulls.end(), 0);
    const Arguments plain = withoutNulls(arguments, nulls);
    const DataTypePtr type = plainResult(function, plain);
    const JsonFunction::Append append = function.append(type);
    const StringArgument json(*plain[0].column);
    const JsonPath path(plain, pathEnd(function, plain));

    simdjson::dom::parser parser;
    JsonElement root;
    bool valid = false;
    MutableColumnPtr result = type->createColumn();
    const Field default_value = type->defaultValue();
    for (size_t i = 0; i < rows; ++i)
    {
        if (i == 0 || !json.isConst())
            valid = !json[i].empty() && parser.parse(json[i].data(), json[i].size()).get(root) == simdjson::SUCCESS;
        std::optional<JsonPath::Target> target;
        if (valid && !nulls[i])
            target = path.follow(root, i);
        if (!target || !append(*result, *target))
            result->insert(default_value);
    }
    if (type->isNullable() && result_type->isNullable())
    {
        auto & null_map = static_cast<ColumnNullable &>(*result).nullMapMutable();
        for (size_t i = 0; i < rows; ++i)
            null_map[i] |= nulls[i];
        return result;
    }
    if (!result_type->isNullable())
        return result;
    return ColumnNullable::create(result, std::make_shared<ColumnUInt8>(std::move(nulls)));
}

}

void addJsonFunction(FunctionRegistry & registry, JsonFunction function)
{
    addFunction(registry, {
        .name = function.name, .arguments_min = 0, .arguments_max = FunctionSpec::any_number,
        .return_type = [=](const Arguments & arguments) { return returnType(function, arguments); },
        .execute = [=](const Arguments & arguments, const DataTypePtr & type, size_t rows)
            { return execute(function, arguments, type, rows); },
        .null_gives_null = false,
        // What JSONExtract() makes may be or contain LowCardinality, which the default would take off.
        .low_cardinality_transparent = !function.type_argument,
        .low_cardinality_result = false});
}

}
