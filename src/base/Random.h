#pragma once
// Randomness from outside: one seed decides a whole simulated run. xoshiro256** (Blackman and Vigna, public
// domain) seeded through splitmix64. Not for secrets. Not thread-safe: one per owner, or SharedRandom.

#include <array>
#include <bit>
#include <cstdint>
#include <mutex>

namespace mangrove
{

inline uint64_t splitmix64(uint64_t & state)
{
    uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

class Random
{
public:
    explicit Random(uint64_t seed)
    {
        for (auto & word : words_)
            word = splitmix64(seed);
    }

    uint64_t next()
    {
        uint64_t result = std::rotl(words_[1] * 5, 7) * 9;
        uint64_t shifted = words_[1] << 17;
        words_[2] ^= words_[0];
        words_[3] ^= words_[1];
        words_[1] ^= words_[2];
        words_[0] ^= words_[3];
        words_[2] ^= shifted;
        words_[3] = std::rotl(words_[3], 45);
        return result;
    }

    /// In [0, bound); the bias is below 2^-32 for the bounds in use. 0 for bound 0.
    uint64_t below(uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
    bool chance(double probability) { return static_cast<double>(next() >> 11) * 0x1.0p-53 < probability; }

private:
    std::array<uint64_t, 4> words_;
};

/// A Random behind a mutex, for owners with several threads.
class SharedRandom
{
public:
    explicit SharedRandom(uint64_t seed) : random_(seed) { }

    uint64_t next()
    {
        std::lock_guard lock(mutex_);
        return random_.next();
    }
    uint64_t below(uint64_t bound) { return bound == 0 ? 0 : next() % bound; }

private:
    std::mutex mutex_;
    Random random_;
};

/// A seed from the operating system, for everything that is not a simulation.
uint64_t randomSeed();

}
