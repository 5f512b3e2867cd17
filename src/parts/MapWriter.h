#pragma once
// Writes a Map with string keys shredded: each frequent key of the part is a column of its own that holds only the
// rows which have the key; rare keys share a residual column of pairs. What a row looked like (its keys, in order,
// doubles included) is its shape; rows share few shapes, so keys cost about a byte a row. See ColumnWriter.h.
//
// A shape is a list of tokens: key + 1 for a value in that key's column, 0 for a pair in the residual. A key is
// promoted to a column of its own at the page where it becomes frequent; earlier pages keep it in the residual.

#include "columns/ColumnMap.h"
#include "parts/DictionaryWriter.h"

#include <unordered_map>

namespace mangrove
{

class MapWriter final : public ColumnWriter
{
public:
    MapWriter(const DataTypePtr & key, const DataTypePtr & value, const ColumnWriteSettings & settings);
    void writePage(const ColumnPtr & column, size_t begin, size_t end) override;
    void writeRows(const ColumnPtr & column, std::span<const uint32_t> rows) override;
    void finish() override;
    void collectStreams(std::vector<StreamToPlace> & to) override;
    void writeHeader(WriteBuffer & out) const override;
    uint64_t bytes() const override;

private:
    struct Key
    {
        uint32_t shredded = UINT32_MAX; /// position in shredded_
        uint32_t count_in_page = 0;
    };
    struct Shredded
    {
        std::string name;
        ColumnWriterPtr values;
        PodVector<uint32_t> rows; /// of the page being written: positions of its values
    };

    void writeChosen(const ColumnPtr & column, const RowChoice & rows);
    void collectKeys(const ColumnMap & map, const RowChoice & rows);
    void promoteFrequentKeys(size_t rows);
    uint32_t shapeOf(std::span<const uint32_t> keys);
    uint32_t addShape(std::span<const uint32_t> keys, uint64_t hash);
    void placeSeen();
    void forgetSeen();
    void forgetRareKeys();

    DataTypePtr key_type_; /// without LowCardinality
    DataTypePtr value_type_;
    ColumnWriteSettings settings_;

    PartDictionary key_codes_;
    std::vector<Key> keys_; /// by code
    std::vector<Shredded> shredded_;
    PodVector<uint32_t> page_pairs_; /// positions of the pairs of the page, in its order
    PodVector<uint32_t> page_keys_;  /// the code of each

    /// Key lists of rows seen since the last promotion → shape; lists stand one after another in seen_keys_.
    struct SeenRow
    {
        uint64_t hash;
        uint32_t begin;
        uint32_t size;
        uint32_t shape;
    };
    std::vector<SeenRow> seen_;
    std::vector<uint32_t> seen_slots_;
    std::vector<uint32_t> seen_keys_;
    std::vector<std::vector<uint32_t>> shapes_; /// tokens
    std::unordered_map<std::string, uint32_t> shape_codes_;

    size_t pages_ = 0;
    NumberWriter shape_stream_;
    DictionaryWriter residual_keys_;
    ColumnWriterPtr residual_values_;
    PodVector<uint32_t> residual_rows_;
};

/// A Map(String, …) with its keys dictionary-coded (any other column as it is): what is written is the same, but codes
/// are cheaper to reorder than texts that repeat in every row.
ColumnPtr withCodedKeys(const ColumnPtr & column);
/// The reverse, for columns of type Map(String, …): what concatenation needs.
ColumnPtr withFullKeys(const ColumnPtr & column);

/// Tokens of all shapes as bytes and back; residual runs are run-length coded. CORRUPTED_DATA on hostile bytes.
std::string encodeShapes(const std::vector<std::vector<uint32_t>> & shapes);
std::vector<std::vector<uint32_t>> decodeShapes(std::string_view bytes, size_t shredded_keys);

}
