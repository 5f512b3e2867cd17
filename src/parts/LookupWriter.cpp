#include "parts/LookupWriter.h"

#include "io/Checksum.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace mangrove
{

namespace
{

constexpr size_t index_page_values = 512;

}

LookupHash lookupHash(std::string_view value, size_t index_pages)
{
    uint64_t hash = xxh3(value);
    return {static_cast<size_t>(static_cast<UInt128>(hash) * index_pages >> 64), static_cast<uint16_t>(hash)};
}

LookupWriter::LookupWriter(DataTypePtr value_type, const CompressionChoice & compression)
    : dictionary_(value_type, false),
      code_stream_(4, false, compression.withoutForced()),
      values_(makeColumnWriter(value_type, {compression.withoutForced(), false})),
      index_fingerprints_(2, false, {GeneralCodec::None, 0, {}}),
      index_ordinals_(4, false, {GeneralCodec::None, 0, {}}),
      posting_sizes_(4, false, compression.withoutForced()),
      postings_(4, false, compression.withoutForced())
{
}

void LookupWriter::writePage(const ColumnPtr & column, size_t begin, size_t end)
{
    PodVector<uint32_t> ordinals;
    dictionary_.encode(column, RowChoice::range(begin, end), ordinals);
    code_stream_.writeValues(std::span<const uint32_t>(ordinals));
    page_counts_.resize(dictionary_.size(), 0);
    last_page_.resize(dictionary_.size(), UINT32_MAX);
    const auto page = static_cast<uint32_t>(page_ends_.size());
    for (uint32_t ordinal : ordinals)
        if (std::exchange(last_page_[ordinal], page) != page)
        {
            ++page_counts_[ordinal];
            pages_ordinals_.push_back(ordinal);
        }
    page_ends_.push_back(pages_ordinals_.size());
}

uint64_t LookupWriter::bytes() const
{
    return dictionary_.bytes() + code_stream_.bytes() + pages_ordinals_.size() * sizeof(uint32_t);
}

void LookupWriter::finish()
{
    page_counts_.resize(dictionary_.size(), 0);
    ColumnPtr values = dictionary_.values();
    for (size_t begin = 0; begin < values->size(); begin += lookup_page_rows)
        values_->writePage(values, begin, std::min(values->size(), begin + lookup_page_rows));
    writePostings();
    writeHashIndex(*values);
    values_->finish();
}

void LookupWriter::writePostings()
{
    /// From the ordinals of each page to the pages of each ordinal: the first as it is, then distances.
    PodVector<uint32_t> positions(page_counts_.size());
    std::exclusive_scan(page_counts_.begin(), page_counts_.end(), positions.begin(), uint32_t{0});
    PodVector<uint32_t> pages(pages_ordinals_.size());
    last_page_.assign(page_counts_.size(), UINT32_MAX);
    for (size_t page = 0, at = 0; page < page_ends_.size(); ++page)
        for (; at < page_ends_[page]; ++at)
        {
            uint32_t ordinal = pages_ordinals_[at];
            uint32_t last = std::exchange(last_page_[ordinal], static_cast<uint32_t>(page));
            pages[positions[ordinal]++] = static_cast<uint32_t>(page) - (last == UINT32_MAX ? 0 : last + 1);
        }
    pages_ordinals_ = {};
    size_t from = 0;
    for (size_t first = 0; first < page_counts_.size(); first += lookup_page_rows)
    {
        std::span<const uint32_t> counts(page_counts_.data() + first, std::min(lookup_page_rows, page_counts_.size() - first));
        posting_sizes_.writeValues(counts);
        size_t total = std::accumulate(counts.begin(), counts.end(), size_t(0));
        postings_.writeValues(std::span<const uint32_t>(pages.data() + from, total));
        from += total;
    }
}

void LookupWriter::writeHashIndex(const Column & values)
{
    index_pages_ = (values.size() + index_page_values - 1) / index_page_values;
    std::vector<LookupHash> hashes(values.size());
    std::vector<uint32_t> ends(index_pages_, 0);
    for (size_t i = 0; i < hashes.size(); ++i)
    {
        hashes[i] = lookupHash(bytesOfValue(values, i), index_pages_);
        ++ends[hashes[i].page];
    }
    std::exclusive_scan(ends.begin(), ends.end(), ends.begin(), uint32_t{0});
    PodVector<uint64_t> entries(values.size()); /// fingerprint, ordinal
    for (size_t i = 0; i < hashes.size(); ++i)
        entries[ends[hashes[i].page]++] = uint64_t(hashes[i].fingerprint) << 32 | i;
    PodVector<uint16_t> fingerprints;
    PodVector<uint32_t> ordinals;
    size_t begin = 0;
    for (uint32_t end : ends)
    {
        std::sort(entries.begin() + begin, entries.begin() + end);
        fingerprints.clear();
        ordinals.clear();
        for (; begin < end; ++begin)
        {
            fingerprints.push_back(static_cast<uint16_t>(entries[begin] >> 32));
            ordinals.push_back(static_cast<uint32_t>(entries[begin]));
        }
        index_fingerprints_.writeValues(std::span<const uint16_t>(fingerprints));
        index_ordinals_.writeValues(std::span<const uint32_t>(ordinals));
    }
}

void LookupWriter::collectStreams(std::vector<StreamToPlace> & to)
{
    for (NumberWriter * stream : {&index_fingerprints_, &index_ordinals_, &posting_sizes_, &postings_})
        stream->collectStreams(to);
    values_->collectStreams(to);
    code_stream_.collectStreams(to);
}

void LookupWriter::writeHeader(WriteBuffer & out) const
{
    out.writeByte(static_cast<char>(NodeKind::Lookup));
    out.writeVarUInt(dictionary_.size());
    out.writeVarUInt(index_pages_);
    code_stream_.writeHeader(out);
    values_->writeHeader(out);
    for (const NumberWriter * stream : {&index_fingerprints_, &index_ordinals_, &posting_sizes_, &postings_})
        stream->writeHeader(out);
}

}
