#include "analyzer/FunctionIn.h"
#include "analyzer/SelectAnalyzer.h"

#include "columns/ColumnConst.h"
#include "expressions/Evaluator.h"
#include "functions/cast/Cast.h"
#include "functions/FunctionRegistry.h"
#include "functions/callFunction.h"
#include "sql/AstPrinter.h"
#include "sql/Parser.h"
#include "types/DataTypes.h"
#include "types/Serialization.h"
#include "types/prettyTypeName.h"

#include <algorithm>

namespace mangrove
{

namespace
{

bool isWindowFunction(std::string_view name)
{
    static const std::set<std::string_view> names{"row_number", "rank", "dense_rank", "denseRank", "lag", "lead", "lagInFrame",
        "leadInFrame", "first_value", "last_value", "nth_value", "percent_rank", "ntile", "cume_dist"};
    return names.contains(name);
}

/// Parameters come as text escaped as in TabSeparated: \\N is NULL.
Field parameterValue(const std::string & name, const std::string & text, const DataTypePtr & type)
{
    ReadBuffer in(text);
    auto value = type->createColumn();
    serializationOf(type)->readEscaped(*value, in, {});
    if (!in.eof())
        throw Exception(ErrorCode::BAD_QUERY_PARAMETER, "Value {} cannot be parsed as {} for query parameter '{}' because it isn't parsed completely",
            text, type->name(), name);
    return value->get(0);
}

}

ExpressionPtr SelectAnalyzer::bind(const ExprPtr & expr)
{
    // x + 1 AS x: inside its own definition the name is the column.
    if (!expr->alias.empty() && !aliases_in_progress_.contains(expr->alias))
        if (auto it = scope_.aliases.find(expr->alias); it != scope_.aliases.end() && it->second == expr)
            return tryAlias(expr->alias);
    switch (expr->kind)
    {
        case ExprKind::Literal:
            return makeConstant(fieldOfLiteral(expr->value), typeOfLiteral(expr->value));
        case ExprKind::Identifier:
            return bindIdentifier(*expr);
        case ExprKind::Function:
            return bindFunction(*expr);
        case ExprKind::Subquery:
            return bindScalarSubquery(*expr);
        case ExprKind::QueryParameter:
        {
            auto it = context_.parameters.find(expr->name);
            if (it == context_.parameters.end())
                throw Exception(ErrorCode::UNKNOWN_QUERY_PARAMETER, "Substitution `{}` is not set", expr->name);
            auto type = parseDataType(expr->type->text);
            return makeConstant(parameterValue(expr->name, it->second, type), type);
        }
        case ExprKind::Lambda:
            throw Exception(ErrorCode::BAD_ARGUMENTS, "A lambda can only be an argument of a higher-order function: {}", formatAst(*expr));
        case ExprKind::Asterisk:
        case ExprKind::ColumnsMatcher:
            throw Exception(ErrorCode::UNSUPPORTED_METHOD, "{} can only stand in the SELECT list or in count(*)", formatAst(*expr));
    }
    CHECK(false);
}

ExpressionPtr SelectAnalyzer::bindIdentifier(const Expr & expr)
{
    auto name = expr.fullName();
    for (auto it = lambda_parameters_.rbegin(); it != lambda_parameters_.rend(); ++it)
        if (auto found = it->find(expr.parts[0]); found != it->end())
        {
            auto result = found->second;
            for (size_t i = 1; i < expr.parts.size(); ++i)
                result = makeCall("tupleElement", {result, makeConstant(Field(expr.parts[i]), makeType(TypeId::String))});
            return result;
        }
    if (context_.settings.prefer_column_name_to_alias)
        if (auto column = tryColumn(expr.parts))
            return column;
    if (auto alias = tryAlias(name))
        return alias;
    if (auto column = tryColumn(expr.parts))
        return column;
    // An alias of a tuple, then its element: x.1, x.name.
    if (expr.parts.size() > 1)
        if (auto result = tryAlias(expr.parts[0]))
        {
            for (size_t i = 1; i < expr.parts.size(); ++i)
                result = makeCall("tupleElement", {result, makeConstant(Field(expr.parts[i]), makeType(TypeId::String))});
            return result;
        }
    if (scope_.aliases.contains(name))
        throw Exception(ErrorCode::CYCLIC_ALIASES, "Cyclic aliases: {} is defined through itself", name);
    // WITH expressions of the enclosing queries.
    for (auto * scope = scope_.parent; scope; scope = scope->parent)
        if (auto it = scope->aliases.find(name); it != scope->aliases.end() && it->second->isLiteral())
            return bind(it->second);
    throw Exception(ErrorCode::UNKNOWN_IDENTIFIER, "Unknown expression identifier `{}` in scope of the query, at position {}{}", name,
        expr.range.begin + 1, scope_.sources.size() == 1 && !scope_.sources[0].table.empty() ? fmt::format(" (table {})", scope_.sources[0].table) : "");
}

ExpressionPtr SelectAnalyzer::tryAlias(const std::string & name)
{
    auto it = scope_.aliases.find(name);
    if (it == scope_.aliases.end() || aliases_in_progress_.contains(name))
        return nullptr;
    // What an alias means does not depend on the clause, except where aggregates are refused: bind those anew.
    bool cacheable = !no_aggregates_in_ && !inside_aggregate_ && lambda_parameters_.empty();
    if (cacheable)
        if (auto bound = bound_aliases_.find(name); bound != bound_aliases_.end())
            return bound->second;
    aliases_in_progress_.insert(name);
    ExpressionPtr bound;
    try
    {
        bound = bind(it->second);
    }
    catch (...)
    {
        aliases_in_progress_.erase(name);
        throw;
    }
    aliases_in_progress_.erase(name);
    if (cacheable)
        bound_aliases_[name] = bound;
    return bound;
}

ExpressionPtr SelectAnalyzer::bindColumn(const ScopeColumn & column)
{
    if (column.kind != TableColumn::Kind::Alias)
        return makeColumn(column.id, column.type);
    return makeCast(bind(parseExpression(column.alias_expression)), column.type);
}

/// a, t.a, db.t.a, n.a (a Nested part), then the elements of a tuple or a subcolumn: t.size0, m.keys.
ExpressionPtr SelectAnalyzer::tryColumn(const std::vector<std::string> & parts)
{
    auto joined = [&](size_t from, size_t to)
    {
        std::string name = parts[from];
        for (size_t i = from + 1; i < to; ++i)
            name += "." + parts[i];
        return name;
    };
    for (size_t used = parts.size(); used > 0; --used)
    {
        ExpressionPtr found;
        if (auto it = scope_.overrides.find(joined(0, used)); it != scope_.overrides.end())
            found = it->second;
        for (size_t qualifier = 0; qualifier <= 2 && qualifier < used && !found; ++qualifier)
        {
            auto name = joined(qualifier, used);
            const ScopeColumn * match = nullptr;
            for (const auto & source : scope_.sources)
            {
                if (qualifier && !source.isCalled({parts.begin(), parts.begin() + qualifier}))
                    continue;
                if (const auto * column = source.find(name))
                {
                    // ClickHouse takes the left table's column when both sides of a join have it.
                    if (!match)
                        match = column;
                }
            }
            if (match)
                found = bindColumn(*match);
        }
        if (!found)
            continue;
        for (size_t i = used; i < parts.size(); ++i)
        {
            if (found->type->id() == TypeId::Map && (parts[i] == "keys" || parts[i] == "values"))
                found = makeCall(parts[i] == "keys" ? "mapKeys" : "mapValues", {found});
            else if (found->type->id() == TypeId::Array && parts[i] == "size0")
                found = makeCall("length", {found});
            else if (found->type->isNullable() && parts[i] == "null")
                found = makeCall("isNull", {found});
            else if (found->type->id() == TypeId::Tuple)
                found = makeCall("tupleElement", {found, makeConstant(Field(parts[i]), makeType(TypeId::String))});
            else
                return nullptr;
        }
        return found;
    }
    return nullptr;
}

/// CASE x WHEN a THEN b … ELSE c END: multiIf(x = a, b, …, c).
ExpressionPtr SelectAnalyzer::bindCase(const Expr & expr)
{
    if (expr.args.size() < 4 || expr.args.size() % 2)
        throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH, "CASE needs a value and pairs of WHEN and THEN, got {} arguments", expr.args.size());
    auto value = bind(expr.args[0]);
    Expressions arguments;
    for (size_t i = 1; i + 1 < expr.args.size(); i += 2)
    {
        arguments.push_back(makeCall("equals", {value, bind(expr.args[i])}));
        arguments.push_back(bind(expr.args[i + 1]));
    }
    arguments.push_back(bind(expr.args.back()));
    return makeCall("multiIf", arguments);
}

