#pragma once
// The one batch type: named, typed columns of equal length. Passed by value (columns are shared).

#include "types/DataType.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace mangrove
{

struct ColumnWithType
{
    ColumnPtr column; /// null in a header block's description of a column not computed yet
    DataTypePtr type;
    std::string name;
};

class Block
{
public:
    Block() = default;
    explicit Block(std::vector<ColumnWithType> columns); /// CHECKs equal lengths
    explicit Block(const NamesAndTypes & header);        /// empty columns

    size_t rows() const { return rows_; }
    size_t columnCount() const { return columns_.size(); }
    bool empty() const { return columns_.empty(); }

    const std::vector<ColumnWithType> & columns() const { return columns_; }
    const ColumnWithType & at(size_t position) const { return columns_[position]; }
    const ColumnWithType & byName(std::string_view name) const; /// NOT_FOUND_COLUMN_IN_BLOCK (10)
    std::optional<size_t> find(std::string_view name) const;

    void add(ColumnWithType column); /// CHECKs the length, unless the block has no column yet
    void set(size_t position, ColumnWithType column);
    /// For blocks without columns (SELECT count() needs only the number of rows).
    void setRowsWithoutColumns(size_t rows) { rows_ = rows; }

    Block filter(const Filter & filter, size_t result_rows) const;
    Block gather(std::span<const uint32_t> rows) const;
    Block cut(size_t start, size_t count) const;
    Block materialize() const; /// no ColumnConst left
    /// Rows of all blocks in order; structures must be equal.
    static Block concat(const std::vector<Block> & blocks);
    Block cloneEmpty() const;
    NamesAndTypes header() const;
    size_t byteSize() const;

private:
    std::vector<ColumnWithType> columns_;
    size_t rows_ = 0;
};

}
