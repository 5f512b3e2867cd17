#include "analyzer/FunctionIn.h"
#include "analyzer/SelectAnalyzer.h"

#include "base/lowerCase.h"
#include "columns/ColumnConst.h"
#include "expressions/Evaluator.h"
#include "expressions/isDeterministic.h"
#include "functions/cast/Cast.h"
#include "functions/FunctionRegistry.h"
#include "functions/callFunction.h"
#include "sql/AstPrinter.h"
#include "sql/Parser.h"
#include "types/DataTypes.h"
#include "types/Serialization.h"
#include "types/prettyTypeName.h"

#include <algorithm>
#include <set>

namespace mangrove
{

namespace
{

/// Some functions of the session are taken in any case: VERSION().
std::string sessionFunctionName(const std::string & name)
{
    static const std::set<std::string_view> any_case{"version", "revision", "user", "query_id", "database", "schema", "current_database",
        "current_user", "session_user"};
    std::string lower = lowerCase(name);
    return any_case.contains(lower) ? lower : name;
}

struct DepthGuard
{
    DepthGuard(size_t & depth, bool counts) : depth_(depth), counts_(counts) { depth_ += counts_; }
    ~DepthGuard() { depth_ -= counts_; }
    DepthGuard(const DepthGuard &) = delete;

