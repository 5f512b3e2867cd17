#pragma once
// Byte strings of one length, which shorter values fill with zero bytes.

#include "columns/Column.h"

namespace mangrove
{

class ColumnFixedString final : public Column
{
public:
    explicit ColumnFixedString(size_t length) : length_(length) { }
    static std::shared_ptr<ColumnFixedString> create(size_t length) { return std::make_shared<ColumnFixedString>(length); }

    size_t length() const { return length_; }
    PodVector<char> & chars() { return chars_; }
    const PodVector<char> & chars() const { return chars_; }
    std::string_view at(size_t row) const { return {chars_.data() + row * length_, length_}; }
    /// Throws TOO_LARGE_STRING_SIZE if the value is longer than the column's strings.
    void append(std::string_view value);

    ColumnKind kind() const override { return ColumnKind::FixedString; }
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
    std::string_view stringAt(size_t row) const override { return at(row); }

    int compareAt(size_t row, size_t other_row, const Column & other, int nan_direction) const override;
    void hashValues(std::span<uint64_t> out) const override;
    void serializeKey(size_t row, std::string & out) const override;
    const char * deserializeKey(const char * position) override;

private:
    size_t length_; /// > 0
    PodVector<char> chars_;
};

}
