#include "exec/sortBlocks.h"

#include "columns/ColumnLowCardinality.h"
#include "parts/NumberKinds.h"

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

/// The integers of a key as unsigned numbers in its order: distances from the first of them.
struct KeyBits
{
    uint64_t first = 0;
    unsigned width = 0; /// of the greatest distance

    // Differences of two's complements are right as unsigned numbers, whatever the signs.
    static uint64_t distance(uint64_t first, uint64_t value, bool descending) { return descending ? first - value : value - first; }
};

/// Calls visit(numbers) if the key has integers of at most 64 bits.
template <typename Visit>
bool visitIntegers(const Key & key, Visit && visit)
{
    return isNumberKind(key.column->kind()) && withNumberArray(*key.column, [&]<typename T>(const PodVector<T> & numbers)
    {
        constexpr bool fits = std::is_integral_v<T> && sizeof(T) <= sizeof(uint64_t);
        if constexpr (fits)
            visit(numbers);
        return fits;
    });
}

std::optional<KeyBits> bitsOf(const Key & key)
{
    KeyBits bits;
    bool integers = visitIntegers(key, [&](const auto & data)
    {
        if (data.empty())
            return;
        auto [least, greatest] = std::minmax_element(data.begin(), data.end());
        bits.first = static_cast<uint64_t>(key.descending ? *greatest : *least);
        bits.width = static_cast<unsigned>(std::bit_width(static_cast<uint64_t>(*greatest) - static_cast<uint64_t>(*least)));
    });
    return integers ? std::optional(bits) : std::nullopt;
}

template <typename T>
struct PackedRow
{
    T key;
    uint32_t row;
    bool operator<(const PackedRow & other) const { return key != other.key ? key < other.key : row < other.row; }
};

/// Sorts rows whose numbers ascend, by the highest digit in which keys differ, then each of its buckets: a digit is so
/// long that few rows share one. A few ns a row whatever the order of the input, and stable.
void radixSort(std::span<PackedRow<uint64_t>> rows, std::span<PackedRow<uint64_t>> scratch)
{
    constexpr size_t radix_rows_min = 48;
    constexpr unsigned digit_bits_max = 11;
    uint64_t differing = 0;
    bool sorted = true;
    for (size_t i = 1; i < rows.size(); ++i)
    {
        differing |= rows[i].key ^ rows[0].key;
        sorted &= rows[i - 1].key <= rows[i].key;
    }
    if (sorted)
        return;
    if (rows.size() < radix_rows_min)
        return std::sort(rows.begin(), rows.end());
    auto bits = static_cast<unsigned>(std::bit_width(differing));
    auto digit_bits = std::min({bits, static_cast<unsigned>(std::bit_width(rows.size())) - 1, digit_bits_max});
    unsigned shift = bits - digit_bits;
    uint64_t mask = (uint64_t(1) << digit_bits) - 1;
    std::array<uint32_t, 1 << digit_bits_max> ends;
    std::fill_n(ends.begin(), mask + 1, 0);
    for (const auto & row : rows)
        ++ends[row.key >> shift & mask];
    std::exclusive_scan(ends.begin(), ends.begin() + mask + 1, ends.begin(), uint32_t{0});
    for (const auto & row : rows)
        scratch[ends[row.key >> shift & mask]++] = row;
    std::copy_n(scratch.begin(), rows.size(), rows.begin());
    if (shift == 0)
        return;
    size_t begin = 0;
    for (size_t digit = 0; digit <= mask; begin = ends[digit++])
        if (size_t count = ends[digit] - begin; count > 1)
            radixSort(rows.subspan(begin, count), scratch);
}

template <typename T>
void sortPackedAs(const std::vector<Key> & keys, const std::vector<KeyBits> & bits, Permutation & rows)
{
    constexpr size_t chunk_rows = 4096; // stays in the cache while its keys are put together
    PodVector<PackedRow<T>> packed(rows.size());
    for (size_t begin = 0; begin < rows.size(); begin += chunk_rows)
    {
        const size_t end = std::min(rows.size(), begin + chunk_rows);
        for (size_t i = begin; i < end; ++i)
            packed[i] = {0, static_cast<uint32_t>(i)};
        for (size_t k = 0; k < keys.size(); ++k)
            visitIntegers(keys[k], [&, part = bits[k], descending = keys[k].descending](const auto & data)
            {
                for (size_t i = begin; i < end; ++i)
                {
                    T higher = part.width < sizeof(T) * 8 ? packed[i].key << part.width : T(0);
                    packed[i].key = higher | KeyBits::distance(part.first, static_cast<uint64_t>(data[i]), descending);
                }
            });
    }
    if constexpr (sizeof(T) == sizeof(uint64_t))
    {
        PodVector<PackedRow<T>> scratch(packed.size());
        radixSort(packed, scratch);
    }
    else
        std::sort(packed.begin(), packed.end());
    for (size_t i = 0; i < rows.size(); ++i)
        rows[i] = packed[i].row;
}

/// Several integer keys (dictionary ranks too) whose ranges fit into 128 bits are sorted as one number.
bool sortPacked(const std::vector<Key> & keys, Permutation & rows)
{
    std::vector<KeyBits> parts;
    unsigned width = 0;
    for (const auto & key : keys)
    {
        auto bits = bitsOf(key);
        if (!bits)
            return false;
        width += bits->width;
        parts.push_back(*bits);
    }
    if (width <= 64)
        sortPackedAs<uint64_t>(keys, parts, rows);
    else if (width <= 128)
        sortPackedAs<UInt128>(keys, parts, rows);
    return width <= 128;
}

/// Leaves the first `rows_max` rows. The row number decides between equals, as in a stable sort.
bool topByInteger(const Key & key, Permutation & rows, size_t rows_max)
{
    auto sort = [&](auto less)
    {
        std::nth_element(rows.begin(), rows.begin() + rows_max, rows.end(), less);
        rows.resize(rows_max);
        std::sort(rows.begin(), rows.end(), less);
    };
    return visitIntegers(key, [&](const auto & numbers)
    {
        const auto * data = numbers.data();
        if (key.descending)
            sort([data](uint32_t a, uint32_t b) { return data[a] != data[b] ? data[a] > data[b] : a < b; });
        else
            sort([data](uint32_t a, uint32_t b) { return data[a] != data[b] ? data[a] < data[b] : a < b; });
    });
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
    if (keep == rows.size() && sortPacked(keys, rows))
        return rows;
    if (keep < rows.size() && keys.size() == 1 && topByInteger(keys[0], rows, keep))
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