namespace
{

bool isBranching(std::string_view name)
{
    return name == "if" || name == "multiIf";
}

struct BranchGuard
{
    BranchGuard(size_t & depth, bool counts) : depth_(depth), counts_(counts) { depth_ += counts_; }
    ~BranchGuard() { depth_ -= counts_; }
    BranchGuard(const BranchGuard &) = delete;

    size_t & depth_;
    bool counts_;
};

}

namespace
{

bool isDeterministic(const Expression & expression)
{
    return (expression.kind != ExpressionKind::Function || expression.function->isDeterministic())
        && std::all_of(expression.arguments.begin(), expression.arguments.end(), [](const auto & argument) { return isDeterministic(*argument); })
        && (!expression.body || isDeterministic(*expression.body));
}

}

/// if(1, 2, intDiv(1, 0)) is 2: a call of constants that throws stays a call where it may not be needed.
ExpressionPtr SelectAnalyzer::foldUnlessInBranch(const FunctionPtr & function, const Expressions & arguments)
{
    if (branch_depth_ == 0)
        return makeCall(function, arguments);
    try
    {
        return makeCall(function, arguments);
    }
    catch (const Exception &)
    {
        std::vector<ColumnWithType> described;
        auto call = std::make_shared<Expression>();
        call->key = function->name() + "(";
        for (const auto & argument : arguments)
        {
            if (!argument->isConstant())
                throw;
            described.push_back({ColumnConst::create(argument->constant, 1), argument->type, argument->key});
            call->key += argument->key + ",";
        }
        call->kind = ExpressionKind::Function;
        call->type = resultType(*function, described);
        call->key += ")" + call->type->name();
        call->function = function;
        call->arguments = arguments;
        return call;
    }
}

