#include "parts/IntegerPage.h"

#include "io/WriteBuffer.h"
#include "parts/BitPacking.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace mangrove
{

namespace
{

constexpr size_t trial_rows_min = 64;
constexpr size_t dictionary_values_max = 4096;

uint64_t zigzag(uint64_t x)
{
    return (x << 1) ^ (0 - (x >> 63));
}

unsigned bitWidth(uint64_t x)
{
    return static_cast<unsigned>(std::bit_width(x));
}

/// How many values there are of each bit length, and what they would take when the lengths are entropy-coded.
struct LengthHistogram
{
    uint32_t counts[65] = {};

    double bits(size_t total) const
    {
        double result = 40 * 8; /// the entropy coder's own header
        for (unsigned length = 0; length <= 64; ++length)
            if (counts[length])
                result += counts[length]
                          * (std::log2(static_cast<double>(total) / counts[length]) + (length ? length - 1 : 0));
        return result;
    }
};

struct Statistics
{
    uint64_t least = std::numeric_limits<uint64_t>::max();
    uint64_t greatest = 0;
    int64_t least_delta = std::numeric_limits<int64_t>::max();
    int64_t greatest_delta = std::numeric_limits<int64_t>::min();
    LengthHistogram lengths;
    LengthHistogram delta_lengths;
    bool deltasRise() const { return least_delta >= 0; }
};

Statistics collect(std::span<const uint64_t> values, bool with_lengths)
{
    Statistics s;
    for (uint64_t value : values)
    {
        s.least = std::min(s.least, value);
        s.greatest = std::max(s.greatest, value);
    }
    for (size_t i = 1; i < values.size(); ++i)
    {
        auto delta = static_cast<int64_t>(values[i] - values[i - 1]);
        s.least_delta = std::min(s.least_delta, delta);
        s.greatest_delta = std::max(s.greatest_delta, delta);
    }
    if (!with_lengths)
        return s;
    bool rise = s.deltasRise();
    for (size_t i = 0; i < values.size(); ++i)
    {
        ++s.lengths.counts[bitWidth(values[i] - s.least)];
        if (i)
        {
            uint64_t delta = values[i] - values[i - 1];
            ++s.delta_lengths.counts[bitWidth(rise ? delta : zigzag(delta))];
        }
    }
    return s;
}

/// Distinct values of a page and each row's position among them (ascending order of value).
struct PageDictionary
{
    std::vector<uint64_t> values;
    std::vector<uint32_t> positions;
    size_t rows_seen = 0;

    /// False as soon as there are more than `values_max`.
    bool build(std::span<const uint64_t> rows, size_t values_max)
    {
        size_t capacity = std::bit_ceil(2 * std::min(rows.size(), values_max) + 2);
        std::vector<uint32_t> slots(capacity, 0);
        positions.resize(rows.size());
        for (size_t i = 0; i < rows.size(); ++i)
        {
            uint64_t value = rows[i];
            size_t slot = (value * 0x9e3779b97f4a7c15ULL >> 32) & (capacity - 1);
            while (slots[slot] && values[slots[slot] - 1] != value)
                slot = (slot + 1) & (capacity - 1);
            if (!slots[slot])
            {
                rows_seen = i;
                if (values.size() == values_max)
                    return false;
                values.push_back(value);
                slots[slot] = static_cast<uint32_t>(values.size());
            }
            positions[i] = slots[slot] - 1;
        }
        rows_seen = rows.size();
        return true;
    }

    void sort()
    {
        std::vector<uint32_t> order(values.size());
        for (size_t i = 0; i < order.size(); ++i)
            order[i] = static_cast<uint32_t>(i);
        std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return values[a] < values[b]; });
        std::vector<uint64_t> sorted(values.size());
        std::vector<uint32_t> rank(values.size());
        for (size_t i = 0; i < order.size(); ++i)
        {
            sorted[i] = values[order[i]];
            rank[order[i]] = static_cast<uint32_t>(i);
        }
        values = std::move(sorted);
        for (auto & position : positions)
            position = rank[position];
    }
};

template <typename T>
void storeAs(std::span<const uint64_t> values, char * to)
{
    for (size_t i = 0; i < values.size(); ++i)
    {
        auto value = static_cast<T>(values[i]);
        std::memcpy(to + i * sizeof(T), &value, sizeof(T));
    }
}

