#include "exec/GroupResults.h"

#include "expressions/Evaluator.h"

namespace mangrove
{

GroupResults::GroupResults(const AggregateStep & step, const StateLayout & layout, QueryContext & context)
    : step_(step), layout_(layout), arena_(context), totals_(layout)
{
    if (step.with_totals)
        totals_.push_back(layout.make(arena_));
}

Block GroupResults::makeBlock(const Columns & keys, std::span<const AggregateState> states)
{
    Block block;
    for (size_t i = 0; i < keys.size(); ++i)
        block.add({keys[i], step_.header[i].type, step_.header[i].name});
    for (size_t i = 0; i < step_.aggregates.size(); ++i)
    {
        auto column = step_.aggregates[i].function->returnType()->createColumn();
        column->reserve(states.size());
        for (auto state : states)
            layout_.functions[i]->insertResult(state + layout_.offsets[i], *column);
        block.add({column, step_.header[keys.size() + i].type, step_.header[keys.size() + i].name});
    }
    if (block.empty())
        block.setRowsWithoutColumns(states.size());
    return step_.with_totals ? addPassingToTotals(block, states) : block;
}

Block GroupResults::addPassingToTotals(const Block & block, std::span<const AggregateState> states)
{
    Filter filter(block.rows(), 1);
    auto passed = step_.having ? makeFilter(evaluate(step_.having, block), block.rows(), filter) : block.rows();
    {
        std::lock_guard lock(mutex_);
        for (size_t row = 0; row < block.rows(); ++row)
            if (filter[row])
                layout_.merge(totals_[0], states[row]);
    }
    return block.filter(filter, passed);
}

Block GroupResults::totals()
{
    Block block;
    for (size_t i = 0; i < step_.keys.size(); ++i)
    {
        auto column = step_.header[i].type->createColumn();
        column->insert(step_.header[i].type->defaultValue()); // of an enum: its first element
        block.add({column, step_.header[i].type, step_.header[i].name});
    }
    for (size_t i = 0; i < step_.aggregates.size(); ++i)
    {
        auto column = step_.aggregates[i].function->returnType()->createColumn();
        layout_.functions[i]->insertResult(totals_[0] + layout_.offsets[i], *column);
        const auto & header = step_.header[step_.keys.size() + i];
        block.add({column, header.type, header.name});
    }
    return block;
}

}
