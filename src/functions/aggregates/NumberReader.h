#pragma once
// Reads the rows of a numeric argument as Float64 without a template per type: for aggregates of several arguments,
// where one instance per combination of types would be too many.

#include "functions/aggregates/AggregateBase.h"

namespace mangrove
{

using NumberReader = double (*)(const Column & column, size_t row);

/// ILLEGAL_TYPE_OF_ARGUMENT unless `type` is a number.
inline NumberReader numberReader(const std::string & function, const DataType & type)
{
    if (!type.isNumber())
        throwIllegalAggregateArgument(function, type);
    return visitNumberKind(type.createColumn()->kind(), []<typename T>(std::type_identity<T>) -> NumberReader
    { return [](const Column & column, size_t row) { return static_cast<double>(numberAt<T>(column, row)); }; });
}

}
