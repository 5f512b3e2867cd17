#include "sql/Grammar.h"

#include "base/Exception.h"
#include "sql/Keywords.h"

#include <algorithm>

namespace mangrove::grammar
{

namespace
{

/// ClickHouse's precedences; a larger number binds tighter.
enum Precedence
{
    PRECEDENCE_LAMBDA = 1,
    PRECEDENCE_TERNARY = 2,
    PRECEDENCE_OR = 3,
    PRECEDENCE_AND = 4,
    PRECEDENCE_NOT = 5,
    PRECEDENCE_IS = 6,
    PRECEDENCE_BETWEEN = 7,
    PRECEDENCE_COMPARISON = 9,
    PRECEDENCE_CONCAT = 10,
    PRECEDENCE_ADD = 11,
    PRECEDENCE_MULTIPLY = 12,
    PRECEDENCE_NEGATE = 13,
    PRECEDENCE_ACCESS = 14,
};

enum class Form : uint8_t { Binary, Flat, Postfix, Between, Ternary, Lambda, Index, Member, Cast };

struct Operator
{
    std::string_view words;    /// for words; symbols are found by TokenType
    std::string_view function;
    int precedence;
    Form form = Form::Binary;
};

constexpr Operator word_operators[] = {
    {"OR", "or", PRECEDENCE_OR, Form::Flat},
    {"AND", "and", PRECEDENCE_AND, Form::Flat},
    {"IS NOT DISTINCT FROM", "isNotDistinctFrom", PRECEDENCE_IS},
    {"IS DISTINCT FROM", "isDistinctFrom", PRECEDENCE_IS},
    {"IS NULL", "isNull", PRECEDENCE_IS, Form::Postfix},
    {"IS NOT NULL", "isNotNull", PRECEDENCE_IS, Form::Postfix},
    {"BETWEEN", "between", PRECEDENCE_BETWEEN, Form::Between},
    {"NOT BETWEEN", "notBetween", PRECEDENCE_BETWEEN, Form::Between},
    {"LIKE", "like", PRECEDENCE_COMPARISON},
    {"ILIKE", "ilike", PRECEDENCE_COMPARISON},
    {"NOT LIKE", "notLike", PRECEDENCE_COMPARISON},
    {"NOT ILIKE", "notILike", PRECEDENCE_COMPARISON},
    {"REGEXP", "match", PRECEDENCE_COMPARISON},
    {"IN", "in", PRECEDENCE_COMPARISON},
    {"NOT IN", "notIn", PRECEDENCE_COMPARISON},
    {"GLOBAL IN", "globalIn", PRECEDENCE_COMPARISON},
    {"GLOBAL NOT IN", "globalNotIn", PRECEDENCE_COMPARISON},
    {"AT TIME ZONE", "toTimeZone", PRECEDENCE_ACCESS},
    {"MOD", "modulo", PRECEDENCE_MULTIPLY},
    {"DIV", "intDiv", PRECEDENCE_MULTIPLY},
};

const Operator * symbolOperator(TokenType type)
{
    static constexpr Operator lambda{"", "lambda", PRECEDENCE_LAMBDA, Form::Lambda};
    static constexpr Operator ternary{"", "if", PRECEDENCE_TERNARY, Form::Ternary};
    static constexpr Operator equals{"", "equals", PRECEDENCE_COMPARISON};
    static constexpr Operator not_equals{"", "notEquals", PRECEDENCE_COMPARISON};
    static constexpr Operator less{"", "less", PRECEDENCE_COMPARISON};
    static constexpr Operator greater{"", "greater", PRECEDENCE_COMPARISON};
    static constexpr Operator less_or_equals{"", "lessOrEquals", PRECEDENCE_COMPARISON};
    static constexpr Operator greater_or_equals{"", "greaterOrEquals", PRECEDENCE_COMPARISON};
    static constexpr Operator not_distinct{"", "isNotDistinctFrom", PRECEDENCE_COMPARISON};
    static constexpr Operator concat{"", "concat", PRECEDENCE_CONCAT, Form::Flat};
    static constexpr Operator plus{"", "plus", PRECEDENCE_ADD};
    static constexpr Operator minus{"", "minus", PRECEDENCE_ADD};
    static constexpr Operator multiply{"", "multiply", PRECEDENCE_MULTIPLY};
    static constexpr Operator divide{"", "divide", PRECEDENCE_MULTIPLY};
    static constexpr Operator modulo{"", "modulo", PRECEDENCE_MULTIPLY};
    static constexpr Operator index{"", "arrayElement", PRECEDENCE_ACCESS, Form::Index};
    static constexpr Operator member{"", "tupleElement", PRECEDENCE_ACCESS, Form::Member};
    static constexpr Operator cast{"", "CAST", PRECEDENCE_ACCESS, Form::Cast};
    switch (type)
    {
        case TokenType::Arrow: return &lambda;
        case TokenType::QuestionMark: return &ternary;
        case TokenType::Equals: return &equals;
        case TokenType::NotEquals: return &not_equals;
        case TokenType::Less: return &less;
        case TokenType::Greater: return &greater;
        case TokenType::LessOrEquals: return &less_or_equals;
        case TokenType::GreaterOrEquals: return &greater_or_equals;
        case TokenType::Spaceship: return &not_distinct;
        case TokenType::Concatenation: return &concat;
        case TokenType::Plus: return &plus;
        case TokenType::Minus: return &minus;
        case TokenType::Asterisk: return &multiply;
        case TokenType::Slash: return &divide;
        case TokenType::Percent: return &modulo;
        case TokenType::OpenSquare: return &index;
        case TokenType::Dot: return &member;
        case TokenType::DoubleColon: return &cast;
        default: return nullptr;
    }
}

const Operator * findOperator(TokenStream & tokens)
{
    if (!tokens.is(TokenType::BareWord))
        return symbolOperator(tokens.peek().type);
    if (tokens.at("IN PARTITION"))    /// ALTER … UPDATE a = 1 IN PARTITION p
        return nullptr;
    for (const Operator & op : word_operators)
        if (tokens.at(op.words))
            return &op;
    return nullptr;
}

/// For the message of an error after a complete expression; the order is ClickHouse's.
void expectOperators(TokenStream & tokens)
{
    tokens.expect("token");
    for (const Operator & op : word_operators)
        tokens.expect(op.words);
}

ExprPtr toLambda(TokenStream & tokens, const ExprPtr & left, uint32_t begin)
{
    ExprPtr lambda = tokens.newExpr(ExprKind::Lambda);
    lambda->range.begin = begin;
    ExprList single = {left};
    bool is_tuple = left->isFunction("tuple") && left->is_operator;
    for (const ExprPtr & parameter : is_tuple ? left->args : single)
    {
        if (!parameter->isIdentifier() || parameter->parts.size() != 1 || !parameter->alias.empty())
            throw Exception(ErrorCode::SYNTAX_ERROR, "Syntax error: lambda argument at position {} is not an "
            "identifier",
                parameter->range.begin + 1);
        lambda->parts.push_back(parameter->parts[0]);
    }
    lambda->args.push_back(parseExpr(tokens, PRECEDENCE_LAMBDA));
    return tokens.track(lambda);
}

ExprPtr parseBetween(TokenStream & tokens, const Operator & op, ExprPtr left, uint32_t begin)
{
    bool negated = op.function == "notBetween";
    ExprPtr low = parseExpr(tokens, PRECEDENCE_BETWEEN + 1);
    tokens.require("AND");
    ExprPtr high = parseExpr(tokens, PRECEDENCE_BETWEEN + 1);
    ExprPtr again = tokens.copy(left);
    ExprPtr first = tokens.operation(negated ? "less" : "greaterOrEquals", {std::move(left), std::move(low)}, begin);
    ExprPtr second = tokens.operation(negated ? "greater" : "lessOrEquals", {std::move(again), std::move(high)}, begin);
    return tokens.operation(negated ? "or" : "and", {std::move(first), std::move(second)}, begin);
}

ExprPtr parseTernary(TokenStream & tokens, ExprPtr condition, uint32_t begin)
{
    ExprPtr then = parseExpr(tokens, PRECEDENCE_TERNARY);
    tokens.require(TokenType::Colon, "Colon");
    ExprPtr otherwise = parseExpr(tokens, PRECEDENCE_TERNARY);
    return tokens.operation("if", {std::move(condition), std::move(then), std::move(otherwise)}, begin);
}

ExprPtr parseMember(TokenStream & tokens, ExprPtr left, uint32_t begin)
{
    ExprPtr key = tokens.newExpr(ExprKind::Literal);
    bool negative = tokens.is(TokenType::Minus) && tokens.is(TokenType::Number, 1);
    if (negative)
        tokens.take();
    if (tokens.is(TokenType::Number))
        key->value = parseNumber(tokens.textOf(tokens.take()), negative);
    else
        key->value.value = parseIdentifier(tokens, "tuple element");
    tokens.track(key);
    return tokens.operation("tupleElement", {std::move(left), std::move(key)}, begin);
}

/// A literal is cast from its text: 1.1::Decimal(10, 2) loses nothing, [1, 2]::Array(Int8) is one parse.
ExprPtr parseCastOperator(TokenStream & tokens, ExprPtr left, bool bare_literal, uint32_t begin)
{
    if (bare_literal && !left->value.isString() && !left->value.isNull() && !left->value.asBool())
        left = tokens.track(makeLiteral(Literal{std::string(tokens.textOf(left->range))}, left->range));
    ExprPtr type_name = tokens.newExpr(ExprKind::Literal);
    type_name->value.value = parseType(tokens)->text;
    tokens.track(type_name);
    return tokens.operation("CAST", {std::move(left), std::move(type_name)}, begin);
}

ExprPtr parseBinary(TokenStream & tokens, const Operator & op, ExprPtr left, uint32_t begin)
{
    /// x = ANY (SELECT …) is x IN (SELECT …)
    bool equals = op.function == "equals";
    if ((equals && tokens.at("ANY")) || (op.function == "notEquals" && tokens.at("ALL")))
    {
        if (tokens.is(TokenType::OpenRound, 1) && isSelectStart(tokens, 2))
        {
            tokens.take();
            ExprPtr subquery = parseSubquery(tokens);
            return tokens.operation(equals ? "in" : "notIn", {std::move(left), std::move(subquery)}, begin);
        }
    }
    ExprPtr right = parseExpr(tokens, op.precedence + 1);
    return tokens.operation(std::string(op.function), {std::move(left), std::move(right)}, begin);
}

/// a AND b AND c is one call with three arguments.
ExprPtr parseFlat(TokenStream & tokens, const Operator & op, ExprPtr left, uint32_t begin)
{
    ExprList args = {std::move(left)};
    const Operator * next = &op;
    do
    {
        args.push_back(parseExpr(tokens, op.precedence + 1));
        next = findOperator(tokens);
    } while (next && next->function == op.function && (tokens.take(), true));
    return tokens.operation(std::string(op.function), std::move(args), begin);
}

}

ExprPtr parseExpr(TokenStream & tokens, int precedence_min)
{
    TokenStream::DepthGuard guard(tokens);
    uint32_t begin = tokens.beginOffset();
    ExprPtr left;
    if (tokens.at("NOT") && !tokens.is(TokenType::Dot, 1))
    {
        tokens.take();
        left = parseExpr(tokens, PRECEDENCE_NOT);
        left = tokens.operation("not", {std::move(left)}, begin);
    }
    else if (tokens.is(TokenType::Minus) && !tokens.is(TokenType::Number, 1) && !tokens.at("INF", 1)
        && !tokens.at("NAN", 1))
    {
        tokens.take();
        left = parseExpr(tokens, PRECEDENCE_NEGATE);
        left = tokens.operation("negate", {std::move(left)}, begin);
    }
    else if (tokens.is(TokenType::Plus))
    {
        tokens.take();
        left = parseExpr(tokens, PRECEDENCE_NEGATE);
    }
    else
        left = parseOperand(tokens);

    bool bare_literal = left->isLiteral() && left->range.begin == begin;
    while (true)
    {
        const Operator * op = findOperator(tokens);
        if (!op || op->precedence < precedence_min)
        {
            if (!op)
                expectOperators(tokens);
            return left;
        }
        if (op->form == Form::Index)
        {
            tokens.take();
            ExprPtr index = parseExpr(tokens);
            tokens.require(TokenType::CloseSquare, "closing square bracket");
            left = tokens.operation("arrayElement", {std::move(left), std::move(index)}, begin);
            continue;
        }
        size_t words = 1 + static_cast<size_t>(std::count(op->words.begin(), op->words.end(), ' '));
        for (size_t word = 0; word < words; ++word)
            tokens.take();
        switch (op->form)
        {
            case Form::Binary: left = parseBinary(tokens, *op, std::move(left), begin); break;
            case Form::Flat: left = parseFlat(tokens, *op, std::move(left), begin); break;
            case Form::Postfix: left = tokens.operation(std::string(op->function), {std::move(left)}, begin); break;
            case Form::Between: left = parseBetween(tokens, *op, std::move(left), begin); break;
            case Form::Ternary: left = parseTernary(tokens, std::move(left), begin); break;
            case Form::Lambda: left = toLambda(tokens, left, begin); break;
            case Form::Member: left = parseMember(tokens, std::move(left), begin); break;
            case Form::Cast: left = parseCastOperator(tokens, std::move(left), bare_literal, begin); break;
            case Form::Index: break;
        }
        bare_literal = false;
    }
}

std::string acceptAlias(TokenStream & tokens, Alias alias)
{
    if (alias == Alias::None)
        return {};
    if (tokens.accept("AS"))
        return parseIdentifier(tokens);
    if (alias != Alias::Optional)
        return {};
    tokens.expect("alias");
    /// CREATE VIEW v AS SELECT … FROM t COMMENT 'text'
    if (tokens.at("COMMENT") && tokens.is(TokenType::String, 1))
        return {};
    if (tokens.is(TokenType::QuotedIdentifier)
        || (tokens.is(TokenType::BareWord) && !isReservedAsAlias(tokens.textOf(tokens.peek()))))
        return parseIdentifier(tokens);
    return {};
}

ExprPtr parseExprWithAlias(TokenStream & tokens, Alias alias)
{
    ExprPtr expr = parseExpr(tokens);
    std::string name = acceptAlias(tokens, alias);
    if (name.empty())
        return expr;
    if (!expr->alias.empty() && expr->alias != name)
        throw Exception(ErrorCode::SYNTAX_ERROR, "Syntax error: the expression at position {} has two aliases, {} and "
        "{}",
            expr->range.begin + 1, expr->alias, name);
    expr->alias = std::move(name);
    return expr;
}

ExprList parseExprList(TokenStream & tokens, Alias alias)
{
    ExprList list;
    do
        list.push_back(parseExprWithAlias(tokens, alias));
    while (tokens.acceptComma());
    return list;
}

ExprList parseAssignments(TokenStream & tokens)
{
    ExprList list;
    while (true)
    {
        uint32_t begin = tokens.beginOffset();
        ExprPtr column = tokens.newExpr(ExprKind::Identifier);
        column->parts = {parseDottedName(tokens)};
        tokens.track(column);
        tokens.require(TokenType::Equals, "equals");
        ExprPtr value = parseExpr(tokens);
        list.push_back(tokens.operation("equals", {std::move(column), std::move(value)}, begin));
        /// UPDATE a = 1, DELETE WHERE …: what follows the comma is another command.
        bool more = tokens.is(TokenType::Comma) && (tokens.is(TokenType::Equals, 2) || tokens.is(TokenType::Dot, 2));
        tokens.expect("Comma");
        if (!more)
            return list;
        tokens.take();
    }
}

}
