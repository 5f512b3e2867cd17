#pragma once
// MurmurHash2 and MurmurHash3 of Austin Appleby, written after his published, public-domain algorithms (SMHasher), for
// the functions murmurHash2_32, murmurHash2_64, murmurHash3_32, murmurHash3_64 and murmurHash3_128. Little-endian.

#include "base/Types.h"

#include <cstdint>
#include <string_view>

namespace mangrove
{

uint32_t murmurHash2(std::string_view bytes, uint32_t seed);       /// MurmurHash2
uint64_t murmurHash2Wide(std::string_view bytes, uint64_t seed);   /// MurmurHash64A
uint32_t murmurHash3(std::string_view bytes, uint32_t seed);       /// MurmurHash3_x86_32
UInt128 murmurHash3Wide(std::string_view bytes, uint32_t seed);    /// MurmurHash3_x64_128

}