ExpressionPtr SelectAnalyzer::bindGetSetting(const Expr & expr)
{
    const size_t wanted = expr.name == "getSetting" ? 1 : 2;
    if (expr.args.size() != wanted)
        throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH, "Number of arguments for function {} doesn't match: passed {}, should be {}", expr.name,
            expr.args.size(), wanted);
    auto name = bind(expr.args[0]);
    if (!name->type->isString())
        throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "The argument of function {} should be a constant string with the name of a setting", expr.name);
    if (!name->isConstant())
        throw Exception(ErrorCode::ILLEGAL_COLUMN, "The argument of function {} should be a constant string with the name of a setting", expr.name);
    auto text = name->constantValue().get<std::string>();
    if (auto value = context_.find_setting(text))
        return makeConstant(value->first, value->second);
    if (wanted == 1)
        throw Exception(ErrorCode::UNKNOWN_SETTING, "Unknown setting '{}'", text);
    auto otherwise = bind(expr.args[1]);
    if (!otherwise->isConstant())
        throw Exception(ErrorCode::ILLEGAL_COLUMN, "The second argument of function {} should be a constant", expr.name);
    return otherwise;
}

ExpressionPtr SelectAnalyzer::bindFunction(const Expr & expr)
{
    const auto & registry = FunctionRegistry::instance();
    if (auto it = context_.session_functions.find(expr.name); it != context_.session_functions.end() && expr.args.empty())
        return makeConstant(it->second.first, it->second.second);
    if (context_.find_setting && (expr.name == "getSetting" || expr.name == "getSettingOrDefault"))
        return bindGetSetting(expr);
    static const std::set<std::string_view> in_names{"in", "notIn", "globalIn", "globalNotIn", "nullIn", "notNullIn"};
    if (in_names.contains(expr.name) && expr.args.size() == 2)
        return bindIn(expr);
    if (expr.name == "exists" && expr.args.size() == 1 && expr.args[0]->kind == ExprKind::Subquery)
    {
        auto rows = context_.run_subquery(analyzeSubquery(expr.args[0]->subquery), 1);
        return makeConstant(Field(uint64_t(rows.rows() > 0)), makeType(TypeId::UInt8));
    }
    if (expr.name == "arrayJoin")
        return bindArrayJoinCall(expr);
    if (expr.name == "caseWithExpression")
        return bindCase(expr);
    if (expr.window || isWindowFunction(expr.name))
        if (expr.window)
            return bindWindow(expr);
    if (registry.isAggregate(expr.name) || (expr.name == "countDistinct"))
        return bindAggregate(expr);

    auto function = registry.get(expr.name);
    if (function->isHigherOrder() && !expr.args.empty() && expr.args[0]->kind == ExprKind::Lambda)
        return bindHigherOrder(expr, function);
    Expressions arguments;
    for (const auto & argument : expr.args)
    {
        if (argument->kind == ExprKind::Asterisk || argument->kind == ExprKind::ColumnsMatcher)
            for (auto & column : expandAsterisk(*argument))
                arguments.push_back(column.expression);
        else
        {
            BranchGuard branch(branch_depth_, isBranching(expr.name) && !arguments.empty());
            arguments.push_back(bind(argument));
        }
    }
    // now(), today()… have one value for the whole query.
    static const std::set<std::string> once_per_query{"now", "now64", "today", "yesterday", "curdate", "nowInBlock"};
    if (expr.name == "toTypeName" && arguments.size() == 1)
        return makeConstant(Field(prettyTypeName(*arguments[0]->type)), makeType(TypeId::String));
    auto call = foldUnlessInBranch(function, arguments);
    if (std::set<std::string> columns; isBranching(expr.name) && !call->isConstant() && branch_depth_ == 0)
        if (collectColumns(call, columns); columns.empty() && isDeterministic(*call))
        {
            // With an argument that throws and is not needed: the evaluator leaves it out.
            Block row;
            row.setRowsWithoutColumns(1);
            call = makeConstant(evaluate(call, row), call->type);
        }
    if (once_per_query.contains(function->name()) && std::all_of(arguments.begin(), arguments.end(), [](const auto & a) { return a->isConstant(); }) && !call->isConstant())
    {
        std::vector<ColumnWithType> values;
        for (const auto & argument : arguments)
            values.push_back({ColumnConst::create(argument->constant, 1), argument->type, ""});
        return makeConstant(callFunction(*function, values, call->type, 1), call->type);
    }
    return call;
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
    inside_aggregate_ = true;
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
    std::vector<Field> parameters;
    for (const auto & parameter : expr.parameters)
    {
        auto bound = bind(parameter);
        if (!bound->isConstant())
            throw Exception(ErrorCode::BAD_ARGUMENTS, "Parameter {} of aggregate function {} must be a constant", formatAst(*parameter), name);
        parameters.push_back(bound->constantValue());
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
    if (!spec.parent.empty())
    {
        auto it = std::find_if(query_->windows.begin(), query_->windows.end(), [&](const auto & window) { return window.name == spec.parent; });
        if (it == query_->windows.end())
            throw Exception(ErrorCode::BAD_ARGUMENTS, "Window '{}' is not defined", spec.parent);
        auto parent = it->spec;
        if (spec.only_name)
            spec = parent;
        else
        {
            spec.partition_by = spec.partition_by.empty() ? parent.partition_by : spec.partition_by;
            spec.order_by = spec.order_by.empty() ? parent.order_by : spec.order_by;
        }
    }
    BoundWindow window;
    window.function = expr.name;
    if (isWindowFunction(expr.name))
    {
        for (const auto & argument : expr.args)
            window.arguments.push_back(bind(argument));
        if (expr.name == "row_number" || expr.name == "rank" || expr.name == "dense_rank" || expr.name == "denseRank" || expr.name == "ntile")
            window.type = makeType(TypeId::UInt64);
        else if (expr.name == "percent_rank" || expr.name == "cume_dist")
            window.type = makeType(TypeId::Float64);
        else if (window.arguments.empty())
            throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH, "Window function {} needs an argument", expr.name);
        else
            window.type = removeLowCardinality(window.arguments[0]->type);
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
            *target = static_cast<int64_t>(bindLimit(bound->offset, "window frame").value_or(0));
    inside_window_ = false;
    window.id = fmt::format("window{}", select_->windows.size());
    select_->windows.push_back(window);
    return makeColumn(window.id, window.type);
}

ExpressionPtr SelectAnalyzer::bindHigherOrder(const Expr & expr, const FunctionPtr & function)
{
    Expressions others;
    DataTypes other_types;
    for (size_t i = 1; i < expr.args.size(); ++i)
    {
        others.push_back(bind(expr.args[i]));
        other_types.push_back(others.back()->type);
    }
    const auto & lambda = *expr.args[0];
    auto types = function->lambdaArgumentTypes(other_types, lambda.parts.size());
    // (k, v) -> … over a Map or an Array(Tuple): the function gives one type per parameter.
    if (types.size() != lambda.parts.size())
        throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH, "The lambda of {} has {} arguments, the function gives it {}",
            expr.name, lambda.parts.size(), types.size());
    std::unordered_map<std::string, ExpressionPtr> parameters;
    // Numbered by depth, so that a call bound twice (an alias, a GROUP BY key) is one expression.
    std::vector<std::string> ids;
    for (size_t i = 0; i < types.size(); ++i)
    {
        ids.push_back(fmt::format("lambda{}.{}", lambda_parameters_.size(), lambda.parts[i]));
        parameters[lambda.parts[i]] = makeColumn(ids.back(), types[i]);
    }
    lambda_parameters_.push_back(std::move(parameters));
    auto body = bind(lambda.args[0]);
    lambda_parameters_.pop_back();
    Expressions arguments{makeLambda(ids, types, body)};
    arguments.insert(arguments.end(), others.begin(), others.end());
    return makeCall(function, std::move(arguments));
}

