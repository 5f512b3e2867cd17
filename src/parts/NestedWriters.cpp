#include "parts/NestedWriters.h"

#include "columns/ColumnArray.h"
#include "columns/ColumnMap.h"
#include "columns/ColumnNullable.h"
#include "columns/ColumnTuple.h"

namespace mangrove
{

namespace
{

/// Null maps, sizes and codes are not what CODEC(Delta, …) of the column is about.
CompressionChoice withoutTransformations(const CompressionChoice & choice)
{
    return {choice.general, choice.level, {}};
}

}

NullableWriter::NullableWriter(const DataTypePtr & nested, const ColumnWriteSettings & settings)
    : nulls_(1, false, withoutTransformations(settings.compression)), nested_(makeColumnWriter(nested, settings))
{
}

void NullableWriter::writePage(const ColumnPtr & column, size_t begin, size_t end)
{
    ColumnPtr full = column->materialize();
    const auto & nullable = columnAs<ColumnNullable>(*full);
    nulls_.writePage(nullable.nullMapPtr(), begin, end);
    nested_->writePage(nullable.nestedPtr(), begin, end);
}

void NullableWriter::collectStreams(std::vector<StreamToPlace> & to)
{
    nulls_.collectStreams(to);
    nested_->collectStreams(to);
}

void NullableWriter::writeHeader(WriteBuffer & out) const
{
    out.writeByte(static_cast<char>(NodeKind::Nullable));
    nulls_.writeHeader(out);
    nested_->writeHeader(out);
}

ArrayWriter::ArrayWriter(const DataTypePtr & element, const ColumnWriteSettings & settings)
    : sizes_(sizeof(uint64_t), false, withoutTransformations(settings.compression)),
      element_(makeColumnWriter(element, settings))
{
}

void ArrayWriter::writePage(const ColumnPtr & column, size_t begin, size_t end)
{
    ColumnPtr full = column->materialize();
    auto * map = tryColumnAs<ColumnMap>(*full);
    const auto & array = map ? map->pairs() : columnAs<ColumnArray>(*full);
    PodVector<uint64_t> sizes(end - begin);
    for (size_t row = begin; row < end; ++row)
        sizes[row - begin] = array.endOf(row) - array.beginOf(row);
    sizes_.writeValues(std::span<const uint64_t>(sizes));
    size_t element_begin = begin < end ? array.beginOf(begin) : 0;
    element_->writePage(array.dataPtr(), element_begin, begin < end ? array.endOf(end - 1) : element_begin);
}

void ArrayWriter::collectStreams(std::vector<StreamToPlace> & to)
{
    sizes_.collectStreams(to);
    element_->collectStreams(to);
}

void ArrayWriter::writeHeader(WriteBuffer & out) const
{
    out.writeByte(static_cast<char>(NodeKind::Array));
    sizes_.writeHeader(out);
    element_->writeHeader(out);
}

TupleWriter::TupleWriter(const DataTypes & elements, const ColumnWriteSettings & settings)
    : rows_(sizeof(uint8_t), false, {GeneralCodec::None, 0, {}})
{
    for (const auto & element : elements)
        elements_.push_back(makeColumnWriter(element, settings));
}

void TupleWriter::writePage(const ColumnPtr & column, size_t begin, size_t end)
{
    ColumnPtr full = column->materialize();
    const auto & tuple = columnAs<ColumnTuple>(*full);
    CHECK(tuple.elements().size() == elements_.size());
    PodVector<uint8_t> rows(end - begin, 0);
    rows_.writeValues(std::span<const uint8_t>(rows));
    for (size_t i = 0; i < elements_.size(); ++i)
        elements_[i]->writePage(tuple.elements()[i], begin, end);
}

void TupleWriter::finish()
{
    for (auto & element : elements_)
        element->finish();
}

void TupleWriter::collectStreams(std::vector<StreamToPlace> & to)
{
    rows_.collectStreams(to);
    for (auto & element : elements_)
        element->collectStreams(to);
}

void TupleWriter::writeHeader(WriteBuffer & out) const
{
    out.writeByte(static_cast<char>(NodeKind::Tuple));
    rows_.writeHeader(out);
    out.writeVarUInt(elements_.size());
    for (const auto & element : elements_)
        element->writeHeader(out);
}

uint64_t TupleWriter::bytes() const
{
    uint64_t total = rows_.bytes();
    for (const auto & element : elements_)
        total += element->bytes();
    return total;
}

}
