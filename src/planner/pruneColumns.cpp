#include "planner/passes.h"

namespace mangrove
{

namespace
{

using Names = std::set<std::string>;

void collect(const Expressions & expressions, Names & names)
{
    for (const auto & expression : expressions)
        collectColumns(expression, names);
}

void keepOnly(NamesAndTypes & header, const Names & needed)
{
    std::erase_if(header, [&](const auto & column) { return !needed.contains(column.name); });
}

void pruneRead(ReadPartsStep & read, const Names & needed)
{
    Names filter_names;
    collect(read.filters, filter_names);
    read.filter_columns.clear();
    for (const auto & column : read.header)
        if (filter_names.contains(column.name) && !needed.contains(column.name))
            read.filter_columns.push_back(column);
    keepOnly(read.header, needed);
    std::erase_if(read.columns, [&](const auto & column) { return !needed.contains(column.id) && !filter_names.contains(column.id); });
}

/// The step and what is below it make only what `needed` names (a step may keep more).
void prune(PlanStep & step, Names needed)
{
    if (auto * read = dynamic_cast<ReadPartsStep *>(&step))
        return pruneRead(*read, needed);
    if (auto * read = dynamic_cast<ReadGeneratedStep *>(&step))
    {
        keepOnly(read->header, needed);
        std::erase_if(read->columns, [&](const auto & column) { return !needed.contains(column.id); });
        return;
    }
    if (dynamic_cast<ConstantRowsStep *>(&step) || dynamic_cast<OneRowStep *>(&step))
        return;
    if (auto * project = dynamic_cast<ProjectStep *>(&step))
    {
        std::erase_if(project->columns, [&](const auto & column) { return !needed.contains(column.name); });
        project->header = headerOf(project->columns);
        Names below;
        for (const auto & column : project->columns)
            collectColumns(column.expression, below);
        return prune(*step.inputs[0], below);
    }
    if (auto * aggregate = dynamic_cast<AggregateStep *>(&step))
    {
        if (aggregate->having)
            collectColumns(aggregate->having, needed);
        std::erase_if(aggregate->aggregates, [&](const auto & call) { return !needed.contains(call.id); });
        std::erase_if(aggregate->header, [&](const auto & column)
        {
            bool is_key = std::any_of(aggregate->keys.begin(), aggregate->keys.end(), [&](const auto & key) { return key.name == column.name; });
            return !is_key && !needed.contains(column.name);
        });
        Names below;
        for (const auto & key : aggregate->keys)
            collectColumns(key.expression, below);
        for (const auto & call : aggregate->aggregates)
            collect(call.arguments, below);
        return prune(*step.inputs[0], below);
    }
    if (auto * join = dynamic_cast<JoinStep *>(&step))
    {
        keepOnly(step.header, needed);
        Names below = needed;
        collect(join->left_keys, below);
        collect(join->right_keys, below);
        for (auto & input : step.inputs)
        {
            Names own;
            for (const auto & column : input->header)
                if (below.contains(column.name))
                    own.insert(column.name);
            prune(*input, own);
        }
        return;
    }
    if (auto * set_operation = dynamic_cast<UnionStep *>(&step))
    {
        for (auto & input : set_operation->inputs)
            prune(*input, needed);
        keepOnly(step.header, needed);
        return;
    }

    // Steps that keep their input's columns and may add some.
    if (auto * filter = dynamic_cast<FilterStep *>(&step))
        collectColumns(filter->condition, needed);
    else if (auto * array_join = dynamic_cast<ArrayJoinStep *>(&step))
        for (const auto & join : array_join->joins)
            collectColumns(join.array, needed);
    else if (auto * window = dynamic_cast<WindowStep *>(&step))
        for (const auto & call : window->windows)
        {
            collect(call.arguments, needed);
            collect(call.partition_by, needed);
            for (const auto & order : call.order_by)
                collectColumns(order.expression, needed);
        }
    else if (auto * distinct = dynamic_cast<DistinctStep *>(&step))
        needed.insert(distinct->columns.begin(), distinct->columns.end());
    else if (auto * sort = dynamic_cast<SortStep *>(&step))
        for (const auto & column : sort->order)
            needed.insert(column.column);
    else if (auto * limit_by = dynamic_cast<LimitByStep *>(&step))
        needed.insert(limit_by->columns.begin(), limit_by->columns.end());
    else if (auto * limit = dynamic_cast<LimitStep *>(&step))
        for (const auto & column : limit->ties)
            needed.insert(column.column);
    keepOnly(step.header, needed);
    Names below;
    for (const auto & column : step.inputs[0]->header)
        if (needed.contains(column.name))
            below.insert(column.name);
    prune(*step.inputs[0], below);
}

}

void pruneColumns(PlannedQuery & query)
{
    prune(*query.root, Names(query.ids.begin(), query.ids.end()));
}

}
