#pragma once
// Numbers of `bits` (0..64) bits each, back to back, the first in the lowest bits of the first byte. Used by
// IntegerPage. The unpacking side reads up to 16 bytes past the last value: give it a padded copy (PaddedBytes).

#include "base/Types.h"

#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace mangrove
{

constexpr size_t bit_padding_bytes = 16;

inline size_t packedBytes(size_t count, unsigned bits)
{
    return (count * bits + 7) / 8;
}

inline uint64_t lowBits(unsigned bits)
{
    return bits >= 64 ? ~0ULL : (1ULL << bits) - 1;
}

/// `bits` bits that begin at bit `position` of padded memory.
inline uint64_t readBits(const char * bytes, size_t position, unsigned bits)
{
    const char * from = bytes + (position >> 3);
    unsigned shift = position & 7;
    if (bits + shift <= 64) [[likely]]
    {
        uint64_t word;
        std::memcpy(&word, from, sizeof(word));
        return (word >> shift) & lowBits(bits);
    }
    UInt128 word;
    std::memcpy(&word, from, sizeof(word));
    return static_cast<uint64_t>(word >> shift) & lowBits(bits);
}

/// Appends bits to a string; finish() writes the last incomplete word.
class BitWriter
{
public:
    explicit BitWriter(std::string & out) : out_(out) { }

    void write(uint64_t value, unsigned bits)
    {
        word_ |= static_cast<UInt128>(value) << filled_;
        filled_ += bits;
        if (filled_ >= 64)
        {
            auto low = static_cast<uint64_t>(word_);
            out_.append(reinterpret_cast<const char *>(&low), sizeof(low));
            word_ >>= 64;
            filled_ -= 64;
        }
    }
    void finish()
    {
        auto low = static_cast<uint64_t>(word_);
        out_.append(reinterpret_cast<const char *>(&low), (filled_ + 7) / 8);
        word_ = 0;
        filled_ = 0;
    }

private:
    std::string & out_;
    UInt128 word_ = 0;
    unsigned filled_ = 0;
};

/// A copy of bytes that may be read past its end. One per thread and use: valid until the next call.
inline const char * padded(std::string_view bytes, std::string & scratch)
{
    scratch.resize(bytes.size() + bit_padding_bytes);
    std::memcpy(scratch.data(), bytes.data(), bytes.size());
    std::memset(scratch.data() + bytes.size(), 0, bit_padding_bytes);
    return scratch.data();
}

/// to[i] = base + packed value i. `bytes` holds packedBytes(count, bits).
template <typename T>
void unpackBits(std::string_view bytes, unsigned bits, uint64_t base, T * to, size_t count)
{
    thread_local std::string scratch;
    const char * from = padded(bytes, scratch);
    if (bits <= 56)
    {
        uint64_t mask = lowBits(bits);
        for (size_t i = 0, position = 0; i < count; ++i, position += bits)
        {
            uint64_t word;
            std::memcpy(&word, from + (position >> 3), sizeof(word));
            to[i] = static_cast<T>(base + ((word >> (position & 7)) & mask));
        }
    }
    else
        for (size_t i = 0; i < count; ++i)
            to[i] = static_cast<T>(base + readBits(from, i * bits, bits));
}

}
