// CAST(x, 'T') and its accurate variants. They see Nullable and LowCardinality arguments: the result type is exactly T.

#include "columns/ColumnNullable.h"
#include "functions/cast/Cast.h"
#include "functions/cast/reinterpret.h"
#include "functions/registerFunctions.h"

namespace mangrove
{

namespace
{

DataTypePtr targetType(std::string_view function, const Arguments & arguments)
{
    return parseDataType(constantString(function, arguments, 1));
}

void checkNull(const Arguments & arguments, const DataType & to)
{
    bool is_null = arguments[0].type->isNullable() && removeNullable(arguments[0].type)->id() == TypeId::Nothing;
    if (is_null && !removeLowCardinality(to.shared_from_this())->isNullable())
        throw Exception(ErrorCode::CANNOT_CONVERT_TYPE, "Cannot convert NULL to a non-nullable type");
}

FunctionSpec castSpec(std::string name, bool accurate)
{
    return {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [name](const Arguments & arguments)
        {
            DataTypePtr type = targetType(name, arguments);
            checkNull(arguments, *type);
            return type;
        },
        .execute = [accurate](const Arguments & arguments, const DataTypePtr & type, size_t)
        { return castColumn(arguments[0], type, accurate); },
        .constants = {1}, .null_gives_null = false, .low_cardinality_transparent = false};
}

}

void registerCasts(FunctionRegistry & registry)
{
    registerReinterpret(registry);
    FunctionSpec cast = castSpec("CAST", false);
    cast.case_insensitive = true;
    addFunction(registry, cast);
    FunctionSpec internal_cast = castSpec("_CAST", false);
    internal_cast.case_insensitive = true;
    addFunction(registry, internal_cast);
    addFunction(registry, castSpec("accurateCast", true));

    addFunction(registry, {
        .name = "accurateCastOrNull", .arguments_min = 2, .arguments_max = 2,
        .return_type = [](const Arguments & arguments)
        { return makeNullable(targetType("accurateCastOrNull", arguments)); },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            PodVector<uint8_t> failed;
            ColumnPtr values = tryCastColumn(arguments[0], removeLowCardinalityAndNullable(type), true, failed);
            ColumnPtr result = ColumnNullable::create(values, std::make_shared<ColumnUInt8>(std::move(failed)));
            return castColumn({result, removeLowCardinality(type), ""}, type, true);
        },
        .constants = {1}, .null_gives_null = false, .low_cardinality_transparent = false});

    addFunction(registry, {
        .name = "accurateCastOrDefault", .arguments_min = 2, .arguments_max = 3,
        .return_type = [](const Arguments & arguments) { return targetType("accurateCastOrDefault", arguments); },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            PodVector<uint8_t> failed;
            ColumnPtr values = tryCastColumn(arguments[0], removeLowCardinality(type), true, failed);
            ColumnPtr defaults = arguments.size() == 3
                ? castColumn(arguments[2], removeLowCardinality(type), false)->materialize() : nullptr;
            MutableColumnPtr result = removeLowCardinality(type)->createColumn();
            for (size_t i = 0; i < rows; ++i)
            {
                if (failed[i] && !defaults && result->kind() == ColumnKind::Nullable)
                    result->insertDefault();
                else
                    result->insertFrom(failed[i] && defaults ? *defaults : *values, i);
            }
            return castColumn({result, removeLowCardinality(type), ""}, type, false);
        },
        .constants = {1}, .null_gives_null = false, .low_cardinality_transparent = false});
}

}
