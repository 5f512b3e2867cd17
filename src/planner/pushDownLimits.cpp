#include "planner/passes.h"

namespace mangrove
{

namespace
{

/// `rows`: how many rows of the step's output can matter, if known.
void push(PlanStep & step, std::optional<uint64_t> rows)
{
    if (auto * limit = dynamic_cast<LimitStep *>(&step))
    {
        std::optional<uint64_t> needed;
        if (limit->rows && limit->ties.empty() && *limit->rows < UINT64_MAX - limit->offset)
            needed = *limit->rows + limit->offset;
        push(*step.inputs[0], needed);
        return;
    }
    if (auto * sort = dynamic_cast<SortStep *>(&step))
    {
        sort->rows_max = rows;
        push(*step.inputs[0], std::nullopt);
        return;
    }
    if (auto * read = dynamic_cast<ReadPartsStep *>(&step))
    {
        read->rows_max = read->final ? std::nullopt : rows;
        return;
    }
    if (auto * read = dynamic_cast<ReadGeneratedStep *>(&step))
    {
        read->rows_max = rows;
        return;
    }
    bool keeps_rows = dynamic_cast<ProjectStep *>(&step) || dynamic_cast<UnionStep *>(&step);
    for (auto & input : step.inputs)
        push(*input, keeps_rows ? rows : std::nullopt);
}

}

void pushDownLimits(PlannedQuery & query)
{
    push(*query.root, std::nullopt);
}

}
