#pragma once
// Fixed-width numbers in one array.

#include "columns/Column.h"

namespace mangrove
{

template <typename T>
class ColumnVector final : public Column
{
public:
    using Value = T;

    ColumnVector() = default;
    explicit ColumnVector(size_t rows) : data_(rows) { } /// uninitialised
    explicit ColumnVector(PodVector<T> data) : data_(std::move(data)) { }
    static std::shared_ptr<ColumnVector> create() { return std::make_shared<ColumnVector>(); }
    static std::shared_ptr<ColumnVector> create(size_t rows) { return std::make_shared<ColumnVector>(rows); }

    PodVector<T> & data() { return data_; }
    const PodVector<T> & data() const { return data_; }

    ColumnKind kind() const override;
    std::string name() const override;
    size_t size() const override { return data_.size(); }
    size_t byteSize() const override { return data_.size() * sizeof(T); }
    MutableColumnPtr cloneEmpty() const override { return create(); }
    void reserve(size_t rows) override { data_.reserve(rows); }

    Field get(size_t row) const override;
    void insert(const Field & field) override;
    void insertDefault() override { data_.push_back(T{}); }
    void insertManyDefaults(size_t count) override { data_.resize(data_.size() + count, T{}); }
    void insertFrom(const Column & source, size_t row) override;
    void insertRangeFrom(const Column & source, size_t start, size_t count) override;
    void popBack(size_t count) override { data_.resize(data_.size() - count); }

    ColumnPtr filter(const Filter & filter, size_t result_rows_hint) const override;
    ColumnPtr gather(std::span<const uint32_t> rows) const override;
    ColumnPtr replicate(const Offsets & offsets) const override;

    int compareAt(size_t row, size_t other_row, const Column & other, int nan_direction) const override;
    void updateHashes(std::span<uint64_t> hashes) const override;
    void hashValues(std::span<uint64_t> out) const override;
    void serializeKey(size_t row, std::string & out) const override;
    const char * deserializeKey(const char * position) override;

private:
    PodVector<T> data_;
};

using ColumnUInt8 = ColumnVector<uint8_t>;
using ColumnUInt16 = ColumnVector<uint16_t>;
using ColumnUInt32 = ColumnVector<uint32_t>;
using ColumnUInt64 = ColumnVector<uint64_t>;
using ColumnUInt128 = ColumnVector<UInt128>;
using ColumnInt8 = ColumnVector<int8_t>;
using ColumnInt16 = ColumnVector<int16_t>;
using ColumnInt32 = ColumnVector<int32_t>;
using ColumnInt64 = ColumnVector<int64_t>;
using ColumnFloat32 = ColumnVector<float>;
using ColumnFloat64 = ColumnVector<double>;

extern template class ColumnVector<uint8_t>;
extern template class ColumnVector<uint16_t>;
extern template class ColumnVector<uint32_t>;
extern template class ColumnVector<uint64_t>;
extern template class ColumnVector<UInt128>;
extern template class ColumnVector<int8_t>;
extern template class ColumnVector<int16_t>;
extern template class ColumnVector<int32_t>;
extern template class ColumnVector<int64_t>;
extern template class ColumnVector<float>;
extern template class ColumnVector<double>;

}
