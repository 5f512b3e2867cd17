#include "sql/AstPrinter.h"

#include <algorithm>

namespace mangrove
{

namespace
{

std::string nameOf(const Expr & expr);

std::string joinNames(const ExprList & list)
{
    std::string out;
    for (size_t i = 0; i < list.size(); ++i)
        out += (i ? ", " : "") + nameOf(*list[i]);
    return out;
}

/// [1, 2.5] is an array of floats and is named as one: [1., 2.5].
std::string literalName(const Literal & literal, bool as_float = false)
{
    auto join = [](const std::vector<Literal> & elements, bool floats)
    {
        std::string out;
        for (size_t i = 0; i < elements.size(); ++i)
            out += (i ? ", " : "") + literalName(elements[i], floats);
        return out;
    };
    if (const LiteralArray * array = literal.asArray())
    {
        bool floats = std::any_of(array->elements.begin(), array->elements.end(),
            [](const Literal & l) { return l.asFloat64() != nullptr; });
        return "[" + join(array->elements, floats) + "]";
    }
    if (const LiteralTuple * tuple = literal.asTuple())
        return "(" + join(tuple->elements, false) + ")";
    if (as_float && literal.asUInt64())
        return toSql(Literal{static_cast<double>(*literal.asUInt64())});
    if (as_float && literal.asInt64())
        return toSql(Literal{static_cast<double>(*literal.asInt64())});
    return toSql(literal);
}

std::string callName(const Expr & expr)
{
    if (expr.name == "tuple" && expr.parameters.empty())
        return "(" + joinNames(expr.args) + ")";
    if (expr.name == "array" && expr.parameters.empty())
        return "[" + joinNames(expr.args) + "]";
    /// The combinators that the syntax stands for.
    std::string name = expr.name;
    if (expr.distinct)
        name += "Distinct";
    if (expr.filter)
        name += "If";
    std::string out = name;
    if (!expr.parameters.empty())
        out += "(" + joinNames(expr.parameters) + ")";
    bool only_asterisk = expr.args.size() == 1 && expr.args[0]->kind == ExprKind::Asterisk
        && expr.args[0]->parts.empty();
    std::string args = only_asterisk ? "" : joinNames(expr.args);
    if (expr.filter)
        args += (args.empty() ? "" : ", ") + nameOf(*expr.filter);
    out += "(" + args + ")";
    if (expr.window)
    {
        Expr window_only;
        window_only.kind = ExprKind::Function;
        window_only.name = "f";
        window_only.window = expr.window;
        out += formatAst(window_only).substr(3);    /// after "f()"
    }
    return out;
}

std::string nameOf(const Expr & expr)
{
    if (!expr.alias.empty())
        return expr.alias;
    switch (expr.kind)
    {
        case ExprKind::Literal: return literalName(expr.value);
        case ExprKind::Identifier: return expr.fullName();
        case ExprKind::Function: return callName(expr);
        case ExprKind::Lambda:
        {
            std::string parameters;
            for (size_t i = 0; i < expr.parts.size(); ++i)
                parameters += (i ? ", " : "") + expr.parts[i];
            return "lambda(tuple(" + parameters + "), " + nameOf(*expr.args[0]) + ")";
        }
        case ExprKind::Asterisk:
        case ExprKind::ColumnsMatcher:
        case ExprKind::Subquery:
        case ExprKind::QueryParameter: return formatAst(expr);
    }
    return {};
}

}

std::string columnName(const Expr & expr)
{
    return nameOf(expr);
}

}
