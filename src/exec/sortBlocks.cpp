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

/// Unsigned bits whose order is the order of the values; 0 if the column is no integer.
template <typename T>
size_t appendBits(const Key & key, PodVector<UInt128> & packed)
{
    auto * numbers = tryColumnAs<ColumnVector<T>>(*key.column);
    if (!numbers)
        return 0;
    using Bits = std::make_unsigned_t<T>;
    constexpr size_t width = sizeof(T) * 8;
    constexpr Bits sign = std::is_signed_v<T> ? Bits(1) << (width - 1) : 0;
    const Bits flip = static_cast<Bits>(key.descending ? ~sign : sign);
    const auto * data = numbers->data().data();
    for (size_t i = 0; i < packed.size(); ++i)
        packed[i] = (packed[i] << width) | static_cast<Bits>(static_cast<Bits>(data[i]) ^ flip);
    return width;
}

size_t integerBits(const Column & column)
{
    switch (column.kind())
    {
        case ColumnKind::UInt8:
        case ColumnKind::Int8:
            return 8;
        case ColumnKind::UInt16:
        case ColumnKind::Int16:
            return 16;
        case ColumnKind::UInt32:
        case ColumnKind::Int32:
            return 32;
        case ColumnKind::UInt64:
        case ColumnKind::Int64:
            return 64;
        default:
            return 0;
    }
}

/// Several integer keys (dictionary ranks too) that fit into 128 bits are sorted as one number.
bool sortPacked(const std::vector<Key> & keys, Permutation & rows)
{
    size_t bits = 0;
    for (const auto & key : keys)
    {
        auto width = integerBits(*key.column);
        bits += width ? width : 1000;
    }
    if (bits > 128)
        return false;
    PodVector<UInt128> packed(rows.size(), 0);
    for (const auto & key : keys)
        appendBits<uint8_t>(key, packed) || appendBits<uint16_t>(key, packed) || appendBits<uint32_t>(key, packed) || appendBits<uint64_t>(key, packed)
            || appendBits<int8_t>(key, packed) || appendBits<int16_t>(key, packed) || appendBits<int32_t>(key, packed) || appendBits<int64_t>(key, packed);
    if (std::is_sorted(packed.begin(), packed.end()))
        return true;
    struct Row
    {
        UInt128 key;
        uint32_t row;
    };
    std::vector<Row> order(rows.size());
    for (size_t i = 0; i < order.size(); ++i)
        order[i] = {packed[i], static_cast<uint32_t>(i)};
    std::sort(order.begin(), order.end(), [](const Row & a, const Row & b) { return a.key != b.key ? a.key < b.key : a.row < b.row; });
    for (size_t i = 0; i < order.size(); ++i)
        rows[i] = order[i].row;
    return true;
}

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
    if (keys.size() > 1 && keep == rows.size() && sortPacked(keys, rows))
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
