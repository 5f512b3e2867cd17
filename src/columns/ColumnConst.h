#pragma once
// One value, `rows` times: literals and what constant folding leaves. Functions should keep constness.

#include "columns/Column.h"

namespace mangrove
{

class ColumnConst final : public Column
{
public:
    ColumnConst(ColumnPtr value, size_t rows); /// value: exactly one row, itself not const
    static std::shared_ptr<ColumnConst> create(ColumnPtr value, size_t rows) { return std::make_shared<ColumnConst>(value, rows); }

    const ColumnPtr & valuePtr() const { return value_; }
    const Column & value() const { return *value_; }

    ColumnKind kind() const override { return ColumnKind::Const; }
    std::string name() const override;
    size_t size() const override;
    size_t byteSize() const override;
    MutableColumnPtr cloneEmpty() const override; /// a full column
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
    ColumnPtr replicate(const Offsets & offsets) const override;
    /// The full column of the same structure: LowCardinality stays.
    ColumnPtr full() const;
    ColumnPtr materialize() const override; /// the full column, values materialised too
    bool isNullAt(size_t row) const override { return value_->isNullAt(0); }
    std::string_view stringAt(size_t row) const override { return value_->stringAt(0); }

    int compareAt(size_t row, size_t other_row, const Column & other, int nan_direction) const override;
    void hashValues(std::span<uint64_t> out) const override;
    void serializeKey(size_t row, std::string & out) const override;
    const char * deserializeKey(const char * position) override;

private:
    ColumnPtr value_;
    size_t rows_;
};

}
