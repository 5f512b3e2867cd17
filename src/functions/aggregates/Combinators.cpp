#include "functions/aggregates/Combinators.h"
namespace mangrove
{
std::string_view combinatorSuffix(std::string_view) { return {}; }
AggregateFunctionPtr makeCombinator(const FunctionRegistry &, std::string_view, std::string_view, const std::vector<Field> &, const DataTypes &) { return nullptr; }
AggregateFunctionPtr makeNullAware(const std::string & name, const std::vector<Field> & parameters, const DataTypes & arguments, const FunctionRegistry::AggregateMaker & maker) { return maker(name, parameters, arguments); }
}
