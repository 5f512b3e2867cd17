#pragma once
// A bloom filter over 64-bit hashes (XXH3 of value bytes), probed by double hashing (Kirsch and Mitzenmacher 2006).
// As bytes: the number of probes, then the bits. Used by the bloom_filter skip index; stateless, thread-safe.

#include "base/Types.h"

#include <span>
#include <string>
#include <string_view>

namespace mangrove
{

/// `hashes`: distinct.
std::string makeBloomFilter(std::span<const uint64_t> hashes, double false_positive_rate);
/// False only if the value was not added; true for bytes that are no filter.
bool bloomMayContain(std::string_view filter, uint64_t hash);

}
