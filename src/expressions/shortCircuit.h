#pragma once
// Arguments of and, or, if and multiIf, each computed only for the rows that need it. The evaluator computes all rows
// of all arguments, which is faster, and comes here when one of them throws: if(x = 0, 0, intDiv(1, x)) must not.

#include "expressions/Expression.h"
#include "types/Block.h"

namespace mangrove
{

bool isShortCircuit(const Expression & call);

/// One column per argument, block.rows() rows each; rows that the result does not depend on have defaults.
std::vector<ColumnWithType> shortCircuitArguments(const Expression & call, const Block & block);

/// evaluate() that computes all such calls in this way at once, at any depth: trying all rows first, one level after the
/// other, would double the work with each level. Defined in Evaluator.cpp.
ColumnPtr evaluateLazily(const ExpressionPtr & expression, const Block & block);

}
