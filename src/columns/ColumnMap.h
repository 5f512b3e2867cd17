#pragma once
// Map(K, V): an array of (key, value) pairs in the order of insertion, duplicates included, as ClickHouse keeps it.

#include "columns/Column.h"
#include "columns/ColumnArray.h"
#include "columns/ColumnTuple.h"

namespace mangrove
{

class ColumnMap final : public Column
{
public:
    explicit ColumnMap(ColumnPtr pairs); /// ColumnArray of ColumnTuple of two
    static MutableColumnPtr create(ColumnPtr keys, ColumnPtr values, ColumnPtr offsets);

    const ColumnPtr & pairsPtr() const { return pairs_; }
    const ColumnArray & pairs() const { return static_cast<const ColumnArray &>(*pairs_); }
    const Offsets & offsets() const { return pairs().offsets(); }
    const ColumnPtr & keysPtr() const { return static_cast<const ColumnTuple &>(pairs().data()).elements()[0]; }
    const ColumnPtr & valuesPtr() const { return static_cast<const ColumnTuple &>(pairs().data()).elements()[1]; }
    /// For whoever fills the column: valid only while it is not shared yet.
    ColumnArray & pairsMutable() { return const_cast<ColumnArray &>(pairs()); }

    ColumnKind kind() const override { return ColumnKind::Map; }
    std::string name() const override;
    size_t size() const override;
    size_t byteSize() const override;
    MutableColumnPtr cloneEmpty() const override;
    void reserve(size_t rows) override;

    Field get(size_t row) const override;
    void insert(const Field & field) override;
    void insertDefault() override;
    void insertFrom(const Column & source, size_t row) override;
    void insertRangeFrom(const Column & source, size_t start, size_t count) override;
    void popBack(size_t count) override;

    ColumnPtr filter(const Filter & filter, size_t result_rows_hint) const override;
    ColumnPtr gather(std::span<const uint32_t> rows) const override;
    ColumnPtr cut(size_t start, size_t count) const override;

    int compareAt(size_t row, size_t other_row, const Column & other, int nan_direction) const override;
    void hashValues(std::span<uint64_t> out) const override;
    void serializeKey(size_t row, std::string & out) const override;
    const char * deserializeKey(const char * position) override;

private:
    ColumnPtr pairs_;
};

}
