#include "types/Block.h"

#include "columns/ColumnConst.h"

namespace mangrove
{

namespace
{

template <typename Change>
std::vector<ColumnWithType> changed(const std::vector<ColumnWithType> & columns, Change && change)
{
    std::vector<ColumnWithType> result;
    result.reserve(columns.size());
    for (const auto & column : columns)
        result.push_back({column.column ? change(column.column) : nullptr, column.type, column.name});
    return result;
}

ColumnPtr withoutConst(const ColumnPtr & column)
{
    auto * constant = tryColumnAs<ColumnConst>(*column);
    return constant ? constant->full() : column;
}

}

Block::Block(std::vector<ColumnWithType> columns)
{
    columns_.reserve(columns.size());
    for (auto & column : columns)
        add(std::move(column));
}

Block::Block(const NamesAndTypes & header)
{
    for (const auto & [name, type] : header)
        columns_.push_back({type->createColumn(), type, name});
}

const ColumnWithType & Block::byName(std::string_view name) const
{
    if (auto position = find(name))
        return columns_[*position];
    std::string names;
    for (const auto & column : columns_)
        names += (names.empty() ? "" : ", ") + column.name;
    throw Exception(
        ErrorCode::NOT_FOUND_COLUMN_IN_BLOCK, "Not found column {} in block. There are only columns: {}", name, names);
}

std::optional<size_t> Block::find(std::string_view name) const
{
    for (size_t i = 0; i < columns_.size(); ++i)
        if (columns_[i].name == name)
            return i;
    return std::nullopt;
}

void Block::add(ColumnWithType column)
{
    if (column.column)
    {
        CHECK(columns_.empty() || column.column->size() == rows_, "column {} has {} rows, the block {}", column.name, column.column->size(), rows_);
        rows_ = column.column->size();
    }
    columns_.push_back(std::move(column));
}

void Block::set(size_t position, ColumnWithType column)
{
    CHECK(position < columns_.size(), "position {} of {}", position, columns_.size());
    if (column.column)
    {
        CHECK(columns_.size() == 1 || column.column->size() == rows_, "column {} has {} rows, the block {}", column.name, column.column->size(), rows_);
        rows_ = column.column->size();
    }
    columns_[position] = std::move(column);
}

Block Block::filter(const Filter & filter, size_t result_rows) const
{
    CHECK(filter.size() == rows_, "a filter of {} rows for {} rows", filter.size(), rows_);
    Block result;
    result.columns_ = changed(columns_, [&](const ColumnPtr & column) { return column->filter(filter, result_rows); });
    result.rows_ = countSelected(filter);
    return result;
}

Block Block::gather(std::span<const uint32_t> rows) const
{
    Block result;
    result.columns_ = changed(columns_, [&](const ColumnPtr & column) { return column->gather(rows); });
    result.rows_ = rows.size();
    return result;
}

Block Block::cut(size_t start, size_t count) const
{
    CHECK(start <= rows_ && count <= rows_ - start, "rows {}+{} of {}", start, count, rows_);
    Block result;
    result.columns_ = changed(columns_, [&](const ColumnPtr & column) { return column->cut(start, count); });
    result.rows_ = count;
    return result;
}

Block Block::materialize() const
{
    Block result;
    result.columns_ = changed(columns_, withoutConst);
    result.rows_ = rows_;
    return result;
}

Block Block::concat(const std::vector<Block> & blocks)
{
    if (blocks.empty())
        return {};
    if (blocks.size() == 1)
        return blocks[0].materialize();
    size_t rows = 0;
    for (const auto & block : blocks)
    {
        CHECK(block.columnCount() == blocks[0].columnCount(), "{} and {} columns", blocks[0].columnCount(), block.columnCount());
        rows += block.rows();
    }
    Block result;
    for (size_t i = 0; i < blocks[0].columnCount(); ++i)
    {
        const auto & first = blocks[0].at(i);
        auto column = first.type->createColumn();
        column->reserve(rows);
        for (const auto & block : blocks)
        {
            CHECK(block.at(i).type->equals(*first.type), "{} and {}", first.type->name(), block.at(i).type->name());
            column->insertRangeFrom(*block.at(i).column, 0, block.rows());
        }
        result.columns_.push_back({std::move(column), first.type, first.name});
    }
    result.rows_ = rows;
    return result;
}

Block Block::cloneEmpty() const
{
    return Block(header());
}

NamesAndTypes Block::header() const
{
    NamesAndTypes result;
    for (const auto & column : columns_)
        result.push_back({column.name, column.type});
    return result;
}

size_t Block::byteSize() const
{
    size_t bytes = 0;
    for (const auto & column : columns_)
        if (column.column)
            bytes += column.column->byteSize();
    return bytes;
}

}
