#pragma once
// Binds one SELECT (see analyzer/Analyzer.h). The work is split over files: SelectAnalyzer.cpp (clauses in order),
// FromBinder.cpp (sources and joins), ExpressionBinder.cpp (names, calls, lambdas, subqueries), AggregateBinder.cpp
// (aggregate and window functions), InBinder.cpp (IN).

#include "analyzer/Analyzer.h"
#include "analyzer/Scope.h"

namespace mangrove
{

/// Numbers that must be unique within one statement.
struct AnalyzerIds
{
    size_t source = 0, set = 0, depth = 0;
    std::set<const SelectNode *> with_in_progress; /// WITH queries that are being analyzed
};

class SelectAnalyzer
{
public:
    SelectAnalyzer(const AnalyzerContext & context, AnalyzerIds & ids, const Scope * parent);

    BoundQueryPtr analyze(const SelectQuery & query);
    /// An expression over columns that are in scope under their own names.
    ExpressionPtr analyzeOver(const ExprPtr & expression, const NamesAndTypes & columns);

private:
    // FromBinder.cpp
    BoundFromPtr bindFrom(const std::vector<FromElement> & elements);
    BoundFromPtr bindTableExpression(const TableExpression & table);
    BoundFromPtr bindSubquerySource(const SelectPtr & subquery, const TableExpression & table);
    BoundFromPtr bindTableSource(TableSourcePtr source, const TableExpression & table);
    BoundFromPtr bindJoin(BoundFromPtr left, const FromElement & element);
    BoundFromPtr bindArrayJoin(BoundFromPtr input, const FromElement & element);
    /// Conditions on one side become keys (condition = 1): a kept row that fails them is kept without a partner.
    void addSideConditions(BoundFrom & join, const std::set<std::string> & left_ids, const std::set<std::string> & right_ids);
    void addJoinCondition(BoundFrom & join, const std::set<std::string> & left_ids, const std::set<std::string> & right_ids, const ExpressionPtr & condition);
    bool isSourceColumn(const std::string & id) const;
    std::vector<NamedExpression> expandAsterisk(const Expr & expr);
    std::vector<NamedExpression> applyTransformers(const Expr & matcher, std::vector<NamedExpression> columns);

    // ExpressionBinder.cpp
    ExpressionPtr bind(const ExprPtr & expr);
    ExpressionPtr bindIdentifier(const Expr & expr);
    ExpressionPtr tryAlias(const std::string & name);
    ExpressionPtr tryOuterAlias(const std::string & name);
    ExpressionPtr tryColumn(const std::vector<std::string> & parts);
    ExpressionPtr bindColumn(const ScopeColumn & column);
    ExpressionPtr bindFunction(const Expr & expr);
    ExpressionPtr bindGetSetting(const Expr & expr);
    ExpressionPtr bindHigherOrder(const Expr & expr, const FunctionPtr & function, const Expr & lambda);
    ExprPtr findLambda(const std::string & name) const;
    ExpressionPtr bindLambdaCall(const Expr & expr, const Expr & lambda);
    ExpressionPtr bindIn(const Expr & expr);
    ExpressionPtr bindCase(const Expr & expr);
    ExpressionPtr foldUnlessInBranch(const FunctionPtr & function, const Expressions & arguments);
    ExpressionPtr bindScalarSubquery(const Expr & expr);
    ExpressionPtr bindArrayJoinCall(const Expr & expr);
    BoundQueryPtr analyzeSubquery(const SelectPtr & select);

    // AggregateBinder.cpp
    ExpressionPtr bindAggregate(const Expr & expr);
    AggregateFunctionPtr aggregateOf(const Expr & expr, Expressions & arguments);
    ExpressionPtr bindWindow(const Expr & expr);

    // SelectAnalyzer.cpp
    ExpressionPtr bindFilter(const ExprPtr & expr);
    void bindProjection(const SelectQuery & query);
    void bindGroupBy(const SelectQuery & query);
    std::vector<BoundOrder> bindOrder(const std::vector<OrderElement> & elements, bool positional);
    std::optional<uint64_t> bindLimit(const ExprPtr & expr, const char * clause);
    ExpressionPtr bindPositional(const ExprPtr & expr);
    /// Or window functions: what exists only after GROUP BY.
    bool readsAggregates(const ExpressionPtr & expression) const;
    void rewriteOverAggregation();

    const AnalyzerContext & context_;
    AnalyzerIds & ids_;
    Scope scope_;
    std::shared_ptr<BoundSelect> select_;
    const SelectQuery * query_ = nullptr;

    std::unordered_map<std::string, ExpressionPtr> bound_aliases_, outer_aliases_;
    std::set<std::string> aliases_in_progress_;
    std::string innermost_alias_; /// of these
    bool alias_was_cut_ = false;  /// while it was bound, one of the others meant a column for being in progress
    size_t alias_bindings_ = 0;
    std::vector<std::unordered_map<std::string, ExpressionPtr>> lambda_parameters_;
    size_t bind_depth_ = 0;
    size_t branch_depth_ = 0; /// inside arguments that if and multiIf may not need
    /// Set while binding a clause where aggregate functions cannot stand; names it.
    const char * no_aggregates_in_ = nullptr;
    bool inside_aggregate_ = false;
    bool inside_window_ = false;
};

BoundQueryPtr analyzeNode(const SelectPtr & select, const AnalyzerContext & context, AnalyzerIds & ids, const Scope * parent);
bool isWindowFunction(std::string_view name);
DataTypePtr typeOfLiteral(const Literal & literal);
Field fieldOfLiteral(const Literal & literal);

}
