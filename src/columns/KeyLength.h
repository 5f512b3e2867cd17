#pragma once
// Lengths inside serialized keys (Column::serializeKey): LEB128. For the columns only; a key is our own output,
// so reading trusts it.

#include <cstdint>
#include <string>

namespace mangrove
{

inline void appendKeyLength(uint64_t length, std::string & out)
{
    for (; length >= 0x80; length >>= 7)
        out.push_back(static_cast<char>(length | 0x80));
    out.push_back(static_cast<char>(length));
}

inline const char * readKeyLength(const char * position, uint64_t & length)
{
    length = 0;
    for (int shift = 0;; shift += 7)
    {
        auto byte = static_cast<uint8_t>(*position++);
        length |= static_cast<uint64_t>(byte & 0x7f) << shift;
        if (byte < 0x80)
            return position;
    }
}

}
