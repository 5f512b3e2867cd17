#include "sql/Grammar.h"

#include "base/Exception.h"

#include <algorithm>

namespace mangrove::grammar
{

namespace
{

bool isCommonTable(TokenStream & tokens)
{
    if (!isIdentifier(tokens) || tokens.is(TokenType::OpenCurly))
        return false;
    if (tokens.is(TokenType::OpenRound, 1))    /// name(a, b) AS (SELECT
    {
        size_t ahead = 2;
        constexpr size_t columns_max = 1000;
        while (ahead < 2 * columns_max && isIdentifier(tokens, ahead) && tokens.is(TokenType::Comma, ahead + 1))
            ahead += 2;
        return isIdentifier(tokens, ahead) && tokens.is(TokenType::CloseRound, ahead + 1) && tokens.at("AS", ahead + 2)
            && tokens.is(TokenType::OpenRound, ahead + 3) && isSelectStart(tokens, ahead + 4);
    }
    size_t open = tokens.at("MATERIALIZED", 2) ? 3 : 2;
    return tokens.at("AS", 1) && tokens.is(TokenType::OpenRound, open)
        && (isSelectStart(tokens, open + 1) || tokens.is(TokenType::OpenRound, open + 1));
}

WithElement parseWithElement(TokenStream & tokens)
{
    WithElement element;
    if (!isCommonTable(tokens))
    {
        element.expr = parseExprWithAlias(tokens, Alias::Optional);
        element.name = element.expr->alias;
        return element;
    }
    element.name = parseIdentifier(tokens);
    if (tokens.accept(TokenType::OpenRound, "opening round bracket"))
    {
        do
            element.column_aliases.push_back(parseIdentifier(tokens));
        while (tokens.acceptComma());
        tokens.requireClose();
    }
    tokens.require("AS");
    tokens.accept("MATERIALIZED");
    element.subquery = parseSelectInBrackets(tokens);
    return element;
}

void parseWith(TokenStream & tokens, SelectQuery & select)
{
    select.with_recursive = tokens.accept("RECURSIVE");
    do
        select.with.push_back(parseWithElement(tokens));
    while (tokens.acceptComma());
}

bool atEndOfColumns(TokenStream & tokens)
{
    return tokens.at("FROM") || tokens.at("WHERE") || tokens.at("SETTINGS") || tokens.atEnd()
        || tokens.is(TokenType::CloseRound);
}

void parseColumns(TokenStream & tokens, SelectQuery & select)
{
    if (!tokens.accept("ALL") && tokens.accept("DISTINCT"))
    {
        select.distinct = true;
        if (tokens.at("ON") && tokens.is(TokenType::OpenRound, 1))
        {
            tokens.take();
            tokens.take();
            select.distinct_on = parseExprList(tokens);
            tokens.requireClose();
        }
    }
    if (tokens.at("TOP") && (tokens.is(TokenType::Number, 1) || tokens.is(TokenType::OpenRound, 1)))
    {
        tokens.take();
        select.limit = parseOperand(tokens);
        select.limit_with_ties = tokens.accept("WITH TIES");
    }
    do
        select.columns.push_back(parseExprWithAlias(tokens, Alias::Optional));
    while (tokens.acceptComma() && !atEndOfColumns(tokens));
}

void parseGroupBy(TokenStream & tokens, SelectQuery & select)
{
    auto brackets = [&](GroupingMode mode)
    {
        select.grouping = mode;
        tokens.requireOpen();
        select.group_by = parseExprList(tokens);
        tokens.requireClose();
    };
    if (tokens.accept("ALL"))
        select.grouping = GroupingMode::All;
    else if (tokens.at("ROLLUP") && tokens.is(TokenType::OpenRound, 1) && tokens.accept("ROLLUP"))
        brackets(GroupingMode::Rollup);
    else if (tokens.at("CUBE") && tokens.is(TokenType::OpenRound, 1) && tokens.accept("CUBE"))
        brackets(GroupingMode::Cube);
    else if (tokens.accept("GROUPING SETS"))
    {
        select.grouping = GroupingMode::GroupingSets;
        tokens.requireOpen();
        do
        {
            ExprList set;
            if (tokens.accept(TokenType::OpenRound, "opening round bracket"))
            {
                if (!tokens.is(TokenType::CloseRound))
                    set = parseExprList(tokens);
                tokens.requireClose();
            }
            else
                set.push_back(parseExpr(tokens));
            select.grouping_sets.push_back(std::move(set));
        } while (tokens.acceptComma());
        tokens.requireClose();
    }
    else
        select.group_by = parseExprList(tokens);

    while (tokens.at("WITH ROLLUP") || tokens.at("WITH CUBE") || tokens.at("WITH TOTALS"))
    {
        if (tokens.accept("WITH TOTALS"))
            select.with_totals = true;
        else if (select.grouping != GroupingMode::Plain)
            tokens.fail("end of query");
        else
            select.grouping = tokens.accept("WITH ROLLUP") ? GroupingMode::Rollup
                : (tokens.require("WITH CUBE"), GroupingMode::Cube);
    }
}

void parseWindows(TokenStream & tokens, SelectQuery & select)
{
    do
    {
        NamedWindow window;
        window.name = parseIdentifier(tokens, "window name");
        tokens.require("AS");
        window.spec = parseWindowSpec(tokens);
        select.windows.push_back(std::move(window));
    } while (tokens.acceptComma());
}

void parseOrder(TokenStream & tokens, SelectQuery & select)
{
    if (tokens.at("ALL") && !tokens.is(TokenType::Comma, 1) && !tokens.is(TokenType::Dot, 1))
    {
        select.order_by_all = true;
        OrderElement all;
        uint32_t begin = tokens.beginOffset();
        tokens.take();
        all.expr = tokens.track(makeIdentifier({"all"}, SourceRange{begin, begin}));
        all.descending = tokens.accept("DESC");
        if (!all.descending)
            tokens.accept("ASC");
        if (tokens.accept("NULLS"))
            all.nulls = tokens.accept("FIRST") ? NullsOrder::First : (tokens.require("LAST"), NullsOrder::Last);
        select.order_by.push_back(std::move(all));
        return;
    }
    select.order_by = parseOrderBy(tokens);
    if (tokens.accept("INTERPOLATE"))
    {
        select.has_interpolate = true;
        if (!tokens.accept(TokenType::OpenRound, "opening round bracket"))
            return;
        while (!tokens.is(TokenType::CloseRound))
        {
            std::string column = parseIdentifier(tokens);
            ExprPtr expr;
            if (tokens.accept("AS"))
                expr = parseExpr(tokens);
            else
                expr = tokens.track(makeIdentifier({column}, SourceRange{tokens.endOffset(), tokens.endOffset()}));
            expr->alias = std::move(column);
            select.interpolate.push_back(std::move(expr));
            if (!tokens.acceptComma())
                break;
        }
        tokens.requireClose();
    }
}

/// LIMIT n | LIMIT offset, n | LIMIT n OFFSET offset, each [WITH TIES] or BY columns.
void parseLimit(TokenStream & tokens, SelectQuery & select)
{
    ExprPtr limit = parseExpr(tokens);
    ExprPtr offset;
    bool with_ties = false;
    if (tokens.acceptComma())
    {
        offset = std::move(limit);
        limit = parseExpr(tokens);
    }
    else if (tokens.accept("OFFSET"))
        offset = parseExpr(tokens);
    with_ties = tokens.accept("WITH TIES");
    if (!with_ties && tokens.accept("BY"))
    {
        if (select.limit_by)
            tokens.fail();
        select.limit_by = LimitBy{std::move(limit), std::move(offset), {}};
        select.limit_by->columns = parseExprList(tokens);
        return;
    }
    if (select.limit)
        tokens.fail("end of query");
    select.limit = std::move(limit);
    select.offset = std::move(offset);
    select.limit_with_ties = with_ties;
    tokens.expect("BY");
}

/// OFFSET n [ROWS] [FETCH FIRST n ROWS ONLY | WITH TIES]
void parseOffset(TokenStream & tokens, SelectQuery & select)
{
    select.offset = parseExpr(tokens);
    if (!tokens.accept("ROWS"))
        tokens.accept("ROW");
}

void parseFetch(TokenStream & tokens, SelectQuery & select)
{
    if (!tokens.accept("FIRST"))
        tokens.require("NEXT");
    select.limit = parseExpr(tokens);
    if (!tokens.accept("ROWS"))
        tokens.require("ROW");
    if (tokens.accept("WITH TIES"))
        select.limit_with_ties = true;
    else
        tokens.require("ONLY");
}

void parseTail(TokenStream & tokens, SelectQuery & select)
{
    if (tokens.accept("PREWHERE"))
        select.prewhere = parseExprWithAlias(tokens, Alias::WithAs);
    if (tokens.accept("WHERE"))
        select.where = parseExprWithAlias(tokens, Alias::WithAs);
    if (tokens.accept("GROUP BY"))
        parseGroupBy(tokens, select);
    else if (tokens.accept("WITH TOTALS"))
        select.with_totals = true;
    if (tokens.accept("HAVING"))
        select.having = parseExprWithAlias(tokens, Alias::WithAs);
    if (tokens.accept("WINDOW"))
        parseWindows(tokens, select);
    if (tokens.accept("QUALIFY"))
        select.qualify = parseExprWithAlias(tokens, Alias::WithAs);
    if (tokens.accept("ORDER BY"))
        parseOrder(tokens, select);
    while (tokens.accept("LIMIT"))
        parseLimit(tokens, select);
    if (!select.offset && tokens.accept("OFFSET"))
        parseOffset(tokens, select);
    if (tokens.accept("FETCH"))
        parseFetch(tokens, select);
    if (tokens.accept("SETTINGS"))
        select.settings = parseSettings(tokens);
}

SelectPtr closeNode(TokenStream & tokens, SelectPtr node)
{
    node->range.end = tokens.endOffset();
    for (const SelectPtr & input : node->inputs)
        node->depth = std::max(node->depth, input->depth + 1);
    tokens.checkDepth(node->depth);
    tokens.countElements(1);
    return node;
}

SelectPtr parseOneSelect(TokenStream & tokens)
{
    TokenStream::DepthGuard guard(tokens);
    if (tokens.is(TokenType::OpenRound))
        return parseSelectInBrackets(tokens);

    uint32_t outer_deepest = tokens.exchangeDeepest(0);
    auto node = std::make_shared<SelectNode>();
    node->range.begin = tokens.beginOffset();
    node->select = std::make_shared<SelectQuery>();
    SelectQuery & select = *node->select;
    select.range = node->range;

    if (tokens.accept("WITH"))
        parseWith(tokens, select);
    bool from_first = tokens.accept("FROM");
    if (from_first)
        select.from = parseFrom(tokens);
    tokens.require("SELECT");
    parseColumns(tokens, select);
    if (!from_first && tokens.accept("FROM"))
        select.from = parseFrom(tokens);
    parseTail(tokens, select);

    select.range.end = tokens.endOffset();
    node->depth = tokens.deepest() + 1;
    tokens.exchangeDeepest(std::max(outer_deepest, node->depth));
    return closeNode(tokens, node);
}

SetOperation acceptOperation(TokenStream & tokens, bool intersect)
{
    if (intersect)
    {
        if (!tokens.accept("INTERSECT"))
            return SetOperation::None;
        tokens.accept("ALL");
        return tokens.accept("DISTINCT") ? SetOperation::IntersectDistinct : SetOperation::Intersect;
    }
    if (tokens.accept("UNION"))
    {
        if (tokens.accept("ALL"))
            return SetOperation::UnionAll;
        return tokens.accept("DISTINCT") ? SetOperation::UnionDistinct : SetOperation::UnionDefault;
    }
    if (!tokens.accept("EXCEPT"))
        return SetOperation::None;
    tokens.accept("ALL");
    return tokens.accept("DISTINCT") ? SetOperation::ExceptDistinct : SetOperation::Except;
}

SelectPtr combine(TokenStream & tokens, SetOperation operation, SelectPtr left, SelectPtr right, bool flat)
{
    if (flat && left->operation == operation)
    {
        left->inputs.push_back(std::move(right));
        return closeNode(tokens, std::move(left));
    }
    auto node = std::make_shared<SelectNode>();
    node->operation = operation;
    node->range.begin = left->range.begin;
    node->inputs = {std::move(left), std::move(right)};
    return closeNode(tokens, std::move(node));
}

SelectPtr parseIntersects(TokenStream & tokens)
{
    SelectPtr left = parseOneSelect(tokens);
    while (true)
    {
        SetOperation operation = acceptOperation(tokens, true);
        if (operation == SetOperation::None)
            return left;
        SelectPtr right = parseOneSelect(tokens);
        left = combine(tokens, operation, std::move(left), std::move(right), false);
    }
}

}

bool isSelectStart(TokenStream & tokens, size_t ahead)
{
    return tokens.at("SELECT", ahead) || (tokens.at("WITH", ahead) && !tokens.is(TokenType::Comma, ahead + 1))
        || (tokens.at("FROM", ahead) && !tokens.is(TokenType::OpenRound, ahead + 1));
}

SelectPtr parseSelectTree(TokenStream & tokens)
{
    SelectPtr left = parseIntersects(tokens);
    bool flat = false;    /// brackets are kept: (a UNION ALL b) UNION ALL c
    while (true)
    {
        SetOperation operation = acceptOperation(tokens, false);
        if (operation == SetOperation::None)
            return left;
        SelectPtr right = parseIntersects(tokens);
        bool is_union = operation != SetOperation::Except && operation != SetOperation::ExceptDistinct;
        left = combine(tokens, operation, std::move(left), std::move(right), flat && is_union);
        flat = is_union;
    }
}

SelectPtr parseSelectInBrackets(TokenStream & tokens)
{
    TokenStream::DepthGuard guard(tokens);
    tokens.requireOpen();
    SelectPtr select = parseSelectTree(tokens);
    tokens.requireClose();
    return select;
}

ExprPtr parseSubquery(TokenStream & tokens)
{
    ExprPtr subquery = tokens.newExpr(ExprKind::Subquery);
    subquery->subquery = parseSelectInBrackets(tokens);
    return tokens.track(subquery);
}

}