template <typename Get>
void writePacked(size_t count, unsigned bits, std::string & out, Get && get)
{
    BitWriter writer(out, count * bits);
    for (size_t i = 0; i < count; ++i)
        writer.write(get(i), bits);
    writer.finish();
}

template <typename Get>
void writeLengths(size_t count, WriteBuffer & out, Get && get)
{
    std::string lengths(count, '\0');
    size_t bits = 0;
    for (size_t i = 0; i < count; ++i)
    {
        unsigned length = bitWidth(get(i));
        lengths[i] = static_cast<char>(length);
        bits += length;
    }
    std::string packed;
    compressZstd(lengths, 1, packed);
    bool pays = packed.size() < lengths.size();
    out.writeVarUInt(pays ? packed.size() : 0);
    out.write(pays ? packed : lengths);
    BitWriter writer(out.str(), bits);
    for (size_t i = 0; i < count; ++i)
    {
        auto length = static_cast<unsigned char>(lengths[i]);
        if (length > 1)
            writer.write(get(i) & lowBits(length - 1), length - 1);
    }
    writer.finish();
}

}

void IntegerEncoder::finishPage(
    IntegerEncoding encoding, const std::string & payload, bool try_general, std::string & out)
{
    auto head = static_cast<uint8_t>(encoding);
    if (try_general && triesGeneral() && payload.size() >= 32 && compressions_.due())
    {
        WriteBuffer packed;
        packed.writeByte(static_cast<char>(head | static_cast<uint8_t>(choice_.general) << 4));
        packed.writeVarUInt(payload.size());
        if (choice_.general == GeneralCodec::Lz4)
            compressLz4(payload, packed.str());
        else
            compressZstd(payload, choice_.level, packed.str());
        bool pays = packed.count() < payload.size() - payload.size() / 16;
        compressions_.record(pays);
        if (pays)
        {
            out += packed.str();
            return;
        }
    }
    out.reserve(out.size() + 1 + payload.size());
    out.push_back(static_cast<char>(head));
    out += payload;
}

template <typename T>
bool IntegerEncoder::encodeRepeats(std::span<const uint64_t> values, double bytes_max, std::string & out)
{
    size_t capacity = std::bit_ceil(2 * values.size());
    std::vector<uint32_t> slots(capacity, 0); /// row + 1 of the last occurrence
    PodVector<uint32_t> distances(values.size());
    PodVector<T> fresh;
    for (size_t i = 0; i < values.size(); ++i)
    {
        size_t slot = (values[i] * 0x9e3779b97f4a7c15ULL >> 32) & (capacity - 1);
        while (slots[slot] && values[slots[slot] - 1] != values[i])
            slot = (slot + 1) & (capacity - 1);
        distances[i] = slots[slot] ? static_cast<uint32_t>(i + 1 - slots[slot]) : 0;
        if (!slots[slot])
            fresh.push_back(static_cast<T>(values[i]));
        slots[slot] = static_cast<uint32_t>(i + 1);
    }
    std::string pages[2];
    IntegerEncoder(choice_).encode(std::span<const uint32_t>(distances), pages[0]);
    IntegerEncoder({GeneralCodec::None, 0, {}}).encode(std::span<const T>(fresh), pages[1]);
    WriteBuffer payload;
    payload.writeString(pages[0]);
    payload.writeString(pages[1]);
    if (payload.count() > bytes_max)
        return false;
    finishPage(IntegerEncoding::Repeats, payload.str(), false, out);
    return true;
}

/// What a page is, and the encoding that statistics say is the smallest.
struct IntegerEncoder::Page
{
    std::span<const uint64_t> values;
    size_t width; /// bytes of a value as stored
    Statistics statistics;
    PageDictionary dictionary; /// built if values repeat enough
    bool repeats = false;
    IntegerEncoding best = IntegerEncoding::Packed;
    double best_bits = 0;

    Page(std::span<const uint64_t> values_, size_t width_, bool light)
        : values(values_), width(width_), statistics(collect(values_, !light))
    {
    }

    unsigned bits() const { return bitWidth(statistics.greatest - statistics.least); }
    unsigned deltaBits() const
    {
        return bitWidth(static_cast<uint64_t>(statistics.greatest_delta) - static_cast<uint64_t>(statistics.least_delta));
    }

