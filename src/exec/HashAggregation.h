#pragma once
// GROUP BY: each worker aggregates into its own table; at the end the tables are merged, by ranges of the hash in
// parallel when there are many groups, moving states instead of copying them. One object per AggregateStep.

#include "exec/Stream.h"
#include "planner/Plan.h"

namespace mangrove
{

/// Runs `input` to its end; the result is a source of blocks with the step's header. `totals` is set WITH TOTALS.
Stream aggregate(Stream input, const AggregateStep & step, QueryContext & context);

}
