#include "functions/hashing/sipHash.h"

#include <bit>
#include <cstring>

namespace mangrove
{

UInt128 sipHash128(std::string_view bytes)
{
    uint64_t v0 = 0x736f6d6570736575ULL;
    uint64_t v1 = 0x646f72616e646f6dULL;
    uint64_t v2 = 0x6c7967656e657261ULL;
    uint64_t v3 = 0x7465646279746573ULL;
    auto round = [&]
    {
        v0 += v1;
        v1 = std::rotl(v1, 13) ^ v0;
        v0 = std::rotl(v0, 32);
        v2 += v3;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 += v3;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 += v1;
        v1 = std::rotl(v1, 17) ^ v2;
        v2 = std::rotl(v2, 32);
    };
    auto absorb = [&](uint64_t word)
    {
        v3 ^= word;
        round();
        round();
        v0 ^= word;
    };
    size_t i = 0;
    for (; i + 8 <= bytes.size(); i += 8)
    {
        uint64_t word;
        std::memcpy(&word, bytes.data() + i, 8);
        absorb(word);
    }
    uint64_t last = static_cast<uint64_t>(bytes.size()) << 56;
    for (size_t k = 0; i + k < bytes.size(); ++k)
        last |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[i + k])) << (8 * k);
    absorb(last);
    v2 ^= 0xff;
    for (int k = 0; k < 4; ++k)
        round();
    return static_cast<UInt128>(v2 ^ v3) << 64 | (v0 ^ v1);
}

uint64_t sipHash64(std::string_view bytes)
{
    const UInt128 wide = sipHash128(bytes);
    return static_cast<uint64_t>(wide) ^ static_cast<uint64_t>(wide >> 64);
}

}
