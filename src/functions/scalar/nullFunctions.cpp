// isNull, isNotNull, ifNull, nullIf, coalesce, assumeNotNull, toNullable.

#include "columns/ColumnNullable.h"
#include "functions/callFunction.h"
#include "functions/cast/Cast.h"
#include "functions/registerFunctions.h"
#include "functions/scalar/selectRows.h"

namespace mangrove
{

namespace
{

FunctionSpec isNullSpec(std::string name, bool negate)
{
    return {
        .name = name, .arguments_min = 1, .arguments_max = 1, .return_type = returns(TypeId::UInt8),
        .execute = [negate](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            auto result = ColumnUInt8::create(rows);
            const Column & column = *arguments[0].column;
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = column.isNullAt(i) != negate;
            return result;
        },
        .null_gives_null = false, .low_cardinality_result = false, .case_insensitive = !negate};
}

bool isNullLiteral(const DataType & type)
{
    return type.isNullable() && typeAs<DataTypeNullable>(type).nested()->id() == TypeId::Nothing;
}

/// The arguments that can be the result: up to the first that is never NULL, without NULL literals.
Arguments candidates(const Arguments & arguments)
{
    Arguments result;
    for (const auto & argument : arguments)
    {
        if (isNullLiteral(*argument.type))
            continue;
        result.push_back(argument);
        if (!argument.type->isNullable())
            break;
    }
    return result;
}

DataTypePtr coalesceType(const Arguments & arguments)
{
    Arguments possible = candidates(arguments);
    if (possible.empty())
        return arguments[0].type;
    DataTypes types;
    for (const auto & argument : possible)
        types.push_back(removeNullable(argument.type));
    DataTypePtr type = leastSupertype(types);
    return possible.back().type->isNullable() ? makeNullable(type) : type;
}

ColumnPtr coalesce(const Arguments & arguments, const DataTypePtr & result_type, size_t rows)
{
    Arguments possible = candidates(arguments);
    if (possible.empty())
        return result_type->createConst(rows, Null{});
    Columns values;
    PodVector<uint16_t> choice(rows);
    const uint16_t last = possible.size() - 1;
    std::fill(choice.begin(), choice.end(), last);
    for (uint16_t k = 0; k < possible.size(); ++k)
    {
        const ColumnPtr & column = possible[k].column;
        for (size_t i = 0; i < rows && k < last; ++i)
            if (choice[i] == last && !column->isNullAt(i))
                choice[i] = k;
        /// Where it is NULL another one is taken, so the value there does not matter.
        DataTypePtr type = result_type->isNullable() ? result_type : makeNullable(result_type);
        ColumnPtr value = castColumn({column->materialize(), possible[k].type, ""}, type, false);
        values.push_back(result_type->isNullable() || !type->isNullable() ? value
            : static_cast<const ColumnNullable &>(*value).nestedPtr());
    }
    return selectRows(values, choice, *result_type);
}

}

void registerNullFunctions(FunctionRegistry & registry)
{
    addFunction(registry, isNullSpec("isNull", false));
    addFunction(registry, isNullSpec("isNotNull", true));
    addFunction(registry, {.name = "coalesce", .arguments_min = 1, .arguments_max = FunctionSpec::any_number,
        .return_type = coalesceType,
        .execute = coalesce, .null_gives_null = false, .case_insensitive = true});
    addFunction(registry, {.name = "ifNull", .arguments_min = 2, .arguments_max = 2, .return_type = coalesceType,
        .execute = coalesce,
        .null_gives_null = false, .case_insensitive = true});

    addFunction(registry, {
        .name = "nullIf", .arguments_min = 2, .arguments_max = 2,
        .return_type = [](const Arguments & arguments) { return makeNullable(arguments[0].type); },
        .execute = [](const Arguments & arguments, const DataTypePtr & result_type, size_t rows) -> ColumnPtr
        {
            FunctionPtr equals = FunctionRegistry::instance().get("equals");
            DataTypePtr type = resultType(*equals, arguments);
            ColumnPtr equal = callFunction(*equals, arguments, type, rows)->materialize();
            ColumnPtr value = castColumn(arguments[0], result_type, false)->materialize();
            if (value->kind() != ColumnKind::Nullable)
                throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "Function nullIf cannot make {} NULL",
                    result_type->name());
            auto & nullable = static_cast<const ColumnNullable &>(*value);
            MutableColumnPtr result = result_type->createColumn();
            for (size_t i = 0; i < rows; ++i)
            {
                if (equal->get(i) == Field(uint64_t{1}))
                    result->insertDefault();
                else
                    result->insertFrom(nullable, i);
            }
            return result;
        },
        .null_gives_null = false, .case_insensitive = true});

    addFunction(registry, {
        .name = "assumeNotNull", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments) { return removeNullable(arguments[0].type); },
        .execute = [](const Arguments & arguments, const DataTypePtr & result_type, size_t rows) -> ColumnPtr
        {
            ColumnPtr column = arguments[0].column->materialize();
            return column->kind() == ColumnKind::Nullable ? static_cast<const ColumnNullable &>(*column).nestedPtr()
                : column;
        },
        .null_gives_null = false});

    addFunction(registry, {
        .name = "toNullable", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments) { return makeNullable(arguments[0].type); },
        .execute = [](const Arguments & arguments, const DataTypePtr & result_type, size_t) -> ColumnPtr
        { return castColumn(arguments[0], result_type, false); },
        .null_gives_null = false});
}

}
