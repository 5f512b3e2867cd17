#include "sql/Grammar.h"

#include "base/Exception.h"
#include "sql/Keywords.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace mangrove::grammar
{

namespace
{

double parseDouble(std::string_view digits, bool hex)
{
    double value = 0;
    auto format = hex ? std::chars_format::hex : std::chars_format::general;
    auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value, format);
    if (result.ec == std::errc::result_out_of_range)
    {
        /// Too large or too small: the exponent says which.
        size_t e = digits.find_first_of(hex ? "pP" : "eE");
        bool tiny = e != std::string_view::npos && e + 1 < digits.size() && digits[e + 1] == '-';
        return tiny ? 0.0 : std::numeric_limits<double>::infinity();
    }
    return value;
}

bool acceptSpecialNumber(TokenStream & tokens, double & value)
{
    if (!tokens.is(TokenType::BareWord) || tokens.is(TokenType::OpenRound, 1) || tokens.is(TokenType::Dot, 1)
        || tokens.is(TokenType::Arrow, 1))
        return false;
    if (tokens.at("INF") || tokens.at("INFINITY"))
        value = std::numeric_limits<double>::infinity();
    else if (tokens.at("NAN"))
        value = std::numeric_limits<double>::quiet_NaN();
    else
        return false;
    tokens.take();
    return true;
}

ExprPtr literalNode(TokenStream & tokens, Literal value, uint32_t begin)
{
    return tokens.track(makeLiteral(std::move(value), SourceRange{begin, begin}));
}

/// Elements up to `close`: literals alone are one node, as IN lists are long; anything else is a function.
ExprPtr parseElements(TokenStream & tokens, TokenType close, std::string_view close_name, bool array, uint32_t begin)
{
    uint32_t inner_begin = tokens.beginOffset();
    std::vector<Literal> values;
    ExprList exprs;
    bool trailing_comma = false;
    while (!tokens.is(close))
    {
        trailing_comma = false;
        TokenType after = tokens.peek(tokens.is(TokenType::Minus) ? 2 : 1).type;
        if (exprs.empty() && (after == TokenType::Comma || after == close))
        {
            if (auto value = acceptScalarLiteral(tokens))
            {
                values.push_back(std::move(*value));
                if (!tokens.acceptComma())
                    break;
                trailing_comma = true;
                continue;
            }
        }
        ExprPtr expr = parseExprWithAlias(tokens, Alias::WithAs);
        if (exprs.empty() && expr->isLiteral() && expr->alias.empty())
            values.push_back(std::move(expr->value));
        else
        {
            if (exprs.empty())
                for (Literal & value : values)
                    exprs.push_back(literalNode(tokens, std::move(value), expr->range.begin));
            exprs.push_back(std::move(expr));
        }
        if (!tokens.acceptComma())
            break;
        trailing_comma = true;
    }
    uint32_t inner_end = tokens.endOffset();
    tokens.require(close, close_name);

    size_t count = std::max(values.size(), exprs.size());
    if (!array && count == 1 && !trailing_comma)
    {
        if (!exprs.empty())
            return exprs[0];
        ExprPtr literal = literalNode(tokens, std::move(values[0]), inner_begin);
        literal->range.end = inner_end;
        return literal;
    }
    if (exprs.empty() && (array || count > 0))
    {
        Literal literal;
        if (array)
            literal.value = LiteralArray{std::move(values)};
        else
            literal.value = LiteralTuple{std::move(values)};
        return literalNode(tokens, std::move(literal), begin);
    }
    return tokens.operation(array ? "array" : "tuple", std::move(exprs), begin);
}

}

Literal parseNumber(std::string_view text, bool negative)
{
    std::string digits;
    for (char c : text)
        if (c != '_')
            digits += c;
    char marker = digits.size() > 1 && digits[0] == '0' ? static_cast<char>(digits[1] | 0x20) : '\0';
    int base = marker == 'x' ? 16 : marker == 'b' ? 2 : 10;
    if (base != 10)
        digits.erase(0, 2);

    uint64_t integer = 0;
    const char * end = digits.data() + digits.size();
    auto result = std::from_chars(digits.data(), end, integer, base);
    constexpr uint64_t negative_max = uint64_t(1) << 63;
    if (result.ec == std::errc() && result.ptr == end && (!negative || integer <= negative_max))
    {
        if (!negative || integer == 0)
            return Literal{integer};
        return Literal{static_cast<int64_t>(~integer + 1)};
    }
    if (base == 2)
        throw Exception(ErrorCode::SYNTAX_ERROR, "Binary number {} does not fit in 64 bits", text);
    double value = parseDouble(digits, base == 16);
    return Literal{negative ? -value : value};
}

