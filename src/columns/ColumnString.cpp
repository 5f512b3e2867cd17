#include "columns/ColumnString.h"

#include "columns/FilterMask.h"
#include "columns/KeyLength.h"
#include "columns/hashBytes.h"

#include <algorithm>

namespace mangrove
{

namespace
{

constexpr size_t short_bytes = 32;

/// Copies at least `bytes`: short values in one step of fixed size, if both sides have that much room.
void copyValue(char * to, const char * from, size_t bytes, size_t from_room)
{
    if (bytes <= short_bytes && from_room >= short_bytes) [[likely]]
        std::memcpy(to, from, short_bytes);
    else
        std::memcpy(to, from, bytes);
}

/// Rows of `source` in the order that for_each(on_run(start, count)) visits them; two passes, so that the characters
/// are allocated once.
template <typename ForEachRun>
ColumnPtr copyRuns(const ColumnString & source, size_t rows, ForEachRun && for_each)
{
    auto result = ColumnString::create();
    auto & offsets = result->offsets();
    auto & chars = result->chars();
    const auto * from_offsets = source.offsets().data();
    const char * from_chars = source.chars().data();
    auto begin_of = [&](size_t row) { return row ? from_offsets[row - 1] : 0; };

    offsets.resize(rows);
    uint64_t total = 0;
    uint64_t * offset = offsets.data();
    for_each(
        [&](size_t start, size_t count)
        {
            uint64_t shift = total - begin_of(start);
            for (size_t row = start; row < start + count; ++row)
                *offset++ = from_offsets[row] + shift;
            total = from_offsets[start + count - 1] + shift;
        });

    if (!total)
        return result;
    size_t from_bytes = source.chars().size();
    chars.resize(total + short_bytes);
    char * out = chars.data();
    for_each(
        [&](size_t start, size_t count)
        {
            uint64_t begin = begin_of(start);
            uint64_t bytes = from_offsets[start + count - 1] - begin;
            copyValue(out, from_chars + begin, bytes, from_bytes - begin);
            out += bytes;
        });
    chars.resize(total);
    return result;
}

}

std::string ColumnString::name() const
{
    return "String";
}

size_t ColumnString::size() const
{
    return offsets_.size();
}

size_t ColumnString::byteSize() const
{
    return chars_.size() + offsets_.size() * sizeof(uint64_t);
}

MutableColumnPtr ColumnString::cloneEmpty() const
{
    return create();
}

void ColumnString::reserve(size_t rows)
{
    offsets_.reserve(rows);
}

Field ColumnString::get(size_t row) const
{
    return Field(at(row));
}

void ColumnString::insert(const Field & field)
{
    if (!field.is<std::string>())
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Cannot insert {} into a column String", toString(field));
    append(field.get<std::string>());
}

void ColumnString::insertDefault()
{
    offsets_.push_back(chars_.size());
}

void ColumnString::insertFrom(const Column & source, size_t row)
{
    if (source.kind() != ColumnKind::String) [[unlikely]]
        return insertRangeUnwrapped(source, row, 1);
    append(static_cast<const ColumnString &>(source).at(row));
}

void ColumnString::insertRangeFrom(const Column & source, size_t start, size_t count)
{
    if (source.kind() != ColumnKind::String) [[unlikely]]
        return insertRangeUnwrapped(source, start, count);
    const auto & from = static_cast<const ColumnString &>(source);
    CHECK(start <= from.size() && count <= from.size() - start, "rows {}+{} of {}", start, count, from.size());
    if (!count)
        return;
    uint64_t begin = start ? from.offsets_[start - 1] : 0;
    uint64_t bytes = from.offsets_[start + count - 1] - begin;
    uint64_t shift = chars_.size() - begin;
    size_t old_rows = offsets_.size();
    offsets_.resize(old_rows + count);
    for (size_t i = 0; i < count; ++i)
        offsets_[old_rows + i] = from.offsets_[start + i] + shift;
    size_t old_bytes = chars_.size();
    chars_.resize(old_bytes + bytes);
    if (bytes)
        std::memcpy(chars_.data() + old_bytes, from.chars_.data() + begin, bytes);
}

void ColumnString::popBack(size_t count)
{
    offsets_.resize(offsets_.size() - count);
    chars_.resize(offsets_.empty() ? 0 : offsets_.back());
}

ColumnPtr ColumnString::filter(const Filter & filter, size_t) const
{
    CHECK(filter.size() == size(), "a filter of {} rows for {} rows", filter.size(), size());
    return copyRuns(
        *this,
        countSelected(filter),
        [&](auto && on_run) { forEachSelected(filter, on_run, [&](size_t row) { on_run(row, size_t{1}); }); });
}

ColumnPtr ColumnString::gather(std::span<const uint32_t> rows) const
{
    return copyRuns(
        *this,
        rows.size(),
        [&](auto && on_run)
        {
            for (uint32_t row : rows)
                on_run(row, size_t{1});
        });
}

int ColumnString::compareAt(size_t row, size_t other_row, const Column & other, int nan_direction) const
{
    if (other.kind() != ColumnKind::String) [[unlikely]]
        return compareUnwrapped(row, other_row, other, nan_direction);
    int order = at(row).compare(static_cast<const ColumnString &>(other).at(other_row));
    return order < 0 ? -1 : order > 0;
}

void ColumnString::updateHashes(std::span<uint64_t> hashes) const
{
    CHECK(hashes.size() == size(), "{} hashes for {} rows", hashes.size(), size());
    const char * chars = chars_.data();
    uint64_t begin = 0;
    for (size_t i = 0; i < hashes.size(); ++i)
    {
        uint64_t end = offsets_[i];
        hashes[i] = combineHash(hashes[i], hashBytes({chars + begin, end - begin}));
        begin = end;
    }
}

void ColumnString::hashValues(std::span<uint64_t> out) const
{
    CHECK(out.size() == size(), "{} hashes for {} rows", out.size(), size());
    for (size_t i = 0; i < out.size(); ++i)
        out[i] = hashBytes(at(i));
}

void ColumnString::serializeKey(size_t row, std::string & out) const
{
    auto value = at(row);
    appendKeyLength(value.size(), out);
    out.append(value);
}

const char * ColumnString::deserializeKey(const char * position)
{
    uint64_t length;
    position = readKeyLength(position, length);
    append({position, length});
    return position + length;
}

}
