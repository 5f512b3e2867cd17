#include "sql/Parser.h"

#include "base/Exception.h"
#include "sql/Grammar.h"

#include <limits>

namespace mangrove
{

namespace
{

TokenStream open(std::string_view text, const ParserLimits & limits)
{
    if (text.size() >= std::numeric_limits<uint32_t>::max())
        throw Exception(ErrorCode::SYNTAX_ERROR, "Query is larger than 4 GiB");
    return TokenStream(text, limits);
}

void requireEnd(TokenStream & tokens)
{
    if (!tokens.is(TokenType::EndOfStream))
        tokens.fail("end of query");
}

bool hasInlineData(const Statement & statement)
{
    if (const auto * explain = statement.as<ExplainQuery>())
        return explain->statement && hasInlineData(*explain->statement);
    const auto * insert = statement.as<InsertQuery>();
    return insert && insert->data_offset;
}

}

Statement parseStatement(std::string_view text, const ParserLimits & limits)
{
    TokenStream tokens = open(text, limits);
    Statement statement = grammar::parseStatement(tokens);
    if (hasInlineData(statement))
        return statement;
    bool ended = false;
    while (tokens.is(TokenType::Semicolon))
    {
        tokens.take();
        ended = true;
    }
    if (ended && !tokens.is(TokenType::EndOfStream))
        throw Exception(ErrorCode::SYNTAX_ERROR, "Syntax error (Multi-statements are not allowed): failed at position "
        "{}: a second statement",
            tokens.beginOffset() + 1);
    requireEnd(tokens);
    return statement;
}

ExprPtr parseExpression(std::string_view text, const ParserLimits & limits)
{
    TokenStream tokens = open(text, limits);
    ExprPtr expr = grammar::parseExprWithAlias(tokens, grammar::Alias::Optional);
    requireEnd(tokens);
    return expr;
}

ExprList parseExpressionList(std::string_view text, const ParserLimits & limits)
{
    TokenStream tokens = open(text, limits);
    ExprList list = grammar::parseExprList(tokens, grammar::Alias::Optional);
    requireEnd(tokens);
    return list;
}

SelectPtr parseSelect(std::string_view text, const ParserLimits & limits)
{
    TokenStream tokens = open(text, limits);
    SelectPtr select = grammar::parseSelectTree(tokens);
    requireEnd(tokens);
    return select;
}

TypePtr parseType(std::string_view text, const ParserLimits & limits)
{
    TokenStream tokens = open(text, limits);
    TypePtr type = grammar::parseType(tokens);
    requireEnd(tokens);
    return type;
}

namespace
{

/// VALUES end at the ';' outside of quotes; FORMAT X at a blank line.
size_t endOfData(std::string_view text, size_t begin, bool values)
{
    if (!values)
    {
        size_t blank = text.find("\n\n", begin);
        return blank == std::string_view::npos ? text.size() : blank + 1;
    }
    bool quoted = false;
    for (size_t pos = begin; pos < text.size(); ++pos)
    {
        if (quoted && text[pos] == '\\')
            ++pos;
        else if (text[pos] == '\'')
            quoted = !quoted;
        else if (text[pos] == ';' && !quoted)
            return pos;
    }
    return text.size();
}

/// The first byte after one statement that starts at `begin`; the ';' is not part of it.
size_t endOfStatement(std::string_view text, size_t begin)
{
    std::string_view rest = text.substr(begin);
    TokenStream tokens(rest, {});
    bool insert = tokens.at("INSERT");
    int brackets = 0;
    while (!tokens.atEnd() && tokenErrorDescription(tokens.peek().type).empty())
    {
        if (tokens.is(TokenType::OpenRound))
            ++brackets;
        else if (tokens.is(TokenType::CloseRound))
            --brackets;
        bool select = tokens.at("SELECT") || tokens.at("WITH");
        bool values = tokens.at("VALUES");
        bool format = tokens.at("FORMAT");
        tokens.take();
        if (!insert || brackets != 0)
            continue;
        if (select)
            insert = false;
        else if (values)
            return begin + endOfData(rest, tokens.endOffset(), true);
        else if (format && !tokens.atEnd() && tokenErrorDescription(tokens.peek().type).empty())
        {
            bool format_values = tokens.at("Values");
            tokens.take();
            return begin + endOfData(rest, tokens.endOffset(), format_values);
        }
    }
    return tokens.atEnd() ? begin + tokens.beginOffset() : text.size();
}

}

std::vector<std::string_view> splitStatements(std::string_view text)
{
    std::vector<std::string_view> statements;
    size_t pos = 0;
    while (pos < text.size())
    {
        Lexer lexer(text.substr(pos));
        Token first = lexer.next();
        if (first.type == TokenType::EndOfStream)
            break;
        pos += first.begin;
        if (first.type == TokenType::Semicolon)
        {
            ++pos;
            continue;
        }
        size_t end = endOfStatement(text, pos);
        statements.push_back(text.substr(pos, end - pos));
        pos = end;
    }
    return statements;
}

}
