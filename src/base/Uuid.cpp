#include "base/Uuid.h"

#include <fmt/format.h>

namespace mangrove
{

std::string Uuid::toString() const
{
    return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff, high & 0xffff,
        low >> 48, low & 0xffff'ffff'ffffULL);
}

std::optional<Uuid> Uuid::parse(std::string_view text)
{
    if (text.size() != 36)
        return std::nullopt;
    Uuid result;
    int digits = 0;
    for (size_t i = 0; i < text.size(); ++i)
    {
        char c = text[i];
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash != (c == '-'))
            return std::nullopt;
        if (dash)
            continue;
        uint64_t digit;
        if (c >= '0' && c <= '9')
            digit = c - '0';
        else if (c >= 'a' && c <= 'f')
            digit = c - 'a' + 10;
        else if (c >= 'A' && c <= 'F')
            digit = c - 'A' + 10;
        else
            return std::nullopt;
        auto & word = digits++ < 16 ? result.high : result.low;
        word = word << 4 | digit;
    }
    return result;
}

}
