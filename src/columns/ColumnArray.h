#pragma once
// Arrays: all elements in one column, cumulative ends in another.

#include "columns/Column.h"
#include "columns/ColumnVector.h"

namespace mangrove
{

class ColumnArray final : public Column
{
public:
    explicit ColumnArray(MutableColumnPtr data) : ColumnArray(ColumnPtr(std::move(data)), ColumnUInt64::create()) { }
    ColumnArray(ColumnPtr data, ColumnPtr offsets); /// shares immutable parts; offsets is ColumnUInt64
    static MutableColumnPtr create(ColumnPtr data, ColumnPtr offsets) { return std::make_shared<ColumnArray>(data, offsets); }

    const ColumnPtr & dataPtr() const { return data_; }
    const Column & data() const { return *data_; }
    const ColumnPtr & offsetsPtr() const { return offsets_; }
    const Offsets & offsets() const { return static_cast<const ColumnUInt64 &>(*offsets_).data(); }
    uint64_t beginOf(size_t row) const { return row ? offsets()[row - 1] : 0; }
    uint64_t endOf(size_t row) const { return offsets()[row]; }
    /// For whoever fills the column: valid only while it is not shared yet.
    Column & dataMutable() { return const_cast<Column &>(*data_); }
    Offsets & offsetsMutable() { return const_cast<ColumnUInt64 &>(static_cast<const ColumnUInt64 &>(*offsets_)).data(); }

    ColumnKind kind() const override { return ColumnKind::Array; }
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
    ColumnPtr data_;
    ColumnPtr offsets_;
};

}
