#pragma once
// Tuples: one column per element, all of the same length. An empty tuple keeps its row count apart.

#include "columns/Column.h"

namespace mangrove
{

class ColumnTuple final : public Column
{
public:
    explicit ColumnTuple(Columns elements, size_t rows_if_empty = 0);
    static MutableColumnPtr create(Columns elements) { return std::make_shared<ColumnTuple>(std::move(elements)); }

    const Columns & elements() const { return elements_; }
    const Column & element(size_t i) const { return *elements_[i]; }
    /// For whoever fills the column: valid only while it is not shared yet.
    Column & elementMutable(size_t i) { return const_cast<Column &>(*elements_[i]); }

    ColumnKind kind() const override { return ColumnKind::Tuple; }
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
    Columns elements_;
    size_t rows_if_empty_ = 0;
};

}
