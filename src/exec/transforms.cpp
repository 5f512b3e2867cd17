#include "exec/transforms.h"

#include "columns/ColumnArray.h"
#include "columns/ColumnMap.h"
#include "exec/sortBlocks.h"
#include "expressions/Evaluator.h"

namespace mangrove
{

Block FilterTransform::apply(Block block, size_t)
{
    Filter filter;
    auto passed = makeFilter(evaluate(condition_, block), block.rows(), filter);
    return passed == block.rows() ? block : block.filter(filter, passed);
}

ProjectTransform::ProjectTransform(std::vector<NamedExpression> columns) : columns_(std::move(columns))
{
    for (const auto & column : columns_)
        expressions_.push_back(column.expression);
}

Block ProjectTransform::apply(Block block, size_t)
{
    auto results = evaluate(expressions_, block);
    Block result;
    for (size_t i = 0; i < results.size(); ++i)
        result.add({results[i], columns_[i].expression->type, columns_[i].name});
    if (results.empty())
        result.setRowsWithoutColumns(block.rows());
    return result;
}

Block ArrayJoinTransform::apply(Block block, size_t)
{
    std::vector<ColumnPtr> arrays; // of ColumnArray
    for (const auto & join : joins_)
    {
        auto column = evaluate(join.array, block)->materialize();
        arrays.push_back(column->kind() == ColumnKind::Map ? columnAs<ColumnMap>(*column).pairsPtr() : column);
    }
    const auto & first = columnAs<ColumnArray>(*arrays[0]);
    Offsets offsets(block.rows());
    uint64_t total = 0;
    for (size_t row = 0; row < block.rows(); ++row)
    {
        auto count = first.endOf(row) - first.beginOf(row);
        for (const auto & array : arrays)
        {
            const auto & other = static_cast<const ColumnArray &>(*array);
            if (other.endOf(row) - other.beginOf(row) != count)
                throw Exception(ErrorCode::SIZES_OF_ARRAYS_DONT_MATCH, "Sizes of ARRAY-JOIN-ed arrays do not match: {} and {}", count, other.endOf(row) - other.beginOf(row));
        }
        total += left_ && count == 0 ? 1 : count;
        offsets[row] = total;
    }
    Block result;
    for (const auto & column : header_)
    {
        auto join = std::find_if(joins_.begin(), joins_.end(), [&](const auto & j) { return j.id == column.name; });
        if (join == joins_.end())
        {
            result.add({block.byName(column.name).column->replicate(offsets), column.type, column.name});
            continue;
        }
        const auto & array = static_cast<const ColumnArray &>(*arrays[join - joins_.begin()]);
        if (!left_)
        {
            result.add({array.dataPtr(), column.type, column.name});
            continue;
        }
        auto elements = array.data().cloneEmpty();
        for (size_t row = 0; row < block.rows(); ++row)
        {
            auto begin = array.beginOf(row), end = array.endOf(row);
            if (begin == end)
                elements->insertDefault();
            else
                elements->insertRangeFrom(array.data(), begin, end - begin);
        }
        result.add({elements, column.type, column.name});
    }
    if (header_.empty())
        result.setRowsWithoutColumns(total);
    return result;
}

Block LimitTransform::apply(Block block, size_t)
{
    std::lock_guard lock(mutex_);
    uint64_t begin = seen_;
    uint64_t end = seen_ + block.rows();
    seen_ = end;
    uint64_t first = std::min<uint64_t>(std::max(begin, offset_), end);
    uint64_t last = end;
    if (rows_)
    {
        uint64_t stop = *rows_ > UINT64_MAX - offset_ ? UINT64_MAX : offset_ + *rows_;
        last = std::min(end, std::max(stop, first));
        if (!ties_.empty() && *rows_ > 0)
        {
            if (begin < stop && stop <= end)
                last_ = block.cut(stop - 1 - begin, 1);
            while (last >= stop && last < end && !last_.empty() && compareRows(block, last - begin, last_, 0, ties_) == 0)
                ++last;
            if (last < end)
                done_ = true;
        }
        else if (end >= stop)
            done_ = true;
    }
    if (first >= last)
        return block.cut(0, 0);
    return first == begin && last == end ? block : block.cut(first - begin, last - first);
}

namespace
{

void keyOfRow(const std::vector<ColumnPtr> & columns, size_t row, std::string & key)
{
    key.clear();
    for (const auto & column : columns)
        column->serializeKey(row, key);
}

std::vector<ColumnPtr> columnsByName(const Block & block, const std::vector<std::string> & names)
{
    std::vector<ColumnPtr> columns;
    for (const auto & name : names)
        columns.push_back(block.byName(name).column);
    return columns;
}

}

Block LimitByTransform::apply(Block block, size_t)
{
    auto columns = columnsByName(block, columns_);
    Filter filter(block.rows());
    size_t passed = 0;
    std::string key;
    for (size_t row = 0; row < block.rows(); ++row)
    {
        keyOfRow(columns, row, key);
        auto [it, inserted] = seen_.try_emplace(key, 0);
        if (inserted)
            memory_.grow(key.size() + 64);
        auto number = it->second++;
        filter[row] = number >= offset_ && number - offset_ < rows_;
        passed += filter[row];
    }
    return block.filter(filter, passed);
}

Block DistinctTransform::apply(Block block, size_t)
{
    auto columns = columnsByName(block, columns_);
    Filter filter(block.rows());
    size_t passed = 0;
    std::string key;
    std::lock_guard lock(mutex_);
    for (size_t row = 0; row < block.rows(); ++row)
    {
        keyOfRow(columns, row, key);
        filter[row] = seen_.insert(key).second;
        if (filter[row])
            memory_.grow(key.size() + 64);
        passed += filter[row];
    }
    return block.filter(filter, passed);
}

}
