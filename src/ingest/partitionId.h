#pragma once
// The name of a partition, as ClickHouse makes it from the values of PARTITION BY: numbers and dates in decimal joined
// by '-' ("20241123"), a hash if any value is of another type, "all" without PARTITION BY.
// Source: ClickHouse, MergeTreePartition::getID.

#include "types/Block.h"

#include <string>

namespace mangrove
{

/// `values`: one row per partition in `row`.
std::string partitionId(const Block & values, size_t row);
/// As system.parts shows it: 2024-11-23, (2024-11-23,'a'), tuple().
std::string partitionValue(const Block & values, size_t row);

}
