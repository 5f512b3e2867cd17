// The names that the columns of a result have: those of its SELECT list, qualified only where it must be.

#include "analyzer/Scope.h"
#include "sql/AstPrinter.h"

#include <algorithm>

namespace mangrove
{

namespace
{

std::string join(const std::vector<std::string> & parts, size_t from, size_t to)
{
    std::string name = parts[from];
    for (size_t i = from + 1; i < to; ++i)
        name += "." + parts[i];
    return name;
}

void shortenIdentifiers(const ExprPtr & expr, const Scope & scope, std::vector<std::string> & lambda_parameters)
{
    if (!expr)
        return;
    if (expr->isIdentifier() && std::ranges::find(lambda_parameters, expr->parts[0]) == lambda_parameters.end())
        expr->parts = scope.shownParts(expr->parts);
    const size_t outer = lambda_parameters.size();
    if (expr->kind == ExprKind::Lambda)
        lambda_parameters.insert(lambda_parameters.end(), expr->parts.begin(), expr->parts.end());
    for (const auto & argument : expr->args)
        shortenIdentifiers(argument, scope, lambda_parameters);
    shortenIdentifiers(expr->filter, scope, lambda_parameters);
    lambda_parameters.resize(outer);
}

}

bool Scope::mustQualify(size_t source, const std::string & column) const
{
    if (aliases.contains(column))
        return true;
    // Of two joined tables the left one's columns keep their names.
    if (sources.size() < 2 || (sources.size() == 2 && source == 0))
        return false;
    for (size_t other = 0; other < sources.size(); ++other)
        if (other != source && sources[other].find(column))
            return true;
    return false;
}

std::vector<std::string> Scope::shownParts(const std::vector<std::string> & parts) const
{
    for (size_t qualifier = 1; qualifier <= 2 && qualifier < parts.size(); ++qualifier)
        for (size_t i = 0; i < sources.size(); ++i)
        {
            if (!sources[i].isCalled({parts.begin(), parts.begin() + qualifier}))
                continue;
            for (size_t used = parts.size(); used > qualifier; --used)
                if (auto column = join(parts, qualifier, used); sources[i].find(column))
                    return {parts.begin() + qualifier - mustQualify(i, column), parts.end()};
        }
    return parts;
}

std::string Scope::shownName(size_t source, const std::string & column) const
{
    const auto & of = sources[source];
    const auto & qualifier = of.alias.empty() ? of.table : of.alias;
    return qualifier.empty() || !mustQualify(source, column) ? column : qualifier + "." + column;
}

std::string Scope::shownName(const ExprPtr & expr) const
{
    if (!expr->alias.empty())
        return expr->alias;
    auto copy = clone(expr);
    std::vector<std::string> lambda_parameters;
    shortenIdentifiers(copy, *this, lambda_parameters);
    return columnName(*copy);
}

}
