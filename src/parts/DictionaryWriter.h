#pragma once
// Writes dictionary-coded values: one dictionary for the whole part, a code per row. LowCardinality always; plain
// strings page by page, where at least half of a page's values are in the dictionary already, and raw otherwise.
// Codes of an incoming dictionary are translated once per value, not once per row. See ColumnWriter.h.

#include "parts/LeafWriters.h"
#include "parts/ValueDictionary.h"

#include <unordered_map>

namespace mangrove
{

/// Which rows of a column: [begin, begin + count), or those at `positions`.
struct RowChoice
{
    size_t begin = 0;
    size_t count = 0;
    const uint32_t * positions = nullptr;

    static RowChoice range(size_t begin, size_t end) { return {begin, end - begin, nullptr}; }
    static RowChoice of(std::span<const uint32_t> rows) { return {0, rows.size(), rows.data()}; }
    size_t operator[](size_t i) const { return positions ? positions[i] : begin + i; }
};

/// Code 0 is the default value; with `nullable` 0 is NULL and 1 the default, as in ColumnLowCardinality.
class PartDictionary
{
public:
    /// value_type: without Nullable. String, FixedString or numbers.
    PartDictionary(DataTypePtr value_type, bool nullable);

    /// Codes of these rows, new values added.
    void encode(const ColumnPtr & column, const RowChoice & rows, PodVector<uint32_t> & codes);
    size_t size() const { return values_.size() + (nullable_ ? 1 : 0); }
    size_t bytes() const { return values_.bytes(); }
    void truncate(size_t size);
    /// All values in the order of codes, without NULL.
    MutableColumnPtr values() const;
    std::string_view valueBytes(uint32_t code) const { return values_.at(code - (nullable_ ? 1 : 0)); }
    const DataTypePtr & valueType() const { return value_type_; }
    bool nullable() const { return nullable_; }

private:
    void encodeCoded(const ColumnPtr & column, const RowChoice & rows, PodVector<uint32_t> & codes);
    void encodeFull(const Column & column, const RowChoice & rows, PodVector<uint32_t> & codes);
    template <typename At, typename Approach>
    void addAll(size_t count, At && at, Approach && approach, PodVector<uint32_t> & codes);
    uint32_t add(std::string_view bytes) { return values_.codeOf(bytes) + (nullable_ ? 1 : 0); }

    DataTypePtr value_type_;
    bool nullable_;
    ValueDictionary values_;
    struct Translation
    {
        ColumnPtr dictionary; /// held, so that its address stays its own
        PodVector<uint32_t> codes;
    };
    std::unordered_map<const Column *, Translation> translations_;
};

class DictionaryWriter final : public ColumnWriter
{
public:
    DictionaryWriter(DataTypePtr value_type, bool nullable, bool adaptive, const CompressionChoice & compression,
        bool searchable = false);
    void writePage(const ColumnPtr & column, size_t begin, size_t end) override;
    void writeRows(const ColumnPtr & column, std::span<const uint32_t> rows) override;
    void finish() override;
    void collectStreams(std::vector<StreamToPlace> & to) override;
    void writeHeader(WriteBuffer & out) const override;
    uint64_t bytes() const override;

private:
    /// The page of codes, an empty one if the rows do not suit the dictionary: then false, and they are to be kept raw.
    bool writeCodes(const ColumnPtr & column, const RowChoice & rows);
    bool tryDictionary(const ColumnPtr & column, const RowChoice & rows, PodVector<uint32_t> & codes);

    PartDictionary dictionary_;
    bool adaptive_;
    size_t used_size_;       /// of the dictionary, by pages that keep codes
    uint32_t misses_ = 0;    /// pages in a row that the dictionary did not suit
    uint32_t pages_to_skip_ = 0;
    NumberWriter codes_;
    ColumnWriterPtr raw_; /// adaptive only
    ColumnWriterPtr values_;
};

/// The bytes of a String, FixedString or number value, as ValueDictionary keeps them.
std::string_view bytesOfValue(const Column & column, size_t row);
/// Appends the value whose bytes these are.
void appendValueBytes(Column & column, std::string_view bytes);

}
