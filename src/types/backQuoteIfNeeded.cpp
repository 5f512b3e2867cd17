#include "types/backQuoteIfNeeded.h"

#include "base/quoteName.h"

#include <algorithm>

namespace mangrove
{

std::string backQuoteIfNeeded(std::string_view name)
{
    auto is_word = [&](std::string_view word)
    {
        return name.size() == word.size()
            && std::equal(name.begin(), name.end(), word.begin(), [](char a, char b) { return (a | 0x20) == b; });
    };
    bool reserved = is_word("null") || is_word("distinct") || is_word("all") || is_word("table");
    return isPlainName(name) && !reserved ? std::string(name) : quoteName(name, '`');
}

}
