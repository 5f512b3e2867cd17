#pragma once
// Evaluates bound expressions on a block, each common subexpression once. Stateless between blocks; thread-safe.

#include "expressions/Expression.h"
#include "types/Block.h"

namespace mangrove
{

/// One column per expression, `block.rows()` rows each (constants stay ColumnConst).
Columns evaluate(const Expressions & expressions, const Block & block);
ColumnPtr evaluate(const ExpressionPtr & expression, const Block & block);

/// The rows where a condition holds (NULL is false). `condition` is any numeric or Nullable column; returns the
/// number of rows that pass.
size_t makeFilter(const ColumnPtr & condition, size_t rows, Filter & filter);

}
