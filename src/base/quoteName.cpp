#include "base/quoteName.h"

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

bool isPlainName(std::string_view name)
{
    auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    return !name.empty() && is_letter(name[0])
        && std::all_of(name.begin(), name.end(), [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

}