std::optional<Literal> acceptScalarLiteral(TokenStream & tokens)
{
    bool negative = tokens.is(TokenType::Minus);
    if (tokens.is(TokenType::Number, negative ? 1 : 0))
    {
        if (negative)
            tokens.take();
        return parseNumber(tokens.textOf(tokens.take()), negative);
    }
    double special = 0;
    if (negative)
    {
        if (!tokens.at("INF", 1) && !tokens.at("INFINITY", 1) && !tokens.at("NAN", 1))
            return std::nullopt;
        if (tokens.is(TokenType::OpenRound, 2) || tokens.is(TokenType::Dot, 2))
            return std::nullopt;
        tokens.take();
        acceptSpecialNumber(tokens, special);
        return Literal{-special};
    }
    if (tokens.is(TokenType::String) || tokens.is(TokenType::HereDoc))
        return Literal{unquote(tokens.textOf(tokens.take()))};
    if (!tokens.is(TokenType::BareWord) || tokens.is(TokenType::Dot, 1) || tokens.is(TokenType::OpenRound, 1))
        return std::nullopt;
    if (acceptSpecialNumber(tokens, special))
        return Literal{special};
    if (tokens.accept("NULL"))
        return Literal{LiteralNull{}};
    if (tokens.accept("TRUE"))
        return Literal{true};
    if (tokens.accept("FALSE"))
        return Literal{false};
    return std::nullopt;
}

Literal parseLiteralValue(TokenStream & tokens)
{
    TokenStream::DepthGuard guard(tokens);
    tokens.expect("literal");
    if (auto scalar = acceptScalarLiteral(tokens))
        return std::move(*scalar);
    std::vector<Literal> elements;
    bool map = tokens.is(TokenType::OpenCurly);
    TokenType close = TokenType::CloseRound;
    if (map)
        close = TokenType::CloseCurly;
    else if (tokens.is(TokenType::OpenSquare))
        close = TokenType::CloseSquare;
    else if (!tokens.is(TokenType::OpenRound))
        tokens.fail();
    tokens.take();
    while (!tokens.is(close))
    {
        elements.push_back(parseLiteralValue(tokens));
        if (map)
        {
            tokens.require(TokenType::Colon, "Colon");
            elements.push_back(parseLiteralValue(tokens));
        }
        tokens.countElements(1);
        if (!tokens.acceptComma())
            break;
    }
    tokens.require(close, "closing bracket");
    if (map)
        return Literal{LiteralMap{std::move(elements)}};
    if (close == TokenType::CloseSquare)
        return Literal{LiteralArray{std::move(elements)}};
    return Literal{LiteralTuple{std::move(elements)}};
}

ExprPtr parseArrayBrackets(TokenStream & tokens)
{
    uint32_t begin = tokens.take().begin;
    return parseElements(tokens, TokenType::CloseSquare, "closing square bracket", true, begin);
}

/// (a), (a, b), (a,), (), (SELECT …)
ExprPtr parseRoundBrackets(TokenStream & tokens)
{
    if (isSelectStart(tokens, 1))
        return parseSubquery(tokens);
    uint32_t begin = tokens.take().begin;
    return parseElements(tokens, TokenType::CloseRound, "closing round bracket", false, begin);
}

/// {name:Type}, or a map: {'a': 1}
ExprPtr parseCurlyBrackets(TokenStream & tokens)
{
    if (tokens.is(TokenType::BareWord, 1) && tokens.is(TokenType::Colon, 2))
    {
        if (isIdentifier(tokens))
        {
            uint32_t identifier_begin = tokens.beginOffset();
            return tokens.track(makeIdentifier({parseIdentifier(tokens)},
                SourceRange{identifier_begin, identifier_begin}));
        }
        ExprPtr parameter = tokens.newExpr(ExprKind::QueryParameter);
        tokens.take();
        parameter->name = parseIdentifier(tokens, "substitution name (identifier)");
        tokens.require(TokenType::Colon, "Colon");
        parameter->type = parseType(tokens);
        tokens.require(TokenType::CloseCurly, "closing curly bracket");
        return tokens.track(parameter);
    }
    uint32_t begin = tokens.take().begin;
    ExprList args;
    while (!tokens.is(TokenType::CloseCurly))
    {
        args.push_back(parseExpr(tokens));
        tokens.require(TokenType::Colon, "Colon");
        args.push_back(parseExpr(tokens));
        if (!tokens.acceptComma())
            break;
    }
    tokens.require(TokenType::CloseCurly, "closing curly bracket");
    return tokens.call("map", std::move(args), begin);
}

}
