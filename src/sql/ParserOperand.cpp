#include "sql/Grammar.h"

#include "base/Exception.h"
#include "sql/Keywords.h"

namespace mangrove::grammar
{

namespace
{

bool isTransformerExcept(TokenStream & tokens)
{
    if (!tokens.at("EXCEPT") || tokens.at("SELECT", 1) || tokens.at("ALL", 1) || tokens.at("DISTINCT", 1))
        return false;
    return !tokens.is(TokenType::OpenRound, 1) || (!isSelectStart(tokens, 2) && !tokens.is(TokenType::OpenRound, 2));
}

ColumnTransformer parseExcept(TokenStream & tokens)
{
    ColumnTransformer result;
    result.kind = ColumnTransformerKind::Except;
    result.strict = tokens.at("STRICT") && !tokens.is(TokenType::Comma, 1) && tokens.accept("STRICT");
    bool brackets = tokens.accept(TokenType::OpenRound, "opening round bracket");
    if (tokens.is(TokenType::String))
        result.regexp = parseString(tokens);
    else
    {
        do
            result.columns.push_back(parseDottedName(tokens));
        while (brackets && tokens.acceptComma());
    }
    if (brackets)
        tokens.requireClose();
    return result;
}

ColumnTransformer parseReplace(TokenStream & tokens)
{
    ColumnTransformer result;
    result.kind = ColumnTransformerKind::Replace;
    result.strict = tokens.accept("STRICT");
    bool brackets = tokens.accept(TokenType::OpenRound, "opening round bracket");
    do
    {
        ExprPtr expr = parseExprWithAlias(tokens, Alias::WithAs);
        if (expr->alias.empty())
            tokens.fail("AS");
        result.replacements.push_back(std::move(expr));
    } while (brackets && tokens.acceptComma());
    if (brackets)
        tokens.requireClose();
    return result;
}

ColumnTransformer parseApply(TokenStream & tokens)
{
    ColumnTransformer result;
    result.kind = ColumnTransformerKind::Apply;
    bool brackets = tokens.accept(TokenType::OpenRound, "opening round bracket");
    bool lambda = tokens.is(TokenType::Arrow, 1) || tokens.is(TokenType::OpenRound);
    uint32_t begin = tokens.beginOffset();
    if (lambda)
        result.function = parseExpr(tokens);
    else
    {
        std::string name = parseIdentifier(tokens, "function name");
        ExprList parameters;
        if (tokens.accept(TokenType::OpenRound, "opening round bracket"))
        {
            parameters = parseExprList(tokens);
            tokens.requireClose();
        }
        result.function = tokens.call(std::move(name), {}, begin);
        result.function->parameters = std::move(parameters);
        tokens.track(result.function);
    }
    if (brackets)
        tokens.requireClose();
    return result;
}

ExprPtr parseAsterisk(TokenStream & tokens, std::vector<std::string> qualifier, uint32_t begin)
{
    ExprPtr result = tokens.newExpr(ExprKind::Asterisk);
    result->range.begin = begin;
    result->parts = std::move(qualifier);
    tokens.require(TokenType::Asterisk, "asterisk");
    parseTransformers(tokens, *result);
    return tokens.track(result);
}

/// COLUMNS('regexp') or COLUMNS(a, b), at the word.
ExprPtr parseColumnsMatcher(TokenStream & tokens, std::vector<std::string> qualifier, uint32_t begin)
{
    ExprPtr result = tokens.newExpr(ExprKind::ColumnsMatcher);
    result->range.begin = begin;
    result->parts = std::move(qualifier);
    tokens.take();
    tokens.requireOpen();
    if (tokens.is(TokenType::String))
        result->value.value = parseString(tokens);
    else
        result->args = parseExprList(tokens);
    tokens.requireClose();
    parseTransformers(tokens, *result);
    return tokens.track(result);
}

bool isColumnsMatcher(TokenStream & tokens, size_t ahead)
{
    return tokens.at("COLUMNS", ahead) && tokens.is(TokenType::OpenRound, ahead + 1);
}

ExprPtr parseIdentifierOrCall(TokenStream & tokens)
{
    uint32_t begin = tokens.beginOffset();
    bool bare = tokens.is(TokenType::BareWord);
    if (bare && isReservedInExpression(tokens.textOf(tokens.peek())))
    {
        std::string_view word = tokens.textOf(tokens.peek());
        /// and(a, b), in(a, b), like(…) are functions too.
        bool function = tokens.is(TokenType::OpenRound, 1)
            && (equalsIgnoreCase(word, "and") || equalsIgnoreCase(word, "or") || equalsIgnoreCase(word, "in")
                || equalsIgnoreCase(word, "like") || equalsIgnoreCase(word, "ilike"));
        if (!function)
            tokens.fail("identifier");
    }
    std::vector<std::string> parts = {parseIdentifier(tokens)};
    if (tokens.is(TokenType::OpenRound))
        return parseCall(tokens, std::move(parts[0]), begin);
    while (tokens.is(TokenType::Dot))
    {
        if (tokens.is(TokenType::Asterisk, 1))
        {
            tokens.take();
            return parseAsterisk(tokens, std::move(parts), begin);
        }
        if (isColumnsMatcher(tokens, 1))
        {
            tokens.take();
            return parseColumnsMatcher(tokens, std::move(parts), begin);
        }
        if (!isIdentifier(tokens, 1))
            break;    /// t.1 is an operator
        tokens.take();
        parts.push_back(parseIdentifier(tokens));
        tokens.countElements(1);
    }
    return tokens.track(makeIdentifier(std::move(parts), SourceRange{begin, begin}));
}

/// @@version
ExprPtr parseGlobalVariable(TokenStream & tokens)
{
    uint32_t begin = tokens.take().begin;
    std::string name = parseDottedName(tokens);
    ExprPtr argument = tokens.track(makeLiteral(Literal{std::move(name)}, SourceRange{begin, begin}));
    return tokens.call("globalVariable", {std::move(argument)}, begin);
}

void parseArguments(TokenStream & tokens, Expr & function)
{
    if (isSelectStart(tokens))
    {
        ExprPtr subquery = tokens.newExpr(ExprKind::Subquery);
        subquery->subquery = parseSelectTree(tokens);
        function.args.push_back(tokens.track(subquery));
        return;
    }
    function.distinct = tokens.at("DISTINCT") && !tokens.is(TokenType::Comma, 1) && !tokens.is(TokenType::CloseRound, 1)
        && tokens.accept("DISTINCT");
    while (!tokens.is(TokenType::CloseRound))
    {
        if (tokens.at("SETTINGS") && tokens.is(TokenType::Equals, 2))
            throw Exception(ErrorCode::NOT_IMPLEMENTED, "SETTINGS among the arguments of {} are not supported: give "
            "them after the query",
                function.name);
        function.args.push_back(parseExprWithAlias(tokens, Alias::WithAs));
        if (!tokens.acceptComma())
            break;
    }
}

}

void parseTransformers(TokenStream & tokens, Expr & expr)
{
    while (true)
    {
        if (isTransformerExcept(tokens))
        {
            tokens.take();
            expr.transformers.push_back(parseExcept(tokens));
        }
        else if (tokens.accept("REPLACE"))
            expr.transformers.push_back(parseReplace(tokens));
        else if (tokens.accept("APPLY"))
            expr.transformers.push_back(parseApply(tokens));
        else
            return;
    }
}

ExprPtr parseCall(TokenStream & tokens, std::string name, uint32_t begin)
{
    auto function = std::make_shared<Expr>();
    function->kind = ExprKind::Function;
    function->name = std::move(name);
    function->range.begin = begin;
    tokens.requireOpen();
    parseArguments(tokens, *function);
    tokens.requireClose();
    if (tokens.is(TokenType::OpenRound))
    {
        if (function->distinct)
            tokens.fail("end of query");
        function->parameters = std::move(function->args);
        function->args.clear();
        function->has_parameters = true;
        tokens.take();
        parseArguments(tokens, *function);
        tokens.requireClose();
    }
    if (tokens.accept("RESPECT NULLS"))
        function->respect_nulls = true;
    else if (tokens.accept("IGNORE NULLS"))
        function->ignore_nulls = true;
    if (tokens.at("FILTER") && tokens.is(TokenType::OpenRound, 1))
    {
        tokens.take();
        tokens.take();
        tokens.require("WHERE");
        function->filter = parseExpr(tokens);
        tokens.requireClose();
    }
    if (tokens.at("OVER") && (tokens.is(TokenType::OpenRound, 1) || isIdentifier(tokens, 1)))
    {
        tokens.take();
        function->window = parseOver(tokens);
    }
    return tokens.track(function);
}

ExprPtr parseOperand(TokenStream & tokens)
{
    uint32_t begin = tokens.beginOffset();
    tokens.expect("literal");
    switch (tokens.peek().type)
    {
        case TokenType::OpenRound: return parseRoundBrackets(tokens);
        case TokenType::OpenSquare: return parseArrayBrackets(tokens);
        case TokenType::OpenCurly:
            if (!isIdentifier(tokens))
                return parseCurlyBrackets(tokens);
            return parseIdentifierOrCall(tokens);
        case TokenType::Asterisk: return parseAsterisk(tokens, {}, begin);
        case TokenType::DoubleAt: return parseGlobalVariable(tokens);
        default: break;
    }
    bool number = tokens.is(TokenType::Number) || tokens.is(TokenType::Minus);
    if (auto value = acceptScalarLiteral(tokens))
    {
        ExprPtr literal = tokens.track(makeLiteral(std::move(*value), SourceRange{begin, begin}));
        if (number)
            literal->literal_text = std::string(tokens.textOf(literal->range));
        return literal;
    }
    if (tokens.is(TokenType::BareWord))
    {
        if (isColumnsMatcher(tokens, 0))
            return parseColumnsMatcher(tokens, {}, begin);
        if (ExprPtr special = tryParseSpecialCall(tokens))
            return special;
    }
    if (!isIdentifier(tokens))
        tokens.fail("identifier");
    return parseIdentifierOrCall(tokens);
}

}