    void choose(Trials & light_dictionaries, bool light)
    {
        size_t count = values.size();
        best_bits = static_cast<double>(count) * bits();
        consider(IntegerEncoding::DeltaPacked, static_cast<double>(count) * deltaBits());
        if (count < trial_rows_min)
            return;
        if (light)
        {
            if (best_bits > 16.0 * count && light_dictionaries.due())
            {
                considerDictionary();
                light_dictionaries.record(best == IntegerEncoding::Dictionary);
            }
            return;
        }
        consider(IntegerEncoding::Lengths, statistics.lengths.bits(count));
        consider(IntegerEncoding::DeltaLengths, statistics.delta_lengths.bits(count));
        if (best_bits > 3.0 * count)
            considerDictionary();
    }

private:
    void consider(IntegerEncoding encoding, double encoded_bits)
    {
        /// Packed is the fastest to read: the others must earn their place.
        if (encoded_bits < best_bits * 0.97 - 64)
        {
            best = encoding;
            best_bits = encoded_bits;
        }
    }

    void considerDictionary()
    {
        /// A prefix tells whether values repeat at all before the whole page is hashed.
        size_t count = values.size();
        PageDictionary sample;
        size_t sample_rows = std::min<size_t>(count, 512);
        sample.build(values.first(sample_rows), sample_rows);
        repeats = sample.values.size() + sample_rows / 32 < sample_rows;
        if (sample.values.size() >= sample_rows * 3 / 4
            || !dictionary.build(values, std::min(count / 2, dictionary_values_max)))
            return;
        size_t distinct = dictionary.values.size();
        consider(IntegerEncoding::Dictionary, distinct * (width * 8.0 + 8) + count * bitWidth(distinct - 1));
    }
};

void IntegerEncoder::encodePacked(const Page & page, std::string & out)
{
    size_t count = page.values.size();
    uint64_t least = page.statistics.least;
    unsigned bits = page.bits();
    if (bits > page.width * 8 - 3)
    {
        std::string raw(count * page.width, '\0');
        switch (page.width)
        {
            case 1: storeAs<uint8_t>(page.values, raw.data()); break;
            case 2: storeAs<uint16_t>(page.values, raw.data()); break;
            case 4: storeAs<uint32_t>(page.values, raw.data()); break;
            default: storeAs<uint64_t>(page.values, raw.data());
        }
        return finishPage(IntegerEncoding::Raw, raw, page.repeats, out);
    }
    auto build = [&](unsigned stored_bits)
    {
        WriteBuffer payload;
        payload.writeVarUInt(least);
        payload.writeByte(static_cast<char>(stored_bits));
        writePacked(count, stored_bits, payload.str(), [&](size_t i) { return page.values[i] - least; });
        return payload.take();
    };
    /// Whole bytes let the general codec see values; odd widths hide them from it.
    bool try_general = bits <= 12 || page.repeats;
    bool try_bytes = try_general && triesGeneral() && bits > 2 && bits < 8 && !compressions_.skipping();
    if (try_bytes)
    {
        size_t before = out.size();
        finishPage(IntegerEncoding::Packed, build(8), true, out);
        if (out.size() - before < packedBytes(count, bits))
            return;
        out.resize(before);
        try_general = false;
    }
    finishPage(IntegerEncoding::Packed, build(bits), try_general, out);
}

void IntegerEncoder::encodeDeltaPacked(const Page & page, std::string & out)
{
    auto base = static_cast<uint64_t>(page.statistics.least_delta);
    unsigned bits = page.deltaBits();
    WriteBuffer payload;
    payload.writeVarUInt(page.values[0]);
    payload.writeVarUInt(zigzag(base));
    payload.writeByte(static_cast<char>(bits));
    writePacked(page.values.size() - 1, bits, payload.str(),
        [&](size_t i) { return page.values[i + 1] - page.values[i] - base; });
    finishPage(IntegerEncoding::DeltaPacked, payload.str(), bits <= 2, out);
}

