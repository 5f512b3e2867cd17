#include "sql/AstFormatter.h"

#include "sql/Keywords.h"

#include <algorithm>

namespace mangrove
{

namespace
{

struct OperatorText
{
    std::string_view function;
    std::string_view text;
};

constexpr OperatorText binary_operators[] = {
    {"plus", " + "}, {"minus", " - "}, {"multiply", " * "}, {"divide", " / "}, {"modulo", " % "}, {"equals", " = "},
    {"notEquals", " != "}, {"less", " < "}, {"greater", " > "}, {"lessOrEquals", " <= "}, {"greaterOrEquals", " >= "},
    {"isNotDistinctFrom", " <=> "}, {"like", " LIKE "}, {"ilike", " ILIKE "}, {"notLike", " NOT LIKE "},
    {"notILike", " NOT ILIKE "}, {"match", " REGEXP "}, {"in", " IN "}, {"notIn", " NOT IN "},
    {"globalIn", " GLOBAL IN "}, {"globalNotIn", " GLOBAL NOT IN "}, {"and", " AND "}, {"or", " OR "},
};

std::string_view binaryOperator(std::string_view function)
{
    for (const OperatorText & op : binary_operators)
        if (op.function == function)
            return op.text;
    return {};
}

bool isIn(const Expr & expr)
{
    return expr.name == "in" || expr.name == "notIn" || expr.name == "globalIn" || expr.name == "globalNotIn";
}

bool isPlainCall(const Expr & expr)
{
    return expr.parameters.empty() && !expr.has_parameters && !expr.distinct && !expr.filter && !expr.window
        && !expr.ignore_nulls
        && !expr.respect_nulls;
}

/// Does it print as an operator, so that it needs brackets as an operand?
bool printsAsOperator(const Expr & expr)
{
    if (expr.kind == ExprKind::Lambda)
        return true;
    if (expr.kind != ExprKind::Function || !isPlainCall(expr))
        return false;
    size_t args = expr.args.size();
    if (expr.name == "not")
        return args == 1;
    if (!expr.is_operator)
        return false;
    if (expr.name == "negate" || expr.name == "isNull" || expr.name == "isNotNull")
        return args == 1;
    if (expr.name == "arrayElement")
        return args == 2;
    if (expr.name == "tupleElement")
        return args == 2 && expr.args[1]->isLiteral() && expr.args[1]->value.asUInt64() && expr.args[1]->alias.empty();
    bool flat = expr.name == "and" || expr.name == "or";
    return !binaryOperator(expr.name).empty() && (flat ? args >= 2 : args == 2);
}

/// Words after which the parser expects a special form rather than a list of arguments.
bool isSpecialCall(std::string_view name)
{
    static constexpr std::string_view words[] = {
        "CAST", "SUBSTRING", "SUBSTR", "MID", "TRIM", "LTRIM", "RTRIM", "POSITION", "DATE_ADD", "DATEADD",
        "TIMESTAMP_ADD", "TIMESTAMPADD", "DATE_SUB", "DATESUB", "TIMESTAMP_SUB", "TIMESTAMPSUB", "DATE_DIFF",
        "DATEDIFF", "TIMESTAMP_DIFF", "TIMESTAMPDIFF", "COLUMNS", "CASE", "NOT", "INTERVAL", "DISTINCT",
    };
    for (std::string_view word : words)
        if (equalsIgnoreCase(name, word))
            return true;
    return false;
}

bool isReadAsCall(const Expr & expr)
{
    if (!isPlainCall(expr))
        return false;
    if (expr.name == "CAST")
        return expr.args.size() == 2;
    bool subquery = !expr.args.empty() && expr.args[0]->isFunction("in");
    return (expr.name == "substring" || expr.name == "position" || expr.name == "dateDiff") && !expr.args.empty()
        && !subquery;
}

std::string functionName(const Expr & expr)
{
    const std::string & name = expr.name;
    std::string quoted = quoteIdentifierIfNeeded(name);
    bool plain_word = quoted == name || (!name.empty() && quoted.size() == name.size() + 2
        && mustQuoteIdentifier(name));
    if (!plain_word || (isSpecialCall(name) && !isReadAsCall(expr)))
        return quoteIdentifier(name);
    bool function_word = equalsIgnoreCase(name, "and") || equalsIgnoreCase(name, "or") || equalsIgnoreCase(name, "in")
        || equalsIgnoreCase(name, "like") || equalsIgnoreCase(name, "ilike");
    return isReservedInExpression(name) && !function_word ? quoteIdentifier(name) : name;
}

}

void AstFormatter::exprList(const ExprList & list, Place place)
{
    for (size_t i = 0; i < list.size(); ++i)
    {
        if (i)
            add(", ");
        expr(*list[i], place);
    }
}

void AstFormatter::expr(const Expr & expr, Place place)
{
    bool as_operator = printsAsOperator(expr);
    bool brackets = (!expr.alias.empty() && place != Place::List) || (as_operator && place == Place::Operand);
    if (brackets)
        add("(");
    switch (expr.kind)
    {
        case ExprKind::Literal: add(toSql(expr.value)); break;
        case ExprKind::Identifier:
            for (size_t i = 0; i < expr.parts.size(); ++i)
            {
                if (i)
                    add(".");
                name(expr.parts[i]);
            }
            break;
        case ExprKind::Function:
        {
            bool printed = false;
            operation(expr, printed);
            if (!printed)
                call(expr);
            break;
        }
        case ExprKind::Lambda:
            if (expr.parts.size() != 1)
                add("(");
            for (size_t i = 0; i < expr.parts.size(); ++i)
            {
                if (i)
                    add(", ");
                name(expr.parts[i]);
            }
            add(expr.parts.size() != 1 ? ") -> " : " -> ");
            this->expr(*expr.args[0], Place::Operand);
            break;
        case ExprKind::Asterisk:
        case ExprKind::ColumnsMatcher:
            for (const std::string & part : expr.parts)
            {
                name(part);
                add(".");
            }
            if (expr.kind == ExprKind::Asterisk)
                add("*");
            else
            {
                add("COLUMNS(");
                if (expr.args.empty())
                    add(toSql(expr.value));
                else
                    exprList(expr.args);
                add(")");
            }
            transformers(expr);
            break;
        case ExprKind::Subquery: subqueryInBrackets(*expr.subquery); break;
        case ExprKind::QueryParameter:
            add("{");
            name(expr.name);
            add(":");
            add(expr.type->text);
            add("}");
            break;
    }
    if (!expr.alias.empty())
    {
        add(" AS ");
        name(expr.alias);
    }
    if (brackets)
        add(")");
}

void AstFormatter::operation(const Expr & expr, bool & printed)
{
    printed = true;
    if (isPlainCall(expr) && expr.is_operator && expr.name == "array")
    {
        add("[");
        exprList(expr.args);
        add("]");
        return;
    }
    if (isPlainCall(expr) && expr.is_operator && expr.name == "tuple" && expr.args.size() > 1)
    {
        add("(");
        exprList(expr.args);
        add(")");
        return;
    }
    printed = printsAsOperator(expr);
    if (!printed)
        return;
    if (expr.name == "not")
    {
        add("NOT ");
        this->expr(*expr.args[0], Place::Operand);
    }
    else if (expr.name == "negate")
    {
        /// -(1) is not the literal -1, and --a is a comment.
        bool literal = expr.args[0]->isLiteral() && expr.args[0]->alias.empty();
        add(literal ? "-(" : "-");
        this->expr(*expr.args[0], Place::Operand);
        add(literal ? ")" : "");
    }
    else if (expr.name == "isNull" || expr.name == "isNotNull")
    {
        this->expr(*expr.args[0], Place::Operand);
        add(expr.name == "isNull" ? " IS NULL" : " IS NOT NULL");
    }
    else if (expr.name == "arrayElement")
    {
        this->expr(*expr.args[0], Place::Operand);
        add("[");
        this->expr(*expr.args[1], Place::NoAlias);
        add("]");
    }
    else if (expr.name == "tupleElement")
    {
        /// After these the lexer would read ".1" as a number.
        const Expr & tuple = *expr.args[0];
        bool literal = tuple.isLiteral() && !tuple.value.asTuple();
        bool other = tuple.kind == ExprKind::Asterisk || tuple.kind == ExprKind::QueryParameter;
        bool brackets = tuple.alias.empty() && (literal || other);
        add(brackets ? "(" : "");
        this->expr(tuple, Place::Operand);
        add(brackets ? ")." : ".");
        add(std::to_string(*expr.args[1]->value.asUInt64()));
    }
    else
    {
        for (size_t i = 0; i < expr.args.size(); ++i)
        {
            if (i)
                add(binaryOperator(expr.name));
            bool scalar = i == 1 && isIn(expr) && expr.args[1]->isLiteral() && !expr.args[1]->value.asTuple()
                && expr.args[1]->alias.empty();
            add(scalar ? "(" : "");
            this->expr(*expr.args[i], Place::Operand);
            add(scalar ? ")" : "");
        }
    }
}

void AstFormatter::call(const Expr & expr)
{
    add(functionName(expr));
    if (expr.has_parameters || !expr.parameters.empty())
    {
        add("(");
        exprList(expr.parameters);
        add(")");
    }
    add("(");
    if (expr.distinct)
        add("DISTINCT ");
    exprList(expr.args);
    add(")");
    if (expr.respect_nulls)
        add(" RESPECT NULLS");
    if (expr.ignore_nulls)
        add(" IGNORE NULLS");
    if (expr.filter)
    {
        add(" FILTER (WHERE ");
        this->expr(*expr.filter, Place::NoAlias);
        add(")");
    }
    if (expr.window)
    {
        add(" OVER ");
        if (expr.window->only_name)
            name(expr.window->parent);
        else
            window(*expr.window);
    }
}

void AstFormatter::transformers(const Expr & expr)
{
    for (const ColumnTransformer & transformer : expr.transformers)
    {
        std::string_view strict = transformer.strict ? "STRICT " : "";
        if (transformer.kind == ColumnTransformerKind::Except)
        {
            add(" EXCEPT ");
            add(strict);
            add("(");
            if (transformer.columns.empty())
                add(quoteString(transformer.regexp));
            for (size_t i = 0; i < transformer.columns.size(); ++i)
            {
                if (i)
                    add(", ");
                name(transformer.columns[i]);
            }
            add(")");
        }
        else if (transformer.kind == ColumnTransformerKind::Replace)
        {
            add(" REPLACE ");
            add(strict);
            add("(");
            exprList(transformer.replacements);
            add(")");
        }
        else
        {
            const Expr & function = *transformer.function;
            add(" APPLY(");
            if (function.kind == ExprKind::Function)
            {
                name(function.name);
                if (!function.parameters.empty())
                {
                    add("(");
                    exprList(function.parameters);
                    add(")");
                }
            }
            else
                this->expr(function, Place::NoAlias);
            add(")");
        }
    }
}

void AstFormatter::frameBound(const FrameBound & bound)
{
    if (bound.kind == FrameBoundKind::CurrentRow)
    {
        add("CURRENT ROW");
        return;
    }
    if (bound.offset)
        expr(*bound.offset, Place::NoAlias);
    else
        add("UNBOUNDED");
    bool preceding = bound.kind == FrameBoundKind::Preceding || bound.kind == FrameBoundKind::UnboundedPreceding;
    add(preceding ? " PRECEDING" : " FOLLOWING");
}

void AstFormatter::window(const WindowSpec & window)
{
    add("(");
    std::string_view space;
    if (!window.parent.empty())
    {
        name(window.parent);
        space = " ";
    }
    if (!window.partition_by.empty())
    {
        add(space);
        add("PARTITION BY ");
        exprList(window.partition_by);
        space = " ";
    }
    if (!window.order_by.empty())
    {
        add(space);
        add("ORDER BY ");
        orderBy(window.order_by);
        space = " ";
    }
    if (window.frame != FrameUnit::Default)
    {
        add(space);
        add(window.frame == FrameUnit::Rows ? "ROWS" : window.frame == FrameUnit::Range ? "RANGE" : "GROUPS");
        add(" BETWEEN ");
        frameBound(window.frame_begin);
        add(" AND ");
        frameBound(window.frame_end);
    }
    add(")");
}

void AstFormatter::orderBy(const std::vector<OrderElement> & elements)
{
    for (size_t i = 0; i < elements.size(); ++i)
    {
        const OrderElement & element = elements[i];
        if (i)
            add(", ");
        expr(*element.expr, Place::List);
        add(element.descending ? " DESC" : " ASC");
        if (element.nulls != NullsOrder::Default)
            add(element.nulls == NullsOrder::First ? " NULLS FIRST" : " NULLS LAST");
        if (!element.collation.empty())
            add(" COLLATE " + quoteString(element.collation));
        if (!element.fill)
            continue;
        add(" WITH FILL");
        const std::pair<std::string_view, ExprPtr> parts[] = {
            {" FROM ", element.fill->from}, {" TO ", element.fill->to}, {" STEP ", element.fill->step},
            {" STALENESS ", element.fill->staleness},
        };
        for (const auto & [words, part] : parts)
            if (part)
            {
                add(words);
                expr(*part, Place::NoAlias);
            }
    }
}

}
