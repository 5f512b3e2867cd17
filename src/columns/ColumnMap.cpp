#include "columns/ColumnMap.h"

namespace mangrove
{

ColumnMap::ColumnMap(ColumnPtr pairs) : pairs_(std::move(pairs))
{
    const auto & tuple = columnAs<ColumnTuple>(columnAs<ColumnArray>(*pairs_).data());
    CHECK(tuple.elements().size() == 2, "map of {}", tuple.name());
}

MutableColumnPtr ColumnMap::create(ColumnPtr keys, ColumnPtr values, ColumnPtr offsets)
{
    auto tuple = ColumnTuple::create(Columns{std::move(keys), std::move(values)});
    return std::make_shared<ColumnMap>(ColumnArray::create(std::move(tuple), std::move(offsets)));
}

std::string ColumnMap::name() const
{
    return "Map(" + keysPtr()->name() + ", " + valuesPtr()->name() + ")";
}

size_t ColumnMap::size() const
{
    return pairs_->size();
}

size_t ColumnMap::byteSize() const
{
    return pairs_->byteSize();
}

MutableColumnPtr ColumnMap::cloneEmpty() const
{
    return std::make_shared<ColumnMap>(pairs_->cloneEmpty());
}

void ColumnMap::reserve(size_t rows)
{
    pairsMutable().reserve(rows);
}

Field ColumnMap::get(size_t row) const
{
    return pairs_->get(row);
}

void ColumnMap::insert(const Field & field)
{
    pairsMutable().insert(field);
}

void ColumnMap::insertDefault()
{
    pairsMutable().insertDefault();
}

void ColumnMap::insertFrom(const Column & source, size_t row)
{
    insertRangeFrom(source, row, 1);
}

void ColumnMap::insertRangeFrom(const Column & source, size_t start, size_t count)
{
    if (source.kind() != ColumnKind::Map) [[unlikely]]
        return insertRangeUnwrapped(source, start, count);
    pairsMutable().insertRangeFrom(static_cast<const ColumnMap &>(source).pairs(), start, count);
}

void ColumnMap::popBack(size_t count)
{
    pairsMutable().popBack(count);
}

ColumnPtr ColumnMap::filter(const Filter & filter, size_t result_rows_hint) const
{
    return std::make_shared<ColumnMap>(pairs_->filter(filter, result_rows_hint));
}

ColumnPtr ColumnMap::gather(std::span<const uint32_t> rows) const
{
    return std::make_shared<ColumnMap>(pairs_->gather(rows));
}

ColumnPtr ColumnMap::cut(size_t start, size_t count) const
{
    return std::make_shared<ColumnMap>(pairs_->cut(start, count));
}

int ColumnMap::compareAt(size_t row, size_t other_row, const Column & other, int nan_direction) const
{
    if (other.kind() != ColumnKind::Map) [[unlikely]]
        return compareUnwrapped(row, other_row, other, nan_direction);
    return pairs_->compareAt(row, other_row, static_cast<const ColumnMap &>(other).pairs(), nan_direction);
}

void ColumnMap::hashValues(std::span<uint64_t> out) const
{
    pairs_->hashValues(out);
}

void ColumnMap::serializeKey(size_t row, std::string & out) const
{
    pairs_->serializeKey(row, out);
}

const char * ColumnMap::deserializeKey(const char * position)
{
    return pairsMutable().deserializeKey(position);
}

}
