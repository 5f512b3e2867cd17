#pragma once
// One page of unsigned integers of 1, 2, 4, 8 or 16 bytes: the encoding that takes the fewest bytes is chosen page by
// page, from statistics and short trials. Signed numbers and floats come as their bits (see NumberColumn). Used by
// every column kind: values, codes, sizes, null maps, directories. Format: docs/format/part.md, "Integer page".
//
// encodeIntegers keeps no state but the advice in IntegerEncoder; decodeIntegers is stateless and checks every bound:
// CORRUPTED_DATA (246).

#include "io/Codecs.h"

#include <span>
#include <string>
#include <string_view>

namespace mangrove
{

/// First byte of a page, low four bits. Numbers are never reused; a changed layout gets a new one.
enum class IntegerEncoding : uint8_t
{
    Raw = 0,
    Constant = 1,
    Packed = 2,       /// value - least, in the same number of bits each
    DeltaPacked = 3,  /// differences - least difference, in the same number of bits each
    Dictionary = 4,   /// distinct values, then packed positions
    Lengths = 5,      /// value - least: bit lengths (entropy-coded), then the bits below the leading one
    DeltaLengths = 6, /// differences (zig-zag if any is negative), likewise
    Codec = 7,        /// raw values through the column's CODEC(…) chain
    Halves = 8,       /// 16 bytes wide: two pages of 8-byte integers, high halves first
    Repeats = 9,      /// distances to the previous equal value (0 = new), then the new values: ids that recur nearby
};

/// What compresses the payload of a page as a whole: high four bits of the first byte.
enum class GeneralCodec : uint8_t
{
    None = 0,
    Lz4 = 1,
    Zstd = 2,
    ZstdDictionary = 3, /// refers to the stream's dictionary (bytes pages only)
};

struct CompressionChoice
{
    GeneralCodec general = GeneralCodec::Zstd; /// None, Lz4 or Zstd
    int level = 1;
    CodecChain forced; /// empty: choose
    /// What is soon merged: only encodings that cost little to write. Numbers are packed or get a page dictionary, without
    /// entropy coding and trials.
    bool light = false;

    /// For what the CODEC(…) of the column's numbers is not about: codes, sizes, lengths.
    CompressionChoice withoutForced() const { return {general, level, {}, light}; }
};

/// Whether to try what did not pay lately: after each failure in a row, twice as many pages do without.
class Trials
{
public:
    bool skipping() const { return skipped_; }
    /// Called once a page that could try.
    bool due()
    {
        if (!skipped_)
            return true;
        --skipped_;
        return false;
    }
    void record(bool pays)
    {
        failures_ = pays ? 0 : failures_ < 5 ? failures_ + 1 : 5;
        skipped_ = pays ? 0 : (1u << failures_) - 1;
    }

private:
    uint32_t failures_ = 0;
    uint32_t skipped_ = 0; /// pages yet to do without
};

/// The writer's side: remembers which trials did not pay, to skip them for a while.
class IntegerEncoder
{
public:
    IntegerEncoder() = default;
    explicit IntegerEncoder(CompressionChoice choice) : choice_(std::move(choice)) { }

    template <typename T>
    void encode(std::span<const T> values, std::string & out);

private:
    struct Page;
    void encodePacked(const Page & page, std::string & out);
    void encodeDeltaPacked(const Page & page, std::string & out);
    void encodeDictionary(Page & page, std::string & out);
    void encodeLengths(const Page & page, std::string & out);
    void encodeDeltaLengths(const Page & page, std::string & out);
    template <typename T>
    bool encodeRepeats(std::span<const uint64_t> values, double bytes_max, std::string & out);
    void finishPage(IntegerEncoding encoding, const std::string & payload, bool try_general, std::string & out);
    bool triesGeneral() const { return choice_.general != GeneralCodec::None && !choice_.light; }
    void encode64(std::span<const uint64_t> values, size_t width, std::string & out);

    CompressionChoice choice_;
    Trials compressions_;
    Trials dictionaries_; /// of light pages
};

/// Fills exactly `count` values. `chain`: the stream's CODEC, for IntegerEncoding::Codec.
template <typename T>
void decodeIntegers(std::string_view page, T * to, size_t count, const CodecChain * chain = nullptr);

/// False if no value v of the page has matches[v] = 1, as far as its first bytes tell: then it need not be decoded.
bool integerPageMayMatch(std::string_view page, const PodVector<uint8_t> & matches);

[[noreturn]] void throwCorrupted(std::string_view what);

}
