#pragma once
// CityHash 1.0.2 (Pike, Alakuijala; the version that ClickHouse froze): cityHash64('abc') = 4220206313085259313.
// Used by cityHash64(), uniq() and the checksum of compressed frames. Written from the published algorithm.

#include "base/Types.h"

#include <string_view>

namespace mangrove
{

uint64_t cityHash64(std::string_view bytes);
/// {low, high}
std::pair<uint64_t, uint64_t> cityHash128(std::string_view bytes);
/// Murmur-like mix of two hashes, as CityHash's Hash128to64(uint128(low, high)).
uint64_t cityHash128to64(uint64_t low, uint64_t high);

/// Thomas Wang's hashes as ClickHouse uses them for integers.
uint32_t intHash32(uint64_t key);
inline uint64_t intHash64(uint64_t x)
{
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdULL;
    x ^= x >> 33;
    x *= 0xc4ceb9fe1a85ec53ULL;
    x ^= x >> 33;
    return x;
}

}
