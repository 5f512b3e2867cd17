#pragma once
// Row i, offsets[i] - offsets[i-1] times: replicating becomes gathering. For the columns only.

#include "columns/Column.h"

namespace mangrove
{

PodVector<uint32_t> rowNumbersOfOffsets(const Offsets & offsets);

}
