#pragma once
// The text of a data type under a cursor: words, quoted names, numbers and punctuation, spaces skipped. For
// parseDataType only. The text may come from a client: its length is limited, errors show its beginning.

#include "base/Exception.h"
#include "columns/Field.h"

#include <string>
#include <string_view>

namespace mangrove
{

class TypeText
{
public:
    explicit TypeText(std::string_view text); /// TOO_BIG_AST above 1 MiB; does not own the text

    size_t position() const { return position_; }
    void goBack(size_t position) { position_ = position; }
    bool atEnd();
    bool nextIs(char c) { return !atEnd() && text_[position_] == c; }
    bool nextIsWord() { return !atEnd() && isWordChar(text_[position_]); }
    bool tryConsume(char c);
    void expect(char c);

    std::string word();
    /// A word, or a name in back or double quotes.
    std::string name();
    /// Text in single quotes; `what` for the message if there is none.
    std::string quoted(std::string_view what);
    /// Throws `code` with `what`.
    uint64_t number(std::string_view what, ErrorCode code);
    /// A number or a text in quotes.
    Field literal();
    /// The text up to the next comma or closing bracket of this level.
    std::string balanced();

    std::string_view shown() const { return text_.substr(0, 200); }
    [[noreturn]] void fail(std::string_view expected) const;

private:
    static bool isWordChar(char c)
    {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    }
    std::string anyQuoted();

    std::string_view text_;
    size_t position_ = 0;
};

}
