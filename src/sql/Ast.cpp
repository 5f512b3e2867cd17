#include "sql/Ast.h"

#include <algorithm>

namespace mangrove
{

namespace
{

void visitOne(ExprPtr & expr, const ExprVisitor & visit)
{
    if (expr)
        visit(expr);
}

void visitList(ExprList & list, const ExprVisitor & visit)
{
    for (ExprPtr & expr : list)
        visitOne(expr, visit);
}

void visitOrder(std::vector<OrderElement> & order_by, const ExprVisitor & visit)
{
    for (OrderElement & element : order_by)
    {
        visitOne(element.expr, visit);
        if (element.fill)
            for (ExprPtr * part : {&element.fill->from, &element.fill->to, &element.fill->step,
                &element.fill->staleness})
                visitOne(*part, visit);
    }
}

void visitWindow(WindowSpec & window, const ExprVisitor & visit)
{
    visitList(window.partition_by, visit);
    visitOrder(window.order_by, visit);
    visitOne(window.frame_begin.offset, visit);
    visitOne(window.frame_end.offset, visit);
}

size_t elementCount(const SelectNode & node)
{
    size_t count = 1;
    for (const SelectPtr & input : node.inputs)
        count += elementCount(*input);
    if (!node.select)
        return count;
    forEachExpr(*node.select, [&](ExprPtr & expr) { count += elementCount(*expr); });
    for (const WithElement & with : node.select->with)
        if (with.subquery)
            count += elementCount(*with.subquery);
    for (const FromElement & from : node.select->from)
        if (from.table.subquery)
            count += elementCount(*from.table.subquery);
    return count;
}

}

std::string Expr::fullName() const
{
    std::string result;
    for (const std::string & part : parts)
    {
        if (!result.empty())
            result += '.';
        result += part;
    }
    return result;
}

ExprPtr makeLiteral(Literal value, SourceRange range)
{
    auto expr = std::make_shared<Expr>();
    expr->kind = ExprKind::Literal;
    expr->value = std::move(value);
    expr->range = range;
    return expr;
}

ExprPtr makeIdentifier(std::vector<std::string> parts, SourceRange range)
{
    auto expr = std::make_shared<Expr>();
    expr->kind = ExprKind::Identifier;
    expr->parts = std::move(parts);
    expr->range = range;
    return expr;
}

ExprPtr makeFunction(std::string name, ExprList args, SourceRange range)
{
    auto expr = std::make_shared<Expr>();
    expr->kind = ExprKind::Function;
    expr->name = std::move(name);
    expr->args = std::move(args);
    expr->range = range;
    expr->depth = depthFromChildren(*expr);
    return expr;
}

void forEachChild(Expr & expr, const ExprVisitor & visit)
{
    visitList(expr.args, visit);
    visitList(expr.parameters, visit);
    visitOne(expr.filter, visit);
    if (expr.window)
        visitWindow(*expr.window, visit);
    for (ColumnTransformer & transformer : expr.transformers)
    {
        visitList(transformer.replacements, visit);
        visitOne(transformer.function, visit);
    }
}

void forEachExpr(SelectQuery & select, const ExprVisitor & visit)
{
    for (WithElement & with : select.with)
        visitOne(with.expr, visit);
    visitList(select.distinct_on, visit);
    visitList(select.columns, visit);
    for (FromElement & from : select.from)
    {
        visitOne(from.table.function, visit);
        visitOne(from.join.on, visit);
        visitList(from.join.using_columns, visit);
        visitList(from.array_join, visit);
    }
    visitOne(select.prewhere, visit);
    visitOne(select.where, visit);
    visitList(select.group_by, visit);
    for (ExprList & set : select.grouping_sets)
        visitList(set, visit);
    visitOne(select.having, visit);
    for (NamedWindow & window : select.windows)
        visitWindow(window.spec, visit);
    visitOne(select.qualify, visit);
    visitOrder(select.order_by, visit);
    visitList(select.interpolate, visit);
    if (select.limit_by)
    {
        visitOne(select.limit_by->limit, visit);
        visitOne(select.limit_by->offset, visit);
        visitList(select.limit_by->columns, visit);
    }
    visitOne(select.limit, visit);
    visitOne(select.offset, visit);
}

uint32_t depthFromChildren(const Expr & expr)
{
    uint32_t depth = expr.subquery ? expr.subquery->depth : 0;
    for (const ExprPtr & arg : expr.args)
        depth = std::max(depth, arg->depth);
    /// The rest is rare; forEachChild does not change the tree.
    if (!expr.parameters.empty() || expr.filter || expr.window || !expr.transformers.empty())
        forEachChild(const_cast<Expr &>(expr), [&](ExprPtr & child) { depth = std::max(depth, child->depth); });
    return depth + 1;
}

size_t elementCount(const Expr & expr)
{
    size_t count = 1;
    forEachChild(const_cast<Expr &>(expr), [&](ExprPtr & child) { count += elementCount(*child); });
    if (expr.subquery)
        count += elementCount(*expr.subquery);
    return count;
}

ExprPtr clone(const ExprPtr & expr)
{
    if (!expr)
        return nullptr;
    auto result = std::make_shared<Expr>(*expr);
    if (result->window)
        result->window = std::make_shared<WindowSpec>(*result->window);
    forEachChild(*result, [](ExprPtr & child) { child = clone(child); });
    result->subquery = clone(result->subquery);
    return result;
}

SelectPtr clone(const SelectPtr & select)
{
    if (!select)
        return nullptr;
    auto result = std::make_shared<SelectNode>(*select);
    for (SelectPtr & input : result->inputs)
        input = clone(input);
    if (!result->select)
        return result;
    result->select = std::make_shared<SelectQuery>(*result->select);
    forEachExpr(*result->select, [](ExprPtr & expr) { expr = clone(expr); });
    for (WithElement & with : result->select->with)
        with.subquery = clone(with.subquery);
    for (FromElement & from : result->select->from)
        from.table.subquery = clone(from.table.subquery);
    return result;
}

}
