#pragma once
// Plan → running stream. Opening a step opens its inputs; steps that need all of their input run it here. The plan
// must outlive the stream.

#include "exec/Stream.h"
#include "planner/Planner.h"

namespace mangrove
{

Stream openPlan(const PlanStep & step, QueryContext & context);

/// The rows of a planned query under the user's column names, in the user's order.
Stream openQuery(const PlannedQuery & query, QueryContext & context);

}
