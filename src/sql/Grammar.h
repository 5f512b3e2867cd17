#pragma once
// The grammar functions, by file: each reads one construct at the cursor of a TokenStream and leaves the
// cursor after it, or throws SYNTAX_ERROR. Internal to sql: callers use sql/Parser.h. No function goes back in
// the tokens further than a fixed number of them, so parsing is linear in the size of the text.

#include "sql/Statements.h"
#include "sql/TokenStream.h"

namespace mangrove::grammar
{

/// ParserNames.cpp
std::string parseIdentifier(TokenStream & tokens, std::string_view what = "identifier");
bool isIdentifier(TokenStream & tokens, size_t ahead = 0);
QualifiedName parseQualifiedName(TokenStream & tokens);
std::string parseDottedName(TokenStream & tokens);    /// events.time as one name
std::string parseString(TokenStream & tokens);
std::string parseStringOrIdentifier(TokenStream & tokens);
std::string unquote(std::string_view token);          /// 'a', "a", `a`, x'41', $$a$$
std::string parseOnCluster(TokenStream & tokens);
bool acceptIfExists(TokenStream & tokens);
bool acceptIfNotExists(TokenStream & tokens);
SettingChanges parseSettings(TokenStream & tokens);    /// a = 1, b = 'x'
std::optional<PartitionAst> acceptPartition(TokenStream & tokens);
std::string upperCase(std::string_view text);

/// ParserLiteral.cpp
Literal parseNumber(std::string_view text, bool negative);
std::optional<Literal> acceptScalarLiteral(TokenStream & tokens);    /// number, string, NULL, true, false
Literal parseLiteralValue(TokenStream & tokens);                     /// … and arrays, tuples, maps of them
ExprPtr parseArrayBrackets(TokenStream & tokens);
ExprPtr parseRoundBrackets(TokenStream & tokens);
ExprPtr parseCurlyBrackets(TokenStream & tokens);

/// ParserExpression.cpp
enum class Alias : uint8_t { None, WithAs, Optional };
ExprPtr parseExpr(TokenStream & tokens, int precedence_min = 0);
ExprPtr parseExprWithAlias(TokenStream & tokens, Alias alias);
ExprList parseExprList(TokenStream & tokens, Alias alias = Alias::WithAs);
/// x AS y: y; with Alias::Optional also x y. Empty: none.
std::string acceptAlias(TokenStream & tokens, Alias alias);
ExprList parseAssignments(TokenStream & tokens);    /// a = expr, b = expr: calls of equals

/// ParserOperand.cpp
ExprPtr parseOperand(TokenStream & tokens);
/// After name: (args), (params)(args), DISTINCT, FILTER, OVER.
ExprPtr parseCall(TokenStream & tokens, std::string name, uint32_t begin);
void parseTransformers(TokenStream & tokens, Expr & expr);

/// ParserSpecialCall.cpp: CASE, CAST(x AS T), EXTRACT, TRIM, DATE_ADD, INTERVAL, … null: not one of them.
ExprPtr tryParseSpecialCall(TokenStream & tokens);

/// ParserWindow.cpp
std::shared_ptr<WindowSpec> parseOver(TokenStream & tokens);
WindowSpec parseWindowSpec(TokenStream & tokens);
std::vector<OrderElement> parseOrderBy(TokenStream & tokens);

/// ParserType.cpp
TypePtr parseType(TokenStream & tokens);

/// ParserSelect.cpp, ParserFrom.cpp
bool isSelectStart(TokenStream & tokens, size_t ahead = 0);
SelectPtr parseSelectTree(TokenStream & tokens);
SelectPtr parseSelectInBrackets(TokenStream & tokens);    /// at the opening bracket
ExprPtr parseSubquery(TokenStream & tokens);              /// the same, as an expression
std::vector<FromElement> parseFrom(TokenStream & tokens);
TableExpression parseTableExpression(TokenStream & tokens);

/// ParserColumns.cpp, ParserEngine.cpp, ParserCreate.cpp
ColumnDeclaration parseColumn(TokenStream & tokens, bool type_optional);
void parseColumnProperties(TokenStream & tokens, ColumnDeclaration & column);
std::vector<CodecAst> parseCodec(TokenStream & tokens);
IndexDeclaration parseIndex(TokenStream & tokens);
ProjectionDeclaration parseProjection(TokenStream & tokens);
ConstraintDeclaration parseConstraint(TokenStream & tokens);
TableDeclaration parseTableDeclaration(TokenStream & tokens);
std::vector<TtlElement> parseTtl(TokenStream & tokens);
bool acceptEngineClause(TokenStream & tokens, CreateQuery & create);
CreateQuery parseCreate(TokenStream & tokens);

/// The others, each in the file of its name. The cursor is at the first word of the statement.
InsertQuery parseInsert(TokenStream & tokens);
AlterQuery parseAlter(TokenStream & tokens);
DropQuery parseDrop(TokenStream & tokens);
RenameQuery parseRename(TokenStream & tokens);
ShowQuery parseShow(TokenStream & tokens);
SystemQuery parseSystem(TokenStream & tokens);
Statement parseStatement(TokenStream & tokens);

}
