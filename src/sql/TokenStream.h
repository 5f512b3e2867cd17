#pragma once
// What every grammar function works on: the tokens with a cursor, the limits, and the memory of what was
// expected where. A test that fails (accept) notes what it looked for at the furthest token reached; that list
// is the "Expected one of" of the error. One per parse; not thread-safe. Keywords are given as upper-case
// literals, several words in one: accept("GROUP BY"); they must outlive the stream (string literals do).

#include "sql/Lexer.h"
#include "sql/Parser.h"

#include <utility>

namespace mangrove
{

class TokenStream
{
public:
    TokenStream(std::string_view text, const ParserLimits & limits) : text_(text), limits_(limits), lexer_(text) {}

    const Token & peek(size_t ahead = 0);
    Token take();
    bool is(TokenType type, size_t ahead = 0) { return peek(ahead).type == type; }
    bool atEnd() { return is(TokenType::EndOfStream) || is(TokenType::Semicolon); }

    /// Are the next tokens these words? Notes nothing.
    bool at(std::string_view keywords, size_t ahead = 0);
    /// Takes them if they are; otherwise notes that they were expected.
    bool accept(std::string_view keywords);
    bool accept(TokenType type, std::string_view what);
    bool acceptComma() { return accept(TokenType::Comma, "Comma"); }
    void require(std::string_view keywords);
    void require(TokenType type, std::string_view what);
    void requireOpen() { require(TokenType::OpenRound, "opening round bracket"); }
    void requireClose() { require(TokenType::CloseRound, "closing round bracket"); }

    void expect(std::string_view what);
    /// SYNTAX_ERROR at the furthest token reached.
    [[noreturn]] void fail();
    [[noreturn]] void fail(std::string_view what)
    {
        expect(what);
        fail();
    }

    std::string_view text() const { return text_; }
    std::string_view textOf(const Token & token) const { return text_.substr(token.begin, token.end - token.begin); }
    std::string_view textOf(SourceRange range) const { return text_.substr(range.begin, range.end - range.begin); }
    uint32_t beginOffset() { return peek().begin; }
    uint32_t endOffset() const { return pos_ == 0 ? 0 : tokens_[pos_ - 1].end; }

    /// Closes a node: its end, its depth; counts it against the limits.
    ExprPtr track(ExprPtr expr);
    ExprPtr newExpr(ExprKind kind);
    ExprPtr call(std::string name, ExprList args, uint32_t begin);
    ExprPtr operation(std::string name, ExprList args, uint32_t begin);
    /// For an operand that is needed twice.
    ExprPtr copy(const ExprPtr & expr);
    void countElements(size_t count);
    void checkDepth(uint32_t depth) const;
    void checkRecursion(uint32_t depth) const;
    /// Depth of the deepest expression since the last call, for SelectNode::depth.
    uint32_t exchangeDeepest(uint32_t value) { return std::exchange(deepest_, value); }
    uint32_t deepest() const { return deepest_; }

    const ParserLimits & limits() const { return limits_; }

    /// Held by every recursive grammar function.
    class DepthGuard
    {
    public:
        explicit DepthGuard(TokenStream & stream) : stream_(stream) { stream_.checkRecursion(++stream_.recursion_); }
        ~DepthGuard() { --stream_.recursion_; }
        DepthGuard(const DepthGuard &) = delete;

    private:
        TokenStream & stream_;
    };

private:
    void forgetTaken();
    [[noreturn]] void failUnmatchedBrackets(uint32_t begin, std::string_view brackets) const;
    void checkBrackets();
    std::string errorPosition(uint32_t offset, std::string_view token_text) const;

    std::string_view text_;
    const ParserLimits limits_;
    Lexer lexer_;
    std::vector<Token> tokens_; /// the latest ones
    size_t pos_ = 0;
    size_t expected_pos_ = 0;
    std::vector<std::string_view> expected_;
    uint32_t recursion_ = 0;
    uint32_t deepest_ = 0;
    size_t elements_ = 0;
};

}
