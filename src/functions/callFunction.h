#pragma once
// The defaults around every function call: NULLs, constants, LowCardinality (see functions/Function.h).
// Called by the analyzer (types, constant folding) and by the expression evaluator.

#include "functions/Function.h"

namespace mangrove
{

DataTypePtr resultType(const Function & function, const std::vector<ColumnWithType> & arguments);
ColumnPtr callFunction(
    const Function & function, const std::vector<ColumnWithType> & arguments, const DataTypePtr & result_type,
        size_t rows);

/// Converts by CAST's rules; NULL to a non-Nullable type throws CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN (349).
ColumnPtr castColumn(const ColumnWithType & from, const DataTypePtr & to);
/// A literal into a type, by the same rules (settings, defaults, partition values); nullopt-like Null if impossible
/// and `strict` is false.
Field castField(const Field & value, const DataTypePtr & from, const DataTypePtr & to);
/// The type of a literal as ClickHouse types it: 1 → UInt8, -1 → Int8, [1, 2] → Array(UInt8).
DataTypePtr literalType(const Field & value);

}
