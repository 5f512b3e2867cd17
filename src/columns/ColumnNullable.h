#pragma once
// Any column beside a map of which rows are NULL (1). A NULL row holds the default in the nested column.

#include "columns/Column.h"
#include "columns/ColumnVector.h"

namespace mangrove
{

class ColumnNullable final : public Column
{
public:
    ColumnNullable(MutableColumnPtr nested, std::shared_ptr<ColumnUInt8> null_map);
    ColumnNullable(ColumnPtr nested, ColumnPtr null_map); /// shares immutable parts
    static MutableColumnPtr create(ColumnPtr nested, ColumnPtr null_map) { return std::make_shared<ColumnNullable>(nested, null_map); }

    const ColumnPtr & nestedPtr() const { return nested_; }
    const Column & nested() const { return *nested_; }
    const ColumnPtr & nullMapPtr() const { return null_map_; }
    const PodVector<uint8_t> & nullMap() const { return static_cast<const ColumnUInt8 &>(*null_map_).data(); }
    /// For whoever fills the column: valid only while it is not shared yet.
    Column & nestedMutable() { return const_cast<Column &>(*nested_); }
    PodVector<uint8_t> & nullMapMutable() { return const_cast<ColumnUInt8 &>(static_cast<const ColumnUInt8 &>(*null_map_)).data(); }

    ColumnKind kind() const override { return ColumnKind::Nullable; }
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
    bool isNullAt(size_t row) const override { return nullMap()[row] != 0; }
    std::string_view stringAt(size_t row) const override { return nested_->stringAt(row); }

    int compareAt(size_t row, size_t other_row, const Column & other, int nan_direction) const override;
    void hashValues(std::span<uint64_t> out) const override;
    void serializeKey(size_t row, std::string & out) const override;
    const char * deserializeKey(const char * position) override;

private:
    ColumnPtr nested_;
    ColumnPtr null_map_; /// ColumnUInt8
};

}
