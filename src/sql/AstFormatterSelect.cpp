#include "sql/AstFormatter.h"

namespace mangrove
{

namespace
{

std::string_view operationText(SetOperation operation)
{
    switch (operation)
    {
        case SetOperation::None: return "";
        case SetOperation::UnionAll: return "UNION ALL";
        case SetOperation::UnionDistinct: return "UNION DISTINCT";
        case SetOperation::UnionDefault: return "UNION";
        case SetOperation::Intersect: return "INTERSECT";
        case SetOperation::IntersectDistinct: return "INTERSECT DISTINCT";
        case SetOperation::Except: return "EXCEPT";
        case SetOperation::ExceptDistinct: return "EXCEPT DISTINCT";
    }
    return "";
}

}

void AstFormatter::separator()
{
    if (!pretty_)
    {
        add(" ");
        return;
    }
    add("\n");
    out_.append(static_cast<size_t>(indent_) * 4, ' ');
}

void AstFormatter::newLineIfPretty()
{
    if (pretty_)
        separator();
}

void AstFormatter::subqueryInBrackets(const SelectNode & node)
{
    add("(");
    ++indent_;
    newLineIfPretty();
    select(node);
    --indent_;
    newLineIfPretty();
    add(")");
}

void AstFormatter::select(const SelectNode & node)
{
    if (node.operation == SetOperation::None)
    {
        selectQuery(*node.select);
        return;
    }
    for (size_t i = 0; i < node.inputs.size(); ++i)
    {
        if (i)
        {
            separator();
            add(operationText(node.operation));
            separator();
        }
        if (node.inputs[i]->operation == SetOperation::None)
            select(*node.inputs[i]);
        else
            subqueryInBrackets(*node.inputs[i]);
    }
}

/// "SELECT a" on one line, several items below each other in the pretty form.
void AstFormatter::clauseList(std::string_view words, size_t count, const std::function<void(size_t)> & item)
{
    add(words);
    bool lines = pretty_ && count > 1;
    ++indent_;
    for (size_t i = 0; i < count; ++i)
    {
        if (i)
            add(",");
        if (lines)
            separator();
        else
            add(" ");
        item(i);
    }
    --indent_;
}

void AstFormatter::settings(const SettingChanges & settings)
{
    for (size_t i = 0; i < settings.size(); ++i)
    {
        if (i)
            add(", ");
        name(settings[i].name);
        add(" = ");
        add(settings[i].is_default ? "DEFAULT" : toSql(settings[i].value));
    }
}

void AstFormatter::selectQuery(const SelectQuery & query)
{
    auto list = [&](const ExprList & exprs) { return [&](size_t i) { expr(*exprs[i], Place::List); }; };
    if (!query.with.empty())
    {
        clauseList(query.with_recursive ? "WITH RECURSIVE" : "WITH", query.with.size(), [&](size_t i)
        {
            const WithElement & with = query.with[i];
            if (!with.subquery)
            {
                expr(*with.expr, Place::List);
                return;
            }
            name(with.name);
            for (size_t column = 0; column < with.column_aliases.size(); ++column)
            {
                add(column ? ", " : "(");
                name(with.column_aliases[column]);
            }
            add(with.column_aliases.empty() ? " AS " : ") AS ");
            subqueryInBrackets(*with.subquery);
        });
        separator();
    }
    std::string words = query.distinct ? "SELECT DISTINCT" : "SELECT";
    add(words);
    if (!query.distinct_on.empty())
    {
        add(" ON (");
        exprList(query.distinct_on);
        add(")");
    }
    clauseList("", query.columns.size(), list(query.columns));
    if (!query.from.empty())
        from(query.from);
    selectTail(query);
}

void AstFormatter::selectTail(const SelectQuery & query)
{
    auto list = [&](const ExprList & exprs) { return [&](size_t i) { expr(*exprs[i], Place::List); }; };
    auto clause = [&](std::string_view words, const ExprPtr & condition)
    {
        if (!condition)
            return;
        separator();
        add(words);
        expr(*condition, Place::List);
    };
    clause("PREWHERE ", query.prewhere);
    clause("WHERE ", query.where);
    if (query.grouping == GroupingMode::All)
    {
        separator();
        add("GROUP BY ALL");
    }
    else if (query.grouping == GroupingMode::GroupingSets)
    {
        separator();
        add("GROUP BY GROUPING SETS");
        for (size_t i = 0; i < query.grouping_sets.size(); ++i)
        {
            add(i ? ", (" : " ((");
            exprList(query.grouping_sets[i]);
            add(")");
        }
        add(")");
    }
    else if (!query.group_by.empty())
    {
        separator();
        clauseList("GROUP BY", query.group_by.size(), list(query.group_by));
    }
    if (query.grouping == GroupingMode::Rollup || query.grouping == GroupingMode::Cube)
        add(query.grouping == GroupingMode::Rollup ? " WITH ROLLUP" : " WITH CUBE");
    if (query.with_totals)
        add(" WITH TOTALS");
    clause("HAVING ", query.having);
    if (!query.windows.empty())
    {
        separator();
        clauseList("WINDOW", query.windows.size(), [&](size_t i)
        {
            name(query.windows[i].name);
            add(" AS ");
            window(query.windows[i].spec);
        });
    }
    clause("QUALIFY ", query.qualify);
    if (!query.order_by.empty())
    {
        separator();
        if (query.order_by_all)
        {
            add("ORDER BY ALL");
            const OrderElement & all = query.order_by[0];
            add(all.descending ? " DESC" : " ASC");
            if (all.nulls != NullsOrder::Default)
                add(all.nulls == NullsOrder::First ? " NULLS FIRST" : " NULLS LAST");
        }
        else
            clauseList("ORDER BY", query.order_by.size(), [&](size_t i) { orderBy({query.order_by[i]}); });
    }
    if (query.has_interpolate)
    {
        add(" INTERPOLATE");
        for (size_t i = 0; i < query.interpolate.size(); ++i)
        {
            add(i ? ", " : " (");
            name(query.interpolate[i]->alias);
            add(" AS ");
            Expr value = *query.interpolate[i];
            value.alias.clear();
            expr(value, Place::NoAlias);
        }
        add(query.interpolate.empty() ? "" : ")");
    }
    auto limit = [&](const ExprPtr & count, const ExprPtr & offset)
    {
        add("LIMIT ");
        if (offset)
        {
            expr(*offset, Place::NoAlias);
            add(", ");
        }
        expr(*count, Place::NoAlias);
    };
    if (query.limit_by)
    {
        separator();
        limit(query.limit_by->limit, query.limit_by->offset);
        add(" BY ");
        exprList(query.limit_by->columns);
    }
    if (query.limit)
    {
        separator();
        limit(query.limit, query.offset);
        if (query.limit_with_ties)
            add(" WITH TIES");
    }
    else if (query.offset)
    {
        separator();
        add("OFFSET ");
        expr(*query.offset, Place::NoAlias);
    }
    if (!query.settings.empty())
    {
        separator();
        add("SETTINGS ");
        settings(query.settings);
    }
}

void AstFormatter::tableExpression(const TableExpression & table)
{
    if (table.kind == TableExpressionKind::Subquery)
        subqueryInBrackets(*table.subquery);
    else if (table.kind == TableExpressionKind::Function)
        expr(*table.function, Place::Operand);
    else
        name(QualifiedName{table.database, table.table});
    if (!table.alias.empty())
    {
        add(" AS ");
        name(table.alias);
    }
    for (size_t i = 0; i < table.column_aliases.size(); ++i)
    {
        add(i ? ", " : "(");
        name(table.column_aliases[i]);
    }
    if (!table.column_aliases.empty())
        add(")");
    if (table.final)
        add(" FINAL");
}

void AstFormatter::joinWords(const JoinSpec & join)
{
    if (join.kind == JoinKind::Comma)
    {
        add(", ");
        return;
    }
    separator();
    if (join.global)
        add("GLOBAL ");
    switch (join.strictness)
    {
        case JoinStrictness::Unspecified: break;
        case JoinStrictness::All: add("ALL "); break;
        case JoinStrictness::Any: add("ANY "); break;
        case JoinStrictness::Semi: add("SEMI "); break;
        case JoinStrictness::Anti: add("ANTI "); break;
        case JoinStrictness::Asof: add("ASOF "); break;
    }
    switch (join.kind)
    {
        case JoinKind::Inner: add("INNER JOIN "); break;
        case JoinKind::Left: add("LEFT JOIN "); break;
        case JoinKind::Right: add("RIGHT JOIN "); break;
        case JoinKind::Full: add("FULL JOIN "); break;
        case JoinKind::Cross: add("CROSS JOIN "); break;
        case JoinKind::Paste: add("PASTE JOIN "); break;
        case JoinKind::Comma: break;
    }
}

void AstFormatter::from(const std::vector<FromElement> & elements)
{
    separator();
    add("FROM ");
    for (const FromElement & element : elements)
    {
        if (element.kind == FromKind::ArrayJoin)
        {
            separator();
            add(element.array_join_left ? "LEFT ARRAY JOIN " : "ARRAY JOIN ");
            exprList(element.array_join);
            continue;
        }
        if (element.kind == FromKind::Join)
            joinWords(element.join);
        tableExpression(element.table);
        if (element.join.on)
        {
            add(" ON ");
            expr(*element.join.on, Place::List);
        }
        if (!element.join.using_columns.empty())
        {
            add(" USING (");
            exprList(element.join.using_columns);
            add(")");
        }
    }
}

}
