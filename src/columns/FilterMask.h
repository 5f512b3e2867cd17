#pragma once
// Walks the rows a filter keeps, 64 rows at a time: whole and empty words of rows, which real filters have many of,
// cost one test. For the columns' filter() and for operators that filter raw arrays.

#include "columns/Column.h"

#include <algorithm>
#include <bit>
#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace mangrove
{

/// Bit i is set if bytes[i] != 0, for 64 bytes.
inline uint64_t filterMask64(const uint8_t * bytes)
{
#if defined(__AVX2__)
    const __m256i zero = _mm256_setzero_si256();
    auto half = [&](const uint8_t * position)
    {
        __m256i loaded = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(position));
        return static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(loaded, zero)));
    };
    return ~(static_cast<uint64_t>(half(bytes + 32)) << 32 | half(bytes));
#else
    uint64_t mask = 0;
    for (size_t i = 0; i < 64; ++i)
        mask |= static_cast<uint64_t>(bytes[i] != 0) << i;
    return mask;
#endif
}

/// Calls on_run(start, count) for 64 rows that are all kept and on_row(row) for each other kept row, in order.
template <typename OnRun, typename OnRow>
void forEachSelected(const Filter & filter, OnRun && on_run, OnRow && on_row)
{
    size_t row = 0;
    for (; row + 64 <= filter.size(); row += 64)
    {
        uint64_t mask = filterMask64(filter.data() + row);
        if (mask == ~0ULL)
            on_run(row, size_t{64});
        else
            for (; mask; mask &= mask - 1)
                on_row(row + std::countr_zero(mask));
    }
    for (; row < filter.size(); ++row)
        if (filter[row])
            on_row(row);
}

/// The kept elements of one array of fixed-width values.
template <typename T>
PodVector<T> filterVector(const PodVector<T> & values, const Filter & filter)
{
    CHECK(filter.size() == values.size(), "a filter of {} rows for {} rows", filter.size(), values.size());
    PodVector<T> result(countSelected(filter));
    T * out = result.data();
    const T * in = values.data();
    forEachSelected(
        filter,
        [&](size_t start, size_t count)
        {
            std::copy_n(in + start, count, out);
            out += count;
        },
        [&](size_t row) { *out++ = in[row]; });
    return result;
}

}
