#pragma once
// Window functions: all rows are sorted by partition and order, then each partition is computed in one pass per
// function. The result keeps that order.

#include "exec/Stream.h"
#include "planner/Plan.h"

namespace mangrove
{

Stream window(Stream input, const WindowStep & step, QueryContext & context);

}
