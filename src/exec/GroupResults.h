#pragma once
// What an AggregateStep answers: blocks of groups' keys and results, and WITH TOTALS the row over all groups that pass
// HAVING. Used by HashAggregation, whose workers call makeBlock() at once.

#include "exec/Arena.h"
#include "exec/GroupStates.h"
#include "planner/Plan.h"

#include <mutex>

namespace mangrove
{

class GroupResults
{
public:
    GroupResults(const AggregateStep & step, const StateLayout & layout, QueryContext & context);
    /// The groups' states stay the caller's.
    Block makeBlock(const Columns & keys, std::span<const AggregateState> states);
    /// Of all blocks made.
    Block totals();

private:
    Block addPassingToTotals(const Block & block, std::span<const AggregateState> states);

    const AggregateStep & step_;
    const StateLayout & layout_;
    std::mutex mutex_;
    Arena arena_;
    GroupStates totals_; /// one state WITH TOTALS
};

}
