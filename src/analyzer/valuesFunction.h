#pragma once
// The table function values(['structure',] row, row, …): a row is a tuple, or one value for one column. It is read as
// a SELECT from an array of tuples, which gives ClickHouse's types: the supertype of each column's values, or those of
// the structure. Called by SelectAnalyzer; no state.

#include "expressions/Expression.h"
#include "sql/Ast.h"

namespace mangrove
{

/// `arguments` as written and `bound` to constants. BAD_ARGUMENTS (36), TOO_FEW_ARGUMENTS_FOR_FUNCTION (35).
SelectPtr valuesAsSelect(const ExprList & arguments, const Expressions & bound);

}
