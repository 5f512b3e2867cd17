// Calls of aggregate functions and of window functions: what becomes a column before the SELECT list is computed.

#include "analyzer/SelectAnalyzer.h"

#include "base/lowerCase.h"
#include "functions/FunctionRegistry.h"
#include "sql/AstPrinter.h"
#include "types/DataTypes.h"

#include <algorithm>
#include <set>

namespace mangrove
{

namespace
{

/// Those that SQL has are taken in any case: RANK().
std::string windowFunctionName(const std::string & name)
{
    static const std::set<std::string_view> standard{"row_number", "rank", "dense_rank", "lag", "lead", "first_value", "last_value",
        "nth_value", "percent_rank", "ntile", "cume_dist"};
    std::string lower = lowerCase(name);
    return standard.contains(lower) ? lower : name;
}

}

bool isWindowFunction(std::string_view name)
{
    static const std::set<std::string_view> names{"row_number", "rank", "dense_rank", "denseRank", "lag", "lead", "lagInFrame",
        "leadInFrame", "first_value", "last_value", "nth_value", "percent_rank", "ntile", "cume_dist"};
    return names.contains(name);
}

namespace
{

/// A tuple as aggregate functions see it: max((x, lc)) is a Tuple(…, String).
ExpressionPtr withPlainElements(const ExpressionPtr & argument)
{
    if (argument->type->id() != TypeId::Tuple)
        return argument;
    auto & tuple = typeAs<DataTypeTuple>(*argument->type);
    DataTypes plain;
    for (const auto & element : tuple.elements())
        plain.push_back(removeLowCardinality(element));
    return plain == tuple.elements() ? argument : makeCast(argument, std::make_shared<DataTypeTuple>(plain, tuple.names()));
}

/// f(x) RESPECT NULLS
std::string respectingNulls(const std::string & name)
{
    const std::string lower = lowerCase(name);
    if (lower == "any" || lower == "any_value" || lower == "first_value")
        return "any_respect_nulls";
    if (lower == "anylast" || lower == "last_value")
        return "anyLast_respect_nulls";
    throw Exception(ErrorCode::NOT_IMPLEMENTED, "Function {} does not support RESPECT NULLS", name);
}

bool isConcatenation(const std::string & name)
{
    const std::string lower = lowerCase(name);
    return lower == "groupconcat" || lower == "group_concat" || lower == "string_agg";
}

}

AggregateFunctionPtr SelectAnalyzer::aggregateOf(const Expr & expr, Expressions & arguments)
{
    auto name = expr.name;
    bool distinct = expr.distinct;
    if (name == "countDistinct")
    {
        name = "count";
        distinct = true;
    }
    ExprList args = expr.args;
    bool is_count = name == "count" || name == "COUNT" || name.starts_with("countIf") || name == "Count";
    if (args.size() >= 1 && args[0]->kind == ExprKind::Asterisk && is_count)
        args.erase(args.begin());
    bool was_inside = inside_aggregate_;
    inside_aggregate_ = !expr.window; // sum(sum(x)) OVER (…) is over the groups
    for (const auto & argument : args)
        arguments.push_back(withPlainElements(bind(argument)));
    if (expr.filter)
    {
        arguments.push_back(bind(expr.filter));
        name += "If";
    }
    inside_aggregate_ = was_inside;
    if (distinct)
    {
        if (is_count && !arguments.empty())
            name = "uniqExact" + name.substr(5);
        else
            name += "Distinct";
    }
    if (expr.respect_nulls)
        name = respectingNulls(name);
    std::vector<Field> parameters;
    for (const auto & parameter : expr.parameters)
    {
        auto bound = bind(parameter);
        if (!bound->isConstant())
            throw Exception(ErrorCode::BAD_ARGUMENTS, "Parameter {} of aggregate function {} must be a constant", formatAst(*parameter), name);
        parameters.push_back(bound->constantValue());
    }
    if (arguments.size() == 2 && isConcatenation(name) && arguments[1]->isConstant())
    {
        // string_agg(x, ', ') is groupConcat(', ')(x).
        parameters.resize(std::max<size_t>(parameters.size(), 1));
        parameters[0] = arguments[1]->constantValue();
        arguments.pop_back();
    }
    DataTypes types;
    for (const auto & argument : arguments)
        types.push_back(argument->type);
    return FunctionRegistry::instance().getAggregate(name, parameters, types);
}

ExpressionPtr SelectAnalyzer::bindAggregate(const Expr & expr)
{
    if (inside_aggregate_)
        throw Exception(ErrorCode::ILLEGAL_AGGREGATION, "Aggregate function {} is found inside another aggregate function in query", formatAst(expr));
    if (no_aggregates_in_)
        throw Exception(ErrorCode::ILLEGAL_AGGREGATION, "Aggregate function {} is found in {} in query", formatAst(expr), no_aggregates_in_);
    if (!lambda_parameters_.empty())
        throw Exception(ErrorCode::ILLEGAL_AGGREGATION, "Aggregate function {} cannot stand inside a lambda", formatAst(expr));
    BoundAggregate call;
    call.function = aggregateOf(expr, call.arguments);
    auto key = call.function->stateType()->name() + "|" + call.function->returnType()->name();
    for (const auto & argument : call.arguments)
        key += "|" + argument->key;
    for (const auto & existing : select_->aggregate_calls)
    {
        auto existing_key = existing.function->stateType()->name() + "|" + existing.function->returnType()->name();
        for (const auto & argument : existing.arguments)
            existing_key += "|" + argument->key;
        if (existing_key == key)
            return makeColumn(existing.id, existing.function->returnType());
    }
    call.id = fmt::format("aggregate{}", select_->aggregate_calls.size());
    select_->aggregate_calls.push_back(call);
    return makeColumn(call.id, call.function->returnType());
}

ExpressionPtr SelectAnalyzer::bindWindow(const Expr & expr)
{
    if (no_aggregates_in_ || inside_aggregate_ || inside_window_)
        throw Exception(ErrorCode::ILLEGAL_AGGREGATION, "Window function {} is found in {}", formatAst(expr),
            no_aggregates_in_ ? no_aggregates_in_ : "another function that needs the rows of a group");
    inside_window_ = true;
    WindowSpec spec = *expr.window;
    for (size_t depth = 0; !spec.parent.empty(); ++depth)
    {
        auto it = std::find_if(query_->windows.begin(), query_->windows.end(), [&](const auto & window) { return window.name == spec.parent; });
        if (it == query_->windows.end() || depth == query_->windows.size())
            throw Exception(ErrorCode::BAD_ARGUMENTS, "Window '{}' is not defined", spec.parent);
        const auto & parent = it->spec;
        if (spec.only_name)
        {
            spec = parent;
            continue;
        }
        spec.partition_by = spec.partition_by.empty() ? parent.partition_by : spec.partition_by;
        spec.order_by = spec.order_by.empty() ? parent.order_by : spec.order_by;
        spec.parent = parent.parent;
        spec.only_name = false;
    }
    BoundWindow window;
    const std::string name = windowFunctionName(expr.name);
    window.function = name;
    if (isWindowFunction(name))
    {
        for (const auto & argument : expr.args)
            window.arguments.push_back(bind(argument));
        if (name == "row_number" || name == "rank" || name == "dense_rank" || name == "denseRank" || name == "ntile")
            window.type = makeType(TypeId::UInt64);
        else if (name == "percent_rank" || name == "cume_dist")
            window.type = makeType(TypeId::Float64);
        else if (window.arguments.empty())
            throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH, "Window function {} needs an argument", expr.name);
        else
            window.type = removeLowCardinality(window.arguments[0]->type);
        if (window.arguments.size() > 2) // of lag, lead…: what stands where there is no row
        {
            const auto type = removeLowCardinality(window.arguments[2]->type);
            const auto common = leastSupertype({window.type, type});
            if (!common->equals(*window.type))
                throw Exception(ErrorCode::BAD_ARGUMENTS, "The supertype '{}' for the argument type '{}' and the default value type '{}' is not the same as the argument type",
                    common->name(), window.type->name(), type->name());
            window.arguments[2] = makeCast(window.arguments[2], window.type);
        }
        if (expr.respect_nulls && (name == "first_value" || name == "last_value"))
            window.function += "_respect_nulls";
        if (expr.ignore_nulls && name != "first_value" && name != "last_value")
            throw Exception(ErrorCode::NOT_IMPLEMENTED, "IGNORE NULLS is not supported for window function {}", expr.name);
    }
    else
    {
        window.aggregate = aggregateOf(expr, window.arguments);
        window.type = window.aggregate->returnType();
    }
    for (const auto & element : spec.partition_by)
        window.partition_by.push_back(bind(element));
    window.order_by = bindOrder(spec.order_by, false);
    window.frame = spec.frame;
    window.begin_kind = spec.frame_begin.kind;
    window.end_kind = spec.frame_end.kind;
    for (auto [bound, target] : {std::pair(&spec.frame_begin, &window.begin_offset), std::pair(&spec.frame_end, &window.end_offset)})
        if (bound->offset)
        {
            const auto offset = bindLimit(bound->offset, "window frame").value_or(0);
            if (offset > INT32_MAX)
                throw Exception(ErrorCode::BAD_ARGUMENTS, "A frame offset must be a nonnegative 32-bit integer, {} given", offset);
            *target = static_cast<int64_t>(offset);
        }
    inside_window_ = false;
    window.id = fmt::format("window{}", select_->windows.size());
    select_->windows.push_back(window);
    return makeColumn(window.id, window.type);
}

}
