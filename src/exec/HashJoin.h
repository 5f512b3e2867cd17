#pragma once
// Hash join: the right input is collected and indexed by key, the left one streams through. INNER, LEFT, CROSS with
// ALL or ANY; LEFT SEMI and LEFT ANTI. NULL keys match nothing. Missing rows have default values (join_use_nulls=0).
// However many rows a left block joins with, the result comes in blocks of at most block_rows_max rows.

#include "exec/Stream.h"
#include "planner/Plan.h"

namespace mangrove
{

/// The rows of `right`, which is run to its end here, and then with them those of the stream that `open_left` opens.
Stream makeJoin(Stream right, const std::function<Stream()> & open_left, const JoinStep & step, QueryContext & context);

}