void IntegerEncoder::encodeDictionary(Page & page, std::string & out)
{
    page.dictionary.sort();
    WriteBuffer head;
    head.writeVarUInt(page.dictionary.values.size());
    uint64_t previous = 0;
    for (uint64_t value : page.dictionary.values)
    {
        head.writeVarUInt(value - previous);
        previous = value;
    }
    auto build = [&](unsigned stored_bits)
    {
        std::string result = head.str();
        result.push_back(static_cast<char>(stored_bits));
        writePacked(page.values.size(), stored_bits, result, [&](size_t i) { return page.dictionary.positions[i]; });
        return result;
    };
    unsigned bits = bitWidth(page.dictionary.values.size() - 1);
    std::string narrow = build(bits);
    if (triesGeneral() && bits <= 8 && !compressions_.skipping())
    {
        std::string trial;
        finishPage(IntegerEncoding::Dictionary, build(8), true, trial);
        if (trial.size() < narrow.size() - narrow.size() / 16)
        {
            out += trial;
            return;
        }
    }
    finishPage(IntegerEncoding::Dictionary, narrow, bits <= 2, out);
}

void IntegerEncoder::encodeLengths(const Page & page, std::string & out)
{
    WriteBuffer payload;
    payload.writeVarUInt(page.statistics.least);
    writeLengths(page.values.size(), payload, [&](size_t i) { return page.values[i] - page.statistics.least; });
    finishPage(IntegerEncoding::Lengths, payload.str(), false, out);
}

void IntegerEncoder::encodeDeltaLengths(const Page & page, std::string & out)
{
    bool rise = page.statistics.deltasRise();
    WriteBuffer payload;
    payload.writeVarUInt(page.values[0]);
    payload.writeByte(rise ? 0 : 1);
    writeLengths(page.values.size() - 1, payload, [&](size_t i)
    {
        uint64_t delta = page.values[i + 1] - page.values[i];
        return rise ? delta : zigzag(delta);
    });
    finishPage(IntegerEncoding::DeltaLengths, payload.str(), false, out);
}

void IntegerEncoder::encode64(std::span<const uint64_t> values, size_t width, std::string & out)
{
    Page page(values, width, choice_.light);
    if (page.statistics.least == page.statistics.greatest)
    {
        WriteBuffer payload;
        payload.writeVarUInt(page.statistics.least);
        return finishPage(IntegerEncoding::Constant, payload.str(), false, out);
    }
    page.choose(dictionaries_, choice_.light);
    /// Ids that recur (parents of spans): every other encoding pays for each of them in full.
    if (!choice_.light && page.repeats && width >= 4 && page.best_bits > 24.0 * values.size())
    {
        double bytes_max = page.best_bits / 8 * 0.97;
        if (width == 4 ? encodeRepeats<uint32_t>(values, bytes_max, out) : encodeRepeats<uint64_t>(values, bytes_max, out))
            return;
    }
    switch (page.best)
    {
        case IntegerEncoding::Packed: return encodePacked(page, out);
        case IntegerEncoding::DeltaPacked: return encodeDeltaPacked(page, out);
        case IntegerEncoding::Dictionary: return encodeDictionary(page, out);
        case IntegerEncoding::Lengths: return encodeLengths(page, out);
        default: return encodeDeltaLengths(page, out);
    }
}

template <typename T>
void IntegerEncoder::encode(std::span<const T> values, std::string & out)
{
    if (values.empty())
        return;
    if (!choice_.forced.steps().empty())
    {
        std::string_view raw(reinterpret_cast<const char *>(values.data()), values.size_bytes());
        return finishPage(IntegerEncoding::Codec, choice_.forced.compress(raw), false, out);
    }
    if constexpr (sizeof(T) == 16)
    {
        PodVector<uint64_t> half(values.size());
        WriteBuffer payload;
        for (unsigned shift : {64u, 0u})
        {
            for (size_t i = 0; i < values.size(); ++i)
                half[i] = static_cast<uint64_t>(values[i] >> shift);
            std::string page;
            encode64(half, 8, page);
            payload.writeString(page);
        }
        finishPage(IntegerEncoding::Halves, payload.str(), false, out);
    }
    else if constexpr (sizeof(T) == 8)
        encode64(values, 8, out);
    else
    {
        PodVector<uint64_t> wide(values.begin(), values.end());
        encode64(wide, sizeof(T), out);
    }
}

template void IntegerEncoder::encode(std::span<const uint8_t>, std::string &);
template void IntegerEncoder::encode(std::span<const uint16_t>, std::string &);
template void IntegerEncoder::encode(std::span<const uint32_t>, std::string &);
template void IntegerEncoder::encode(std::span<const uint64_t>, std::string &);
template void IntegerEncoder::encode(std::span<const UInt128>, std::string &);

}
