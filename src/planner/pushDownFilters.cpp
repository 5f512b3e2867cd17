#include "expressions/Evaluator.h"
#include "expressions/isDeterministic.h"
#include "planner/passes.h"

namespace mangrove
{

namespace
{

std::set<std::string> columnsOf(const ExpressionPtr & expression)
{
    std::set<std::string> names;
    collectColumns(expression, names);
    return names;
}

bool within(const std::set<std::string> & names, const NamesAndTypes & header)
{
    return std::all_of(names.begin(), names.end(),
        [&](const auto & name) { return std::any_of(header.begin(), header.end(), [&](const auto & column) { return column.name == name; }); });
}

PlanStepPtr withFilter(PlanStepPtr step, const Expressions & conjuncts)
{
    auto condition = makeConjunction(conjuncts);
    if (!condition)
        return step;
    auto filter = std::make_shared<FilterStep>();
    filter->header = step->header;
    filter->condition = condition;
    filter->inputs = {std::move(step)};
    return filter;
}

bool neverPasses(const ExpressionPtr & conjunct)
{
    Filter filter;
    return conjunct->isConstant() && makeFilter(conjunct->constant, 1, filter) == 0;
}

PlanStepPtr withoutRows(const NamesAndTypes & header)
{
    auto step = std::make_shared<ConstantRowsStep>();
    step->header = header;
    for (const auto & column : header)
        step->block.add({column.type->createColumn(), column.type, column.name});
    return step;
}

/// Returns a plan of `step`'s rows that pass all conjuncts.
PlanStepPtr push(PlanStepPtr step, Expressions conjuncts)
{
    // Tools ask with WHERE 1 = 0 for the columns of a query; nothing below needs to run, nor can it fail.
    if (std::any_of(conjuncts.begin(), conjuncts.end(), neverPasses))
        return withoutRows(step->header);
    if (auto * filter = dynamic_cast<FilterStep *>(step.get()))
    {
        // What stood below goes first: it may exclude rows for which the others throw.
        auto all = splitConjunction(filter->condition);
        all.insert(all.end(), conjuncts.begin(), conjuncts.end());
        return push(filter->inputs[0], std::move(all));
    }
    if (auto * read = dynamic_cast<ReadPartsStep *>(step.get()))
    {
        // FINAL decides between rows first; only conditions on the sort key cannot change its choice.
        if (read->final)
        {
            Expressions safe, rest;
            for (const auto & conjunct : conjuncts)
            {
                auto names = columnsOf(conjunct);
                bool on_key = !names.empty() && isDeterministic(conjunct) && std::all_of(names.begin(), names.end(), [&](const auto & name)
                {
                    for (const auto & column : read->columns)
                        if (column.id == name)
                            return std::any_of(read->table->sort_key.begin(), read->table->sort_key.end(), [&](const auto & key) { return key.name == column.name; });
                    return false;
                });
                (on_key ? safe : rest).push_back(conjunct);
            }
            read->filters.insert(read->filters.end(), safe.begin(), safe.end());
            return withFilter(step, rest);
        }
        read->filters.insert(read->filters.end(), conjuncts.begin(), conjuncts.end());
        return step;
    }
    if (auto * project = dynamic_cast<ProjectStep *>(step.get()))
    {
        // Through renames only: a computed column would be computed twice.
        std::unordered_map<std::string, ExpressionPtr> renames;
        for (const auto & column : project->columns)
            if (column.expression->kind == ExpressionKind::Column || column.expression->isConstant())
                renames[column.name] = column.expression;
        Expressions below, above;
        for (const auto & conjunct : conjuncts)
        {
            auto names = columnsOf(conjunct);
            if (std::all_of(names.begin(), names.end(), [&](const auto & name) { return renames.contains(name); }))
                below.push_back(rewrite(conjunct, [&](const ExpressionPtr & node) -> ExpressionPtr
                    { return node->kind == ExpressionKind::Column && renames.contains(node->column) ? renames[node->column] : nullptr; }));
            else
                above.push_back(conjunct);
        }
        step->inputs[0] = push(step->inputs[0], std::move(below));
        return withFilter(step, above);
    }
    if (auto * join = dynamic_cast<JoinStep *>(step.get()))
    {
        Expressions left, right, above;
        bool right_too = (join->kind == JoinKind::Inner || join->kind == JoinKind::Cross) && join->strictness == JoinStrictness::All;
        for (const auto & conjunct : conjuncts)
        {
            auto names = columnsOf(conjunct);
            if (names.empty() || !isDeterministic(conjunct))
                above.push_back(conjunct);
            else if (within(names, join->inputs[0]->header))
                left.push_back(conjunct);
            else if (right_too && within(names, join->inputs[1]->header))
                right.push_back(conjunct);
            else
                above.push_back(conjunct);
        }
        join->inputs[0] = push(join->inputs[0], std::move(left));
        join->inputs[1] = push(join->inputs[1], std::move(right));
        return withFilter(step, above);
    }
    if (dynamic_cast<ArrayJoinStep *>(step.get()))
    {
        Expressions below, above;
        for (const auto & conjunct : conjuncts)
            (isDeterministic(conjunct) && within(columnsOf(conjunct), step->inputs[0]->header) ? below : above).push_back(conjunct);
        step->inputs[0] = push(step->inputs[0], std::move(below));
        return withFilter(step, above);
    }
    if (auto * aggregate = dynamic_cast<AggregateStep *>(step.get()); aggregate && !aggregate->with_totals && !aggregate->keys.empty())
    {
        // HAVING on a key that is a plain column is a condition on the rows.
        std::unordered_map<std::string, ExpressionPtr> plain;
        for (const auto & key : aggregate->keys)
            if (key.expression->kind == ExpressionKind::Column)
                plain[key.name] = key.expression;
        Expressions below, above;
        for (const auto & conjunct : conjuncts)
        {
            auto names = columnsOf(conjunct);
            bool on_keys = !names.empty() && isDeterministic(conjunct) && std::all_of(names.begin(), names.end(), [&](const auto & name) { return plain.contains(name); });
            if (on_keys)
                below.push_back(rewrite(conjunct, [&](const ExpressionPtr & node) -> ExpressionPtr
                    { return node->kind == ExpressionKind::Column && plain.contains(node->column) ? plain[node->column] : nullptr; }));
            else
                above.push_back(conjunct);
        }
        step->inputs[0] = push(step->inputs[0], std::move(below));
        return withFilter(step, above);
    }
    if (dynamic_cast<UnionStep *>(step.get()))
    {
        for (auto & input : step->inputs)
            input = push(input, conjuncts);
        return step;
    }
    for (auto & input : step->inputs)
        input = push(input, {});
    return withFilter(step, conjuncts);
}

}

void pushDownFilters(PlannedQuery & query)
{
    query.root = push(query.root, {});
}

}
