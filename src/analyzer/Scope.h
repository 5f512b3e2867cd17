#pragma once
// The names one SELECT can see: its sources' columns, its aliases, WITH queries (its own and its parents'), lambda
// parameters. Used by SelectAnalyzer only.

#include "analyzer/BoundQuery.h"

#include <set>
#include <unordered_map>

namespace mangrove
{

struct ScopeColumn
{
    std::string name;
    std::string id;
    DataTypePtr type;
    TableColumn::Kind kind = TableColumn::Kind::Ordinary;
    std::string alias_expression; /// ALIAS columns
};

struct ScopeSource
{
    std::string alias;    /// "" if none
    std::string database;
    std::string table;
    std::vector<ScopeColumn> columns;

    const ScopeColumn * find(std::string_view name) const;
    bool isCalled(const std::vector<std::string> & qualifier) const; /// {"t"} or {"db", "t"}
};

/// WITH name(a, b) AS (SELECT …)
struct WithQuery
{
    SelectPtr select;
    std::vector<std::string> column_aliases;
};

struct Scope
{
    const Scope * parent = nullptr;
    std::vector<ScopeSource> sources;
    /// Replace the column of that name: ARRAY JOIN results.
    std::unordered_map<std::string, ExpressionPtr> overrides;
    std::unordered_map<std::string, ExprPtr> aliases;
    std::unordered_map<std::string, ExprPtr> with_expressions; /// of the aliases, those of WITH
    std::unordered_map<std::string, WithQuery> with_queries;

    /// Its own or an enclosing query's; null: none. Those in `hidden` are being read: their name in them is a table's.
    const WithQuery * findWithQuery(const std::string & name, const std::set<const SelectNode *> & hidden) const;
    /// Adds WITH of a query.
    void collectWith(const SelectQuery & query);
    /// An alias of this or an enclosing query as an expression that names nothing any more; null if there is none, or it
    /// reads columns: that would be a correlated subquery.
    ExprPtr closedAlias(const std::string & name) const;
    /// Adds the aliases of an expression tree (not those inside subqueries); MULTIPLE_EXPRESSIONS_FOR_ALIAS (179) if
    /// one name stands for two expressions.
    void collectAliases(const ExprPtr & expr);

    // shownNames.cpp
    /// Whether a column of a source is called t.a in the result, not a.
    bool mustQualify(size_t source, const std::string & column) const;
    std::vector<std::string> shownParts(const std::vector<std::string> & parts) const;
    std::string shownName(size_t source, const std::string & column) const;
    std::string shownName(const ExprPtr & expr) const;
};

}
