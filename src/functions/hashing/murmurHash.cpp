#include "functions/hashing/murmurHash.h"

#include <bit>
#include <cstring>

namespace mangrove
{

namespace
{

/// Up to sizeof(T) bytes from `position` on, the missing ones zero.
template <typename T>
T load(std::string_view bytes, size_t position)
{
    T value = 0;
    if (position < bytes.size())
        std::memcpy(&value, bytes.data() + position, std::min(sizeof(T), bytes.size() - position));
    return value;
}

uint32_t finalMix(uint32_t h)
{
    h ^= h >> 16;
    h *= 0x85ebca6b;
    h ^= h >> 13;
    h *= 0xc2b2ae35;
    return h ^ h >> 16;
}

uint64_t finalMix(uint64_t h)
{
    h ^= h >> 33;
    h *= 0xff51afd7ed558ccdULL;
    h ^= h >> 33;
    h *= 0xc4ceb9fe1a85ec53ULL;
    return h ^ h >> 33;
}

}

uint32_t murmurHash2(std::string_view bytes, uint32_t seed)
{
    constexpr uint32_t m = 0x5bd1e995;
    uint32_t h = seed ^ static_cast<uint32_t>(bytes.size());
    const size_t whole = bytes.size() & ~size_t{3};
    for (size_t i = 0; i < whole; i += 4)
    {
        uint32_t k = load<uint32_t>(bytes, i) * m;
        k ^= k >> 24;
        h = h * m ^ k * m;
    }
    if (whole < bytes.size())
        h = (h ^ load<uint32_t>(bytes, whole)) * m;
    h ^= h >> 13;
    h *= m;
    return h ^ h >> 15;
}

uint64_t murmurHash2Wide(std::string_view bytes, uint64_t seed)
{
    constexpr uint64_t m = 0xc6a4a7935bd1e995ULL;
    uint64_t h = seed ^ bytes.size() * m;
    const size_t whole = bytes.size() & ~size_t{7};
    for (size_t i = 0; i < whole; i += 8)
    {
        uint64_t k = load<uint64_t>(bytes, i) * m;
        k ^= k >> 47;
        h = (h ^ k * m) * m;
    }
    if (whole < bytes.size())
        h = (h ^ load<uint64_t>(bytes, whole)) * m;
    h ^= h >> 47;
    h *= m;
    return h ^ h >> 47;
}

uint32_t murmurHash3(std::string_view bytes, uint32_t seed)
{
    auto scramble = [](uint32_t k) { return std::rotl(k * 0xcc9e2d51U, 15) * 0x1b873593U; };
    uint32_t h = seed;
    const size_t whole = bytes.size() & ~size_t{3};
    for (size_t i = 0; i < whole; i += 4)
        h = std::rotl(h ^ scramble(load<uint32_t>(bytes, i)), 13) * 5 + 0xe6546b64U;
    h ^= scramble(load<uint32_t>(bytes, whole));
    return finalMix(h ^ static_cast<uint32_t>(bytes.size()));
}

UInt128 murmurHash3Wide(std::string_view bytes, uint32_t seed)
{
    constexpr uint64_t c1 = 0x87c37b91114253d5ULL;
    constexpr uint64_t c2 = 0x4cf5ad432745937fULL;
    auto scramble1 = [](uint64_t k) { return std::rotl(k * c1, 31) * c2; };
    auto scramble2 = [](uint64_t k) { return std::rotl(k * c2, 33) * c1; };
    uint64_t h1 = seed;
    uint64_t h2 = seed;
    const size_t whole = bytes.size() & ~size_t{15};
    for (size_t i = 0; i < whole; i += 16)
    {
        h1 = (std::rotl(h1 ^ scramble1(load<uint64_t>(bytes, i)), 27) + h2) * 5 + 0x52dce729;
        h2 = (std::rotl(h2 ^ scramble2(load<uint64_t>(bytes, i + 8)), 31) + h1) * 5 + 0x38495ab5;
    }
    h2 ^= scramble2(load<uint64_t>(bytes, whole + 8));
    h1 ^= scramble1(load<uint64_t>(bytes, whole));
    h1 ^= bytes.size();
    h2 ^= bytes.size();
    h1 += h2;
    h2 += h1;
    h1 = finalMix(h1);
    h2 = finalMix(h2);
    h1 += h2;
    h2 += h1;
    return static_cast<UInt128>(h2) << 64 | h1;
}

}
