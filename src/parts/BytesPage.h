#pragma once
// One page of byte strings: their lengths as an integer page, their characters in one run, compressed as a whole.
// Lower-case hexadecimal strings are kept as nibbles, decimal numbers as integers; both give back the exact text.
// Used for raw strings, dictionary values and map values. Format: docs/format/part.md, "Bytes page".

#include "columns/ColumnString.h"
#include "parts/IntegerPage.h"

#include <memory>

namespace mangrove
{

/// First byte of a page, low four bits; the high four are the GeneralCodec of the characters.
enum class BytesEncoding : uint8_t
{
    Plain = 0,
    Hex = 1,     /// every string has an even number of 0-9a-f
    Decimal = 2, /// every string is the shortest decimal form of a UInt64 below 10^18
    Filtered = 3, /// a filter of trigrams, then a page of another encoding
};

/// The writer's side, one per stream.
class BytesEncoder
{
public:
    /// `searchable`: pages say which substrings they cannot hold, where finding out would mean decompressing them.
    explicit BytesEncoder(const CompressionChoice & choice = {}, bool searchable = false)
        : choice_(choice.withoutForced()), searchable_(searchable), lengths_(choice_)
    {
    }

    /// Rows [begin, end) of `chars` with cumulative `ends` (ends[-1] = 0).
    void encode(const char * chars, const uint64_t * ends, size_t begin, size_t end, std::string & out);

    /// What pages marked GeneralCodec::ZstdDictionary refer to; "" if none does. Complete after the last page.
    const std::string & dictionaryContent() const { return dictionary_content_; }

private:
    void makeDictionary(std::string_view sample);

    CompressionChoice choice_;
    bool searchable_;
    IntegerEncoder lengths_;
    std::string dictionary_content_;
    std::unique_ptr<ZstdDictionary> dictionary_;
    Trials compressions_;
};

struct BytesDecodeContext
{
    const ZstdDictionary * dictionary = nullptr;
    uint64_t bytes_max = 1ULL << 30; /// of one page's characters
};

/// False only if no string of the page can contain these bytes: a page of digits has no letters. `any_case`: nor anything
/// that is equal to them when case is ignored.
bool bytesPageMayContain(std::string_view page, std::string_view bytes, bool any_case = false);

/// Appends `count` strings.
void decodeBytes(
    std::string_view page, size_t count, const BytesDecodeContext & context, PodVector<char> & chars, Offsets & ends);
}
