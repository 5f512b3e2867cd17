#include "sql/TokenStream.h"

#include "base/Exception.h"
#include "sql/Keywords.h"

#include <algorithm>

namespace mangrove
{

namespace
{
constexpr size_t shown_bytes_max = 160;
constexpr size_t taken_tokens_max = 4096;

bool isError(TokenType type) { return type >= TokenType::UnknownCharacter; }
}

const Token & TokenStream::peek(size_t ahead)
{
    if (pos_ > taken_tokens_max)
        forgetTaken();
    while (tokens_.size() <= pos_ + ahead)
    {
        /// Nothing is read past the end of the statement or a lexical error.
        if (!tokens_.empty() && (tokens_.back().type == TokenType::EndOfStream || isError(tokens_.back().type)))
            return tokens_.back();
        tokens_.push_back(lexer_.next());
    }
    return tokens_[pos_ + ahead];
}

/// Only the last one is asked for again: a list of a million literals need not be kept twice.
void TokenStream::forgetTaken()
{
    const size_t count = pos_ - 1;
    tokens_.erase(tokens_.begin(), tokens_.begin() + static_cast<ptrdiff_t>(count));
    pos_ -= count;
    expected_pos_ -= std::min(expected_pos_, count);
}

Token TokenStream::take()
{
    Token token = peek();
    if (token.type == TokenType::EndOfStream || isError(token.type))
        fail();
    ++pos_;
    return token;
}

bool TokenStream::at(std::string_view keywords, size_t ahead)
{
    while (true)
    {
        size_t space = keywords.find(' ');
        const Token & token = peek(ahead);
        if (token.type != TokenType::BareWord || !equalsIgnoreCase(textOf(token), keywords.substr(0, space)))
            return false;
        if (space == std::string_view::npos)
            return true;
        keywords.remove_prefix(space + 1);
        ++ahead;
    }
}

bool TokenStream::accept(std::string_view keywords)
{
    if (!at(keywords))
    {
        expect(keywords);
        return false;
    }
    pos_ += static_cast<size_t>(std::count(keywords.begin(), keywords.end(), ' ')) + 1;
    return true;
}

bool TokenStream::accept(TokenType type, std::string_view what)
{
    if (!is(type))
    {
        expect(what);
        return false;
    }
    ++pos_;
    return true;
}

void TokenStream::require(std::string_view keywords)
{
    if (!accept(keywords))
        fail();
}

void TokenStream::require(TokenType type, std::string_view what)
{
    if (!accept(type, what))
        fail();
}

void TokenStream::expect(std::string_view what)
{
    if (pos_ > expected_pos_)
    {
        expected_.clear();
        expected_pos_ = pos_;
    }
    if (pos_ == expected_pos_ && (expected_.empty() || expected_.back() != what))
        expected_.push_back(what);
}

void TokenStream::fail()
{
    peek();
    Token token = tokens_[std::min(std::max(pos_, expected_pos_), tokens_.size() - 1)];
    if (isError(token.type))
        throw Exception(ErrorCode::SYNTAX_ERROR, "{}: Syntax error: {}", tokenErrorDescription(token.type),
            errorPosition(token.begin, textOf(token)));
    checkBrackets();

    std::string expected;
    std::vector<std::string_view> seen;
    for (std::string_view what : expected_)
    {
        if (std::find(seen.begin(), seen.end(), what) != seen.end())
            continue;
        seen.push_back(what);
        if (!expected.empty())
            expected += ", ";
        expected += what;
    }
    bool end = token.type == TokenType::EndOfStream || token.type == TokenType::Semicolon;
    std::string position = errorPosition(token.begin, end ? "end of query" : textOf(token));
    if (expected.empty())
        throw Exception(ErrorCode::SYNTAX_ERROR, "Syntax error: {}", position);
    throw Exception(ErrorCode::SYNTAX_ERROR, "Syntax error: {}Expected one of: {}", position, expected);
}

/// "failed at position 15 (t) (line 2, col 6): t a. "
std::string TokenStream::errorPosition(uint32_t offset, std::string_view token_text) const
{
    std::string result = fmt::format("failed at position {} ({})", offset + 1, token_text.substr(0, shown_bytes_max));
    size_t first_newline = text_.find('\n');
    if (first_newline != std::string_view::npos && first_newline + 1 < text_.size())
    {
        std::string_view before = text_.substr(0, offset);
        size_t line = static_cast<size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
        size_t line_begin = before.rfind('\n');
        size_t column = offset - (line_begin == std::string_view::npos ? 0 : line_begin + 1) + 1;
        result += fmt::format(" (line {}, col {})", line, column);
    }
    std::string_view rest = text_.substr(offset);
    bool cut = rest.size() > shown_bytes_max;
    size_t shown = std::min(rest.size(), shown_bytes_max);
    /// Not in the middle of a UTF-8 character.
    while (cut && shown > 0 && (static_cast<unsigned char>(rest[shown]) & 0xC0) == 0x80)
        --shown;
    result += fmt::format(": {}{}. ", rest.substr(0, shown), cut ? "..." : "");
    return result;
}

void TokenStream::failUnmatchedBrackets(uint32_t begin, std::string_view brackets) const
{
    throw Exception(ErrorCode::SYNTAX_ERROR, "Syntax error: {}Unmatched parentheses: {}",
        errorPosition(begin, text_.substr(begin, 1)), brackets);
}

/// A missing bracket explains an error better than the token at which the parser noticed.
void TokenStream::checkBrackets()
{
    std::vector<Token> open;
    Lexer lexer(text_);
    while (true)
    {
        const Token token = lexer.next();
        if (token.type == TokenType::EndOfStream || token.type == TokenType::Semicolon || isError(token.type))
            break;
        if (token.type == TokenType::OpenRound || token.type == TokenType::OpenSquare)
            open.push_back(token);
        else if (token.type == TokenType::CloseRound || token.type == TokenType::CloseSquare)
        {
            if (open.empty())
                failUnmatchedBrackets(token.begin, textOf(token));
            bool round = open.back().type == TokenType::OpenRound;
            if (round != (token.type == TokenType::CloseRound))
                failUnmatchedBrackets(open.back().begin, fmt::format("{}{}", textOf(open.back()), textOf(token)));
            open.pop_back();
        }
    }
    if (!open.empty())
        failUnmatchedBrackets(open.back().begin, textOf(open.back()));
}

void TokenStream::countElements(size_t count)
{
    elements_ += count;
    if (elements_ > limits_.elements_max)
        throw Exception(ErrorCode::TOO_BIG_AST, "AST is too big. Maximum: {} elements (setting max_ast_elements)",
            limits_.elements_max);
}

void TokenStream::checkDepth(uint32_t depth) const
{
    if (depth > limits_.depth_max)
        throw Exception(ErrorCode::TOO_DEEP_AST, "AST is too deep. Maximum: {} levels (setting max_ast_depth)",
            limits_.depth_max);
}

void TokenStream::checkRecursion(uint32_t depth) const
{
    if (depth > limits_.recursion_max)
        throw Exception(ErrorCode::TOO_DEEP_RECURSION, "Maximum parse depth ({}) exceeded. Consider raising the setting max_parser_depth",
            limits_.recursion_max);
}

ExprPtr TokenStream::newExpr(ExprKind kind)
{
    auto expr = std::make_shared<Expr>();
    expr->kind = kind;
    expr->range.begin = beginOffset();
    return expr;
}

ExprPtr TokenStream::track(ExprPtr expr)
{
    expr->range.end = endOffset();
    expr->depth = depthFromChildren(*expr);
    checkDepth(expr->depth);
    deepest_ = std::max(deepest_, expr->depth);
    countElements(1);
    return expr;
}

ExprPtr TokenStream::call(std::string name, ExprList args, uint32_t begin)
{
    return track(makeFunction(std::move(name), std::move(args), SourceRange{begin, begin}));
}

ExprPtr TokenStream::operation(std::string name, ExprList args, uint32_t begin)
{
    ExprPtr result = call(std::move(name), std::move(args), begin);
    result->is_operator = true;
    return result;
}

ExprPtr TokenStream::copy(const ExprPtr & expr)
{
    size_t count = elementCount(*expr);
    countElements(count);
    return clone(expr);
}

}
