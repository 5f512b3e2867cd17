#pragma once
// Byte strings of any length: all characters in one array, cumulative ends in another (no terminating zeros).

#include "columns/Column.h"

#include <cstring>

namespace mangrove
{

class ColumnString final : public Column
{
public:
    ColumnString() = default;
    static std::shared_ptr<ColumnString> create() { return std::make_shared<ColumnString>(); }

    PodVector<char> & chars() { return chars_; }
    const PodVector<char> & chars() const { return chars_; }
    Offsets & offsets() { return offsets_; }
    const Offsets & offsets() const { return offsets_; }

    std::string_view at(size_t row) const
    {
        uint64_t begin = row ? offsets_[row - 1] : 0;
        return {chars_.data() + begin, offsets_[row] - begin};
    }
    void append(std::string_view value)
    {
        size_t begin = chars_.size();
        chars_.resize(begin + value.size());
        if (!value.empty())
            std::memcpy(chars_.data() + begin, value.data(), value.size());
        offsets_.push_back(chars_.size());
    }

    ColumnKind kind() const override { return ColumnKind::String; }
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
    void updateHashes(std::span<uint64_t> hashes) const override;
    void hashValues(std::span<uint64_t> out) const override;
    void serializeKey(size_t row, std::string & out) const override;
    const char * deserializeKey(const char * position) override;

private:
    PodVector<char> chars_;
    Offsets offsets_;
};

}
