#include "expressions/shortCircuit.h"

#include "expressions/Evaluator.h"

namespace mangrove
{

namespace
{

ColumnPtr evaluateWhere(const ExpressionPtr & expression, const Block & block, const Filter & needed, size_t count)
{
    std::set<std::string> names;
    collectColumns(expression, names);
    Block rows;
    for (const auto & name : names)
    {
        const auto & column = block.byName(name);
        rows.add({column.column->filter(needed, count), column.type, column.name});
    }
    rows.setRowsWithoutColumns(count);
    auto values = removeLowCardinality(expression->type)->createColumn();
    values->insertDefault();
    if (count)
        values->insertRangeFrom(*evaluateLazily(expression, rows)->materialize(), 0, count);
    Permutation sources(block.rows());
    uint32_t next = 0;
    for (size_t row = 0; row < block.rows(); ++row)
        sources[row] = needed[row] ? ++next : 0;
    return values->gather(sources);
}

}

bool isShortCircuit(const Expression & call)
{
    const auto & name = call.function->name();
    return name == "and" || name == "or" || name == "if" || name == "multiIf";
}

std::vector<ColumnWithType> shortCircuitArguments(const Expression & call, const Block & block)
{
    const auto & name = call.function->name();
    const bool branches = name == "if" || name == "multiIf";
    Filter undecided(block.rows());
    std::fill(undecided.begin(), undecided.end(), 1);
    Filter chosen = undecided;
    std::vector<ColumnWithType> arguments;
    for (size_t i = 0; i < call.arguments.size(); ++i)
    {
        const auto & argument = call.arguments[i];
        const bool is_value = branches && (i % 2 == 1 || i + 1 == call.arguments.size());
        const Filter & needed = is_value && i % 2 == 1 ? chosen : undecided;
        ColumnPtr column = evaluateWhere(argument, block, needed, countSelected(needed));
        arguments.push_back({column, removeLowCardinality(argument->type), argument->key});
        if (is_value)
            continue;
        Filter holds;
        makeFilter(column, block.rows(), holds);
        for (size_t row = 0; row < block.rows(); ++row)
        {
            chosen[row] = undecided[row] && holds[row];
            const bool decided = name == "and" ? !holds[row] && !column->isNullAt(row) : holds[row];
            undecided[row] = undecided[row] && !decided;
        }
    }
    return arguments;
}

}
