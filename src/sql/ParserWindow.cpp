#include "sql/Grammar.h"

namespace mangrove::grammar
{

namespace
{

FrameBound parseFrameBound(TokenStream & tokens)
{
    FrameBound bound;
    if (tokens.accept("CURRENT ROW"))
        return bound;
    if (!tokens.accept("UNBOUNDED"))
        bound.offset = parseExpr(tokens);
    bool preceding = tokens.accept("PRECEDING");
    if (!preceding)
        tokens.require("FOLLOWING");
    if (bound.offset)
        bound.kind = preceding ? FrameBoundKind::Preceding : FrameBoundKind::Following;
    else
        bound.kind = preceding ? FrameBoundKind::UnboundedPreceding : FrameBoundKind::UnboundedFollowing;
    return bound;
}

void parseFrame(TokenStream & tokens, WindowSpec & window)
{
    if (tokens.accept("ROWS"))
        window.frame = FrameUnit::Rows;
    else if (tokens.accept("RANGE"))
        window.frame = FrameUnit::Range;
    else if (tokens.accept("GROUPS"))
        window.frame = FrameUnit::Groups;
    else
        return;
    bool between = tokens.accept("BETWEEN");
    window.frame_begin = parseFrameBound(tokens);
    if (between)
    {
        tokens.require("AND");
        window.frame_end = parseFrameBound(tokens);
    }
}

WithFill parseFill(TokenStream & tokens)
{
    WithFill fill;
    if (tokens.accept("FROM"))
        fill.from = parseExpr(tokens);
    if (tokens.accept("TO"))
        fill.to = parseExpr(tokens);
    if (tokens.accept("STEP"))
        fill.step = parseExpr(tokens);
    if (tokens.accept("STALENESS"))
        fill.staleness = parseExpr(tokens);
    return fill;
}

OrderElement parseOrderElement(TokenStream & tokens)
{
    OrderElement element;
    element.expr = parseExprWithAlias(tokens, Alias::WithAs);
    if (tokens.accept("DESC") || tokens.accept("DESCENDING"))
        element.descending = true;
    else if (!tokens.accept("ASC"))
        tokens.accept("ASCENDING");
    if (tokens.accept("NULLS"))
    {
        bool first = tokens.accept("FIRST");
        if (!first)
            tokens.require("LAST");
        element.nulls = first ? NullsOrder::First : NullsOrder::Last;
    }
    if (tokens.accept("COLLATE"))
        element.collation = parseString(tokens);
    if (tokens.accept("WITH FILL"))
        element.fill = parseFill(tokens);
    return element;
}

}

std::vector<OrderElement> parseOrderBy(TokenStream & tokens)
{
    std::vector<OrderElement> elements;
    do
        elements.push_back(parseOrderElement(tokens));
    while (tokens.acceptComma());
    return elements;
}

/// After OVER or WINDOW name AS, at the bracket.
WindowSpec parseWindowSpec(TokenStream & tokens)
{
    WindowSpec window;
    tokens.requireOpen();
    bool named = isIdentifier(tokens) && !tokens.at("PARTITION BY") && !tokens.at("ORDER BY") && !tokens.at("ROWS")
        && !tokens.at("RANGE") && !tokens.at("GROUPS");
    if (named)
        window.parent = parseIdentifier(tokens, "window name");
    if (tokens.accept("PARTITION BY"))
        window.partition_by = parseExprList(tokens);
    if (tokens.accept("ORDER BY"))
        window.order_by = parseOrderBy(tokens);
    parseFrame(tokens, window);
    tokens.requireClose();
    return window;
}

std::shared_ptr<WindowSpec> parseOver(TokenStream & tokens)
{
    if (tokens.is(TokenType::OpenRound))
        return std::make_shared<WindowSpec>(parseWindowSpec(tokens));
    auto window = std::make_shared<WindowSpec>();
    window->only_name = true;
    window->parent = parseIdentifier(tokens, "window name");
    return window;
}

}
