#include "parts/DictionaryReader.h"
#include "parts/DictionaryWriter.h"
#include "parts/LookupWriter.h"
#include "types/DataTypes.h"

#include <algorithm>

namespace mangrove
{

LookupReader::LookupReader(DataTypePtr type, ReadBuffer & in, const std::string & name)
    : DictionaryReader(LookupTag{}, std::move(type), in, name)
{
    auto numbers = [&](TypeId id, const char * what)
    { return std::make_unique<NumberReader>(makeType(id), in, name + what); };
    index_pages_ = in.readVarUInt();
    codes_ = numbers(TypeId::UInt32, " (codes)");
    values_ = readDictionaryValues(value_type_, in, name);
    index_fingerprints_ = numbers(TypeId::UInt16, " (hash index)");
    index_ordinals_ = numbers(TypeId::UInt32, " (hash index)");
    posting_sizes_ = numbers(TypeId::UInt32, " (postings)");
    postings_ = numbers(TypeId::UInt32, " (postings)");
}

std::vector<uint32_t> LookupReader::candidates(std::string_view value, PageSource & source) const
{
    LookupHash hash = lookupHash(value, index_pages_);
    if (hash.page >= index_fingerprints_->directory(source).pages())
        throwCorruptedColumn(source, name_, "the hash index is too short");
    PageRange page{hash.page, hash.page + 1};
    index_fingerprints_->want(page, source);
    index_ordinals_->want(page, source);
    source.fetch();
    PodVector<uint16_t> fingerprints;
    PodVector<uint32_t> ordinals;
    index_fingerprints_->readInto(page, source, fingerprints);
    index_ordinals_->readInto(page, source, ordinals);
    if (fingerprints.size() != ordinals.size())
        throwCorruptedColumn(source, name_, "the hash index is uneven");
    checkCodes(ordinals, source);
    std::vector<uint32_t> result;
    auto [begin, end] = std::equal_range(fingerprints.begin(), fingerprints.end(), hash.fingerprint);
    for (auto at = begin; at != end; ++at)
        result.push_back(ordinals[at - fingerprints.begin()]);
    return result;
}

std::vector<size_t> LookupReader::pagesOf(uint32_t ordinal, PageSource & source) const
{
    size_t page = ordinal / lookup_page_rows;
    size_t position = ordinal % lookup_page_rows;
    PodVector<uint32_t> sizes;
    PodVector<uint32_t> distances;
    posting_sizes_->readInto({page, page + 1}, source, sizes);
    postings_->readInto({page, page + 1}, source, distances);
    if (position >= sizes.size())
        throwCorruptedColumn(source, name_, "the postings are too short");
    uint64_t begin = 0;
    for (size_t i = 0; i < position; ++i)
        begin += sizes[i];
    if (begin + sizes[position] > distances.size())
        throwCorruptedColumn(source, name_, "the postings are too short");
    std::vector<size_t> result;
    uint64_t at = 0;
    for (size_t i = begin; i < begin + sizes[position]; ++i)
        result.push_back(at = i == begin ? distances[i] : at + 1 + distances[i]);
    return result;
}

PodVector<uint32_t> LookupReader::findRows(std::string_view value, size_t page_rows, size_t pages,
    std::span<const ColumnReaderPtr> also, PageSource & source) const
{
    PodVector<uint32_t> result;
    std::vector<uint32_t> ordinals = candidates(value, source);
    if (ordinals.empty())
        return result;
    for (uint32_t ordinal : ordinals)
    {
        size_t page = ordinal / lookup_page_rows;
        values_->want({page, page + 1}, source);
        posting_sizes_->want({page, page + 1}, source);
        postings_->want({page, page + 1}, source);
    }
    source.fetch();
    for (uint32_t ordinal : ordinals)
    {
        uint32_t row = ordinal % lookup_page_rows;
        ColumnPtr found = values_->readRows(ordinal / lookup_page_rows, std::span(&row, 1), source, false);
        if (bytesOfValue(*found, 0) != value)
            continue;
        std::vector<size_t> holding = pagesOf(ordinal, source);
        for (size_t page : holding)
        {
            if (page >= pages)
                throwCorruptedColumn(source, name_, "the postings name a page that is not there");
            codes_->want({page, page + 1}, source);
            for (const auto & reader : also)
                reader->want({page, page + 1}, source);
        }
        source.fetch();
        for (size_t page : holding)
        {
            PodVector<uint32_t> page_codes = codes({page, page + 1}, source);
            for (size_t i = 0; i < page_codes.size(); ++i)
                if (page_codes[i] == ordinal)
                    result.push_back(static_cast<uint32_t>(page * page_rows + i));
        }
    }
    return result;
}

void LookupReader::verify(PageSource & source, size_t pages) const
{
    DictionaryReader::verify(source, pages);
    for (size_t ordinal = 0; ordinal < size_; ordinal += lookup_page_rows)
        pagesOf(static_cast<uint32_t>(ordinal), source);
    PodVector<uint32_t> ordinals;
    index_ordinals_->readInto({0, index_pages_}, source, ordinals);
    PodVector<uint16_t> fingerprints;
    index_fingerprints_->readInto({0, index_pages_}, source, fingerprints);
    if (ordinals.size() != size_ || fingerprints.size() != size_)
        throwCorruptedColumn(source, name_, "the hash index does not hold every value");
}

}
