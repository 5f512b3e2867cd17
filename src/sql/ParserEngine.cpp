#include "sql/Grammar.h"

namespace mangrove::grammar
{

namespace
{

TtlElement parseTtlElement(TokenStream & tokens)
{
    TtlElement ttl;
    ttl.expr = parseExpr(tokens);
    if (tokens.accept("TO DISK"))
    {
        ttl.action = TtlAction::ToDisk;
        tokens.accept("IF EXISTS");
        ttl.destination = parseString(tokens);
    }
    else if (tokens.accept("TO VOLUME"))
    {
        ttl.action = TtlAction::ToVolume;
        tokens.accept("IF EXISTS");
        ttl.destination = parseString(tokens);
    }
    else if (tokens.accept("RECOMPRESS"))
    {
        ttl.action = TtlAction::Recompress;
        ttl.recompress = parseCodec(tokens);
    }
    else if (tokens.accept("GROUP BY"))
    {
        ttl.action = TtlAction::GroupBy;
        ttl.group_by = parseExprList(tokens);
        if (tokens.accept("SET"))
            ttl.set = parseAssignments(tokens);
    }
    else
        tokens.accept("DELETE");
    if (tokens.accept("WHERE"))
        ttl.where = parseExpr(tokens);
    return ttl;
}

ExprPtr parseEngine(TokenStream & tokens)
{
    tokens.accept(TokenType::Equals, "equals");
    uint32_t begin = tokens.beginOffset();
    std::string name = parseIdentifier(tokens, "engine name");
    return tokens.is(TokenType::OpenRound) ? parseCall(tokens, std::move(name), begin)
        : tokens.call(std::move(name), {}, begin);
}

}

std::vector<TtlElement> parseTtl(TokenStream & tokens)
{
    std::vector<TtlElement> elements;
    do
        elements.push_back(parseTtlElement(tokens));
    while (tokens.acceptComma());
    return elements;
}

/// One clause after the list of columns; they come in any order, each at most once.
bool acceptEngineClause(TokenStream & tokens, CreateQuery & create)
{
    EngineDeclaration & engine = create.engine;
    auto once = [&](std::string_view words, bool already) { return !already && tokens.accept(words); };
    if (once("ENGINE", engine.engine != nullptr))
        engine.engine = parseEngine(tokens);
    else if (once("PARTITION BY", engine.partition_by != nullptr))
        engine.partition_by = parseExpr(tokens);
    else if (once("PRIMARY KEY", engine.primary_key != nullptr))
        engine.primary_key = parseExpr(tokens);
    else if (once("ORDER BY", engine.order_by != nullptr))
        engine.order_by = parseExpr(tokens);
    else if (once("SAMPLE BY", engine.sample_by != nullptr))
        engine.sample_by = parseExpr(tokens);
    else if (once("TTL", !engine.ttl.empty()))
        engine.ttl = parseTtl(tokens);
    else if (once("SETTINGS", !engine.settings.empty()))
        engine.settings = parseSettings(tokens);
    else if (once("COMMENT", create.has_comment))
    {
        create.has_comment = true;
        create.comment = parseString(tokens);
    }
    else
        return false;
    return true;
}

}