    size_t & depth_;
    bool counts_;
};

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
    // The parser bounds the depth of a tree; aliases of aliases make a deeper one of many.
    constexpr size_t depth_max = 4'000;
    const DepthGuard guard(bind_depth_, true);
    if (bind_depth_ > depth_max && !aliases_in_progress_.empty())
        throw Exception(ErrorCode::TOO_DEEP_RECURSION, "Aliases refer to each other too deeply: more than {} expressions inside each other", depth_max);
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
    if (auto constant = tryOuterAlias(name))
        return constant;
    throw Exception(ErrorCode::UNKNOWN_IDENTIFIER, "Unknown expression identifier `{}` in scope of the query, at position {}{}", name,
        expr.range.begin + 1, scope_.sources.size() == 1 && !scope_.sources[0].table.empty() ? fmt::format(" (table {})", scope_.sources[0].table) : "");
}

ExpressionPtr SelectAnalyzer::tryAlias(const std::string & name)
{
    auto it = scope_.aliases.find(name);
    if (it == scope_.aliases.end())
        return nullptr;
    if (aliases_in_progress_.contains(name))
    {
        alias_was_cut_ = alias_was_cut_ || innermost_alias_ != name;
        return nullptr;
    }
    // What an alias means does not depend on the clause, except where aggregates are refused: bind those anew.
    bool cacheable = !no_aggregates_in_ && !inside_aggregate_ && lambda_parameters_.empty();
    if (cacheable)
        if (auto bound = bound_aliases_.find(name); bound != bound_aliases_.end())
            return bound->second;
    aliases_in_progress_.insert(name);
    constexpr size_t bindings_max = 10'000; // aliases in a circle are bound anew each time
    if (++alias_bindings_ > bindings_max)
        throw Exception(ErrorCode::CYCLIC_ALIASES, "Cyclic aliases: {} and others are defined through each other in too many ways", name);
    const bool outer_cut = std::exchange(alias_was_cut_, false);
    auto outer_alias = std::exchange(innermost_alias_, name);
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
    innermost_alias_ = std::move(outer_alias);
    // SELECT a AS b, b AS a: what the one is depends on whether it is met inside of the other's definition.
    if (cacheable && !alias_was_cut_)
        bound_aliases_[name] = bound;
    alias_was_cut_ = alias_was_cut_ || outer_cut;
    return bound;
}

/// WITH expressions of the enclosing queries.
ExpressionPtr SelectAnalyzer::tryOuterAlias(const std::string & name)
{
    if (auto bound = outer_aliases_.find(name); bound != outer_aliases_.end())
        return bound->second;
    if (auto expr = scope_.parent ? scope_.parent->closedAlias(name) : nullptr)
        return outer_aliases_[name] = bind(expr);
    // What reads columns means those of this query: WITH a + 1 AS b SELECT … FROM (SELECT b FROM t) is about t.a.
    for (const auto * scope = scope_.parent; scope; scope = scope->parent)
        if (auto it = scope->with_expressions.find(name); it != scope->with_expressions.end())
        {
            if (!aliases_in_progress_.insert(name).second)
                return nullptr;
            auto definition = clone(it->second);
            definition->alias.clear();
            auto bound = bind(definition);
            aliases_in_progress_.erase(name);
            return bound;
        }
    return nullptr;
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
    if (auto it = context_.session_functions.find(sessionFunctionName(expr.name)); it != context_.session_functions.end() && expr.args.empty())
        return makeConstant(it->second.first, it->second.second);
    if (context_.find_setting && (expr.name == "getSetting" || expr.name == "getSettingOrDefault"))
        return bindGetSetting(expr);
    static const std::set<std::string_view> in_names{"in", "notIn", "globalIn", "globalNotIn", "nullIn", "notNullIn"};
    if (in_names.contains(expr.name) && expr.args.size() == 2)
        return bindIn(expr);
    if (strcasecmp(expr.name.c_str(), "exists") == 0 && expr.args.size() == 1 && expr.args[0]->kind == ExprKind::Subquery)
    {
        auto rows = context_.run_subquery(analyzeSubquery(expr.args[0]->subquery), 1);
        return makeConstant(Field(uint64_t(rows.rows() > 0)), makeType(TypeId::UInt8));
    }
    if (expr.name == "arrayJoin" || lowerCase(expr.name) == "unnest")
        return bindArrayJoinCall(expr);
    if (expr.name == "caseWithExpression" || expr.name == "caseWithExpr")
        return bindCase(expr);
    if (expr.window)
        return bindWindow(expr);
    if (registry.isAggregate(expr.name) || (expr.name == "countDistinct"))
        return bindAggregate(expr);

    if (auto lambda = findLambda(expr.name))
        return bindLambdaCall(expr, *lambda);
    auto function = registry.get(expr.name);
    if (function->isHigherOrder() && !expr.args.empty())
    {
        const auto & first = expr.args[0];
        auto lambda = first->kind == ExprKind::Lambda ? first : first->isIdentifier() ? findLambda(first->fullName()) : nullptr;
        if (lambda)
            return bindHigherOrder(expr, function, *lambda);
    }
    Expressions arguments;
    for (const auto & argument : expr.args)
    {
        if (argument->kind == ExprKind::Asterisk || argument->kind == ExprKind::ColumnsMatcher)
            for (auto & column : expandAsterisk(*argument))
                arguments.push_back(column.expression);
        else
        {
            DepthGuard branch(branch_depth_, isBranching(expr.name) && !arguments.empty());
            arguments.push_back(bind(argument));
        }
    }
    // now(), today()… have one value for the whole query.
    static const std::set<std::string> once_per_query{"now", "now64", "today", "yesterday", "curdate", "nowInBlock"};
    if (expr.name == "toTypeName" && arguments.size() == 1)
        return makeConstant(Field(prettyTypeName(*arguments[0]->type)), makeType(TypeId::String));
    auto call = foldUnlessInBranch(function, arguments);
    if (std::set<std::string> columns; isBranching(expr.name) && !call->isConstant() && branch_depth_ == 0)
        if (collectColumns(call, columns); columns.empty() && isDeterministic(call))
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

/// WITH x -> x + 1 AS f: of this or an enclosing query; null if there is none.
ExprPtr SelectAnalyzer::findLambda(const std::string & name) const
{
    for (const auto * scope = &scope_; scope; scope = scope->parent)
        if (auto it = scope->aliases.find(name); it != scope->aliases.end())
            return it->second->kind == ExprKind::Lambda ? it->second : nullptr;
    return nullptr;
}

/// f(2): the body of the lambda, with the arguments in place of its parameters.
ExpressionPtr SelectAnalyzer::bindLambdaCall(const Expr & expr, const Expr & lambda)
{
    if (expr.args.size() != lambda.parts.size())
        throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH, "The lambda {} has {} arguments, it is called with {}", expr.name,
            lambda.parts.size(), expr.args.size());
    std::unordered_map<std::string, ExpressionPtr> parameters;
    for (size_t i = 0; i < expr.args.size(); ++i)
        parameters[lambda.parts[i]] = bind(expr.args[i]);
    constexpr size_t nested_max = 100; // a lambda may call itself
    if (lambda_parameters_.size() >= nested_max)
        throw Exception(ErrorCode::TOO_DEEP_RECURSION, "Calls of lambdas are nested too deeply: {} calls {}", expr.name, formatAst(lambda));
    lambda_parameters_.push_back(std::move(parameters));
    auto result = bind(lambda.args[0]);
    lambda_parameters_.pop_back();
    return result;
}

ExpressionPtr SelectAnalyzer::bindHigherOrder(const Expr & expr, const FunctionPtr & function, const Expr & lambda)
{
    Expressions others;
    DataTypes other_types;
    for (size_t i = 1; i < expr.args.size(); ++i)
    {
        others.push_back(bind(expr.args[i]));
        other_types.push_back(others.back()->type);
    }
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
    if (bound->header.size() == 1)
    {
        const auto & type = bound->header[0].type;
        const auto nullable = type->isLowCardinality() ? type : makeNullable(type);
        if (block.rows())
            return makeConstant(block.at(0).column->materialize()->get(0), nullable);
        if (type->id() == TypeId::Tuple)
            throw Exception(ErrorCode::NOT_IMPLEMENTED, "Scalar subquery returned empty result of type {}: Nullable(Tuple) is not supported", type->name());
        if (!nullable->isNullable())
            throw Exception(ErrorCode::INCORRECT_RESULT_OF_SCALAR_SUBQUERY, "Scalar subquery returned empty result of type {} which cannot be Nullable", type->name());
        return makeConstant(Field(Null{}), nullable);
    }
    // Several columns: a tuple of their names, those which repeat with a number behind them.
    DataTypes types;
    std::vector<std::string> names;
    std::set<std::string> seen;
    Tuple values;
    size_t repeated = 0;
    for (const auto & column : bound->header)
    {
        names.push_back(seen.insert(column.name).second ? column.name : fmt::format("{}_{}", column.name, ++repeated));
        if (block.rows())
            values.push_back(block.at(types.size()).column->materialize()->get(0));
        types.push_back(block.rows() ? column.type : makeNullable(column.type));
        if (!block.rows())
            values.push_back(types.back()->isNullable() ? Field(Null{}) : column.type->defaultValue());
    }
    return makeConstant(Field(values), std::make_shared<DataTypeTuple>(types, names));
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
