#include "columns/ColumnNullable.h"

#include "columns/FilterMask.h"

namespace mangrove
{

namespace
{
/// Any number that values are unlikely to hash to; differs from the hashes of 0 and of ''.
constexpr uint64_t null_hash = 0x9ae16a3b2f90404fULL;
}

ColumnNullable::ColumnNullable(MutableColumnPtr nested, std::shared_ptr<ColumnUInt8> null_map)
    : ColumnNullable(ColumnPtr(std::move(nested)), ColumnPtr(std::move(null_map)))
{
}

ColumnNullable::ColumnNullable(ColumnPtr nested, ColumnPtr null_map) : nested_(std::move(nested)), null_map_(std::move(null_map))
{
    CHECK(null_map_->kind() == ColumnKind::UInt8, "null map is {}", null_map_->name());
    CHECK(null_map_->size() == nested_->size(), "{} values, {} null flags", nested_->size(), null_map_->size());
}

std::string ColumnNullable::name() const
{
    return "Nullable(" + nested_->name() + ")";
}

size_t ColumnNullable::size() const
{
    return nullMap().size();
}

size_t ColumnNullable::byteSize() const
{
    return nested_->byteSize() + null_map_->byteSize();
}

MutableColumnPtr ColumnNullable::cloneEmpty() const
{
    return std::make_shared<ColumnNullable>(nested_->cloneEmpty(), ColumnUInt8::create());
}

void ColumnNullable::reserve(size_t rows)
{
    nestedMutable().reserve(rows);
    nullMapMutable().reserve(rows);
}

Field ColumnNullable::get(size_t row) const
{
    return isNullAt(row) ? Field(Null{}) : nested_->get(row);
}

void ColumnNullable::insert(const Field & field)
{
    if (field.isNull())
        return insertDefault();
    nestedMutable().insert(field);
    nullMapMutable().push_back(0);
}

void ColumnNullable::insertDefault()
{
    nestedMutable().insertDefault();
    nullMapMutable().push_back(1);
}

void ColumnNullable::insertFrom(const Column & source, size_t row)
{
    if (source.kind() != ColumnKind::Nullable) [[unlikely]]
        return insertRangeUnwrapped(source, row, 1);
    const auto & from = static_cast<const ColumnNullable &>(source);
    nestedMutable().insertFrom(from.nested(), row);
    nullMapMutable().push_back(from.nullMap()[row]);
}

void ColumnNullable::insertRangeFrom(const Column & source, size_t start, size_t count)
{
    if (source.kind() != ColumnKind::Nullable) [[unlikely]]
        return insertRangeUnwrapped(source, start, count);
    const auto & from = static_cast<const ColumnNullable &>(source);
    nestedMutable().insertRangeFrom(from.nested(), start, count);
    const_cast<Column &>(*null_map_).insertRangeFrom(*from.null_map_, start, count);
}

void ColumnNullable::popBack(size_t count)
{
    nestedMutable().popBack(count);
    nullMapMutable().resize(size() - count);
}

ColumnPtr ColumnNullable::filter(const Filter & filter, size_t result_rows_hint) const
{
    return create(nested_->filter(filter, result_rows_hint), null_map_->filter(filter, result_rows_hint));
}

ColumnPtr ColumnNullable::gather(std::span<const uint32_t> rows) const
{
    return create(nested_->gather(rows), null_map_->gather(rows));
}

ColumnPtr ColumnNullable::cut(size_t start, size_t count) const
{
    return create(nested_->cut(start, count), null_map_->cut(start, count));
}

int ColumnNullable::compareAt(size_t row, size_t other_row, const Column & other, int nan_direction) const
{
    if (other.kind() != ColumnKind::Nullable) [[unlikely]]
        return compareUnwrapped(row, other_row, other, nan_direction);
    const auto & right = static_cast<const ColumnNullable &>(other);
    bool left_null = isNullAt(row);
    bool right_null = right.isNullAt(other_row);
    if (left_null || right_null)
        return left_null == right_null ? 0 : left_null ? nan_direction : -nan_direction;
    return nested_->compareAt(row, other_row, right.nested(), nan_direction);
}

void ColumnNullable::hashValues(std::span<uint64_t> out) const
{
    nested_->hashValues(out);
    const auto & nulls = nullMap();
    for (size_t i = 0; i < out.size(); ++i)
        out[i] = nulls[i] ? null_hash : out[i];
}

void ColumnNullable::serializeKey(size_t row, std::string & out) const
{
    bool is_null = isNullAt(row);
    out.push_back(is_null ? 1 : 0);
    if (!is_null)
        nested_->serializeKey(row, out);
}

const char * ColumnNullable::deserializeKey(const char * position)
{
    if (*position++)
    {
        insertDefault();
        return position;
    }
    position = nestedMutable().deserializeKey(position);
    nullMapMutable().push_back(0);
    return position;
}

}
