#include "planner/Plan.h"

namespace mangrove
{

namespace
{

template <typename Items, typename Name>
std::string join(const Items & items, Name && name)
{
    std::string text;
    for (const auto & item : items)
        text += (text.empty() ? "" : ", ") + std::string(name(item));
    return text;
}

std::string describeOrder(const std::vector<SortColumn> & order)
{
    return join(order, [](const auto & column) { return column.column + (column.descending ? " DESC" : " ASC"); });
}

void explainInto(const PlanStep & step, size_t depth, std::string & out)
{
    out += std::string(depth * 2, ' ') + step.describe() + "\n";
    for (const auto & input : step.inputs)
        explainInto(*input, depth + 1, out);
}

}

std::string ReadPartsStep::describe() const
{
    auto text = fmt::format("ReadParts {}.{}{} ({})", table->database(), table->name(), final ? " FINAL" : "",
        join(header, [](const auto & column) { return column.name; }));
    if (!filters.empty())
        text += " prewhere " + join(filters, [](const auto & filter) { return filter->key; });
    if (rows_max)
        text += fmt::format(" limit {}", *rows_max);
    if (top)
        text += fmt::format(" first {} by {}{}", top->rows, top->column, top->descending ? " DESC" : " ASC");
    return text;
}

std::string ProjectStep::describe() const
{
    return "Project " + join(columns, [](const auto & column) { return column.name + " := " + column.expression->key; });
}

std::string AggregateStep::describe() const
{
    return fmt::format("Aggregate by ({}) compute ({}){}", join(keys, [](const auto & key) { return key.expression->key; }),
        join(aggregates, [](const auto & call) { return call.function->name(); }), with_totals ? " with totals" : "");
}

std::string SortStep::describe() const
{
    return "Sort " + describeOrder(order) + (rows_max ? fmt::format(" limit {}", *rows_max) : "");
}

std::string LimitStep::describe() const
{
    return fmt::format("Limit {} offset {}{}", rows ? std::to_string(*rows) : "all", offset, ties.empty() ? "" : " with ties");
}

std::string JoinStep::describe() const
{
    static constexpr const char * kinds[] = {"Inner", "Left", "Right", "Full", "Cross", "Comma", "Paste"};
    static constexpr const char * strictnesses[] = {"", "All", "Any", "Semi", "Anti", "Asof"};
    auto key = [](const auto & expression) { return expression->key; };
    return fmt::format("Join {} {} on ({}) = ({})", strictnesses[size_t(strictness)], kinds[size_t(kind)], join(left_keys, key), join(right_keys, key));
}

std::string explain(const PlanStep & step)
{
    std::string text;
    explainInto(step, 0, text);
    return text;
}

NamesAndTypes headerOf(const std::vector<NamedExpression> & columns)
{
    NamesAndTypes header;
    for (const auto & column : columns)
        header.push_back({column.name, column.expression->type});
    return header;
}

}
