#pragma once

// The bench's random numbers: SplitMix64, the same on every machine for one seed (std distributions are not).
// Cheap to seed, so that a span's attributes are drawn when it is written, from its own id. Not thread-safe.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <vector>

namespace mangrove::bench
{

class Random
{
public:
    explicit Random(uint64_t seed) : state_(seed) {}

    uint64_t next()
    {
        uint64_t z = (state_ += 0x9e3779b97f4a7c15ull);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
        return z ^ (z >> 31);
    }

    uint32_t below(uint32_t bound) { return static_cast<uint32_t>((next() >> 32) * bound >> 32); }
    double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
    bool chance(double probability) { return uniform() < probability; }
    double exponential(double mean) { return -mean * std::log(1.0 - uniform()); }

    double logNormal(double median, double sigma)
    {
        const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
        const double normal = radius * std::cos(2.0 * std::numbers::pi * uniform());
        return median * std::exp(sigma * normal);
    }

private:
    uint64_t state_;
};

/// Zipf's law with exponent 1 over [0, count): rank r has weight 1 / (r + 1).
class Zipf
{
public:
    explicit Zipf(size_t count)
    {
        double sum = 0;
        for (size_t rank = 0; rank < count; ++rank)
            cumulative_.push_back(sum += 1.0 / static_cast<double>(rank + 1));
    }

    size_t draw(Random & random) const
    {
        const double target = random.uniform() * cumulative_.back();
        size_t low = 0;
        size_t high = cumulative_.size() - 1;
        while (low < high)
        {
            const size_t middle = (low + high) / 2;
            if (cumulative_[middle] < target)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

private:
    std::vector<double> cumulative_;
};

}
