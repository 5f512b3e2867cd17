#include "io/Checksum.h"

#include <array>
#include <cstring>

#if defined(__SSE4_2__)
#include <nmmintrin.h>
#endif
#include <xxhash.h>

namespace mangrove
{

uint64_t xxh3(std::string_view bytes)
{
    return XXH3_64bits(bytes.data(), bytes.size());
}

UInt128 xxh3_128(std::string_view bytes)
{
    XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
    return static_cast<UInt128>(hash.high64) << 64 | hash.low64;
}

#if defined(__SSE4_2__)

uint32_t crc32c(std::string_view bytes, uint32_t previous)
{
    uint64_t crc = ~previous;
    const char * position = bytes.data();
    const char * end = position + bytes.size();
    for (; end - position >= 8; position += 8)
    {
        uint64_t word;
        std::memcpy(&word, position, 8);
        crc = _mm_crc32_u64(crc, word);
    }
    auto crc32 = static_cast<uint32_t>(crc);
    for (; position != end; ++position)
        crc32 = _mm_crc32_u8(crc32, static_cast<uint8_t>(*position));
    return ~crc32;
}

#else

uint32_t crc32c(std::string_view bytes, uint32_t previous)
{
    static const auto table = []
    {
        std::array<uint32_t, 256> result{};
        for (uint32_t i = 0; i < 256; ++i)
        {
            uint32_t crc = i;
            for (int bit = 0; bit < 8; ++bit)
                crc = crc & 1 ? crc >> 1 ^ 0x82f63b78U : crc >> 1;
            result[i] = crc;
        }
        return result;
    }();
    uint32_t crc = ~previous;
    for (char c : bytes)
        crc = crc >> 8 ^ table[(crc ^ static_cast<uint8_t>(c)) & 0xff];
    return ~crc;
}

#endif

}
