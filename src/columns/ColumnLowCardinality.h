#pragma once
// Dictionary-coded values: row i is dictionary[codes[i]]. The dictionary's values are distinct; its row 0 is the
// default value (NULL for LowCardinality(Nullable(T)), then row 1 is the nested default). Several columns may share
// one immutable dictionary, and it may hold values that no row uses; filter, gather and cut share it, inserting
// copies it first. Group-by, filters and functions work on the dictionary once and then on the codes.

#include "columns/Column.h"

namespace mangrove
{

class CodeLookup;

class ColumnLowCardinality final : public Column
{
public:
    /// Empty column over values like `value_prototype` (its rows are ignored).
    explicit ColumnLowCardinality(const Column & value_prototype);
    /// Shares. `codes` < dictionary size (CHECKed); dictionary row 0 is the default.
    ColumnLowCardinality(ColumnPtr dictionary, PodVector<uint32_t> codes);
    static std::shared_ptr<ColumnLowCardinality> create(ColumnPtr dictionary, PodVector<uint32_t> codes)
    {
        return std::make_shared<ColumnLowCardinality>(std::move(dictionary), std::move(codes));
    }
    /// Encodes full values.
    static std::shared_ptr<ColumnLowCardinality> encode(const Column & values);

    const ColumnPtr & dictionaryPtr() const { return dictionary_; }
    const Column & dictionary() const { return *dictionary_; }
    const PodVector<uint32_t> & codes() const { return codes_; }
    /// The code of a String value, added if new. Only for dictionaries of (Nullable) String or FixedString.
    uint32_t codeOf(std::string_view value);
    void appendCode(uint32_t code) { codes_.push_back(code); }
    /// Appends a String value that has probably come before, as keys of maps have: looks among the recent ones first.
    void appendRecurring(std::string_view value);
    /// The same rows over a dictionary that holds only values in use (and the default).
    std::shared_ptr<ColumnLowCardinality> compact() const;

    ColumnKind kind() const override { return ColumnKind::LowCardinality; }
    std::string name() const override;
    size_t size() const override;
    size_t byteSize() const override;
    MutableColumnPtr cloneEmpty() const override;
    void reserve(size_t rows) override;

    Field get(size_t row) const override;
    void insert(const Field & field) override;
    void insertDefault() override { codes_.push_back(0); }
    void insertManyDefaults(size_t count) override { codes_.resize(codes_.size() + count, 0); }
    void insertFrom(const Column & source, size_t row) override;
    void insertRangeFrom(const Column & source, size_t start, size_t count) override;
    void popBack(size_t count) override;

    ColumnPtr filter(const Filter & filter, size_t result_rows_hint) const override;
    ColumnPtr gather(std::span<const uint32_t> rows) const override;
    ColumnPtr cut(size_t start, size_t count) const override;
    ColumnPtr materialize() const override { return dictionary_->gather(codes_); }
    bool isNullAt(size_t row) const override { return dictionary_->isNullAt(codes_[row]); }
    std::string_view stringAt(size_t row) const override { return dictionary_->stringAt(codes_[row]); }

    int compareAt(size_t row, size_t other_row, const Column & other, int nan_direction) const override;
    void updateHashes(std::span<uint64_t> hashes) const override;
    void hashValues(std::span<uint64_t> out) const override;
    void serializeKey(size_t row, std::string & out) const override;
    const char * deserializeKey(const char * position) override;

private:
    /// Makes dictionary and lookup private before an insert.
    void own();
    Column & dictionaryMutable() { return const_cast<Column &>(*dictionary_); }
    /// The code of values[row], added if new; `values` is of the dictionary's structure.
    uint32_t codeOfRow(const Column & values, size_t row);

    ColumnPtr dictionary_;
    PodVector<uint32_t> codes_;
    std::shared_ptr<CodeLookup> lookup_; /// value → code, built on first insert
    PodVector<uint32_t> recent_;         /// codes by a cheap hash of their values; for appendRecurring()
};

}
