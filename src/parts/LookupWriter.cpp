#include "parts/LookupWriter.h"

#include "io/Checksum.h"
#include "parts/NumberKinds.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>
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

void LookupWriter::setOrder(const ColumnPtr & column, size_t begin, size_t end)
{
    ColumnPtr full = column->materialize();
    withNumberArray(*full, [&]<typename T>(const PodVector<T> & values)
    {
        if constexpr (std::is_integral_v<T> && sizeof(T) <= 8)
        {
            order_.resize(end - begin);
            /// Signed numbers keep their order as unsigned ones when their sign bit is flipped.
            uint64_t flip = std::is_signed_v<T> ? 1ULL << 63 : 0;
            for (size_t i = begin; i < end; ++i)
                order_[i - begin] =
                    static_cast<uint64_t>(
                        static_cast<std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>>(values[i]))
                    ^ flip;
        }
        else
            throw Exception(ErrorCode::ILLEGAL_COLUMN, "Lookup columns cannot be ordered by {}", full->name());
    });
}

void LookupWriter::writePage(const ColumnPtr & column, size_t begin, size_t end)
{
    PodVector<uint32_t> page;
    dictionary_.encode(column, RowChoice::range(begin, end), page);
    least_order_.resize(dictionary_.size(), std::numeric_limits<uint64_t>::max());
    if (order_.size() == page.size())
        for (size_t i = 0; i < page.size(); ++i)
            least_order_[page[i]] = std::min(least_order_[page[i]], order_[i]);
    order_.clear();
    codes_.insert(codes_.end(), page.begin(), page.end());
    page_ends_.push_back(codes_.size());
}

PodVector<uint32_t> LookupWriter::ordinalsOfCodes() const
{
    std::vector<uint32_t> order(dictionary_.size());
    std::iota(order.begin(), order.end(), 0);
    /// Code 0 is the default value and stays 0.
    std::stable_sort(
        order.begin() + 1, order.end(), [&](uint32_t a, uint32_t b) { return least_order_[a] < least_order_[b]; });
    PodVector<uint32_t> ordinals(order.size());
    for (size_t i = 0; i < order.size(); ++i)
        ordinals[order[i]] = static_cast<uint32_t>(i);
    return ordinals;
}

void LookupWriter::finish()
{
    least_order_.resize(dictionary_.size(), std::numeric_limits<uint64_t>::max());
    PodVector<uint32_t> ordinals = ordinalsOfCodes();
    PodVector<uint32_t> codes_by_ordinal(ordinals.size());
    for (size_t code = 0; code < ordinals.size(); ++code)
        codes_by_ordinal[ordinals[code]] = static_cast<uint32_t>(code);
    ColumnPtr values = ColumnPtr(dictionary_.values())->gather(codes_by_ordinal);
    for (size_t begin = 0; begin < values->size(); begin += lookup_page_rows)
        values_->writePage(values, begin, std::min(values->size(), begin + lookup_page_rows));
    writeCodes(ordinals);
    writeHashIndex(*values);
    values_->finish();
}

void LookupWriter::writeCodes(const PodVector<uint32_t> & ordinals)
{
    /// (ordinal, page) pairs, once each, in the order of pages.
    std::vector<uint32_t> pair_counts(ordinals.size(), 0);
    std::vector<uint32_t> pairs;
    std::vector<size_t> pair_ends;
    std::vector<size_t> seen_in(ordinals.size(), SIZE_MAX); /// the page that had the ordinal last
    uint64_t begin = 0;
    for (uint64_t end : page_ends_)
    {
        for (uint64_t row = begin; row < end; ++row)
        {
            uint32_t ordinal = codes_[row] = ordinals[codes_[row]];
            if (std::exchange(seen_in[ordinal], pair_ends.size()) != pair_ends.size())
            {
                ++pair_counts[ordinal];
                pairs.push_back(ordinal);
            }
        }
        code_stream_.writeValues(std::span<const uint32_t>(codes_.data() + begin, end - begin));
        pair_ends.push_back(pairs.size());
        begin = end;
    }
    codes_ = {};

    std::vector<uint32_t> positions(ordinals.size(), 0);
    std::partial_sum(pair_counts.begin(), pair_counts.end() - 1, positions.begin() + 1);
    PodVector<uint32_t> pages(pairs.size());
    PodVector<uint32_t> last_page(ordinals.size(), UINT32_MAX);
    for (size_t page = 0, at = 0; page < pair_ends.size(); ++page)
        for (; at < pair_ends[page]; ++at)
        {
            uint32_t ordinal = pairs[at];
            /// The first page as it is, then distances.
            pages[positions[ordinal]++] =
                static_cast<uint32_t>(page) - (last_page[ordinal] == UINT32_MAX ? 0 : last_page[ordinal] + 1);
            last_page[ordinal] = static_cast<uint32_t>(page);
        }
    size_t from = 0;
    for (size_t first = 0; first < ordinals.size(); first += lookup_page_rows)
    {
        size_t count = std::min(lookup_page_rows, ordinals.size() - first);
        posting_sizes_.writeValues(std::span<const uint32_t>(pair_counts.data() + first, count));
        size_t total = std::accumulate(pair_counts.begin() + first, pair_counts.begin() + first + count, size_t(0));
        postings_.writeValues(std::span<const uint32_t>(pages.data() + from, total));
        from += total;
    }
}

void LookupWriter::writeHashIndex(const Column & values)
{
    index_pages_ = (values.size() + index_page_values - 1) / index_page_values;
    struct Entry
    {
        size_t page;
        uint16_t fingerprint;
        uint32_t ordinal;
    };
    std::vector<Entry> entries(values.size());
    for (size_t i = 0; i < entries.size(); ++i)
    {
        LookupHash hash = lookupHash(bytesOfValue(values, i), index_pages_);
        entries[i] = {hash.page, hash.fingerprint, static_cast<uint32_t>(i)};
    }
    std::sort(entries.begin(), entries.end(), [](const Entry & a, const Entry & b)
        { return std::tie(a.page, a.fingerprint, a.ordinal) < std::tie(b.page, b.fingerprint, b.ordinal); });
    size_t at = 0;
    for (size_t page = 0; page < index_pages_; ++page)
    {
        PodVector<uint16_t> fingerprints;
        PodVector<uint32_t> ordinals;
        for (; at < entries.size() && entries[at].page == page; ++at)
        {
            fingerprints.push_back(entries[at].fingerprint);
            ordinals.push_back(entries[at].ordinal);
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
