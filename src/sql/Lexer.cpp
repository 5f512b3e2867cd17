#include "sql/Lexer.h"

namespace mangrove
{

namespace
{
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isHexDigit(char c) { return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool isWordStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool isWord(char c) { return isWordStart(c) || isDigit(c); }
/// After these a dot is an operator: t.1, (1, 2).1.
bool endsOperand(TokenType type)
{
    return type == TokenType::CloseRound || type == TokenType::CloseSquare || type == TokenType::BareWord
        || type == TokenType::QuotedIdentifier || type == TokenType::Number;
}

bool isSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
}

std::string_view tokenErrorDescription(TokenType type)
{
    switch (type)
    {
        case TokenType::UnknownCharacter: return "Unrecognized token";
        case TokenType::UnclosedString: return "Single quoted string is not closed";
        case TokenType::UnclosedQuotedIdentifier: return "Quoted identifier is not closed";
        case TokenType::UnclosedComment: return "Multiline comment is not closed";
        case TokenType::WrongNumber: return "Wrong number";
        default: return {};
    }
}

Token Lexer::next()
{
    Token error;
    if (!skipSpaceAndComments(error))
        return error;
    Token result;
    char c = at(pos_);
    if (pos_ >= text_.size())
        result = token(TokenType::EndOfStream, pos_);
    else if (isDigit(c))
        result = number();
    else if (c == '.' && isDigit(at(pos_ + 1)) && !endsOperand(previous_))
        result = number();
    else if (c == '\'')
        result = quoted(pos_, TokenType::String, TokenType::UnclosedString);
    else if (c == '"' || c == '`')
        result = quoted(pos_, TokenType::QuotedIdentifier, TokenType::UnclosedQuotedIdentifier);
    else if (isWordStart(c))
        result = bareWord();
    else if (c == '$')
        result = dollar();
    else
        result = symbol();
    previous_ = result.type;
    return result;
}

/// False: a comment is not closed; `error` is its token.
bool Lexer::skipSpaceAndComments(Token & error)
{
    while (pos_ < text_.size())
    {
        char c = at(pos_);
        if (isSpace(c))
            ++pos_;
        else if ((c == '-' && at(pos_ + 1) == '-') || (c == '#' && (at(pos_ + 1) == ' ' || at(pos_ + 1) == '!')))
        {
            size_t newline = text_.find('\n', pos_);
            pos_ = newline == std::string_view::npos ? text_.size() : newline + 1;
        }
        else if (c == '/' && at(pos_ + 1) == '*')
        {
            size_t close = text_.find("*/", pos_ + 2);
            if (close == std::string_view::npos)
            {
                error = token(TokenType::UnclosedComment, text_.size());
                return false;
            }
            pos_ = close + 2;
        }
        else if (text_.substr(pos_).starts_with("\xC2\xA0"))    /// no-break space, pasted from web pages
            pos_ += 2;
        else
            break;
    }
    return true;
}

Token Lexer::token(TokenType type, size_t end)
{
    Token result{type, static_cast<uint32_t>(pos_), static_cast<uint32_t>(end)};
    pos_ = end;
    return result;
}

/// 1, 1_000, 1.5, .5, 1e-3, 0xFF, 0x1p3, 0b01. After a dot only digits: t.1.2 is two tuple elements.
Token Lexer::number()
{
    size_t pos = pos_;
    auto digits = [&](auto predicate)
    {
        while (predicate(at(pos)) || (at(pos) == '_' && predicate(at(pos + 1))))
            ++pos;
    };
    if (previous_ == TokenType::Dot)
    {
        digits(isDigit);
        return token(TokenType::Number, pos);
    }

    char marker = static_cast<char>(at(pos + 1) | 0x20);
    bool hex = at(pos) == '0' && marker == 'x' && isHexDigit(at(pos + 2));
    bool binary = at(pos) == '0' && marker == 'b' && (at(pos + 2) == '0' || at(pos + 2) == '1');
    if (hex || binary)
        pos += 2;
    if (hex)
        digits(isHexDigit);
    else
        digits(isDigit);
    if (!binary && at(pos) == '.' && (!hex || isHexDigit(at(pos + 1))))
    {
        ++pos;
        if (hex)
            digits(isHexDigit);
        else
            digits(isDigit);
    }
    if (!binary && (at(pos) | 0x20) == (hex ? 'p' : 'e'))
    {
        size_t sign = at(pos + 1) == '+' || at(pos + 1) == '-' ? 1 : 0;
        if (isDigit(at(pos + 1 + sign)))
        {
            pos += 1 + sign;
            digits(isDigit);
        }
    }

    if (!isWord(at(pos)) && at(pos) != '$')
        return token(TokenType::Number, pos);
    /// 2022_spans is an identifier; 1.5abc is nothing.
    while (isWord(at(pos)) || at(pos) == '$')
        ++pos;
    for (char c : text_.substr(pos_, pos - pos_))
        if (!isWord(c) && c != '$')
            return token(TokenType::WrongNumber, pos);
    return token(TokenType::BareWord, pos);
}

Token Lexer::quoted(size_t open, TokenType type, TokenType unclosed)
{
    char quote = text_[open];
    size_t pos = open + 1;
    while (pos < text_.size())
    {
        if (text_[pos] == '\\')
            pos += 2;
        else if (text_[pos] != quote)
            ++pos;
        else if (at(pos + 1) == quote)
            pos += 2;
        else
            return token(type, pos + 1);
    }
    return token(unclosed, text_.size());
}

Token Lexer::bareWord()
{
    char first = static_cast<char>(at(pos_) | 0x20);
    if ((first == 'x' || first == 'b') && at(pos_ + 1) == '\'')
    {
        size_t close = text_.find('\'', pos_ + 2);
        if (close == std::string_view::npos)
            return token(TokenType::UnclosedString, text_.size());
        return token(TokenType::String, close + 1);
    }
    size_t pos = pos_;
    while (isWord(at(pos)) || at(pos) == '$')
        ++pos;
    return token(TokenType::BareWord, pos);
}

Token Lexer::dollar()
{
    size_t pos = pos_ + 1;
    while (isWord(at(pos)))
        ++pos;
    if (at(pos) == '$')
    {
        std::string_view tag = text_.substr(pos_, pos + 1 - pos_);
        size_t close = text_.find(tag, pos + 1);
        if (close != std::string_view::npos)
            return token(TokenType::HereDoc, close + tag.size());
    }
    if (pos == pos_ + 1)
        return token(TokenType::UnknownCharacter, pos);
    while (isWord(at(pos)) || at(pos) == '$')
        ++pos;
    return token(TokenType::BareWord, pos);
}

Token Lexer::symbol()
{
    std::string_view rest = text_.substr(pos_);
    struct Symbol
    {
        std::string_view text;
        TokenType type;
    };
    /// Longer ones first.
    static constexpr Symbol symbols[] = {
        {"<=>", TokenType::Spaceship}, {"\xE2\x88\x92", TokenType::Minus}, {"->", TokenType::Arrow},
        {"::", TokenType::DoubleColon}, {"==", TokenType::Equals}, {"!=", TokenType::NotEquals},
        {"<>", TokenType::NotEquals}, {"<=", TokenType::LessOrEquals}, {">=", TokenType::GreaterOrEquals},
        {"||", TokenType::Concatenation}, {"@@", TokenType::DoubleAt}, {"(", TokenType::OpenRound},
        {")", TokenType::CloseRound}, {"[", TokenType::OpenSquare}, {"]", TokenType::CloseSquare},
        {"{", TokenType::OpenCurly}, {"}", TokenType::CloseCurly}, {",", TokenType::Comma}, {";", TokenType::Semicolon},
        {".", TokenType::Dot}, {"*", TokenType::Asterisk}, {"+", TokenType::Plus}, {"-", TokenType::Minus},
        {"/", TokenType::Slash}, {"%", TokenType::Percent}, {"?", TokenType::QuestionMark}, {":", TokenType::Colon},
        {"=", TokenType::Equals}, {"<", TokenType::Less}, {">", TokenType::Greater}, {"@", TokenType::At},
    };
    for (const Symbol & symbol : symbols)
        if (rest.starts_with(symbol.text))
            return token(symbol.type, pos_ + symbol.text.size());
    return token(TokenType::UnknownCharacter, pos_ + 1);
}

}
