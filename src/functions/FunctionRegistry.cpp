#include "functions/FunctionRegistry.h"

#include "base/editDistance.h"
#include "base/lowerCase.h"
#include "functions/aggregates/Combinators.h"
#include "functions/registerFunctions.h"

#include <algorithm>
#include <map>

namespace mangrove
{

struct FunctionRegistry::Tables
{
    template <typename M>
    struct Entry
    {
        M maker;
        FunctionDescription description;
    };
    std::map<std::string, Entry<Maker>, std::less<>> scalar;
    std::map<std::string, Entry<AggregateMaker>, std::less<>> aggregate;
    std::map<std::string, std::string, std::less<>> folded; /// lower-case spelling → name
    std::map<std::string, FunctionDescription, std::less<>> aliases;

    /// The registered name for what the query says: itself, an alias, or another case of a case-insensitive name.
    std::string canonical(std::string_view name) const
    {
        std::string found(name);
        if (!scalar.contains(name) && !aggregate.contains(name) && !aliases.contains(name))
            if (auto it = folded.find(lowerCase(name)); it != folded.end())
                found = it->second;
        if (auto it = aliases.find(found); it != aliases.end())
            found = it->second.alias_to;
        return found;
    }

    std::string similar(std::string_view name) const
    {
        std::string wanted = lowerCase(name);
        std::string best;
        size_t best_distance = std::min<size_t>(3, wanted.size() / 2 + 1);
        auto consider = [&](const std::string & candidate)
        {
            size_t distance = editDistance(wanted, lowerCase(candidate));
            if (distance < best_distance)
            {
                best_distance = distance;
                best = candidate;
            }
        };
        if (wanted.size() > 64)
            return "";
        for (const auto & [candidate, entry] : scalar)
            consider(candidate);
        for (const auto & [candidate, entry] : aggregate)
            consider(candidate);
        return best.empty() ? "" : ". Maybe you meant: ['" + best + "']";
    }
};

FunctionRegistry::FunctionRegistry() : tables_(std::make_shared<Tables>())
{
    registerFunctions(*this);
}

const FunctionRegistry & FunctionRegistry::instance()
{
    static const FunctionRegistry registry;
    return registry;
}

FunctionPtr FunctionRegistry::tryGet(std::string_view name) const
{
    auto it = tables_->scalar.find(tables_->canonical(name));
    return it == tables_->scalar.end() ? nullptr : it->second.maker();
}

FunctionPtr FunctionRegistry::get(std::string_view name) const
{
    if (FunctionPtr function = tryGet(name))
        return function;
    throw Exception(ErrorCode::UNKNOWN_FUNCTION, "Function with name `{}` does not exist{}", name,
        tables_->similar(name));
}

bool FunctionRegistry::isAggregate(std::string_view name) const
{
    std::string base = tables_->canonical(name);
    while (!tables_->aggregate.contains(base))
    {
        std::string_view suffix = combinatorSuffix(base);
        if (suffix.empty())
            return false;
        base = tables_->canonical(std::string_view(base).substr(0, base.size() - suffix.size()));
    }
    return true;
}

AggregateFunctionPtr FunctionRegistry::getAggregate(
    std::string_view name, const std::vector<Field> & parameters, const DataTypes & arguments) const
{
    std::string found = tables_->canonical(name);
    if (auto it = tables_->aggregate.find(found); it != tables_->aggregate.end())
        return makeNullAware(found, parameters, arguments, it->second.maker);
    if (isAggregate(name))
    {
        std::string_view suffix = combinatorSuffix(found);
        return makeCombinator(*this, std::string_view(found).substr(0, found.size() - suffix.size()), suffix,
            parameters, arguments);
    }
    throw Exception(
        ErrorCode::UNKNOWN_AGGREGATE_FUNCTION, "Aggregate function with name `{}` does not exist{}", name,
            tables_->similar(name));
}

std::vector<FunctionDescription> FunctionRegistry::list() const
{
    std::vector<FunctionDescription> result;
    for (const auto & [name, entry] : tables_->scalar)
        result.push_back(entry.description);
    for (const auto & [name, entry] : tables_->aggregate)
        result.push_back(entry.description);
    for (const auto & [name, description] : tables_->aliases)
        result.push_back(description);
    return result;
}

void FunctionRegistry::add(std::string name, Maker maker, bool case_insensitive)
{
    if (case_insensitive)
        tables_->folded[lowerCase(name)] = name;
    FunctionDescription description{name, false, case_insensitive, ""};
    bool added = tables_->scalar.emplace(std::move(name),
        Tables::Entry<Maker>{std::move(maker), std::move(description)}).second;
    CHECK(added, "function registered twice");
}

void FunctionRegistry::addAggregate(std::string name, AggregateMaker maker, bool case_insensitive)
{
    if (case_insensitive)
        tables_->folded[lowerCase(name)] = name;
    FunctionDescription description{name, true, case_insensitive, ""};
    bool added
        = tables_->aggregate.emplace(std::move(name),
            Tables::Entry<AggregateMaker>{std::move(maker), std::move(description)}).second;
    CHECK(added, "aggregate function registered twice");
}

void FunctionRegistry::addAlias(std::string alias, std::string name, bool case_insensitive)
{
    if (case_insensitive)
        tables_->folded[lowerCase(alias)] = alias;
    FunctionDescription description{alias, tables_->aggregate.contains(name), case_insensitive, std::move(name)};
    bool added = tables_->aliases.emplace(std::move(alias), std::move(description)).second;
    CHECK(added, "alias registered twice");
}

}
