#include "sql/Grammar.h"

#include "base/Exception.h"

namespace mangrove::grammar
{

namespace
{

bool atColumnProperty(TokenStream & tokens)
{
    static constexpr std::string_view words[] = {
        "DEFAULT", "MATERIALIZED", "ALIAS", "EPHEMERAL", "CODEC", "STATISTICS", "TTL", "COMMENT", "SETTINGS", "FIRST",
        "AFTER", "REMOVE", "MODIFY SETTING", "RESET SETTING", "NOT NULL", "NULL", "PRIMARY KEY",
    };
    for (std::string_view word : words)
        if (tokens.at(word))
            return true;
    return tokens.atEnd() || tokens.is(TokenType::Comma) || tokens.is(TokenType::CloseRound);
}

bool acceptDefault(TokenStream & tokens, ColumnDeclaration & column)
{
    if (tokens.accept("DEFAULT"))
        column.default_kind = DefaultKind::Default;
    else if (tokens.accept("MATERIALIZED"))
        column.default_kind = DefaultKind::Materialized;
    else if (tokens.accept("ALIAS"))
        column.default_kind = DefaultKind::Alias;
    else if (tokens.accept("EPHEMERAL"))
    {
        column.default_kind = DefaultKind::Ephemeral;
        if (atColumnProperty(tokens))
            return true;
    }
    else
        return false;
    column.default_expr = parseExpr(tokens);
    return true;
}

bool acceptProperty(TokenStream & tokens, ColumnDeclaration & column)
{
    if (tokens.at("NOT NULL") || tokens.at("NULL"))
    {
        column.nullable = !tokens.accept("NOT NULL");
        if (*column.nullable)
            tokens.require("NULL");
    }
    else if (tokens.accept("COMMENT"))
    {
        column.has_comment = true;
        column.comment = parseString(tokens);
    }
    else if (tokens.at("CODEC"))
        column.codec = parseCodec(tokens);
    else if (tokens.accept("STATISTICS"))
    {
        tokens.requireOpen();
        do
            column.statistics.push_back(parseIdentifier(tokens));
        while (tokens.acceptComma());
        tokens.requireClose();
    }
    else if (tokens.accept("TTL"))
        column.ttl = parseExpr(tokens);
    else if (tokens.accept("PRIMARY KEY"))
        column.primary_key = true;
    else if (tokens.at("SETTINGS") && tokens.is(TokenType::OpenRound, 1))
    {
        tokens.take();
        tokens.take();
        column.settings = parseSettings(tokens);
        tokens.requireClose();
    }
    else
        return acceptDefault(tokens, column);
    return true;
}

}

void parseColumnProperties(TokenStream & tokens, ColumnDeclaration & column)
{
    while (acceptProperty(tokens, column))
        ;
}

ColumnDeclaration parseColumn(TokenStream & tokens, bool type_optional)
{
    ColumnDeclaration column;
    column.range.begin = tokens.beginOffset();
    column.name = parseDottedName(tokens);
    if (!atColumnProperty(tokens))
        column.type = parseType(tokens);
    parseColumnProperties(tokens, column);
    if (!column.type && !column.default_expr && !type_optional)
        tokens.fail("data type");
    column.range.end = tokens.endOffset();
    tokens.countElements(1);
    return column;
}

std::vector<CodecAst> parseCodec(TokenStream & tokens)
{
    std::vector<CodecAst> codecs;
    tokens.require("CODEC");
    tokens.requireOpen();
    do
    {
        CodecAst codec;
        codec.name = parseIdentifier(tokens, "codec name");
        if (tokens.accept(TokenType::OpenRound, "opening round bracket"))
        {
            if (!tokens.is(TokenType::CloseRound))
                codec.args = parseExprList(tokens);
            tokens.requireClose();
        }
        codecs.push_back(std::move(codec));
    } while (tokens.acceptComma());
    tokens.requireClose();
    return codecs;
}

/// After INDEX.
IndexDeclaration parseIndex(TokenStream & tokens)
{
    IndexDeclaration index;
    index.name = parseIdentifier(tokens, "index name");
    index.expr = parseExpr(tokens);
    tokens.require("TYPE");
    uint32_t begin = tokens.beginOffset();
    std::string type = parseIdentifier(tokens, "index type");
    index.type = tokens.is(TokenType::OpenRound) ? parseCall(tokens, std::move(type), begin)
        : tokens.call(std::move(type), {}, begin);
    if (tokens.accept("GRANULARITY"))
    {
        auto value = acceptScalarLiteral(tokens);
        if (!value || !value->asUInt64())
            tokens.fail("number");
        index.granularity = *value->asUInt64();
        index.has_granularity = true;
    }
    return index;
}

/// After PROJECTION.
ProjectionDeclaration parseProjection(TokenStream & tokens)
{
    ProjectionDeclaration projection;
    projection.name = parseIdentifier(tokens, "projection name");
    projection.query = parseSelectInBrackets(tokens);
    return projection;
}

/// After CONSTRAINT.
ConstraintDeclaration parseConstraint(TokenStream & tokens)
{
    ConstraintDeclaration constraint;
    constraint.name = parseIdentifier(tokens, "constraint name");
    constraint.assume = tokens.accept("ASSUME");
    if (!constraint.assume)
        tokens.require("CHECK");
    constraint.expr = parseExpr(tokens);
    return constraint;
}

TableDeclaration parseTableDeclaration(TokenStream & tokens)
{
    TableDeclaration table;
    tokens.requireOpen();
    while (!tokens.is(TokenType::CloseRound))
    {
        /// A column may be called index: then its type follows and nothing else that looks like an expression.
        bool named = isIdentifier(tokens, 1) && !tokens.is(TokenType::Comma, 2) && !tokens.is(TokenType::CloseRound, 2);
        if (named && tokens.accept("INDEX"))
            table.indices.push_back(parseIndex(tokens));
        else if (named && tokens.accept("PROJECTION"))
            table.projections.push_back(parseProjection(tokens));
        else if (named && tokens.accept("CONSTRAINT"))
            table.constraints.push_back(parseConstraint(tokens));
        else if (tokens.accept("PRIMARY KEY"))
            table.primary_key = parseExpr(tokens);
        else
            table.columns.push_back(parseColumn(tokens, true));
        if (!tokens.acceptComma())
            break;
    }
    tokens.requireClose();
    return table;
}

}
