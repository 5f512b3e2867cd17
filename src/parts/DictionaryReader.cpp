#include "parts/DictionaryReader.h"

#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnNullable.h"
#include "parts/DictionaryWriter.h"
#include "parts/LookupWriter.h"
#include "types/DataTypes.h"

#include <algorithm>

namespace mangrove
{

namespace
{

/// A dictionary at least this large, and this many times larger than the rows asked for, is read in pieces.
constexpr uint64_t large_dictionary = 1 << 16;
constexpr uint64_t few_rows_ratio = 8;
constexpr uint64_t dictionary_values_max = 1ULL << 31;

/// Dictionary values and raw pages are never dictionary-coded themselves: a header that nests them is not followed.
std::unique_ptr<BytesReader> readBytes(const DataTypePtr & type, ReadBuffer & in, const std::string & name)
{
    return std::make_unique<BytesReader>(type, in, name);
}

std::unique_ptr<NumberReader> readNumbers(TypeId type, ReadBuffer & in, const std::string & name)
{
    return std::make_unique<NumberReader>(makeType(type), in, name);
}

}

ColumnReaderPtr readDictionaryValues(const DataTypePtr & type, ReadBuffer & in, const std::string & name)
{
    if (fixedWidthOf(*type))
        return std::make_shared<const NumberReader>(type, in, name + " (dictionary)");
    return readBytes(type, in, name + " (dictionary)");
}

DictionaryReader::DictionaryReader(DataTypePtr type, ReadBuffer & in, const std::string & name)
    : name_(name), type_(std::move(type)), value_type_(removeLowCardinalityAndNullable(type_)),
      low_cardinality_(type_->isLowCardinality()), value_page_rows_(dictionary_page_rows)
{
    expectNode(in, static_cast<uint8_t>(NodeKind::Dictionary), name);
    nullable_ = in.readPod<uint8_t>() != 0;
    if (nullable_ != removeLowCardinality(type_)->isNullable())
        throwCorrupted(fmt::format("the dictionary of {} does not fit its type", name));
    size_ = in.readVarUInt();
    codes_ = readNumbers(TypeId::UInt32, in, name + " (codes)");
    values_ = readDictionaryValues(value_type_, in, name);
    if (in.readPod<uint8_t>())
        raw_ = readBytes(value_type_, in, name + " (raw)");
    if (size_ < (nullable_ ? 2u : 1u) || size_ > dictionary_values_max)
        throwCorrupted(fmt::format("the dictionary of {} has {} values", name, size_));
}

DictionaryReader::DictionaryReader(LookupTag, DataTypePtr type, ReadBuffer & in, const std::string & name)
    : name_(name), type_(std::move(type)), value_type_(removeLowCardinalityAndNullable(type_)),
      low_cardinality_(type_->isLowCardinality()), value_page_rows_(lookup_page_rows)
{
    expectNode(in, static_cast<uint8_t>(NodeKind::Lookup), name);
    size_ = in.readVarUInt();
    if (size_ < 1 || size_ > dictionary_values_max)
        throwCorrupted(fmt::format("the dictionary of {} has {} values", name, size_));
}

bool DictionaryReader::isCoded(size_t page, PageSource & source) const
{
    return !raw_ || codes_->directory(source).elements[page] > 0;
}

bool DictionaryReader::allCoded(PageRange pages, PageSource & source) const
{
    if (!raw_)
        return true;
    const Directory & directory = codes_->directory(source);
    if (pages.end > directory.pages())
        throwCorruptedColumn(source, name_, "pages are missing");
    for (size_t page = pages.begin; page < pages.end; ++page)
        if (directory.elements[page] == 0)
            return false;
    return true;
}

void DictionaryReader::want(PageRange pages, PageSource & source) const
{
    wantPages(pages, true, source);
    if (size_ < large_dictionary)
        wantDictionary(source);
}

void DictionaryReader::wantPages(PageRange pages, bool with_codes, PageSource & source) const
{
    if (with_codes)
        codes_->want(pages, source);
    if (raw_)
        raw_->want(pages, source);
}

void DictionaryReader::wantDictionary(PageSource & source) const
{
    {
        std::lock_guard lock(used_mutex_);
        if (used_.lock())
            return;
    }
    if (!source.file().cache().get(source.file().cacheKey(codes_->directoryOffset(), CachedForm::Dictionary)))
        values_->want({0, valuePages()}, source);
}

ColumnPtr DictionaryReader::wholeDictionary(PageSource & source) const
{
    std::lock_guard lock(used_mutex_);
    if (ColumnPtr used = used_.lock())
        return used;
    ColumnPtr whole = source.file().cached<Column>(codes_->directoryOffset(), CachedForm::Dictionary, [&]
    {
        PageRange all{0, valuePages()};
        values_->want(all, source);
        source.fetch();
        ColumnPtr values = values_->read(all, source, false);
        if (values->size() + (nullable_ ? 1 : 0) != size_)
            throwCorruptedColumn(source, name_, "the dictionary has a wrong number of values");
        if (nullable_)
        {
            auto nested = values->cloneEmpty();
            nested->insertDefault();
            nested->insertRangeFrom(*values, 0, values->size());
            auto nulls = ColumnUInt8::create(nested->size());
            std::fill(nulls->data().begin(), nulls->data().end(), 0);
            nulls->data()[0] = 1;
            values = std::make_shared<ColumnNullable>(ColumnPtr(nested), ColumnPtr(nulls));
        }
        return std::pair(values, values->byteSize());
    });
    used_ = whole;
    return whole;
}

ColumnPtr DictionaryReader::dictionary(PageSource & source) const
{
    if (raw_)
    {
        if (raw_->elements(source) > 0)
            return nullptr;
    }
    return wholeDictionary(source);
}

void DictionaryReader::checkCodes(const PodVector<uint32_t> & codes, PageSource & source) const
{
    uint32_t greatest = 0;
    for (uint32_t code : codes)
        greatest = std::max(greatest, code);
    if (greatest >= size_)
        throwCorruptedColumn(source, name_, "a code is outside of the dictionary");
}

PodVector<uint32_t> DictionaryReader::codes(PageRange pages, PageSource & source) const
{
    PodVector<uint32_t> codes;
    codes_->readInto(pages, source, codes);
    checkCodes(codes, source);
    return codes;
}

bool DictionaryReader::readsWhole(size_t codes, const PageSource & source) const
{
    return size_ < large_dictionary || std::max<uint64_t>(codes, source.scanRows()) * few_rows_ratio > size_;
}

bool DictionaryReader::hasLargeDictionary() const
{
    return !low_cardinality_ && size_ >= large_dictionary;
}

void DictionaryReader::wantValues(size_t page, std::span<const uint32_t> rows, PageSource & source) const
{
    if (!hasLargeDictionary() || readsWhole(rows.size(), source) || page >= codes_->directory(source).pages()
        || !isCoded(page, source))
        return;
    for (uint32_t code : codesOfRows(page, rows, source))
        if (!nullable_ || code)
            values_->want({pageOfValue(code), pageOfValue(code) + 1}, source);
}

ColumnPtr DictionaryReader::valuesOf(const PodVector<uint32_t> & codes, PageSource & source) const
{
    if (readsWhole(codes.size(), source))
        return wholeDictionary(source)->gather(codes);
    uint32_t null_codes = nullable_ ? 1 : 0;
    std::vector<uint32_t> sorted(codes.begin(), codes.end());
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    for (uint32_t code : sorted)
        if (code >= null_codes)
            values_->want({pageOfValue(code), pageOfValue(code) + 1}, source);
    source.fetch();
    MutableColumnPtr values = removeLowCardinality(type_)->createColumn();
    for (size_t i = 0; i < sorted.size();)
    {
        if (sorted[i] < null_codes)
        {
            values->insertDefault();
            ++i;
            continue;
        }
        size_t page = pageOfValue(sorted[i]);
        std::vector<uint32_t> rows;
        for (; i < sorted.size() && pageOfValue(sorted[i]) == page; ++i)
            rows.push_back((sorted[i] - null_codes) % value_page_rows_);
        ColumnPtr some = values_->readRows(page, rows, source, false);
        if (nullable_)
        {
            auto nulls = ColumnUInt8::create();
            nulls->insertManyDefaults(some->size());
            some = std::make_shared<ColumnNullable>(some, ColumnPtr(nulls));
        }
        values->insertRangeFrom(*some, 0, some->size());
    }
    PodVector<uint32_t> positions(codes.size());
    for (size_t i = 0; i < codes.size(); ++i)
        positions[i] = static_cast<uint32_t>(std::lower_bound(sorted.begin(), sorted.end(), codes[i]) - sorted.begin());
    return values->gather(positions);
}

ColumnPtr DictionaryReader::read(PageRange pages, PageSource & source, bool keep_dictionary) const
{
    if (allCoded(pages, source))
    {
        PodVector<uint32_t> all = codes(pages, source);
        if (low_cardinality_ || keep_dictionary)
            return ColumnLowCardinality::create(wholeDictionary(source), std::move(all));
        return valuesOf(all, source);
    }
    MutableColumnPtr result = value_type_->createColumn();
    for (size_t page = pages.begin; page < pages.end; ++page)
    {
        PageRange one{page, page + 1};
        ColumnPtr rows = isCoded(page, source) ? valuesOf(codes(one, source), source) : raw_->read(one, source, false);
        if (pages.end - pages.begin == 1)
            return rows;
        result->insertRangeFrom(*rows, 0, rows->size());
    }
    return result;
}

PodVector<uint32_t> DictionaryReader::codesOfRows(
    size_t page, std::span<const uint32_t> rows, PageSource & source) const
{
    PodVector<uint32_t> all = codes({page, page + 1}, source);
    PodVector<uint32_t> some(rows.size());
    for (size_t i = 0; i < rows.size(); ++i)
    {
        if (rows[i] >= all.size())
            throwCorruptedColumn(source, name_, "a page has too few rows");
        some[i] = all[rows[i]];
    }
    return some;
}

ColumnPtr DictionaryReader::readRows(
    size_t page, std::span<const uint32_t> rows, PageSource & source, bool keep_dictionary) const
{
    if (page >= codes_->directory(source).pages())
        throwCorruptedColumn(source, name_, "pages are missing");
    if (!isCoded(page, source))
        return raw_->readRows(page, rows, source, keep_dictionary);
    PodVector<uint32_t> some = codesOfRows(page, rows, source);
    if (low_cardinality_ || keep_dictionary)
        return ColumnLowCardinality::create(wholeDictionary(source), std::move(some));
    return valuesOf(some, source);
}

void DictionaryReader::filterByDictionary(
    PageRange pages, const Filter & matches, PageSource & source, uint8_t * to) const
{
    CHECK(matches.size() == size_, "{} matches for a dictionary of {}", matches.size(), size_);
    for (size_t page = pages.begin; page < pages.end; ++page)
    {
        const PageRange one{page, page + 1};
        const size_t count = rows(one, source);
        if (!pageMayMatch(page, matches, source))
            std::fill_n(to, count, 0);
        else
        {
            PodVector<uint32_t> all = codes(one, source);
            for (size_t i = 0; i < count; ++i)
                to[i] = matches[all[i]];
        }
        to += count;
    }
}

bool DictionaryReader::filterByTest(
    PageRange pages, const ValueTest & test, PageSource & source, Filter & to, TestedPages & tested) const
{
    if (nullable_)
        return false;
    if (pages.end > codes_->directory(source).pages())
        throwCorruptedColumn(source, name_, "pages are missing");
    std::shared_ptr<const ValueTest::Matches> matches; // where a page has codes
    for (size_t page = pages.begin; page < pages.end && !matches; ++page)
        if (isCoded(page, source) && codes_->directory(source).elements[page])
        {
            matches = test.testDictionary(wholeDictionary(source));
            if (!matches)
                return false;
        }
    wantPages(pages, matches && matches->any, source);
    source.fetch();
    for (size_t page = pages.begin; page < pages.end; ++page)
    {
        const PageRange one{page, page + 1};
        const size_t begin = to.size(), count = rows(one, source);
        if (!isCoded(page, source))
        {
            if (!raw_->filterByTest(one, test, source, to, tested))
                return false;
        }
        else
        {
            to.resize(begin + count, 0);
            if (count && matches->any)
                filterByDictionary(one, matches->by_code, source, to.data() + begin);
        }
    }
    return true;
}

void DictionaryReader::verify(PageSource & source, size_t pages) const
{
    wholeDictionary(source);
    ColumnReader::verify(source, pages);
}

}
