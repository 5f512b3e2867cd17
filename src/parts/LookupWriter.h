#pragma once
// Writes a point-lookup column (a trace id): dictionary-coded, each distinct value having an ordinal, with two ways
// back: value → ordinal (a hash index in pages) and ordinal → pages that hold it (postings). Ordinals follow the least
// value of the order column, so that they are close in number when close in time. Read by LookupReader.
//
// Holds 4 bytes a row and the values until finish(): ordinals are only known then. See docs/format/part.md, "Lookup".

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
    /// The order column's rows of the page that writePage() brings next.
    void setOrder(const ColumnPtr & column, size_t begin, size_t end);
    void writePage(const ColumnPtr & column, size_t begin, size_t end) override;
    void finish() override;
    void collectStreams(std::vector<StreamToPlace> & to) override;
    void writeHeader(WriteBuffer & out) const override;
    uint64_t bytes() const override { return dictionary_.bytes() + codes_.size() * sizeof(uint32_t); }

private:
    PodVector<uint32_t> ordinalsOfCodes() const;
    void writeCodes(const PodVector<uint32_t> & ordinals);
    void writeHashIndex(const Column & values);

    PartDictionary dictionary_;
    PodVector<uint32_t> codes_; /// of all rows, in order of appearance; later ordinals
    PodVector<uint64_t> page_ends_;
    PodVector<uint64_t> order_; /// of the page to come
    PodVector<uint64_t> least_order_; /// by code
    size_t index_pages_ = 0;

    NumberWriter code_stream_;
    ColumnWriterPtr values_;
    NumberWriter index_fingerprints_;
    NumberWriter index_ordinals_;
    NumberWriter posting_sizes_;
    NumberWriter postings_;
};

}
