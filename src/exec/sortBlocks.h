#pragma once
// Sorting of blocks by columns. Used by ORDER BY (SortStep), windows, and ingest (part order). Stable.

#include "planner/Plan.h"

namespace mangrove
{

/// <0, 0, >0 by the sort order of `order`.
int compareRows(const Block & a, size_t row_a, const Block & b, size_t row_b, const std::vector<SortColumn> & order);

/// Row numbers in order; only the first `rows_max` are in order and returned, if given.
Permutation sortPermutation(const Block & block, const std::vector<SortColumn> & order, std::optional<uint64_t> rows_max);

}
