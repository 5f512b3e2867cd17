#include "columns/Column.h"

#include "columns/ColumnConst.h"
#include "columns/ColumnLowCardinality.h"
#include "columns/FilterMask.h"
#include "columns/rowNumbers.h"

#include <algorithm>
#include <bit>

namespace mangrove
{

ColumnPtr Column::cut(size_t start, size_t count) const
{
    if (start == 0 && count == size())
        return shared_from_this();
    auto result = cloneEmpty();
    result->insertRangeFrom(*this, start, count);
    return result;
}

ColumnPtr Column::replicate(const Offsets & offsets) const
{
    CHECK(offsets.size() == size(), "{} offsets for {} rows", offsets.size(), size());
    return gather(rowNumbersOfOffsets(offsets));
}

std::string_view Column::stringAt(size_t) const
{
    throw Exception(ErrorCode::ILLEGAL_COLUMN, "Column {} has no string values", name());
}

void Column::updateHashes(std::span<uint64_t> hashes) const
{
    CHECK(hashes.size() == size(), "{} hashes for {} rows", hashes.size(), size());
    PodVector<uint64_t> values(hashes.size());
    hashValues(values);
    for (size_t i = 0; i < hashes.size(); ++i)
        hashes[i] = combineHash(hashes[i], values[i]);
}

void Column::insertRangeUnwrapped(const Column & source, size_t start, size_t count)
{
    if (source.kind() == ColumnKind::Const)
    {
        const Column & value = static_cast<const ColumnConst &>(source).value();
        for (size_t i = 0; i < count; ++i)
            insertFrom(value, 0);
    }
    else if (source.kind() == ColumnKind::LowCardinality)
        insertRangeFrom(*source.cut(start, count)->materialize(), 0, count);
    else
        throw Exception(ErrorCode::ILLEGAL_COLUMN, "Cannot insert rows of a column {} into a column {}", source.name(), name());
}

int Column::compareUnwrapped(size_t row, size_t other_row, const Column & other, int nan_direction) const
{
    if (other.kind() == ColumnKind::Const)
        return compareAt(row, 0, static_cast<const ColumnConst &>(other).value(), nan_direction);
    if (other.kind() == ColumnKind::LowCardinality)
    {
        const auto & coded = static_cast<const ColumnLowCardinality &>(other);
        return compareAt(row, coded.codes()[other_row], coded.dictionary(), nan_direction);
    }
    throw Exception(ErrorCode::ILLEGAL_COLUMN, "Cannot compare a column {} with a column {}", name(), other.name());
}

size_t countSelected(const Filter & filter)
{
    size_t count = 0;
    size_t row = 0;
    for (; row + 64 <= filter.size(); row += 64)
        count += std::popcount(filterMask64(filter.data() + row));
    for (; row < filter.size(); ++row)
        count += filter[row] != 0;
    return count;
}

PodVector<uint32_t> rowNumbersOfOffsets(const Offsets & offsets)
{
    size_t total = offsets.empty() ? 0 : offsets.back();
    CHECK(total <= UINT32_MAX, "{} rows in one column", total);
    PodVector<uint32_t> rows(total);
    uint64_t begin = 0;
    for (size_t i = 0; i < offsets.size(); ++i)
    {
        std::fill(rows.begin() + begin, rows.begin() + offsets[i], static_cast<uint32_t>(i));
        begin = offsets[i];
    }
    return rows;
}

}
