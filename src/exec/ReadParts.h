#pragma once
// Reads a table of parts: the rows that pass the step's filters, with only the columns that are asked for. Parts and
// granules are pruned first (planner/KeyCondition), then morsels of some granules are handed to workers. In a morsel
// each conjunct is tested in order of its cost, on the dictionary where the column has one; columns that no filter
// needs are read for the surviving rows only (late materialisation). With a ReadOrder the morsels that may have the first
// rows come first, and those that cannot have one are never read.

#include "exec/Stream.h"
#include "planner/KeyCondition.h"
#include "planner/Plan.h"

namespace mangrove
{

std::shared_ptr<Source> makeReadParts(const ReadPartsStep & step, QueryContext & context);

/// SELECT … FINAL: the rows of all parts of a partition merged by the table's engine.
std::shared_ptr<Source> makeReadFinal(const ReadPartsStep & step, QueryContext & context);

}
