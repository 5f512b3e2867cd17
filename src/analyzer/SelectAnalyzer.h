#pragma once
// Binds one SELECT (see analyzer/Analyzer.h). The work is split over three files: SelectAnalyzer.cpp (clauses in
// order), FromBinder.cpp (sources and joins), ExpressionBinder.cpp (names, calls, lambdas, subqueries), InBinder.cpp (IN).

#include "analyzer/Analyzer.h"
#include "analyzer/Scope.h"

namespace mangrove
{

/// Numbers that must be unique within one statement.
struct AnalyzerIds
{
    size_t source = 0, set = 0, depth = 0;
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
    ExpressionPtr tryColumn(const std::vector<std::string> & parts);
    ExpressionPtr bindColumn(const ScopeColumn & column);
    ExpressionPtr bindFunction(const Expr & expr);
    ExpressionPtr bindGetSetting(const Expr & expr);
    ExpressionPtr bindAggregate(const Expr & expr);
    AggregateFunctionPtr aggregateOf(const Expr & expr, Expressions & arguments);
    ExpressionPtr bindWindow(const Expr & expr);
    ExpressionPtr bindHigherOrder(const Expr & expr, const FunctionPtr & function);
    ExpressionPtr bindIn(const Expr & expr);
    ExpressionPtr bindCase(const Expr & expr);
    ExpressionPtr foldUnlessInBranch(const FunctionPtr & function, const Expressions & arguments);
    ExpressionPtr bindScalarSubquery(const Expr & expr);
    ExpressionPtr bindArrayJoinCall(const Expr & expr);
    BoundQueryPtr analyzeSubquery(const SelectPtr & select);

    // SelectAnalyzer.cpp
    ExpressionPtr bindFilter(const ExprPtr & expr);
    void bindProjection(const SelectQuery & query);
    void bindGroupBy(const SelectQuery & query);
    std::vector<BoundOrder> bindOrder(const std::vector<OrderElement> & elements, bool positional);
    std::optional<uint64_t> bindLimit(const ExprPtr & expr, const char * clause);
    ExprPtr positional(const ExprPtr & expr) const;
    void rewriteOverAggregation();

    const AnalyzerContext & context_;
    AnalyzerIds & ids_;
    Scope scope_;
    std::shared_ptr<BoundSelect> select_;
    const SelectQuery * query_ = nullptr;

    std::unordered_map<std::string, ExpressionPtr> bound_aliases_;
    std::set<std::string> aliases_in_progress_;
    std::vector<std::unordered_map<std::string, ExpressionPtr>> lambda_parameters_;
    size_t branch_depth_ = 0; /// inside arguments that if and multiIf may not need
    /// Set while binding a clause where aggregate functions cannot stand; names it.
    const char * no_aggregates_in_ = nullptr;
    bool inside_aggregate_ = false;
    bool inside_window_ = false;
};

BoundQueryPtr analyzeNode(const SelectPtr & select, const AnalyzerContext & context, AnalyzerIds & ids, const Scope * parent);
DataTypePtr typeOfLiteral(const Literal & literal);
Field fieldOfLiteral(const Literal & literal);

}
