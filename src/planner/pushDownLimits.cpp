#include "planner/passes.h"

#include <algorithm>

namespace mangrove
{

namespace
{

/// More rows than this are most of what is read anyway.
constexpr uint64_t top_rows_max = 65536;

/// Tells the reads below a sort of which only the first rows matter, where each row is one of a read.
void pushOrder(PlanStep & step, ReadOrder order)
{
    if (auto * read = dynamic_cast<ReadPartsStep *>(&step))
    {
        auto column = std::find_if(read->header.begin(), read->header.end(), [&](const auto & c) { return c.name == order.column; });
        if (column == read->header.end() || read->final)
            return;
        const auto & type = *column->type;
        if ((type.isInteger() && type.id() != TypeId::UInt128) || type.isDateOrTime())
            read->top = order;
        return;
    }
    if (auto * project = dynamic_cast<ProjectStep *>(&step))
    {
        auto column = std::find_if(project->columns.begin(), project->columns.end(), [&](const auto & c) { return c.name == order.column; });
        if (column == project->columns.end() || column->expression->kind != ExpressionKind::Column)
            return;
        order.column = column->expression->column;
    }
    else if (!dynamic_cast<UnionStep *>(&step))
        return;
    for (auto & input : step.inputs)
        pushOrder(*input, order);
}

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
        if (rows && *rows && *rows <= top_rows_max)
            pushOrder(*step.inputs[0], {sort->order[0].column, sort->order[0].descending, sort->order.size() > 1, *rows});
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
