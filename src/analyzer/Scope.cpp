#include "analyzer/Scope.h"

#include "functions/FunctionRegistry.h"
#include "sql/AstPrinter.h"

#include <algorithm>

namespace mangrove
{

const ScopeColumn * ScopeSource::find(std::string_view name) const
{
    for (const auto & column : columns)
        if (column.name == name)
            return &column;
    return nullptr;
}

bool ScopeSource::isCalled(const std::vector<std::string> & qualifier) const
{
    if (qualifier.size() == 1)
        return !qualifier[0].empty() && (alias == qualifier[0] || (alias.empty() && table == qualifier[0]) || table == qualifier[0]);
    return qualifier.size() == 2 && database == qualifier[0] && table == qualifier[1];
}

const WithQuery * Scope::findWithQuery(const std::string & name, const std::set<const SelectNode *> & hidden) const
{
    for (auto * scope = this; scope; scope = scope->parent)
        if (auto it = scope->with_queries.find(name); it != scope->with_queries.end() && !hidden.contains(it->second.select.get()))
            return &it->second;
    return nullptr;
}

void Scope::collectWith(const SelectQuery & query)
{
    for (const auto & element : query.with)
    {
        if (element.subquery)
        {
            with_queries[element.name] = {element.subquery, element.column_aliases};
            continue;
        }
        auto [known, inserted] = aliases.emplace(element.name, element.expr);
        if (!inserted && formatAst(*known->second) != formatAst(*element.expr))
            throw Exception(ErrorCode::MULTIPLE_EXPRESSIONS_FOR_ALIAS, "Different expressions with the same alias {}: {} and {}", element.name,
                formatAst(*known->second), formatAst(*element.expr));
        with_expressions.emplace(element.name, element.expr);
        for (const auto & argument : element.expr->args)
            collectAliases(argument);
    }
}

namespace
{

/// Aliases of aliases may be cycles, and grow twofold each.
constexpr size_t closed_depth_max = 1000, closed_nodes_max = 100'000;

ExprPtr closed(const ExprPtr & expr, const Scope & scope, std::vector<std::string> & lambda_parameters, size_t depth, size_t & nodes);

ExprPtr closedName(const std::string & name, const Scope & scope, size_t depth, size_t & nodes)
{
    for (auto * holder = &scope; holder; holder = holder->parent)
        if (auto it = holder->aliases.find(name); it != holder->aliases.end())
        {
            std::vector<std::string> no_parameters;
            return closed(it->second, *holder, no_parameters, depth, nodes);
        }
    return nullptr;
}

/// A copy with the definitions in place of the names; null where that cannot be.
ExprPtr closed(const ExprPtr & expr, const Scope & scope, std::vector<std::string> & lambda_parameters, size_t depth, size_t & nodes)
{
    if (depth > closed_depth_max || ++nodes > closed_nodes_max)
        return nullptr;
    const bool is_call = expr->kind == ExprKind::Function || expr->kind == ExprKind::Lambda;
    if (expr->isIdentifier() && std::ranges::find(lambda_parameters, expr->parts[0]) == lambda_parameters.end())
        return closedName(expr->fullName(), scope, depth + 1, nodes);
    if (expr->kind == ExprKind::Asterisk || expr->kind == ExprKind::ColumnsMatcher || expr->window || expr->filter
        || (expr->kind == ExprKind::Function && (FunctionRegistry::instance().isAggregate(expr->name) || expr->name == "arrayJoin")))
        return nullptr; // of rows
    if (!is_call)
    {
        auto copy = clone(expr);
        copy->alias.clear();
        return copy;
    }
    auto copy = std::make_shared<Expr>(*expr); // what it shares with the original is not changed
    copy->alias.clear();
    const size_t outer = lambda_parameters.size();
    if (expr->kind == ExprKind::Lambda)
        lambda_parameters.insert(lambda_parameters.end(), expr->parts.begin(), expr->parts.end());
    for (size_t i = 0; i < expr->args.size(); ++i)
        if (copy->args[i] = closed(expr->args[i], scope, lambda_parameters, depth + 1, nodes); !copy->args[i])
            return nullptr;
    lambda_parameters.resize(outer);
    return copy;
}

}

ExprPtr Scope::closedAlias(const std::string & name) const
{
    size_t nodes = 0;
    return closedName(name, *this, 0, nodes);
}

void Scope::collectAliases(const ExprPtr & expr)
{
    if (!expr)
        return;
    if (!expr->alias.empty())
    {
        auto [it, inserted] = aliases.emplace(expr->alias, expr);
        if (!inserted && it->second != expr)
        {
            auto strip = [](const ExprPtr & e)
            {
                auto copy = clone(e);
                copy->alias.clear();
                return formatAst(*copy);
            };
            // SELECT x AS x, and the same expression twice, are harmless.
            if (strip(it->second) != strip(expr))
                throw Exception(ErrorCode::MULTIPLE_EXPRESSIONS_FOR_ALIAS, "Different expressions with the same alias {}: {} and {}",
                    expr->alias, strip(it->second), strip(expr));
        }
    }
    for (const auto & argument : expr->args)
        collectAliases(argument);
    for (const auto & transformer : expr->transformers)
        for (const auto & replacement : transformer.replacements)
            for (const auto & argument : replacement->args)
                collectAliases(argument);
    collectAliases(expr->filter);
}

}
