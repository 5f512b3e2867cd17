#pragma once
// -Array (rows are the elements of arrays), -ForEach (one state per array position), -Distinct (each row once).

#include "functions/FunctionRegistry.h"

namespace mangrove
{

AggregateFunctionPtr makeArrayCombinator(const FunctionRegistry & registry, std::string_view nested_name,
    const std::vector<Field> & parameters, const DataTypes & arguments);
AggregateFunctionPtr makeForEachCombinator(const FunctionRegistry & registry, std::string_view nested_name,
    const std::vector<Field> & parameters, const DataTypes & arguments);
AggregateFunctionPtr makeDistinctCombinator(AggregateFunctionPtr nested, DataTypePtr state_type, DataTypes arguments);

}
