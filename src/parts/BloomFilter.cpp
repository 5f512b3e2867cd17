#include "parts/BloomFilter.h"

#include <algorithm>
#include <cmath>

namespace mangrove
{

namespace
{

/// The same multiplication maps a hash to a bit on both sides: no division, any number of bits.
template <typename Callback>
bool probe(uint64_t hash, unsigned probes, uint64_t bits, Callback && callback)
{
    uint64_t step = (hash >> 32 | hash << 32) | 1;
    for (unsigned i = 0; i < probes; ++i, hash += step)
        if (!callback(static_cast<uint64_t>(static_cast<UInt128>(hash) * bits >> 64)))
            return false;
    return true;
}

}

std::string makeBloomFilter(std::span<const uint64_t> hashes, double false_positive_rate)
{
    double rate = std::clamp(false_positive_rate, 1e-6, 0.5);
    double bits_per_value = 1.4427 * std::log2(1 / rate);
    auto bytes = static_cast<size_t>(std::ceil(bits_per_value * hashes.size() / 8)) + 1;
    auto probes = static_cast<unsigned>(std::clamp(std::round(std::log2(1 / rate)), 1.0, 20.0));
    std::string filter(1 + bytes, '\0');
    filter[0] = static_cast<char>(probes);
    for (uint64_t hash : hashes)
        probe(hash, probes, bytes * 8, [&](uint64_t bit)
        {
            filter[1 + bit / 8] = static_cast<char>(filter[1 + bit / 8] | 1 << bit % 8);
            return true;
        });
    return filter;
}

bool bloomMayContain(std::string_view filter, uint64_t hash)
{
    if (filter.size() < 2)
        return true;
    return probe(hash, static_cast<uint8_t>(filter[0]), (filter.size() - 1) * 8,
        [&](uint64_t bit) { return (filter[1 + bit / 8] >> bit % 8 & 1) != 0; });
}

}
