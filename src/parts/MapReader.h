#pragma once
// Reads a shredded map (MapWriter): the whole map with order and doubles as they were, or one key alone. See
// ColumnReader.h. Which rows hold a key follows from their shapes, so a key's column holds only the rows that have it.

#include "parts/DictionaryReader.h"

#include <mutex>
#include <unordered_map>

namespace mangrove
{

class MapReader final : public ColumnReader, public std::enable_shared_from_this<MapReader>
{
public:
    MapReader(const DataTypePtr & type, ReadBuffer & in, const std::string & name);
    void want(PageRange pages, PageSource & source) const override;
    ColumnPtr read(PageRange pages, PageSource & source, bool keep_dictionary) const override;
    ColumnPtr readRows(
        size_t page, std::span<const uint32_t> rows, PageSource & source, bool keep_dictionary) const override;
    bool hasLargeDictionary() const override;
    void wantValues(size_t page, std::span<const uint32_t> rows, PageSource & source) const override;

    enum class View : uint8_t
    {
        Keys,   /// Array(K)
        Values, /// Array(V)
        Size,   /// UInt64
    };
    ColumnReaderPtr view(View view) const;
    /// map[key], or (has_key) whether it is there.
    ColumnReaderPtr key(const std::string & key, bool has_key) const;
    /// How many of a row's keys or values pass.
    ColumnReaderPtr matches(View view, ValueTestPtr test) const;

private:
    friend class MapKeyReader;
    friend class MapMatchReader;
    friend class MapViewReader;

    struct Selected; /// the rows of a read: their shapes, and where the pairs come from
    Selected selectAll(PageRange pages, PageSource & source) const;
    Selected selectRows(size_t page, std::span<const uint32_t> rows, PageSource & source) const;
    ColumnPtr assembleKeys(const Selected & selected, PageSource & source) const;
    ColumnPtr assembleValues(const Selected & selected, PageSource & source) const;
    ColumnPtr readChild(const ColumnReader & child, size_t index, const Selected & selected, PageSource & source) const;
    const ColumnReaderPtr & shredded(size_t index) const;
    PodVector<uint32_t> shapes(PageRange pages, PageSource & source) const;

    std::string name_;
    DataTypePtr key_type_;
    DataTypePtr value_type_;
    std::unique_ptr<NumberReader> shape_codes_;
    std::vector<std::string> names_;
    std::unordered_map<std::string, uint32_t> positions_;
    std::vector<std::vector<uint32_t>> shapes_; /// tokens: key + 1, or 0 for the residual
    std::vector<std::string> headers_;
    mutable std::mutex shredded_mutex_;
    mutable std::vector<ColumnReaderPtr> shredded_; /// made when first asked for
    std::unique_ptr<DictionaryReader> residual_keys_;
    ColumnReaderPtr residual_values_;
};

}
