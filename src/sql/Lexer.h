#pragma once
// Text to tokens, one at a time and without looking ahead of the parser: the data after INSERT … FORMAT is
// never tokenised. Used by TokenStream only. Not thread-safe; holds a view of the text.
// The rules (what starts a number, $heredoc$, the three comments) are those of ClickHouse's lexer.

#include <cstdint>
#include <string_view>

namespace mangrove
{

enum class TokenType : uint8_t
{
    BareWord,
    QuotedIdentifier,    /// `a` or "a"
    Number,
    String,              /// 'a', x'41', b'01'
    HereDoc,             /// $tag$a$tag$
    OpenRound, CloseRound, OpenSquare, CloseSquare, OpenCurly, CloseCurly,
    Comma, Semicolon, Dot, Asterisk, Plus, Minus, Slash, Percent, Arrow, QuestionMark, Colon, DoubleColon,
    Equals, NotEquals, Less, Greater, LessOrEquals, GreaterOrEquals, Spaceship, Concatenation,
    At, DoubleAt,
    EndOfStream,
    /// Errors. The parser stops at them.
    UnknownCharacter, UnclosedString, UnclosedQuotedIdentifier, UnclosedComment, WrongNumber,
};

/// What is wrong with an error token, for the message; empty for a good one.
std::string_view tokenErrorDescription(TokenType type);

struct Token
{
    TokenType type = TokenType::EndOfStream;
    uint32_t begin = 0;
    uint32_t end = 0;
};

class Lexer
{
public:
    explicit Lexer(std::string_view text) : text_(text) {}

    /// The next token that is not white space or a comment.
    Token next();

private:
    char at(size_t pos) const { return pos < text_.size() ? text_[pos] : '\0'; }
    bool skipSpaceAndComments(Token & error);
    Token token(TokenType type, size_t end);
    Token number();
    Token quoted(size_t open, TokenType type, TokenType unclosed);
    Token bareWord();
    Token dollar();
    Token symbol();

    std::string_view text_;
    size_t pos_ = 0;
    TokenType previous_ = TokenType::EndOfStream;
};

}
