#include "sql/Grammar.h"

#include "base/Exception.h"
#include "sql/Keywords.h"

#include <charconv>

namespace mangrove::grammar
{

namespace
{

ExprPtr stringLiteral(TokenStream & tokens, std::string value, uint32_t begin)
{
    return tokens.track(makeLiteral(Literal{std::move(value)}, SourceRange{begin, begin}));
}

ExprPtr nullLiteral(TokenStream & tokens)
{
    uint32_t begin = tokens.beginOffset();
    return tokens.track(makeLiteral(Literal{LiteralNull{}}, SourceRange{begin, begin}));
}

std::string_view acceptUnit(TokenStream & tokens)
{
    tokens.expect("interval unit");
    std::string_view unit = tokens.is(TokenType::BareWord) ? intervalUnit(tokens.textOf(tokens.peek()))
        : std::string_view();
    if (!unit.empty())
        tokens.take();
    return unit;
}

std::string toInterval(std::string_view unit)
{
    return "toInterval" + std::string(unit);
}

/// CASE WHEN a THEN b … is multiIf; CASE x WHEN a THEN b … is caseWithExpression, as in ClickHouse.
ExprPtr parseCase(TokenStream & tokens)
{
    uint32_t begin = tokens.take().begin;
    ExprList args;
    bool with_expression = !tokens.at("WHEN");
    if (with_expression)
        args.push_back(parseExpr(tokens));
    tokens.require("WHEN");
    do
    {
        args.push_back(parseExpr(tokens));
        tokens.require("THEN");
        args.push_back(parseExpr(tokens));
    } while (tokens.accept("WHEN"));
    args.push_back(tokens.accept("ELSE") ? parseExpr(tokens) : nullLiteral(tokens));
    tokens.require("END");
    return tokens.call(with_expression ? "caseWithExpression" : "multiIf", std::move(args), begin);
}

/// CAST(x AS T) and CAST(x, 'T'); the cursor is at the word.
ExprPtr parseCast(TokenStream & tokens)
{
    Token word = tokens.take();
    std::string name(tokens.textOf(word));
    tokens.requireOpen();
    ExprPtr value = parseExpr(tokens);
    ExprPtr type;
    if (tokens.accept("AS"))
    {
        uint32_t type_begin = tokens.beginOffset();
        /// CAST(x AS alias, 'T')
        if (isIdentifier(tokens) && tokens.is(TokenType::Comma, 1))
        {
            value->alias = parseIdentifier(tokens);
            tokens.take();
            type = parseExpr(tokens);
        }
        else
            type = stringLiteral(tokens, parseType(tokens)->text, type_begin);
    }
    else
    {
        tokens.require(TokenType::Comma, "Comma");
        type = parseExpr(tokens);
    }
    tokens.requireClose();
    return tokens.call(equalsIgnoreCase(name, "CAST") ? "CAST" : name, {std::move(value), std::move(type)}, word.begin);
}

/// EXTRACT(DAY FROM x)
ExprPtr parseExtract(TokenStream & tokens)
{
    uint32_t begin = tokens.take().begin;
    tokens.requireOpen();
    std::string_view unit = acceptUnit(tokens);
    tokens.require("FROM");
    ExprPtr value = parseExpr(tokens);
    tokens.requireClose();
    std::string function = unit == "Day" ? "toDayOfMonth" : unit == "Week" ? "toISOWeek" : "to" + std::string(unit);
    return tokens.call(std::move(function), {std::move(value)}, begin);
}

/// SUBSTRING(x FROM 2 FOR 3), SUBSTRING(x, 2, 3)
ExprPtr parseSubstring(TokenStream & tokens)
{
    uint32_t begin = tokens.take().begin;
    tokens.requireOpen();
    ExprList args = {parseExprWithAlias(tokens, Alias::WithAs)};
    while (tokens.accept("FROM") || tokens.accept("FOR") || tokens.acceptComma())
        args.push_back(parseExprWithAlias(tokens, Alias::WithAs));
    tokens.requireClose();
    return tokens.call("substring", std::move(args), begin);
}

/// TRIM([BOTH|LEADING|TRAILING] [characters FROM] x), LTRIM(x), RTRIM(x)
ExprPtr parseTrim(TokenStream & tokens, std::string function)
{
    uint32_t begin = tokens.take().begin;
    tokens.requireOpen();
    if (function == "trimBoth")
    {
        if (tokens.accept("LEADING"))
            function = "trimLeft";
        else if (tokens.accept("TRAILING"))
            function = "trimRight";
        else
            tokens.accept("BOTH");
    }
    ExprList args;
    if (!tokens.at("FROM"))
        args.push_back(parseExprWithAlias(tokens, Alias::WithAs));
    if (tokens.accept("FROM"))
        args.insert(args.begin(), parseExpr(tokens));
    else if (tokens.acceptComma())
        args.push_back(parseExpr(tokens));
    tokens.requireClose();
    return tokens.call(std::move(function), std::move(args), begin);
}

/// POSITION(needle IN haystack), POSITION(haystack, needle)
ExprPtr parsePosition(TokenStream & tokens)
{
    uint32_t begin = tokens.take().begin;
    tokens.requireOpen();
    ExprList args = parseExprList(tokens);
    if (args.size() == 1 && args[0]->isFunction("in") && args[0]->is_operator && args[0]->alias.empty())
        args = {args[0]->args[1], args[0]->args[0]};
    tokens.requireClose();
    return tokens.call("position", std::move(args), begin);
}

/// DATE_ADD(DAY, 1, x), DATE_ADD(x, INTERVAL 1 DAY), the same for DATE_SUB.
ExprPtr parseDateArithmetic(TokenStream & tokens, std::string function)
{
    uint32_t begin = tokens.take().begin;
    tokens.requireOpen();
    /// D is a unit and a likely name of a column: DATE_ADD(d, INTERVAL 1 DAY).
    bool with_unit = tokens.is(TokenType::BareWord) && tokens.is(TokenType::Comma, 1) && !tokens.at("INTERVAL", 2)
        && !intervalUnit(tokens.textOf(tokens.peek())).empty();
    ExprList args;
    if (with_unit)
    {
        std::string_view unit = acceptUnit(tokens);
        tokens.require(TokenType::Comma, "Comma");
        ExprPtr count = parseExpr(tokens);
        tokens.require(TokenType::Comma, "Comma");
        ExprPtr date = parseExpr(tokens);
        ExprPtr interval = tokens.call(toInterval(unit), {std::move(count)}, begin);
        args = {std::move(date), std::move(interval)};
    }
    else
    {
        args.push_back(parseExpr(tokens));
        tokens.require(TokenType::Comma, "Comma");
        args.push_back(parseExpr(tokens));
    }
    tokens.requireClose();
    return tokens.operation(std::move(function), std::move(args), begin);
}

/// DATE_DIFF(DAY, a, b) and dateDiff('day', a, b)
ExprPtr parseDateDiff(TokenStream & tokens)
{
    uint32_t begin = tokens.take().begin;
    tokens.requireOpen();
    ExprList args;
    uint32_t unit_begin = tokens.beginOffset();
    if (tokens.is(TokenType::BareWord) && tokens.is(TokenType::Comma, 1)
        && !intervalUnit(tokens.textOf(tokens.peek())).empty())
    {
        std::string unit(acceptUnit(tokens));
        unit[0] = static_cast<char>(unit[0] | 0x20);
        args.push_back(stringLiteral(tokens, std::move(unit), unit_begin));
    }
    else
        args.push_back(parseExprWithAlias(tokens, Alias::WithAs));
    while (tokens.acceptComma())
        args.push_back(parseExprWithAlias(tokens, Alias::WithAs));
    tokens.requireClose();
    return tokens.call("dateDiff", std::move(args), begin);
}

bool isIntervalStart(TokenStream & tokens)
{
    if (tokens.is(TokenType::Number, 1) || tokens.is(TokenType::String, 1) || tokens.is(TokenType::OpenRound, 1)
        || tokens.is(TokenType::QuotedIdentifier, 1) || (tokens.is(TokenType::OpenCurly, 1)))
        return true;
    if (tokens.is(TokenType::Minus, 1))
        return tokens.is(TokenType::Number, 2) && tokens.is(TokenType::BareWord, 3);
    if (!tokens.is(TokenType::BareWord, 1) || isReservedAsAlias(tokens.textOf(tokens.peek(1))))
        return false;
    bool unit_follows = tokens.is(TokenType::BareWord, 2) && !intervalUnit(tokens.textOf(tokens.peek(2))).empty();
    return unit_follows || tokens.is(TokenType::OpenRound, 2) || tokens.is(TokenType::Dot, 2);
}

/// INTERVAL 1 DAY, INTERVAL '1 day', INTERVAL '1 day 2 hours' (a tuple of intervals)
ExprPtr parseInterval(TokenStream & tokens)
{
    uint32_t begin = tokens.take().begin;
    bool only_string = tokens.is(TokenType::String)
        && (!tokens.is(TokenType::BareWord, 1) || intervalUnit(tokens.textOf(tokens.peek(1))).empty());
    if (!only_string)
    {
        ExprPtr count = parseExpr(tokens);
        std::string_view unit = acceptUnit(tokens);
        if (unit.empty())
            tokens.fail();
        return tokens.call(toInterval(unit), {std::move(count)}, begin);
    }
    std::string text = parseString(tokens);
    TokenStream words(text, tokens.limits());
    ExprList intervals;
    while (!words.atEnd())
    {
        ExprPtr count = tokens.track(makeLiteral({}, SourceRange{begin, begin}));
        auto value = acceptScalarLiteral(words);
        std::string_view unit = acceptUnit(words);
        if (!value || value->isString() || unit.empty())
            throw Exception(ErrorCode::SYNTAX_ERROR, "Syntax error: failed at position {}: INTERVAL '{}' is not a "
            "list of number and unit", begin + 1, text);
        count->value = std::move(*value);
        intervals.push_back(tokens.call(toInterval(unit), {std::move(count)}, begin));
    }
    if (intervals.empty())
        tokens.fail("interval unit");
    return intervals.size() == 1 ? intervals[0] : tokens.operation("tuple", std::move(intervals), begin);
}

ExprPtr parseTypedString(TokenStream & tokens, std::string function)
{
    uint32_t begin = tokens.take().begin;
    uint32_t text_begin = tokens.beginOffset();
    std::string text = parseString(tokens);
    ExprPtr argument = stringLiteral(tokens, std::move(text), text_begin);
    return tokens.call(std::move(function), {std::move(argument)}, begin);
}

bool isWordOf(std::string_view word, std::initializer_list<std::string_view> words)
{
    for (std::string_view candidate : words)
        if (equalsIgnoreCase(word, candidate))
            return true;
    return false;
}

ExprPtr tryParseWithBracket(TokenStream & tokens, std::string_view word)
{
    if (isWordOf(word, {"CAST"}))
        return parseCast(tokens);
    if (isWordOf(word, {"EXTRACT"}) && tokens.at("FROM", 3))
        return parseExtract(tokens);
    if (isWordOf(word, {"SUBSTRING", "SUBSTR", "MID"}))
        return parseSubstring(tokens);
    if (isWordOf(word, {"TRIM"}))
        return parseTrim(tokens, "trimBoth");
    if (isWordOf(word, {"LTRIM"}))
        return parseTrim(tokens, "trimLeft");
    if (isWordOf(word, {"RTRIM"}))
        return parseTrim(tokens, "trimRight");
    if (isWordOf(word, {"POSITION"}))
        return parsePosition(tokens);
    if (isWordOf(word, {"DATE_ADD", "DATEADD", "TIMESTAMP_ADD", "TIMESTAMPADD"}))
        return parseDateArithmetic(tokens, "plus");
    if (isWordOf(word, {"DATE_SUB", "DATESUB", "TIMESTAMP_SUB", "TIMESTAMPSUB"}))
        return parseDateArithmetic(tokens, "minus");
    if (isWordOf(word, {"DATE_DIFF", "DATEDIFF", "TIMESTAMP_DIFF", "TIMESTAMPDIFF"}))
        return parseDateDiff(tokens);
    return nullptr;
}

}

ExprPtr tryParseSpecialCall(TokenStream & tokens)
{
    std::string_view word = tokens.textOf(tokens.peek());
    if (tokens.is(TokenType::String, 1) && isWordOf(word, {"DATE"}))
        return parseTypedString(tokens, "toDate");
    if (tokens.is(TokenType::String, 1) && isWordOf(word, {"TIMESTAMP"}))
        return parseTypedString(tokens, "toDateTime");
    if (isWordOf(word, {"CASE"}) && !tokens.is(TokenType::Dot, 1) && !tokens.is(TokenType::Comma, 1))
        return parseCase(tokens);
    if (isWordOf(word, {"INTERVAL"}) && isIntervalStart(tokens))
        return parseInterval(tokens);
    return tokens.is(TokenType::OpenRound, 1) ? tryParseWithBracket(tokens, word) : nullptr;
}

}
