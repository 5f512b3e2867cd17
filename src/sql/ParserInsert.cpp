#include "sql/Grammar.h"

#include <algorithm>

namespace mangrove::grammar
{

namespace
{

/// Where the data of FORMAT X begins: after one line break if there is one, as ClickHouse's clients send it.
size_t formatDataOffset(std::string_view text, size_t pos)
{
    auto at = [&](char c) { return pos < text.size() && text[pos] == c; };
    if (at(';'))
        ++pos;
    while (at(' ') || at('\t') || at('\f'))
        ++pos;
    if (at('\r'))
        ++pos;
    if (at('\n'))
        ++pos;
    return pos;
}

size_t valuesDataOffset(std::string_view text, size_t pos)
{
    size_t begin = text.find_first_not_of(" \t\r\n\f\v", pos);
    return begin == std::string_view::npos ? text.size() : begin;
}

void parseColumnList(TokenStream & tokens, InsertQuery & insert)
{
    insert.has_columns = true;
    tokens.requireOpen();
    while (!tokens.is(TokenType::CloseRound))
    {
        insert.columns.push_back(parseOperand(tokens));
        const Expr & column = *insert.columns.back();
        bool ok = column.kind == ExprKind::Identifier || column.kind == ExprKind::Asterisk
            || column.kind == ExprKind::ColumnsMatcher;
        if (!ok)
            tokens.fail("column name");
        if (!tokens.acceptComma())
            break;
    }
    tokens.requireClose();
}

}

InsertQuery parseInsert(TokenStream & tokens)
{
    InsertQuery insert;
    tokens.require("INSERT");
    tokens.require("INTO");
    /// A table may be called "table" or "function".
    if (tokens.at("TABLE") && isIdentifier(tokens, 1) && !tokens.at("VALUES", 1) && !tokens.at("FORMAT", 1)
        && !tokens.at("SELECT", 1))
        tokens.take();
    if (tokens.at("FUNCTION") && isIdentifier(tokens, 1) && tokens.is(TokenType::OpenRound, 2))
    {
        tokens.take();
        uint32_t begin = tokens.beginOffset();
        std::string name = parseIdentifier(tokens);
        insert.table_function = parseCall(tokens, std::move(name), begin);
    }
    else
        insert.table = parseQualifiedName(tokens);

    if (tokens.is(TokenType::OpenRound) && !isSelectStart(tokens, 1) && !tokens.is(TokenType::OpenRound, 1))
        parseColumnList(tokens, insert);
    if (tokens.accept("FROM INFILE"))
    {
        insert.infile = parseString(tokens);
        if (tokens.accept("COMPRESSION"))
            insert.compression = parseString(tokens);
    }
    if (tokens.accept("SETTINGS"))
        insert.settings = parseSettings(tokens);

    if (tokens.accept("VALUES"))
    {
        insert.format = "Values";
        insert.data_offset = valuesDataOffset(tokens.text(), tokens.endOffset());
    }
    else if (tokens.accept("FORMAT"))
    {
        insert.format = parseIdentifier(tokens, "format name");
        /// FORMAT Values VALUES (1), … is the same as VALUES.
        insert.data_offset = formatDataOffset(tokens.text(), tokens.endOffset());
    }
    else if (isSelectStart(tokens) || tokens.is(TokenType::OpenRound))
        insert.select = parseSelectTree(tokens);
    else if (insert.infile.empty())
    {
        for (std::string_view what : {"SELECT", "WITH"})
            tokens.expect(what);
        tokens.fail();
    }
    return insert;
}

}
