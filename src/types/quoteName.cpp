#include "types/quoteName.h"

#include <algorithm>

namespace mangrove
{

std::string quoteName(std::string_view text, char quote)
{
    std::string out(1, quote);
    for (char c : text)
    {
        switch (c)
        {
            case '\b': out += "\\b"; break;
            case '\f': out += "\\f"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            case '\0': out += "\\0"; break;
            case '\\': out += "\\\\"; break;
            default:
                if (c == quote)
                    out += '\\';
                out += c;
        }
    }
    return out + quote;
}

std::string backQuoteIfNeeded(std::string_view name)
{
    auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    bool plain = !name.empty() && is_letter(name[0])
        && std::all_of(name.begin(), name.end(), [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
    auto is_word = [&](std::string_view word)
    {
        return name.size() == word.size()
            && std::equal(name.begin(), name.end(), word.begin(), [](char a, char b) { return (a | 0x20) == b; });
    };
    bool reserved = is_word("null") || is_word("distinct") || is_word("all") || is_word("table");
    return plain && !reserved ? std::string(name) : quoteName(name, '`');
}

}
