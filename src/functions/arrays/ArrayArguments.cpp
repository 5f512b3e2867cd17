#include "functions/arrays/ArrayArguments.h"

#include "columns/ColumnLambda.h"

namespace mangrove
{

const DataTypeArray & expectArray(std::string_view function, const Arguments & arguments, size_t position)
{
    if (position >= arguments.size() || arguments[position].type->id() != TypeId::Array)
        throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "Argument {} of function {} must be an array{}",
            position + 1, function,
            position < arguments.size() ? ", not " + arguments[position].type->name() : "");
    return typeAs<DataTypeArray>(*arguments[position].type);
}

void checkEqualSizes(std::string_view function, const Columns & arrays)
{
    for (size_t i = 1; i < arrays.size(); ++i)
        if (static_cast<const ColumnArray &>(*arrays[i]).offsets() != static_cast<const ColumnArray &>(*arrays[0]).offsets())
            throw Exception(ErrorCode::SIZES_OF_ARRAYS_DONT_MATCH, "Arrays passed to {} must have equal size",
                function);
}

ArrayCall::ArrayCall(std::string_view function, const Arguments & arguments)
{
    const bool lambda = hasLambda(arguments);
    for (size_t i = lambda; i < arguments.size(); ++i)
        arrays.push_back(arguments[i].column->materialize());
    checkEqualSizes(function, arrays);
    if (!lambda)
    {
        values = array().data().materialize();
        return;
    }
    Columns elements;
    for (const ColumnPtr & column : arrays)
        elements.push_back(static_cast<const ColumnArray &>(*column).dataPtr());
    ColumnPtr body = arguments[0].column->replicate(offsets());
    values = columnAs<ColumnLambda>(*body).apply(elements, elements[0]->size())->materialize();
}

DataTypePtr arrayCallType(std::string_view function, const Arguments & arguments)
{
    const bool lambda = hasLambda(arguments);
    if (arguments.size() < 1u + lambda)
        throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH, "Function {} needs an array", function);
    if (!lambda && arguments.size() > 1)
        throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH,
            "Function {} takes several arrays only with a lambda", function);
    for (size_t i = lambda; i < arguments.size(); ++i)
        expectArray(function, arguments, i);
    DataTypePtr type = lambda ? typeAs<DataTypeLambda>(*arguments[0].type).result()
        : expectArray(function, arguments, 0).element();
    return removeLowCardinality(type);
}

}
