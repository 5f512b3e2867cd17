#pragma once
// -Map: the function on the values of each key of a map. sumMap, minMap and maxMap of arrays (keys, values…) are the
// functions of mappedArrays instead, as in ClickHouse.

#include "functions/AggregateFunction.h"
#include "functions/FunctionRegistry.h"

namespace mangrove
{

AggregateFunctionPtr makeMapCombinator(const FunctionRegistry & registry, std::string_view nested_name,
    const std::vector<Field> & parameters, const DataTypes & arguments);

}
