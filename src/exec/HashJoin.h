#pragma once
// Hash join: the right input is collected and indexed by key, the left one streams through. INNER, LEFT, CROSS with
// ALL or ANY; LEFT SEMI and LEFT ANTI. NULL keys match nothing. Missing rows have default values (join_use_nulls=0).

#include "exec/Stream.h"
#include "planner/Plan.h"

namespace mangrove
{

/// The transform that joins a left block with the rows of `right`, which is run to its end here.
std::shared_ptr<Transform> makeJoin(Stream right, const JoinStep & step, const NamesAndTypes & left_header, QueryContext & context);

}
