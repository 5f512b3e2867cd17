#pragma once
// Writes a point-lookup column (a trace id): dictionary-coded, each distinct value having an ordinal, in the order in
// which they first appear, with two ways back: value → ordinal (a hash index in pages) and ordinal → pages that hold it
// (postings). Read by LookupReader.
//
// Holds the values, and 4 bytes for each page of each value, until finish(). See docs/format/part.md, "Lookup".

#include "parts/DictionaryWriter.h"

namespace mangrove
{

/// Ordinals in one page of values and of postings, and (about) in one page of the hash index.
constexpr size_t lookup_page_rows = 1024;

/// Where the hash index keeps a value.
struct LookupHash
{
    size_t page;
    uint16_t fingerprint;
};
LookupHash lookupHash(std::string_view value, size_t index_pages);

class LookupWriter final : public ColumnWriter
{
public:
    LookupWriter(DataTypePtr value_type, const CompressionChoice & compression);
    void writePage(const ColumnPtr & column, size_t begin, size_t end) override;
    void finish() override;
    void collectStreams(std::vector<StreamToPlace> & to) override;
    void writeHeader(WriteBuffer & out) const override;
    uint64_t bytes() const override;

private:
    void writePostings();
    void writeHashIndex(const Column & values);

    PartDictionary dictionary_;
    PodVector<uint32_t> pages_ordinals_; /// which ordinals each page has, once each
    PodVector<uint64_t> page_ends_;      /// in pages_ordinals_
    std::vector<uint32_t> page_counts_;  /// by ordinal: pages that have it
    std::vector<uint32_t> last_page_;    /// by ordinal
    size_t index_pages_ = 0;

    NumberWriter code_stream_;
    ColumnWriterPtr values_;
    NumberWriter index_fingerprints_;
    NumberWriter index_ordinals_;
    NumberWriter posting_sizes_;
    NumberWriter postings_;
};

}
