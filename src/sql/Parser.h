#pragma once
// Entry points of the SQL front end: text in, AST out. Pure functions, thread-safe. The text is hostile: depth
// and element count are bounded by ParserLimits (TOO_DEEP_AST, TOO_BIG_AST); its size is the caller's to bound
// (max_query_size). Throws SYNTAX_ERROR with ClickHouse's wording: position, line, column, what was expected.

#include "sql/Statements.h"

#include <string_view>

namespace mangrove
{

struct ParserLimits
{
    uint32_t recursion_max = 1000;     /// max_parser_depth
    uint32_t depth_max = 1000;         /// max_ast_depth
    uint32_t elements_max = 50000;     /// max_ast_elements
    /// Values for {x:Identifier}, which are put in while parsing; other {x:Type} stay as QueryParameter nodes.
    const std::map<std::string, std::string> * parameters = nullptr;
};

/// One statement; a trailing ';' and comments are allowed, anything else after it is an error. Inline data of
/// an INSERT is not looked at: InsertQuery::data_offset says where it starts, to the end of `text`.
Statement parseStatement(std::string_view text, const ParserLimits & limits = {});

/// One expression, with an optional alias: defaults and keys from stored DDL, row filters, tests.
ExprPtr parseExpression(std::string_view text, const ParserLimits & limits = {});

/// "a, b + 1, c": the columns of an index or a key without parentheses.
ExprList parseExpressionList(std::string_view text, const ParserLimits & limits = {});

/// A SELECT or a tree of set operations, without FORMAT.
SelectPtr parseSelect(std::string_view text, const ParserLimits & limits = {});

/// "Map(String, UInt8)".
TypePtr parseType(std::string_view text, const ParserLimits & limits = {});

/// Splits a script at ';' outside of quotes and comments. An INSERT with inline data extends to the end of its
/// data: VALUES to the next ';' outside of quotes, FORMAT X to the next blank line or the end. Empty statements
/// are left out. Does not check syntax.
std::vector<std::string_view> splitStatements(std::string_view text);

}
