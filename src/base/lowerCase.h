#pragma once
// ASCII letters in lower case, other bytes as they are: for names, keywords and searches that ignore case.

#include <string>
#include <string_view>

namespace mangrove
{

inline std::string lowerCase(std::string_view text)
{
    std::string result(text);
    for (char & c : result)
        if (c >= 'A' && c <= 'Z')
            c += 'a' - 'A';
    return result;
}

}
