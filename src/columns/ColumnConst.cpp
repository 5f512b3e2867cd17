#include "columns/ColumnConst.h"

#include <algorithm>

namespace mangrove
{

ColumnConst::ColumnConst(ColumnPtr value, size_t rows) : value_(std::move(value)), rows_(rows)
{
    CHECK(value_->size() == 1, "a constant of {} values", value_->size());
    CHECK(value_->kind() != ColumnKind::Const, "a constant of a constant");
}

std::string ColumnConst::name() const
{
    return "Const(" + value_->name() + ")";
}

size_t ColumnConst::size() const
{
    return rows_;
}

size_t ColumnConst::byteSize() const
{
    return value_->byteSize();
}

MutableColumnPtr ColumnConst::cloneEmpty() const
{
    return value_->cloneEmpty();
}

void ColumnConst::reserve(size_t)
{
}

Field ColumnConst::get(size_t) const
{
    return value_->get(0);
}

void ColumnConst::insert(const Field & field)
{
    if (field != value_->get(0))
        throw Exception(ErrorCode::ILLEGAL_COLUMN, "Cannot insert {} into {}: another value", toString(field), name());
    ++rows_;
}

void ColumnConst::insertDefault()
{
    auto other = value_->cloneEmpty();
    other->insertDefault();
    insertFrom(*other, 0);
}

void ColumnConst::insertFrom(const Column & source, size_t row)
{
    insertRangeFrom(source, row, 1);
}

void ColumnConst::insertRangeFrom(const Column & source, size_t start, size_t count)
{
    for (size_t i = 0; i < count; ++i)
        if (value_->compareAt(0, start + i, source, 1) != 0)
            throw Exception(
                ErrorCode::ILLEGAL_COLUMN, "Cannot insert {} into {}: another value", toString(source.get(start + i)), name());
    rows_ += count;
}

void ColumnConst::popBack(size_t count)
{
    rows_ -= count;
}

ColumnPtr ColumnConst::filter(const Filter & filter, size_t) const
{
    CHECK(filter.size() == rows_, "a filter of {} rows for {} rows", filter.size(), rows_);
    return create(value_, countSelected(filter));
}

ColumnPtr ColumnConst::gather(std::span<const uint32_t> rows) const
{
    return create(value_, rows.size());
}

ColumnPtr ColumnConst::cut(size_t, size_t count) const
{
    return create(value_, count);
}

ColumnPtr ColumnConst::replicate(const Offsets & offsets) const
{
    return create(value_, offsets.empty() ? 0 : offsets.back());
}

ColumnPtr ColumnConst::full() const
{
    return value_->replicate(Offsets{rows_});
}

ColumnPtr ColumnConst::materialize() const
{
    return full()->materialize();
}

int ColumnConst::compareAt(size_t, size_t other_row, const Column & other, int nan_direction) const
{
    return value_->compareAt(0, other_row, other, nan_direction);
}

void ColumnConst::hashValues(std::span<uint64_t> out) const
{
    uint64_t hash = 0;
    value_->hashValues({&hash, 1});
    std::fill(out.begin(), out.end(), hash);
}

void ColumnConst::serializeKey(size_t, std::string & out) const
{
    value_->serializeKey(0, out);
}

const char * ColumnConst::deserializeKey(const char * position)
{
    auto other = value_->cloneEmpty();
    position = other->deserializeKey(position);
    insertFrom(*other, 0);
    return position;
}

}
