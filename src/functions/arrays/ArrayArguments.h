#pragma once
// Arguments of array functions: arrays as full columns, and the values of an optional lambda over their elements.

#include "columns/ColumnArray.h"
#include "functions/FunctionSpec.h"

namespace mangrove
{

/// ILLEGAL_TYPE_OF_ARGUMENT unless an Array.
const DataTypeArray & expectArray(std::string_view function, const Arguments & arguments, size_t position);

inline bool hasLambda(const Arguments & arguments)
{
    return !arguments.empty() && arguments[0].type->id() == TypeId::Lambda;
}

/// The arrays of a call f([lambda,] array, …), of equal sizes, and the lambda's result for all elements; without a
/// lambda the values are the elements of the first array.
struct ArrayCall
{
    ArrayCall(std::string_view function, const Arguments & arguments);

    const ColumnArray & array() const { return static_cast<const ColumnArray &>(*arrays[0]); }
    const Offsets & offsets() const { return array().offsets(); }

    Columns arrays;
    ColumnPtr values; /// full, one per element
};

/// The type of ArrayCall::values, without LowCardinality; checks the arguments.
DataTypePtr arrayCallType(std::string_view function, const Arguments & arguments);
/// SIZES_OF_ARRAYS_DONT_MATCH
void checkEqualSizes(std::string_view function, const Columns & arrays);

}
