#include "analyzer/Scope.h"

#include "sql/AstPrinter.h"

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

SelectPtr Scope::findWithQuery(const std::string & name) const
{
    for (auto * scope = this; scope; scope = scope->parent)
        if (auto it = scope->with_queries.find(name); it != scope->with_queries.end())
            return it->second;
    return nullptr;
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
