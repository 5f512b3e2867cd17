#include "columns/ColumnTuple.h"

#include "columns/FilterMask.h"

namespace mangrove
{

ColumnTuple::ColumnTuple(Columns elements, size_t rows_if_empty) : elements_(std::move(elements)), rows_if_empty_(rows_if_empty)
{
    for (const auto & element : elements_)
        CHECK(element->size() == elements_[0]->size(), "tuple elements of {} and {} rows", elements_[0]->size(), element->size());
}

std::string ColumnTuple::name() const
{
    std::string result = "Tuple(";
    for (size_t i = 0; i < elements_.size(); ++i)
        result += (i ? ", " : "") + elements_[i]->name();
    return result + ")";
}

size_t ColumnTuple::size() const
{
    return elements_.empty() ? rows_if_empty_ : elements_[0]->size();
}

size_t ColumnTuple::byteSize() const
{
    size_t bytes = 0;
    for (const auto & element : elements_)
        bytes += element->byteSize();
    return bytes;
}

MutableColumnPtr ColumnTuple::cloneEmpty() const
{
    Columns empty;
    for (const auto & element : elements_)
        empty.push_back(element->cloneEmpty());
    return create(std::move(empty));
}

void ColumnTuple::reserve(size_t rows)
{
    for (size_t i = 0; i < elements_.size(); ++i)
        elementMutable(i).reserve(rows);
}

Field ColumnTuple::get(size_t row) const
{
    Tuple result;
    for (const auto & element : elements_)
        result.push_back(element->get(row));
    return Field(std::move(result));
}

void ColumnTuple::insert(const Field & field)
{
    if (!field.is<Tuple>() || field.get<Tuple>().size() != elements_.size())
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Cannot insert {} into a column {}", toString(field), name());
    size_t inserted = 0;
    try
    {
        for (; inserted < elements_.size(); ++inserted)
            elementMutable(inserted).insert(field.get<Tuple>()[inserted]);
    }
    catch (...)
    {
        for (size_t i = 0; i < inserted; ++i)
            elementMutable(i).popBack(1);
        throw;
    }
    ++rows_if_empty_;
}

void ColumnTuple::insertDefault()
{
    for (size_t i = 0; i < elements_.size(); ++i)
        elementMutable(i).insertDefault();
    ++rows_if_empty_;
}

void ColumnTuple::insertFrom(const Column & source, size_t row)
{
    if (source.kind() != ColumnKind::Tuple) [[unlikely]]
        return insertRangeUnwrapped(source, row, 1);
    const auto & from = static_cast<const ColumnTuple &>(source);
    CHECK(from.elements_.size() == elements_.size(), "{} into {}", from.name(), name());
    for (size_t i = 0; i < elements_.size(); ++i)
        elementMutable(i).insertFrom(from.element(i), row);
    ++rows_if_empty_;
}

void ColumnTuple::insertRangeFrom(const Column & source, size_t start, size_t count)
{
    if (source.kind() != ColumnKind::Tuple) [[unlikely]]
        return insertRangeUnwrapped(source, start, count);
    const auto & from = static_cast<const ColumnTuple &>(source);
    CHECK(from.elements_.size() == elements_.size(), "{} into {}", from.name(), name());
    for (size_t i = 0; i < elements_.size(); ++i)
        elementMutable(i).insertRangeFrom(from.element(i), start, count);
    rows_if_empty_ += count;
}

void ColumnTuple::popBack(size_t count)
{
    for (size_t i = 0; i < elements_.size(); ++i)
        elementMutable(i).popBack(count);
    rows_if_empty_ -= count;
}

ColumnPtr ColumnTuple::filter(const Filter & filter, size_t result_rows_hint) const
{
    Columns result;
    for (const auto & element : elements_)
        result.push_back(element->filter(filter, result_rows_hint));
    return std::make_shared<ColumnTuple>(std::move(result), countSelected(filter));
}

ColumnPtr ColumnTuple::gather(std::span<const uint32_t> rows) const
{
    Columns result;
    for (const auto & element : elements_)
        result.push_back(element->gather(rows));
    return std::make_shared<ColumnTuple>(std::move(result), rows.size());
}

ColumnPtr ColumnTuple::cut(size_t start, size_t count) const
{
    Columns result;
    for (const auto & element : elements_)
        result.push_back(element->cut(start, count));
    return std::make_shared<ColumnTuple>(std::move(result), count);
}

int ColumnTuple::compareAt(size_t row, size_t other_row, const Column & other, int nan_direction) const
{
    if (other.kind() != ColumnKind::Tuple) [[unlikely]]
        return compareUnwrapped(row, other_row, other, nan_direction);
    const auto & right = static_cast<const ColumnTuple &>(other);
    CHECK(right.elements_.size() == elements_.size(), "{} with {}", name(), right.name());
    for (size_t i = 0; i < elements_.size(); ++i)
        if (int order = elements_[i]->compareAt(row, other_row, right.element(i), nan_direction))
            return order;
    return 0;
}

void ColumnTuple::hashValues(std::span<uint64_t> out) const
{
    CHECK(out.size() == size(), "{} hashes for {} rows", out.size(), size());
    std::fill(out.begin(), out.end(), elements_.size());
    for (const auto & element : elements_)
        element->updateHashes(out);
}

void ColumnTuple::serializeKey(size_t row, std::string & out) const
{
    for (const auto & element : elements_)
        element->serializeKey(row, out);
}

const char * ColumnTuple::deserializeKey(const char * position)
{
    for (size_t i = 0; i < elements_.size(); ++i)
        position = elementMutable(i).deserializeKey(position);
    ++rows_if_empty_;
    return position;
}

}
