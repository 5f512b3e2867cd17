#include "exec/sortBlocks.h"

#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnVector.h"

#include <algorithm>
#include <numeric>

namespace mangrove
{

namespace
{

int direction(const SortColumn & column)
{
    // compareAt() takes the place of NaN and NULL as if they were values; the sign is turned by DESC afterwards.
    int nan = column.nulls_first ? -1 : 1;
    return column.descending ? -nan : nan;
}

/// Ranks replace dictionary values, so that comparing rows compares integers.
ColumnPtr ranked(const ColumnPtr & column, int nan_direction)
{
    auto * low = tryColumnAs<ColumnLowCardinality>(*column);
    if (!low || low->dictionary().size() > low->size())
        return column->materialize();
    const auto & dictionary = low->dictionary();
    Permutation by_value(dictionary.size());
    std::iota(by_value.begin(), by_value.end(), 0);
    std::sort(by_value.begin(), by_value.end(), [&](uint32_t a, uint32_t b) { return dictionary.compareAt(a, b, dictionary, nan_direction) < 0; });
    PodVector<uint32_t> rank(dictionary.size());
    for (size_t i = 0; i < by_value.size(); ++i)
        rank[by_value[i]] = static_cast<uint32_t>(i);
    auto ranks = ColumnUInt32::create(low->size());
    for (size_t i = 0; i < low->size(); ++i)
        ranks->data()[i] = rank[low->codes()[i]];
    return ranks;
}

struct Key
{
    ColumnPtr column;
    int nan_direction;
    bool descending;
};

template <typename T>
bool sortByNumber(const Key & key, Permutation & rows, size_t rows_max)
{
    auto * numbers = tryColumnAs<ColumnVector<T>>(*key.column);
    if (!numbers || std::is_floating_point_v<T>)
        return false;
    const T * data = numbers->data().data();
    auto sort = [&](auto less)
    {
        if (rows_max < rows.size())
        {
            std::nth_element(rows.begin(), rows.begin() + rows_max, rows.end(), less);
            rows.resize(rows_max);
        }
        std::sort(rows.begin(), rows.end(), less);
    };
    // The row number decides between equals: the sort stays stable.
    if (key.descending)
        sort([data](uint32_t a, uint32_t b) { return data[a] != data[b] ? data[a] > data[b] : a < b; });
    else
        sort([data](uint32_t a, uint32_t b) { return data[a] != data[b] ? data[a] < data[b] : a < b; });
    return true;
}

}

int compareRows(const Block & a, size_t row_a, const Block & b, size_t row_b, const std::vector<SortColumn> & order)
{
    for (const auto & column : order)
    {
        const auto & left = a.byName(column.column).column;
        const auto & right = b.byName(column.column).column;
        int result = left->compareAt(row_a, row_b, *right, direction(column));
        if (result)
            return column.descending ? -result : result;
    }
    return 0;
}

Permutation sortPermutation(const Block & block, const std::vector<SortColumn> & order, std::optional<uint64_t> rows_max)
{
    Permutation rows(block.rows());
    std::iota(rows.begin(), rows.end(), 0);
    size_t keep = std::min<uint64_t>(rows_max.value_or(rows.size()), rows.size());
    std::vector<Key> keys;
    for (const auto & column : order)
    {
        int nan = direction(column);
        keys.push_back({ranked(block.byName(column.column).column, nan), nan, column.descending});
    }
    if (keys.size() == 1
        && (sortByNumber<uint64_t>(keys[0], rows, keep) || sortByNumber<int64_t>(keys[0], rows, keep) || sortByNumber<uint32_t>(keys[0], rows, keep)
            || sortByNumber<int32_t>(keys[0], rows, keep) || sortByNumber<uint16_t>(keys[0], rows, keep) || sortByNumber<uint8_t>(keys[0], rows, keep)))
        return rows;
    auto less = [&](uint32_t a, uint32_t b)
    {
        for (const auto & key : keys)
        {
            int result = key.column->compareAt(a, b, *key.column, key.nan_direction);
            if (result)
                return key.descending ? result > 0 : result < 0;
        }
        return a < b;
    };
    if (keep < rows.size())
    {
        std::partial_sort(rows.begin(), rows.begin() + keep, rows.end(), less);
        rows.resize(keep);
    }
    else
        std::sort(rows.begin(), rows.end(), less);
    return rows;
}

}
