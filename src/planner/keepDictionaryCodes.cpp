#include "planner/passes.h"

namespace mangrove
{

namespace
{

bool isColumn(const Expression & expression)
{
    return expression.kind == ExpressionKind::Column;
}

/// Columns that the aggregation wants as codes, without those that some function of it would get as codes too.
void keepFor(const AggregateStep & step, ReadPartsStep & read)
{
    std::set<std::string> computed_with;
    auto visit = [&](const ExpressionPtr & expression, bool understands_codes)
    {
        if (!isColumn(*expression))
            collectColumns(expression, computed_with);
        else if (understands_codes && !expression->type->isLowCardinality())
            read.coded.insert(expression->column);
    };
    for (const auto & key : step.keys)
        visit(key.expression, step.keys.size() == 1);
    for (const auto & call : step.aggregates)
        for (const auto & argument : call.arguments)
            visit(argument, call.function->acceptsLowCardinality());
    for (const auto & id : computed_with)
        read.coded.erase(id);
}

void visit(PlanStep & step)
{
    if (auto * aggregate = dynamic_cast<AggregateStep *>(&step))
        if (auto * read = dynamic_cast<ReadPartsStep *>(step.inputs[0].get()); read && !read->final)
            keepFor(*aggregate, *read);
    for (auto & input : step.inputs)
        visit(*input);
}

}

void keepDictionaryCodes(PlannedQuery & query)
{
    visit(*query.root);
}

}
