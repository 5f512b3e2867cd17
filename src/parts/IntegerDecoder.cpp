#include "parts/IntegerPage.h"

#include "io/ReadBuffer.h"
#include "parts/BitPacking.h"

#include <algorithm>

namespace mangrove
{

void throwCorrupted(std::string_view what)
{
    throw Exception(ErrorCode::CORRUPTED_DATA, "{}", std::string(what));
}

namespace
{

uint64_t unzigzag(uint64_t x)
{
    return (x >> 1) ^ (0 - (x & 1));
}

/// A general codec may shrink a page by no more than this: limits what a few hostile bytes can make us allocate.
constexpr uint64_t payload_bytes_max = 64ULL << 20;

unsigned readBitCount(ReadBuffer & in)
{
    unsigned bits = in.readPod<uint8_t>();
    if (bits > 64)
        throwCorrupted("packed integers wider than 64 bits");
    return bits;
}

std::string_view take(ReadBuffer & in, size_t bytes)
{
    if (in.available() < bytes)
        throwCorrupted("integer page is too short");
    std::string_view result(in.position(), bytes);
    in.advance(bytes);
    return result;
}

/// A page inside a page: one level only.
std::string_view nested(ReadBuffer & in)
{
    std::string_view page = take(in, in.readVarUInt());
    auto encoding = page.empty() ? IntegerEncoding::Raw : static_cast<IntegerEncoding>(page[0] & 15);
    if (encoding == IntegerEncoding::Halves || encoding == IntegerEncoding::Repeats
        || encoding == IntegerEncoding::Codec)
        throwCorrupted("integer pages are nested too deeply");
    return page;
}

template <typename Put>
void readLengths(ReadBuffer & in, size_t count, Put && put)
{
    thread_local std::string lengths;
    thread_local std::string scratch;
    lengths.resize(count);
    uint64_t packed_size = in.readVarUInt();
    if (packed_size)
        decompressZstd(take(in, packed_size), lengths.data(), count);
    else
        std::memcpy(lengths.data(), take(in, count).data(), count);
    const auto * bit_lengths = reinterpret_cast<const uint8_t *>(lengths.data());
    uint8_t greatest = 0;
    uint64_t total = 0;
    for (size_t i = 0; i < count; ++i)
    {
        greatest = std::max(greatest, bit_lengths[i]);
        total += static_cast<uint8_t>(bit_lengths[i] - (bit_lengths[i] != 0));
    }
    if (greatest > 64)
        throwCorrupted("bit length above 64");
    const char * bits = padded(take(in, (total + 7) / 8), scratch);
    /// A value of length L is a one and L - 1 stored bits; without branches, for lengths are as random as can be.
    auto read = [&](auto read_stored)
    {
        size_t position = 0;
        for (size_t i = 0; i < count; ++i)
        {
            const unsigned leading = bit_lengths[i] != 0;
            const unsigned stored = bit_lengths[i] - leading;
            put(i, static_cast<uint64_t>(leading) << stored | read_stored(position, stored));
            position += stored;
        }
    };
    if (greatest <= 1)
        read([](size_t, unsigned) { return uint64_t{0}; });
    else if (total * 16 < count)
        /// Nearly all are 0 or 1, as flags and states are: here a branch is foreseen.
        for (size_t i = 0, position = 0; i < count; ++i)
        {
            if (bit_lengths[i] <= 1) [[likely]]
            {
                put(i, bit_lengths[i]);
                continue;
            }
            const unsigned stored = bit_lengths[i] - 1u;
            put(i, 1ULL << stored | readBits(bits, position, stored));
            position += stored;
        }
    else if (greatest <= 57)
        read([bits](size_t position, unsigned stored)
        {
            uint64_t word;
            std::memcpy(&word, bits + (position >> 3), sizeof(word));
            return (word >> (position & 7)) & ((1ULL << stored) - 1);
        });
    else
        read([bits](size_t position, unsigned stored) { return readBits(bits, position, stored); });
}

template <typename T>
void decodePayload(IntegerEncoding encoding, std::string_view payload, T * to, size_t count, const CodecChain * chain)
{
    ReadBuffer in(payload);
    switch (encoding)
    {
        case IntegerEncoding::Raw:
            std::memcpy(to, take(in, count * sizeof(T)).data(), count * sizeof(T));
            return;
        case IntegerEncoding::Constant:
            std::fill_n(to, count, static_cast<T>(in.readVarUInt()));
            return;
        case IntegerEncoding::Packed:
        {
            uint64_t base = in.readVarUInt();
            unsigned bits = readBitCount(in);
            unpackBits(take(in, packedBytes(count, bits)), bits, base, to, count);
            return;
        }
        case IntegerEncoding::DeltaPacked:
        {
            uint64_t value = in.readVarUInt();
            uint64_t base = unzigzag(in.readVarUInt());
            unsigned bits = readBitCount(in);
            thread_local PodVector<uint64_t> deltas;
            deltas.resize(count);
            unpackBits(take(in, packedBytes(count - 1, bits)), bits, base, deltas.data(), count - 1);
            to[0] = static_cast<T>(value);
            for (size_t i = 1; i < count; ++i)
                to[i] = static_cast<T>(value += deltas[i - 1]);
            return;
        }
        case IntegerEncoding::Dictionary:
        {
            uint64_t size = in.readVarUInt();
            if (size == 0 || size > count)
                throwCorrupted("page dictionary of a wrong size");
            thread_local PodVector<uint64_t> values;
            values.resize(size);
            uint64_t value = 0;
            for (auto & v : values)
                v = value += in.readVarUInt();
            unsigned bits = readBitCount(in);
            thread_local PodVector<uint32_t> positions;
            positions.resize(count);
            unpackBits(take(in, packedBytes(count, bits)), bits, 0, positions.data(), count);
            uint32_t greatest = 0;
            for (uint32_t position : positions)
                greatest = std::max(greatest, position);
            if (greatest >= size)
                throwCorrupted("position outside of the page dictionary");
            const uint64_t * from = values.data();
            const uint32_t * at = positions.data();
            for (size_t i = 0; i < count; ++i)
                to[i] = static_cast<T>(from[at[i]]);
            return;
        }
        case IntegerEncoding::Lengths:
        {
            uint64_t base = in.readVarUInt();
            readLengths(in, count, [to, base](size_t i, uint64_t value) { to[i] = static_cast<T>(base + value); });
            return;
        }
        case IntegerEncoding::DeltaLengths:
        {
            uint64_t value = in.readVarUInt();
            bool signed_deltas = in.readByte() != 0;
            to[0] = static_cast<T>(value);
            if (signed_deltas)
                readLengths(in, count - 1,
                    [to, value](size_t i, uint64_t delta) mutable { to[i + 1] = static_cast<T>(value += unzigzag(delta)); });
            else
                readLengths(in, count - 1,
                    [to, value](size_t i, uint64_t delta) mutable { to[i + 1] = static_cast<T>(value += delta); });
            return;
        }
        case IntegerEncoding::Codec:
        {
            if (!chain)
                throwCorrupted("page needs a codec that the column does not have");
            std::string raw = chain->decompress(payload, count * sizeof(T));
            if (raw.size() != count * sizeof(T))
                throwCorrupted("codec gave a wrong length");
            std::memcpy(to, raw.data(), raw.size());
            return;
        }
        case IntegerEncoding::Halves:
            if constexpr (sizeof(T) == 16)
            {
                PodVector<uint64_t> half(count);
                for (unsigned shift : {64u, 0u})
                {
                    std::string_view page = take(in, in.readVarUInt());
                    if (page.empty() || (page[0] & 15) == static_cast<int>(IntegerEncoding::Halves))
                        throwCorrupted("wrong half of a 128-bit page");
                    decodeIntegers(page, half.data(), count);
                    for (size_t i = 0; i < count; ++i)
                        to[i] = shift ? static_cast<T>(half[i]) << shift : to[i] | half[i];
                }
                return;
            }
            break;
        case IntegerEncoding::Repeats:
        {
            PodVector<uint32_t> distances(count);
            decodeIntegers(nested(in), distances.data(), count);
            PodVector<T> fresh(std::count(distances.begin(), distances.end(), 0u));
            decodeIntegers(nested(in), fresh.data(), fresh.size());
            for (size_t i = 0, next = 0; i < count; ++i)
            {
                if (distances[i] > i)
                    throwCorrupted("a repeated value before the first one");
                to[i] = distances[i] ? to[i - distances[i]] : fresh[next++];
            }
            return;
        }
    }
    throwCorrupted("unknown integer encoding");
}

}

template <typename T>
void decodeIntegers(std::string_view page, T * to, size_t count, const CodecChain * chain)
{
    if (count == 0)
    {
        if (!page.empty())
            throwCorrupted("bytes in an empty page");
        return;
    }
    ReadBuffer in(page);
    auto head = in.readPod<uint8_t>();
    auto encoding = static_cast<IntegerEncoding>(head & 15);
    auto general = static_cast<GeneralCodec>(head >> 4);
    if (general == GeneralCodec::None)
        return decodePayload(encoding, page.substr(1), to, count, chain);
    /// Pages that hold pages are not compressed as a whole: their inner pages use the buffer below.
    if (encoding == IntegerEncoding::Halves || encoding == IntegerEncoding::Repeats)
        throwCorrupted("a page of pages is compressed");
    uint64_t size = in.readVarUInt();
    if (size > std::min<uint64_t>(payload_bytes_max, count * (sizeof(T) + 16) + 1024))
        throwCorrupted("integer page is too large");
    thread_local std::string payload;
    payload.resize(size);
    std::string_view rest(in.position(), in.available());
    if (general == GeneralCodec::Lz4)
        decompressLz4(rest, payload.data(), size);
    else if (general == GeneralCodec::Zstd)
        decompressZstd(rest, payload.data(), size);
    else
        throwCorrupted("unknown compression of an integer page");
    decodePayload(encoding, payload, to, count, chain);
}

bool integerPageMayMatch(std::string_view page, const PodVector<uint8_t> & matches)
{
    if (page.empty() || static_cast<uint8_t>(page[0]) >> 4 != static_cast<int>(GeneralCodec::None))
        return true;
    ReadBuffer in(page.substr(1));
    // What is outside of `matches` is for the decoder to find.
    auto mayMatch = [&](uint64_t value) { return value >= matches.size() || matches[value]; };
    switch (static_cast<IntegerEncoding>(page[0] & 15))
    {
        case IntegerEncoding::Constant: return mayMatch(in.readVarUInt());
        case IntegerEncoding::Packed:
        {
            const uint64_t least = in.readVarUInt();
            const uint64_t span = lowBits(readBitCount(in));
            if (least >= matches.size())
                return true;
            return std::memchr(matches.data() + least, 1, std::min<uint64_t>(span, matches.size() - least - 1) + 1) != nullptr;
        }
        case IntegerEncoding::Dictionary:
        {
            uint64_t value = 0;
            for (uint64_t left = in.readVarUInt(); left; --left)
                if (mayMatch(value += in.readVarUInt()))
                    return true;
            return false;
        }
        default: return true;
    }
}

template void decodeIntegers(std::string_view, uint8_t *, size_t, const CodecChain *);
template void decodeIntegers(std::string_view, uint16_t *, size_t, const CodecChain *);
template void decodeIntegers(std::string_view, uint32_t *, size_t, const CodecChain *);
template void decodeIntegers(std::string_view, uint64_t *, size_t, const CodecChain *);
template void decodeIntegers(std::string_view, UInt128 *, size_t, const CodecChain *);

}