BoundQueryPtr SelectAnalyzer::analyzeSubquery(const SelectPtr & select)
{
    return analyzeNode(select, context_, ids_, &scope_);
}

ExpressionPtr SelectAnalyzer::bindScalarSubquery(const Expr & expr)
{
    auto bound = analyzeSubquery(expr.subquery);
    auto block = context_.run_subquery(bound, 2);
    if (block.rows() > 1)
        throw Exception(ErrorCode::INCORRECT_RESULT_OF_SCALAR_SUBQUERY, "Scalar subquery returned more than one row");
    DataTypes types;
    Tuple values;
    for (const auto & column : bound->header)
    {
        size_t i = types.size();
        if (block.rows() == 0)
        {
            types.push_back(makeNullable(column.type));
            values.push_back(types.back()->isNullable() ? Field(Null{}) : column.type->defaultValue());
        }
        else
        {
            types.push_back(bound->header.size() == 1 && !column.type->isLowCardinality() ? makeNullable(column.type) : column.type);
            values.push_back(block.at(i).column->materialize()->get(0));
        }
    }
    if (types.size() == 1)
        return makeConstant(values[0], types[0]);
    return makeConstant(Field(values), std::make_shared<DataTypeTuple>(types));
}

ExpressionPtr SelectAnalyzer::bindArrayJoinCall(const Expr & expr)
{
    if (expr.args.size() != 1)
        throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH, "arrayJoin needs one argument, got {}", expr.args.size());
    auto array = bind(expr.args[0]);
    if (array->type->id() == TypeId::Map)
        array = makeCast(array, typeAs<DataTypeMap>(*array->type).pairs());
    if (array->type->id() != TypeId::Array)
        throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "Argument of arrayJoin must be an array or map, got {}", array->type->name());
    for (const auto & call : select_->array_join_calls)
        if (call.array->key == array->key)
            return makeColumn(call.id, call.type);
    BoundArrayJoin call{array, fmt::format("arrayjoin{}", select_->array_join_calls.size()), typeAs<DataTypeArray>(*array->type).element()};
    select_->array_join_calls.push_back(call);
    return makeColumn(call.id, call.type);
}

}
