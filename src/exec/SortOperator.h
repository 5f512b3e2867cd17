#pragma once
// ORDER BY. All rows are collected (top-n: each worker keeps only what can still be among the first n), then sorted.

#include "exec/Stream.h"
#include "planner/Plan.h"

namespace mangrove
{

Stream sort(Stream input, const SortStep & step, QueryContext & context);

}
