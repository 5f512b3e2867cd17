#include "types/TypeText.h"

#include <charconv>

namespace mangrove
{

namespace
{
constexpr size_t text_bytes_max = 1 << 20;
}

TypeText::TypeText(std::string_view text) : text_(text)
{
    if (text.size() > text_bytes_max)
        throw Exception(ErrorCode::TOO_BIG_AST, "The text of a type has {} bytes, more than {}", text.size(), text_bytes_max);
}

bool TypeText::atEnd()
{
    while (position_ < text_.size() && (text_[position_] == ' ' || (text_[position_] >= '\t' && text_[position_] <= '\r')))
        ++position_;
    return position_ == text_.size();
}

bool TypeText::tryConsume(char c)
{
    if (!nextIs(c))
        return false;
    ++position_;
    return true;
}

void TypeText::expect(char c)
{
    if (!tryConsume(c))
        fail(std::string("'") + c + "'");
}

std::string TypeText::word()
{
    if (!nextIsWord())
        fail("a name");
    size_t begin = position_;
    while (position_ < text_.size() && isWordChar(text_[position_]))
        ++position_;
    return std::string(text_.substr(begin, position_ - begin));
}

std::string TypeText::name()
{
    return nextIs('`') || nextIs('"') ? anyQuoted() : word();
}

std::string TypeText::quoted(std::string_view what)
{
    if (!nextIs('\''))
        fail(what);
    return anyQuoted();
}

/// In whichever quotes stand at the position; inside, a quote is doubled or has a backslash.
std::string TypeText::anyQuoted()
{
    char quote = text_[position_++];
    std::string result;
    while (position_ < text_.size())
    {
        char c = text_[position_++];
        if (c == quote)
        {
            if (position_ == text_.size() || text_[position_] != quote)
                return result;
            ++position_;
        }
        else if (c == '\\' && position_ < text_.size())
        {
            c = text_[position_++];
            constexpr std::string_view letters = "bfnrt0av";
            constexpr std::string_view meanings{"\b\f\n\r\t\0\a\v", 8};
            if (auto at = letters.find(c); at != std::string_view::npos)
                c = meanings[at];
        }
        result += c;
    }
    fail("a closing quote");
}

uint64_t TypeText::number(std::string_view what, ErrorCode code)
{
    uint64_t value = 0;
    const char * begin = text_.data() + (atEnd() ? text_.size() : position_);
    auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (error != std::errc())
        throw Exception(code, "{} must be a positive integer, in type {}", what, shown());
    position_ = end - text_.data();
    return value;
}

Field TypeText::literal()
{
    if (nextIs('\''))
        return Field(anyQuoted());
    const char * begin = text_.data() + position_;
    const char * end = text_.data() + text_.size();
    uint64_t natural = 0;
    int64_t integer = 0;
    double number = 0;
    auto as_natural = std::from_chars(begin, end, natural);
    auto as_integer = std::from_chars(begin, end, integer);
    auto as_number = std::from_chars(begin, end, number);
    if (as_number.ec != std::errc())
        fail("a number or a string in quotes");
    position_ = as_number.ptr - text_.data();
    if (as_natural.ec == std::errc() && as_natural.ptr == as_number.ptr)
        return Field(natural);
    if (as_integer.ec == std::errc() && as_integer.ptr == as_number.ptr)
        return Field(integer);
    return Field(number);
}

std::string TypeText::balanced()
{
    atEnd();
    size_t begin = position_;
    size_t level = 0;
    while (position_ < text_.size())
    {
        char c = text_[position_];
        if (c == '\'' || c == '`' || c == '"')
        {
            anyQuoted();
            continue;
        }
        if (level == 0 && (c == ',' || c == ')'))
            return std::string(text_.substr(begin, position_ - begin));
        level += c == '(';
        level -= c == ')';
        ++position_;
    }
    fail("a closing bracket");
}

void TypeText::fail(std::string_view expected) const
{
    throw Exception(
        ErrorCode::ILLEGAL_SYNTAX_FOR_DATA_TYPE, "Cannot parse data type {}: expected {} at position {}", shown(), expected, position_);
}

}
