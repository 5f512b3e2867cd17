#pragma once
// Reads dictionary-coded values (DictionaryWriter) and lookup columns (LookupWriter). The part's dictionary is decoded
// once and kept in the PartCache; a few rows of a large one only fetch the pages of values they need.

#include "parts/LeafReaders.h"

#include <mutex>

namespace mangrove
{

class DictionaryReader : public ColumnReader
{
public:
    /// Node kind Dictionary. `type`: LowCardinality(T) or T.
    DictionaryReader(DataTypePtr type, ReadBuffer & in, const std::string & name);
    void want(PageRange pages, PageSource & source) const override;
    ColumnPtr read(PageRange pages, PageSource & source, bool keep_dictionary) const override;
    ColumnPtr readRows(
        size_t page, std::span<const uint32_t> rows, PageSource & source, bool keep_dictionary) const override;
    ColumnPtr dictionary(PageSource & source) const override;
    void filterByDictionary(PageRange pages, const Filter & matches, PageSource & source, uint8_t * to) const override;
    bool filterByTest(PageRange pages, const ValueTest & test, PageSource & source, Filter & to, TestedPages & tested) const override;
    bool hasLargeDictionary() const override;
    void wantValues(size_t page, std::span<const uint32_t> rows, PageSource & source) const override;
    void verify(PageSource & source, size_t pages) const override;

    /// Codes of all rows of the pages, each checked to be in the dictionary. All pages must have codes.
    PodVector<uint32_t> codes(PageRange pages, PageSource & source) const;
    /// Rows that have codes.
    uint64_t rows(PageRange pages, PageSource & source) const { return codes_->elements(pages, source); }
    /// False: no code of the page matches; mostly known without decoding it.
    bool pageMayMatch(size_t page, const Filter & matches, PageSource & source) const
    {
        return codes_->pageMayMatch(page, matches, source);
    }
    bool isCoded(size_t page, PageSource & source) const;
    /// Registers what pages without codes hold, and codes if asked for.
    void wantPages(PageRange pages, bool with_codes, PageSource & source) const;
    void wantDictionary(PageSource & source) const;
    /// Distinct values over the whole part, whether all pages have codes or not.
    ColumnPtr wholeDictionary(PageSource & source) const;
    /// Reader of the pages without codes; null if there are none or if their values may be NULL.
    const BytesReader * rawStrings() const { return nullable_ ? nullptr : raw_.get(); }
    bool hasCodes(PageSource & source) const { return rows({0, codes_->directory(source).pages()}, source) > 0; }

protected:
    struct LookupTag
    {
    };
    DictionaryReader(LookupTag, DataTypePtr type, ReadBuffer & in, const std::string & name);

    bool allCoded(PageRange pages, PageSource & source) const;
    PodVector<uint32_t> codesOfRows(size_t page, std::span<const uint32_t> rows, PageSource & source) const;
    bool readsWhole(size_t codes, const PageSource & source) const;
    size_t pageOfValue(uint32_t code) const { return (code - (nullable_ ? 1 : 0)) / value_page_rows_; }
    /// Values of codes without decoding the whole dictionary when there are few.
    ColumnPtr valuesOf(const PodVector<uint32_t> & codes, PageSource & source) const;
    void checkCodes(const PodVector<uint32_t> & codes, PageSource & source) const;
    size_t valuePages() const { return (size_ - (nullable_ ? 1 : 0) + value_page_rows_ - 1) / value_page_rows_; }

    std::string name_;
    DataTypePtr type_;
    DataTypePtr value_type_; /// without LowCardinality and Nullable
    bool low_cardinality_;
    bool nullable_ = false;
    uint64_t size_ = 0;
    size_t value_page_rows_;
    std::unique_ptr<NumberReader> codes_;
    ColumnReaderPtr values_;
    std::unique_ptr<BytesReader> raw_;
    /// The decoded dictionary while anyone uses it, should the cache be too small for it.
    mutable std::mutex used_mutex_;
    mutable std::weak_ptr<const Column> used_;
};

/// The values of a dictionary: plain numbers or bytes.
ColumnReaderPtr readDictionaryValues(const DataTypePtr & type, ReadBuffer & in, const std::string & name);

class LookupReader final : public DictionaryReader
{
public:
    LookupReader(DataTypePtr type, ReadBuffer & in, const std::string & name);
    /// Rows of the part, ascending. `value` as bytesOfValue() gives it. Pages of `also` that hold these rows are
    /// fetched in the same step as the codes.
    PodVector<uint32_t> findRows(std::string_view value, size_t page_rows, size_t pages,
        std::span<const ColumnReaderPtr> also, PageSource & source) const;
    void verify(PageSource & source, size_t pages) const override;

private:
    std::vector<uint32_t> candidates(std::string_view value, PageSource & source) const;
    std::vector<size_t> pagesOf(uint32_t ordinal, PageSource & source) const;

    uint64_t index_pages_ = 0;
    std::unique_ptr<NumberReader> index_fingerprints_;
    std::unique_ptr<NumberReader> index_ordinals_;
    std::unique_ptr<NumberReader> posting_sizes_;
    std::unique_ptr<NumberReader> postings_;
};

}
