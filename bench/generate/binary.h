#pragma once

// The three primitives of ClickHouse's binary formats, appended to a string: fixed-width little-endian numbers, LEB128
// counts and counted strings. For the bench's writers only.

#include <cstdint>
#include <string>
#include <string_view>

namespace mangrove::bench
{

template <typename T>
void put(std::string & out, T value)
{
    out.append(reinterpret_cast<const char *>(&value), sizeof(value));
}

inline void putVarUInt(std::string & out, uint64_t value)
{
    for (; value >= 128; value >>= 7)
        out.push_back(static_cast<char>(value | 128));
    out.push_back(static_cast<char>(value));
}

inline void putString(std::string & out, std::string_view text)
{
    putVarUInt(out, text.size());
    out += text;
}

}
