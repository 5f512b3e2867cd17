#include "columns/ColumnFixedString.h"

#include "columns/FilterMask.h"
#include "columns/hashBytes.h"

#include <cstring>

namespace mangrove
{

namespace
{

/// Runs copy(out, in) with the length a compile-time constant for the lengths of ids (span 8, trace 16, hex 32).
template <typename Copy>
void withLength(size_t length, Copy && copy)
{
    switch (length)
    {
        case 8: copy(std::integral_constant<size_t, 8>()); break;
        case 16: copy(std::integral_constant<size_t, 16>()); break;
        case 32: copy(std::integral_constant<size_t, 32>()); break;
        default: copy(length);
    }
}

}

void ColumnFixedString::append(std::string_view value)
{
    if (value.size() > length_)
        throw Exception(
            ErrorCode::TOO_LARGE_STRING_SIZE, "A value of {} bytes is too long for FixedString({})", value.size(), length_);
    size_t begin = chars_.size();
    chars_.resize(begin + length_);
    if (!value.empty())
        std::memcpy(chars_.data() + begin, value.data(), value.size());
    std::memset(chars_.data() + begin + value.size(), 0, length_ - value.size());
}

std::string ColumnFixedString::name() const
{
    return fmt::format("FixedString({})", length_);
}

size_t ColumnFixedString::size() const
{
    return chars_.size() / length_;
}

size_t ColumnFixedString::byteSize() const
{
    return chars_.size();
}

MutableColumnPtr ColumnFixedString::cloneEmpty() const
{
    return create(length_);
}

void ColumnFixedString::reserve(size_t rows)
{
    chars_.reserve(rows * length_);
}

Field ColumnFixedString::get(size_t row) const
{
    return Field(at(row));
}

void ColumnFixedString::insert(const Field & field)
{
    if (!field.is<std::string>())
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Cannot insert {} into a column {}", toString(field), name());
    append(field.get<std::string>());
}

void ColumnFixedString::insertDefault()
{
    chars_.resize(chars_.size() + length_, 0);
}

void ColumnFixedString::insertFrom(const Column & source, size_t row)
{
    insertRangeFrom(source, row, 1);
}

void ColumnFixedString::insertRangeFrom(const Column & source, size_t start, size_t count)
{
    if (source.kind() != ColumnKind::FixedString) [[unlikely]]
        return insertRangeUnwrapped(source, start, count);
    const auto & from = static_cast<const ColumnFixedString &>(source);
    CHECK(from.length_ == length_, "FixedString({}) into FixedString({})", from.length_, length_);
    CHECK(start <= from.size() && count <= from.size() - start, "rows {}+{} of {}", start, count, from.size());
    size_t old_bytes = chars_.size();
    chars_.resize(old_bytes + count * length_);
    std::copy_n(from.chars_.data() + start * length_, count * length_, chars_.data() + old_bytes);
}

void ColumnFixedString::popBack(size_t count)
{
    chars_.resize(chars_.size() - count * length_);
}

ColumnPtr ColumnFixedString::filter(const Filter & filter, size_t) const
{
    CHECK(filter.size() == size(), "a filter of {} rows for {} rows", filter.size(), size());
    auto result = create(length_);
    result->chars_.resize(countSelected(filter) * length_);
    char * out = result->chars_.data();
    const char * in = chars_.data();
    withLength(
        length_,
        [&](auto length)
        {
            forEachSelected(
                filter,
                [&](size_t start, size_t count)
                {
                    std::memcpy(out, in + start * length, count * length);
                    out += count * length;
                },
                [&](size_t row)
                {
                    std::memcpy(out, in + row * length, length);
                    out += length;
                });
        });
    return result;
}

ColumnPtr ColumnFixedString::gather(std::span<const uint32_t> rows) const
{
    auto result = create(length_);
    result->chars_.resize(rows.size() * length_);
    char * out = result->chars_.data();
    const char * in = chars_.data();
    withLength(
        length_,
        [&](auto length)
        {
            for (size_t i = 0; i < rows.size(); ++i)
                std::memcpy(out + i * length, in + rows[i] * size_t{length}, length);
        });
    return result;
}

int ColumnFixedString::compareAt(size_t row, size_t other_row, const Column & other, int nan_direction) const
{
    if (other.kind() != ColumnKind::FixedString) [[unlikely]]
        return compareUnwrapped(row, other_row, other, nan_direction);
    int order = at(row).compare(static_cast<const ColumnFixedString &>(other).at(other_row));
    return order < 0 ? -1 : order > 0;
}

void ColumnFixedString::hashValues(std::span<uint64_t> out) const
{
    CHECK(out.size() == size(), "{} hashes for {} rows", out.size(), size());
    for (size_t i = 0; i < out.size(); ++i)
        out[i] = hashBytes(at(i));
}

void ColumnFixedString::serializeKey(size_t row, std::string & out) const
{
    out.append(at(row));
}

const char * ColumnFixedString::deserializeKey(const char * position)
{
    append({position, length_});
    return position + length_;
}

}
