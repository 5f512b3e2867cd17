#include "parts/BytesPage.h"

#include "io/ReadBuffer.h"
#include "io/WriteBuffer.h"
#include "parts/TrigramFilter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

namespace mangrove
{

namespace
{

constexpr size_t dictionary_bytes_max = 16 << 10;
constexpr size_t dictionary_sample_bytes_min = 4
                                               << 10; /// smaller pages gain nothing that their dictionary does not cost
constexpr size_t decimal_digits_max = 18;
/// A filter may take this share of the characters, compressed.
constexpr size_t filter_share = 16;

constexpr auto makeNibbles()
{
    std::array<int8_t, 256> table{};
    table.fill(-1);
    for (int i = 0; i < 10; ++i)
        table['0' + i] = static_cast<int8_t>(i);
    for (int i = 0; i < 6; ++i)
        table['a' + i] = static_cast<int8_t>(10 + i);
    return table;
}
constexpr auto nibbles = makeNibbles();

struct Strings
{
    const char * chars;
    const uint64_t * ends;
    size_t begin;
    size_t end;

    std::string_view at(size_t row) const
    {
        uint64_t from = row ? ends[row - 1] : 0;
        return {chars + from, ends[row] - from};
    }
    std::string_view all() const
    {
        uint64_t from = begin ? ends[begin - 1] : 0;
        return {chars + from, (end > begin ? ends[end - 1] : from) - from};
    }
};

bool isHex(const Strings & strings)
{
    std::string_view all = strings.all();
    if (all.size() < 8 * (strings.end - strings.begin))
        return false;
    for (size_t row = strings.begin; row < strings.end; ++row)
        if (strings.at(row).size() % 2)
            return false;
    return std::all_of(all.begin(), all.end(), [](char c) { return nibbles[static_cast<uint8_t>(c)] >= 0; });
}

bool isDecimal(std::string_view text)
{
    if (text.empty() || text.size() > decimal_digits_max || (text[0] == '0' && text.size() > 1))
        return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool allDecimal(const Strings & strings)
{
    for (size_t row = strings.begin; row < strings.end; ++row)
        if (!isDecimal(strings.at(row)))
            return false;
    return true;
}

char head(BytesEncoding encoding, GeneralCodec general)
{
    return static_cast<char>(static_cast<uint8_t>(encoding) | static_cast<uint8_t>(general) << 4);
}

}

void BytesEncoder::makeDictionary(std::string_view sample)
{
    /// Pieces from all over the sample: neighbours are alike.
    constexpr size_t piece = 1024;
    size_t pieces = std::min(dictionary_bytes_max, sample.size() / 2) / piece;
    for (size_t i = 0; i < pieces; ++i)
        dictionary_content_.append(sample.substr(i * (sample.size() - piece) / pieces, piece));
    dictionary_ = std::make_unique<ZstdDictionary>(dictionary_content_, choice_.level);
}

void BytesEncoder::encode(const char * chars, const uint64_t * ends, size_t begin, size_t end, std::string & out)
{
    if (begin == end)
        return;
    Strings strings{chars, ends, begin, end};
    size_t count = end - begin;

    if (allDecimal(strings))
    {
        PodVector<uint64_t> numbers(count);
        for (size_t i = 0; i < count; ++i)
        {
            std::string_view text = strings.at(begin + i);
            std::from_chars(text.data(), text.data() + text.size(), numbers[i]);
        }
        out.push_back(head(BytesEncoding::Decimal, GeneralCodec::None));
        lengths_.encode(std::span<const uint64_t>(numbers), out);
        return;
    }

    PodVector<uint32_t> lengths(count);
    for (size_t i = 0; i < count; ++i)
        lengths[i] = static_cast<uint32_t>(strings.at(begin + i).size());
    std::string lengths_page;
    lengths_.encode(std::span<const uint32_t>(lengths), lengths_page);
    std::string_view all = strings.all();
    WriteBuffer page;

    if (isHex(strings))
    {
        page.writeByte(head(BytesEncoding::Hex, GeneralCodec::None));
        page.writeString(lengths_page);
        for (size_t i = 0; i < all.size(); i += 2)
            page.writeByte(static_cast<char>(
                nibbles[static_cast<uint8_t>(all[i])] << 4 | nibbles[static_cast<uint8_t>(all[i + 1])]));
        out += page.str();
        return;
    }

    if (choice_.general != GeneralCodec::None && all.size() >= 64 && compressions_.due())
    {
        if (choice_.general == GeneralCodec::Zstd && !dictionary_ && all.size() >= dictionary_sample_bytes_min)
            makeDictionary(all);
        GeneralCodec general = dictionary_ ? GeneralCodec::ZstdDictionary : choice_.general;
        std::string packed;
        if (general == GeneralCodec::Lz4)
            compressLz4(all, packed);
        else
            compressZstd(all, choice_.level, packed, dictionary_.get());
        bool pays = packed.size() < all.size() - all.size() / 16;
        compressions_.record(pays);
        if (pays)
        {
            // LZ4 is as fast as the search itself.
            if (searchable_ && general != GeneralCodec::Lz4)
                if (auto filter = makeTrigramFilter(all, packed.size() / filter_share); !filter.empty())
                {
                    page.writeByte(head(BytesEncoding::Filtered, GeneralCodec::None));
                    page.writeString(filter);
                }
            page.writeByte(head(BytesEncoding::Plain, general));
            page.writeString(lengths_page);
            page.write(packed);
            out += page.str();
            return;
        }
    }
    page.writeByte(head(BytesEncoding::Plain, GeneralCodec::None));
    page.writeString(lengths_page);
    page.write(all);
    out += page.str();
}

/// Takes the filter off a page that has one; "" if it has none.
static std::string_view takeFilter(std::string_view & page)
{
    if (page.empty() || page[0] != head(BytesEncoding::Filtered, GeneralCodec::None))
        return {};
    ReadBuffer in(page.substr(1));
    const uint64_t size = in.readVarUInt();
    if (!std::has_single_bit(size) || size >= in.available())
        throwCorrupted("filter of a wrong size");
    std::string_view filter(in.position(), size);
    in.advance(size);
    page = {in.position(), in.available()};
    return filter;
}

bool bytesPageMayContain(std::string_view page, std::string_view bytes, bool any_case)
{
    if (auto filter = takeFilter(page); !filter.empty() && !trigramsMayContain(filter, bytes, any_case))
        return false;
    if (page.empty())
        return false;
    switch (static_cast<BytesEncoding>(page[0] & 15))
    {
        case BytesEncoding::Hex: return bytes.find_first_not_of(any_case ? "0123456789abcdefABCDEF" : "0123456789abcdef") == std::string_view::npos;
        case BytesEncoding::Decimal: return bytes.find_first_not_of("0123456789") == std::string_view::npos;
        default: return true;
    }
}

void decodeBytes(
    std::string_view page, size_t count, const BytesDecodeContext & context, PodVector<char> & chars, Offsets & ends)
{
    if (count == 0)
    {
        if (!page.empty())
            throwCorrupted("bytes in an empty page");
        return;
    }
    takeFilter(page);
    ReadBuffer in(page);
    auto first = in.readPod<uint8_t>();
    auto encoding = static_cast<BytesEncoding>(first & 15);
    auto general = static_cast<GeneralCodec>(first >> 4);
    size_t begin = chars.size();

    if (encoding == BytesEncoding::Decimal)
    {
        thread_local PodVector<uint64_t> numbers;
        numbers.resize(count);
        decodeIntegers(page.substr(1), numbers.data(), count);
        chars.resize(begin + count * 20);
        char * to = chars.data() + begin;
        for (uint64_t number : numbers)
        {
            to = std::to_chars(to, to + 20, number).ptr;
            ends.push_back(to - chars.data());
        }
        chars.resize(to - chars.data());
        return;
    }

    uint64_t lengths_bytes = in.readVarUInt();
    if (lengths_bytes > in.available())
        throwCorrupted("bytes page is too short");
    thread_local PodVector<uint32_t> lengths;
    lengths.resize(count);
    decodeIntegers(std::string_view(in.position(), lengths_bytes), lengths.data(), count);
    in.advance(lengths_bytes);
    uint64_t total = 0;
    for (uint32_t length : lengths)
        total += length;
    if (total > context.bytes_max)
        throwCorrupted("bytes page is too large");
    std::string_view rest(in.position(), in.available());
    if (encoding == BytesEncoding::Hex)
    {
        if (general != GeneralCodec::None || total % 2 || rest.size() != total / 2)
            throwCorrupted("hexadecimal page of a wrong length");
    }
    else if (encoding != BytesEncoding::Plain)
        throwCorrupted("unknown bytes encoding");
    else if (general == GeneralCodec::None && rest.size() != total)
        throwCorrupted("bytes page of a wrong length");
    /// The best ratio ZSTD or LZ4 can reach on a run: more is a lie that would cost memory.
    else if (general != GeneralCodec::None && total / 40000 > rest.size())
        throwCorrupted("bytes page claims an impossible length");

    size_t rows_before = ends.size();
    ends.resize(rows_before + count);
    uint64_t position = begin;
    for (size_t i = 0; i < count; ++i)
        ends[rows_before + i] = position += lengths[i];
    if (total == 0)
        return;
    chars.resize(begin + total);
    char * to = chars.data() + begin;
    if (encoding == BytesEncoding::Hex)
    {
        static constexpr char digits[] = "0123456789abcdef";
        for (size_t i = 0; i < rest.size(); ++i)
        {
            to[2 * i] = digits[static_cast<uint8_t>(rest[i]) >> 4];
            to[2 * i + 1] = digits[static_cast<uint8_t>(rest[i]) & 15];
        }
        return;
    }
    switch (general)
    {
        case GeneralCodec::None: std::memcpy(to, rest.data(), total); return;
        case GeneralCodec::Lz4: decompressLz4(rest, to, total); return;
        case GeneralCodec::Zstd: decompressZstd(rest, to, total); return;
        case GeneralCodec::ZstdDictionary:
            if (!context.dictionary)
                throwCorrupted("bytes page needs a dictionary that the stream does not have");
            decompressZstd(rest, to, total, context.dictionary);
            return;
    }
    throwCorrupted("unknown compression of a bytes page");
}

}
