// tuple, tupleConcat, untuple's pieces are the analyzer's.

#include "columns/ColumnTuple.h"
#include "functions/FunctionSpec.h"
#include "functions/arrays/registerArrays.h"

namespace mangrove
{

namespace
{

ColumnPtr fullColumn(const ColumnPtr & column, size_t rows)
{
    if (!isConst(*column))
        return column;
    return static_cast<const ColumnConst &>(*column).value().gather(Permutation(rows, 0));
}

}

void registerTuples(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "tuple", .arguments_min = 0, .arguments_max = FunctionSpec::any_number,
        .return_type = [](const Arguments & arguments) -> DataTypePtr
        {
            DataTypes types;
            for (const auto & argument : arguments)
                types.push_back(argument.type);
            return std::make_shared<DataTypeTuple>(types);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            Columns elements;
            for (const auto & argument : arguments)
                elements.push_back(fullColumn(argument.column, rows));
            return std::make_shared<ColumnTuple>(std::move(elements), rows);
        },
        .null_gives_null = false, .low_cardinality_transparent = false});
    addFunction(registry, {
        .name = "tupleConcat", .arguments_min = 1, .arguments_max = FunctionSpec::any_number,
        .return_type = [](const Arguments & arguments) -> DataTypePtr
        {
            DataTypes types;
            for (size_t i = 0; i < arguments.size(); ++i)
            {
                if (arguments[i].type->id() != TypeId::Tuple)
                    throwIllegalType("tupleConcat", *arguments[i].type, i);
                for (const DataTypePtr & element : typeAs<DataTypeTuple>(*arguments[i].type).elements())
                    types.push_back(element);
            }
            return std::make_shared<DataTypeTuple>(types);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            Columns elements;
            for (const auto & argument : arguments)
                for (const ColumnPtr & element : columnAs<ColumnTuple>(*fullColumn(argument.column, rows)).elements())
                    elements.push_back(element);
            return std::make_shared<ColumnTuple>(std::move(elements), rows);
        },
        .null_gives_null = false, .low_cardinality_transparent = false});
}

}
