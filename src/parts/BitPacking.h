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

/// Appends at most `bits_max` bits to a string; finish() cuts off what was not used.
class BitWriter
{
public:
    BitWriter(std::string & out, size_t bits_max) : out_(out), at_(out.size())
    {
        out_.resize(at_ + bits_max / 64 * sizeof(word_) + 2 * sizeof(word_));
    }

    /// `value` has no more than `bits` bits, of which there are 0 to 64.
    void write(uint64_t value, unsigned bits)
    {
        word_ |= value << filled_;
        filled_ += bits;
        if (filled_ >= 64)
        {
            std::memcpy(out_.data() + at_, &word_, sizeof(word_));
            at_ += sizeof(word_);
            filled_ -= 64;
            word_ = filled_ ? value >> (bits - filled_) : 0;
        }
    }
    void finish()
    {
        std::memcpy(out_.data() + at_, &word_, sizeof(word_));
        out_.resize(at_ + (filled_ + 7) / 8);
    }

private:
    std::string & out_;
    size_t at_; /// bytes of complete words
    uint64_t word_ = 0;
    unsigned filled_ = 0; /// below 64
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
