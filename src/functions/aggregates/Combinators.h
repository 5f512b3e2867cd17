#pragma once
// Suffixes of aggregate functions (-If, -Array, -State, -Merge, -OrNull, -OrDefault, -Distinct, -ForEach,
// -SimpleState) and the handling of NULLs: wrappers around another aggregate function. Called by FunctionRegistry.

#include "functions/FunctionRegistry.h"

namespace mangrove
{

/// The longest known suffix at the end of `name` with something before it; empty if none.
std::string_view combinatorSuffix(std::string_view name);

AggregateFunctionPtr makeCombinator(const FunctionRegistry & registry, std::string_view nested_name,
    std::string_view suffix,
    const std::vector<Field> & parameters, const DataTypes & arguments);

/// The function itself, or, if an argument is Nullable, a wrapper that skips rows with NULLs.
AggregateFunctionPtr makeNullAware(const std::string & name, const std::vector<Field> & parameters,
    const DataTypes & arguments,
    const FunctionRegistry::AggregateMaker & maker);

}
