#pragma once
// Rows taken from several columns: what if(), multiIf(), coalesce() and transform() end with.

#include "functions/FunctionSpec.h"

namespace mangrove
{

/// result[i] = columns[choice[i]][i]; all columns are of `type` (or ColumnConst of it).
ColumnPtr selectRows(const Columns & columns, const PodVector<uint16_t> & choice, const DataType & type);

/// out[i] = 1 where a condition (number, Nullable or not, constant or not) is true: not zero and not NULL.
void readCondition(const Column & column, size_t rows, uint8_t * out);

}
