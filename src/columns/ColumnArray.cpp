#include "columns/ColumnArray.h"

#include "columns/FilterMask.h"
#include "columns/KeyLength.h"

#include <cstring>

namespace mangrove
{

ColumnArray::ColumnArray(ColumnPtr data, ColumnPtr offsets) : data_(std::move(data)), offsets_(std::move(offsets))
{
    CHECK(offsets_->kind() == ColumnKind::UInt64, "array offsets are {}", offsets_->name());
    uint64_t end = this->offsets().empty() ? 0 : this->offsets().back();
    CHECK(end == data_->size(), "array offsets end at {}, the data has {} rows", end, data_->size());
}

std::string ColumnArray::name() const
{
    return "Array(" + data_->name() + ")";
}

size_t ColumnArray::size() const
{
    return offsets().size();
}

size_t ColumnArray::byteSize() const
{
    return data_->byteSize() + offsets_->byteSize();
}

MutableColumnPtr ColumnArray::cloneEmpty() const
{
    return std::make_shared<ColumnArray>(data_->cloneEmpty());
}

void ColumnArray::reserve(size_t rows)
{
    offsetsMutable().reserve(rows);
}

Field ColumnArray::get(size_t row) const
{
    Array result;
    result.reserve(endOf(row) - beginOf(row));
    for (uint64_t i = beginOf(row); i < endOf(row); ++i)
        result.push_back(data_->get(i));
    return Field(std::move(result));
}

void ColumnArray::insert(const Field & field)
{
    if (!field.is<Array>())
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Cannot insert {} into a column {}", toString(field), name());
    size_t inserted = 0;
    try
    {
        for (const Field & element : field.get<Array>())
        {
            dataMutable().insert(element);
            ++inserted;
        }
    }
    catch (...)
    {
        dataMutable().popBack(inserted);
        throw;
    }
    offsetsMutable().push_back(data_->size());
}

void ColumnArray::insertDefault()
{
    offsetsMutable().push_back(data_->size());
}

void ColumnArray::insertFrom(const Column & source, size_t row)
{
    insertRangeFrom(source, row, 1);
}

void ColumnArray::insertRangeFrom(const Column & source, size_t start, size_t count)
{
    if (source.kind() != ColumnKind::Array) [[unlikely]]
        return insertRangeUnwrapped(source, start, count);
    const auto & from = static_cast<const ColumnArray &>(source);
    CHECK(start <= from.size() && count <= from.size() - start, "rows {}+{} of {}", start, count, from.size());
    if (!count)
        return;
    uint64_t begin = from.beginOf(start);
    uint64_t shift = data_->size() - begin;
    dataMutable().insertRangeFrom(from.data(), begin, from.endOf(start + count - 1) - begin);
    auto & offsets = offsetsMutable();
    size_t old_rows = offsets.size();
    offsets.resize(old_rows + count);
    for (size_t i = 0; i < count; ++i)
        offsets[old_rows + i] = from.offsets()[start + i] + shift;
}

void ColumnArray::popBack(size_t count)
{
    auto & offsets = offsetsMutable();
    offsets.resize(offsets.size() - count);
    dataMutable().popBack(data_->size() - (offsets.empty() ? 0 : offsets.back()));
}

ColumnPtr ColumnArray::filter(const Filter & filter, size_t) const
{
    CHECK(filter.size() == size(), "a filter of {} rows for {} rows", filter.size(), size());
    auto result_offsets = ColumnUInt64::create(countSelected(filter));
    uint64_t * out = result_offsets->data().data();
    Filter element_filter(data_->size(), 0);
    uint64_t total = 0;
    auto keep = [&](size_t start, size_t count)
    {
        uint64_t begin = beginOf(start);
        uint64_t shift = total - begin;
        for (size_t row = start; row < start + count; ++row)
            *out++ = endOf(row) + shift;
        uint64_t elements = endOf(start + count - 1) - begin;
        if (elements)
            std::memset(element_filter.data() + begin, 1, elements);
        total += elements;
    };
    forEachSelected(filter, keep, [&](size_t row) { keep(row, 1); });
    return create(data_->filter(element_filter, total), result_offsets);
}

ColumnPtr ColumnArray::gather(std::span<const uint32_t> rows) const
{
    auto result_offsets = ColumnUInt64::create(rows.size());
    uint64_t total = 0;
    for (size_t i = 0; i < rows.size(); ++i)
    {
        total += endOf(rows[i]) - beginOf(rows[i]);
        result_offsets->data()[i] = total;
    }
    CHECK(total <= UINT32_MAX && data_->size() <= UINT32_MAX, "{} array elements in one column", total);
    PodVector<uint32_t> elements(total);
    uint32_t * out = elements.data();
    for (uint32_t row : rows)
        for (uint64_t i = beginOf(row), end = endOf(row); i < end; ++i)
            *out++ = static_cast<uint32_t>(i);
    return create(data_->gather(elements), result_offsets);
}

ColumnPtr ColumnArray::cut(size_t start, size_t count) const
{
    CHECK(start <= size() && count <= size() - start, "rows {}+{} of {}", start, count, size());
    if (start == 0 && count == size())
        return shared_from_this();
    auto result_offsets = ColumnUInt64::create(count);
    uint64_t begin = beginOf(start);
    for (size_t i = 0; i < count; ++i)
        result_offsets->data()[i] = endOf(start + i) - begin;
    return create(data_->cut(begin, count ? result_offsets->data().back() : 0), result_offsets);
}

int ColumnArray::compareAt(size_t row, size_t other_row, const Column & other, int nan_direction) const
{
    if (other.kind() != ColumnKind::Array) [[unlikely]]
        return compareUnwrapped(row, other_row, other, nan_direction);
    const auto & right = static_cast<const ColumnArray &>(other);
    uint64_t left_begin = beginOf(row);
    uint64_t right_begin = right.beginOf(other_row);
    uint64_t left_count = endOf(row) - left_begin;
    uint64_t right_count = right.endOf(other_row) - right_begin;
    for (uint64_t i = 0; i < std::min(left_count, right_count); ++i)
        if (int order = data_->compareAt(left_begin + i, right_begin + i, right.data(), nan_direction))
            return order;
    return left_count < right_count ? -1 : left_count > right_count;
}

void ColumnArray::hashValues(std::span<uint64_t> out) const
{
    CHECK(out.size() == size(), "{} hashes for {} rows", out.size(), size());
    PodVector<uint64_t> elements(data_->size());
    data_->hashValues(elements);
    uint64_t begin = 0;
    for (size_t row = 0; row < out.size(); ++row)
    {
        uint64_t end = endOf(row);
        uint64_t hash = end - begin;
        for (uint64_t i = begin; i < end; ++i)
            hash = combineHash(hash, elements[i]);
        out[row] = hash;
        begin = end;
    }
}

void ColumnArray::serializeKey(size_t row, std::string & out) const
{
    appendKeyLength(endOf(row) - beginOf(row), out);
    for (uint64_t i = beginOf(row); i < endOf(row); ++i)
        data_->serializeKey(i, out);
}

const char * ColumnArray::deserializeKey(const char * position)
{
    uint64_t count;
    position = readKeyLength(position, count);
    for (uint64_t i = 0; i < count; ++i)
        position = dataMutable().deserializeKey(position);
    offsetsMutable().push_back(data_->size());
    return position;
}

}
