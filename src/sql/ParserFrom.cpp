#include "sql/Grammar.h"

#include "base/Exception.h"

namespace mangrove::grammar
{

namespace
{

bool atJoinStrictness(TokenStream & tokens, JoinStrictness & strictness)
{
    if (tokens.accept("ANY"))
        strictness = JoinStrictness::Any;
    else if (tokens.accept("ALL"))
        strictness = JoinStrictness::All;
    else if (tokens.accept("ASOF"))
        strictness = JoinStrictness::Asof;
    else if (tokens.accept("SEMI"))
        strictness = JoinStrictness::Semi;
    else if (tokens.accept("ANTI"))
        strictness = JoinStrictness::Anti;
    else if (tokens.accept("ONLY"))
        strictness = JoinStrictness::Any;
    else
        return false;
    return true;
}

/// The words before the joined table; false: there is no join here.
bool acceptJoinWords(TokenStream & tokens, JoinSpec & join)
{
    if (tokens.acceptComma())
    {
        join.kind = JoinKind::Comma;
        return true;
    }
    join.global = tokens.accept("GLOBAL");
    bool started = join.global || tokens.accept("LOCAL");
    if (tokens.accept("CROSS JOIN"))
    {
        join.kind = JoinKind::Cross;
        return true;
    }
    if (tokens.accept("PASTE JOIN"))
    {
        join.kind = JoinKind::Paste;
        return true;
    }
    started |= atJoinStrictness(tokens, join.strictness);
    bool outer = false;
    if (tokens.accept("INNER"))
        started = true;
    else if (tokens.accept("LEFT"))
    {
        join.kind = JoinKind::Left;
        outer = true;
    }
    else if (tokens.accept("RIGHT"))
    {
        join.kind = JoinKind::Right;
        outer = true;
    }
    else if (tokens.accept("FULL"))
    {
        join.kind = JoinKind::Full;
        outer = true;
    }
    if (outer)
    {
        started = true;
        tokens.accept("OUTER");
    }
    if (join.strictness == JoinStrictness::Unspecified)
        started |= atJoinStrictness(tokens, join.strictness);
    if (!started)
        return tokens.accept("JOIN");
    tokens.require("JOIN");
    return true;
}

void parseJoinCondition(TokenStream & tokens, JoinSpec & join)
{
    if (join.kind == JoinKind::Comma || join.kind == JoinKind::Cross || join.kind == JoinKind::Paste)
        return;
    if (tokens.accept("USING"))
    {
        bool brackets = tokens.accept(TokenType::OpenRound, "opening round bracket");
        join.using_columns = parseExprList(tokens);
        if (brackets)
            tokens.requireClose();
        return;
    }
    tokens.require("ON");
    join.on = parseExprWithAlias(tokens, Alias::WithAs);
}

bool acceptArrayJoin(TokenStream & tokens, FromElement & element)
{
    if (tokens.accept("LEFT ARRAY JOIN"))
        element.array_join_left = true;
    else if (!tokens.accept("INNER ARRAY JOIN") && !tokens.accept("ARRAY JOIN"))
        return false;
    element.kind = FromKind::ArrayJoin;
    element.array_join = parseExprList(tokens, Alias::Optional);
    return true;
}

void parseTableAlias(TokenStream & tokens, TableExpression & table)
{
    table.alias = acceptAlias(tokens, Alias::Optional);
    if (table.alias.empty() || !tokens.is(TokenType::OpenRound))
        return;
    tokens.take();
    do
        table.column_aliases.push_back(parseIdentifier(tokens));
    while (tokens.acceptComma());
    tokens.requireClose();
}

}

TableExpression parseTableExpression(TokenStream & tokens)
{
    TokenStream::DepthGuard guard(tokens);
    TableExpression table;
    table.range.begin = tokens.beginOffset();
    tokens.countElements(1);
    if (tokens.is(TokenType::OpenRound))
    {
        if (!isSelectStart(tokens, 1) && !tokens.is(TokenType::OpenRound, 1))
            tokens.fail("SELECT subquery");
        table.kind = TableExpressionKind::Subquery;
        table.subquery = parseSelectInBrackets(tokens);
    }
    else
    {
        QualifiedName name = parseQualifiedName(tokens);
        if (name.database.empty() && tokens.is(TokenType::OpenRound))
        {
            table.kind = TableExpressionKind::Function;
            table.function = parseCall(tokens, std::move(name.name), table.range.begin);
        }
        else
        {
            table.database = std::move(name.database);
            table.table = std::move(name.name);
        }
    }
    table.final = tokens.accept("FINAL");
    parseTableAlias(tokens, table);
    table.final |= tokens.accept("FINAL");
    if (tokens.at("SAMPLE"))
        throw Exception(ErrorCode::SAMPLING_NOT_SUPPORTED, "SAMPLE is not supported: tables have no sampling key. "
        "Remove the clause at position {}",
            tokens.beginOffset() + 1);
    table.range.end = tokens.endOffset();
    return table;
}

std::vector<FromElement> parseFrom(TokenStream & tokens)
{
    std::vector<FromElement> elements(1);
    elements[0].range.begin = tokens.beginOffset();
    elements[0].table = parseTableExpression(tokens);
    elements[0].range.end = tokens.endOffset();
    while (true)
    {
        FromElement element;
        element.range.begin = tokens.beginOffset();
        if (!acceptArrayJoin(tokens, element))
        {
            if (!acceptJoinWords(tokens, element.join))
                return elements;
            element.kind = FromKind::Join;
            element.table = parseTableExpression(tokens);
            parseJoinCondition(tokens, element.join);
        }
        element.range.end = tokens.endOffset();
        tokens.countElements(1);
        elements.push_back(std::move(element));
    }
}

}
