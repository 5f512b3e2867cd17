#include "exec/sortBlocks.h"

#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnVector.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <span>

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

/// Unsigned numbers whose order is the order of the key's values, the least of them 0.
struct OrderedBits
{
    PodVector<uint64_t> values;
    unsigned width = 0; /// of the greatest
};

template <typename T>
bool orderedBitsOf(const Key & key, OrderedBits & bits)
{
    auto * numbers = tryColumnAs<ColumnVector<T>>(*key.column);
    if (!numbers || numbers->data().empty())
        return false;
    const auto & data = numbers->data();
    auto [least, greatest] = std::minmax_element(data.begin(), data.end());
    // Differences of two's complements are right as unsigned numbers, whatever the signs.
    auto from = static_cast<uint64_t>(key.descending ? *greatest : *least);
    bits.width = static_cast<unsigned>(std::bit_width(static_cast<uint64_t>(*greatest) - static_cast<uint64_t>(*least)));
    bits.values.resize(data.size());
    for (size_t i = 0; i < data.size(); ++i)
        bits.values[i] = key.descending ? from - static_cast<uint64_t>(data[i]) : static_cast<uint64_t>(data[i]) - from;
    return true;
}

bool orderedBitsOfAny(const Key & key, OrderedBits & bits)
{
    return orderedBitsOf<uint8_t>(key, bits) || orderedBitsOf<uint16_t>(key, bits) || orderedBitsOf<uint32_t>(key, bits)
        || orderedBitsOf<uint64_t>(key, bits) || orderedBitsOf<int8_t>(key, bits) || orderedBitsOf<int16_t>(key, bits)
        || orderedBitsOf<int32_t>(key, bits) || orderedBitsOf<int64_t>(key, bits);
}

template <typename T>
struct PackedRow
{
    T key;
    uint32_t row;
};

/// The place of each digit's first row. `shift` and `digits` say which digit.
template <size_t digits>
std::array<uint32_t, digits> digitBegins(std::span<const PackedRow<uint64_t>> rows, unsigned shift)
{
    std::array<uint32_t, digits> begins{};
    for (const auto & row : rows)
        ++begins[row.key >> shift & (digits - 1)];
    std::exclusive_scan(begins.begin(), begins.end(), begins.begin(), uint32_t{0});
    return begins;
}

/// Digit by digit from the lowest: stable. The lowest `bits` are sorted; both spans are of one size, the result is in `rows`.
void radixSortLow(std::span<PackedRow<uint64_t>> rows, std::span<PackedRow<uint64_t>> scratch, unsigned bits)
{
    constexpr unsigned digit_bits = 8;
    auto from = rows;
    for (unsigned shift = 0; shift < bits; shift += digit_bits)
    {
        auto begins = digitBegins<1 << digit_bits>(from, shift);
        for (const auto & row : from)
            scratch[begins[row.key >> shift & ((1 << digit_bits) - 1)]++] = row;
        std::swap(from, scratch);
    }
    if (from.data() != rows.data())
        std::copy(from.begin(), from.end(), rows.begin());
}

/// Stable, and the same few ns a row whatever the order of the input: the highest digit makes buckets that fit a cache,
/// where the other digits are sorted.
void radixSort(PodVector<PackedRow<uint64_t>> & rows, unsigned bits)
{
    constexpr unsigned bucket_bits = 11;
    constexpr size_t radix_rows_min = 128;
    unsigned low_bits = bits > bucket_bits ? bits - bucket_bits : 0;
    PodVector<PackedRow<uint64_t>> sorted(rows.size());
    auto ends = digitBegins<1 << bucket_bits>(rows, low_bits);
    for (const auto & row : rows)
        sorted[ends[row.key >> low_bits]++] = row;
    size_t begin = 0;
    for (uint32_t end : ends)
    {
        std::span bucket(sorted.data() + begin, end - begin);
        if (low_bits && bucket.size() >= radix_rows_min)
            radixSortLow(bucket, {rows.data() + begin, bucket.size()}, low_bits);
        else
            std::sort(bucket.begin(), bucket.end(), [](const auto & a, const auto & b) { return a.key != b.key ? a.key < b.key : a.row < b.row; });
        begin = end;
    }
    rows.swap(sorted);
}

template <typename T>
void sortPackedAs(const std::vector<OrderedBits> & keys, unsigned bits, Permutation & rows)
{
    constexpr size_t radix_rows_min = 4096;
    PodVector<PackedRow<T>> packed(rows.size());
    for (size_t i = 0; i < rows.size(); ++i)
    {
        T key = 0;
        for (const auto & part : keys)
            key = part.width < sizeof(T) * 8 ? key << part.width | part.values[i] : T(part.values[i]);
        packed[i] = {key, static_cast<uint32_t>(i)};
    }
    if (std::is_sorted(packed.begin(), packed.end(), [](const auto & a, const auto & b) { return a.key < b.key; }))
        return;
    bool done = false;
    if constexpr (sizeof(T) == sizeof(uint64_t))
        if (packed.size() >= radix_rows_min)
        {
            radixSort(packed, bits);
            done = true;
        }
    if (!done)
        std::sort(packed.begin(), packed.end(), [](const auto & a, const auto & b) { return a.key != b.key ? a.key < b.key : a.row < b.row; });
    for (size_t i = 0; i < rows.size(); ++i)
        rows[i] = packed[i].row;
}

/// Several integer keys (dictionary ranks too) whose ranges fit into 128 bits are sorted as one number.
bool sortPacked(const std::vector<Key> & keys, Permutation & rows)
{
    std::vector<OrderedBits> parts(keys.size());
    unsigned bits = 0;
    for (size_t i = 0; i < keys.size(); ++i)
    {
        if (!orderedBitsOfAny(keys[i], parts[i]))
            return false;
        bits += parts[i].width;
    }
    if (bits <= 64)
        sortPackedAs<uint64_t>(parts, bits, rows);
    else if (bits <= 128)
        sortPackedAs<UInt128>(parts, bits, rows);
    return bits <= 128;
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
