#pragma once
// Equality of strings that are mostly equal and short, without the call that memcmp is: for probes of dictionaries.

#include <cstdint>
#include <cstring>
#include <string_view>

namespace mangrove
{

/// Both words of the first and the last bytes, which may overlap.
template <typename Word>
bool equalEnds(const char * a, const char * b, size_t size)
{
    Word words[4];
    std::memcpy(&words[0], a, sizeof(Word));
    std::memcpy(&words[1], b, sizeof(Word));
    std::memcpy(&words[2], a + size - sizeof(Word), sizeof(Word));
    std::memcpy(&words[3], b + size - sizeof(Word), sizeof(Word));
    return ((words[0] ^ words[1]) | (words[2] ^ words[3])) == 0;
}

inline bool equalBytes(std::string_view left, std::string_view right)
{
    size_t size = left.size();
    if (size != right.size())
        return false;
    const char * a = left.data();
    const char * b = right.data();
    if (size > 32)
        return std::memcmp(a, b, size) == 0;
    if (size > 16)
        return equalEnds<uint64_t>(a, b, 16) && equalEnds<uint64_t>(a + size - 16, b + size - 16, 16);
    if (size >= 8)
        return equalEnds<uint64_t>(a, b, size);
    if (size >= 4)
        return equalEnds<uint32_t>(a, b, size);
    if (size >= 2)
        return equalEnds<uint16_t>(a, b, size);
    return size == 0 || *a == *b;
}

}
