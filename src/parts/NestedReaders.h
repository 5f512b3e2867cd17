#pragma once
// Readers of the inner nodes, and of what can be read of them alone: x.null, arr.size0. See ColumnReader.h.

#include "parts/LeafReaders.h"

namespace mangrove
{

class NullableReader final : public ColumnReader
{
public:
    NullableReader(const DataTypePtr & nested, ReadBuffer & in, const std::string & name);
    void want(PageRange pages, PageSource & source) const override;
    ColumnPtr read(PageRange pages, PageSource & source, bool keep_dictionary) const override;
    ColumnPtr readRows(
        size_t page, std::span<const uint32_t> rows, PageSource & source, bool keep_dictionary) const override;
    bool filterByTest(PageRange pages, const ValueTest & test, PageSource & source, Filter & to, TestedPages & tested) const override;
    const std::shared_ptr<const NumberReader> & nulls() const { return nulls_; }

private:
    ColumnPtr combine(ColumnPtr nested, ColumnPtr nulls, PageSource & source) const;

    std::string name_;
    std::shared_ptr<const NumberReader> nulls_;
    ColumnReaderPtr nested_;
};

/// Array, and Map that is kept as an array of pairs.
class ArrayReader final : public ColumnReader
{
public:
    ArrayReader(const DataTypePtr & type, ReadBuffer & in, const std::string & name);
    void want(PageRange pages, PageSource & source) const override;
    ColumnPtr read(PageRange pages, PageSource & source, bool keep_dictionary) const override;
    ColumnPtr readRows(
        size_t page, std::span<const uint32_t> rows, PageSource & source, bool keep_dictionary) const override;
    const std::shared_ptr<const NumberReader> & sizes() const { return sizes_; }

private:
    ColumnPtr wrap(ColumnPtr elements, ColumnPtr offsets) const;

    std::string name_;
    bool is_map_;
    std::shared_ptr<const NumberReader> sizes_;
    ColumnReaderPtr element_;
};

class TupleReader final : public ColumnReader
{
public:
    TupleReader(const DataTypes & elements, ReadBuffer & in, const std::string & name);
    void want(PageRange pages, PageSource & source) const override;
    ColumnPtr read(PageRange pages, PageSource & source, bool keep_dictionary) const override;
    ColumnPtr readRows(
        size_t page, std::span<const uint32_t> rows, PageSource & source, bool keep_dictionary) const override;
    const ColumnReaderPtr & element(size_t i) const { return elements_[i]; }

private:
    std::string name_;
    std::shared_ptr<const NumberReader> rows_;
    std::vector<ColumnReaderPtr> elements_;
};

/// Cumulative ends of sizes; CORRUPTED_DATA above `total_max`.
Offsets offsetsOfSizes(
    std::span<const uint64_t> sizes, uint64_t total_max, PageSource & source, const std::string & name);
}
