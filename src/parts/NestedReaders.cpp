#include "parts/NestedReaders.h"

#include "columns/ColumnArray.h"
#include "columns/ColumnMap.h"
#include "columns/ColumnNullable.h"
#include "columns/ColumnTuple.h"
#include "parts/ColumnWriter.h"
#include "types/DataTypes.h"

#include <algorithm>

namespace mangrove
{

namespace
{

std::shared_ptr<const NumberReader> readNumbers(TypeId type, ReadBuffer & in, const std::string & name)
{
    return std::make_shared<const NumberReader>(makeType(type), in, name);
}

constexpr uint64_t tuple_elements_max = 10000;

}

Offsets offsetsOfSizes(
    std::span<const uint64_t> sizes, uint64_t total_max, PageSource & source, const std::string & name)
{
    Offsets offsets(sizes.size());
    uint64_t total = 0;
    for (size_t i = 0; i < sizes.size(); ++i)
    {
        if (sizes[i] > total_max - total)
            throwCorruptedColumn(source, name, "there are fewer elements than the sizes say");
        offsets[i] = total += sizes[i];
    }
    return offsets;
}

NullableReader::NullableReader(const DataTypePtr & nested, ReadBuffer & in, const std::string & name) : name_(name)
{
    expectNode(in, static_cast<uint8_t>(NodeKind::Nullable), name);
    nulls_ = readNumbers(TypeId::UInt8, in, name + " (null map)");
    nested_ = makeColumnReader(nested, in, name);
}

void NullableReader::want(PageRange pages, PageSource & source) const
{
    nulls_->want(pages, source);
    nested_->want(pages, source);
}

ColumnPtr NullableReader::combine(ColumnPtr nested, ColumnPtr nulls, PageSource & source) const
{
    /// keep_dictionary must not put LowCardinality inside Nullable: no other code expects it there.
    nested = nested->materialize();
    if (nested->size() != nulls->size())
        throwCorruptedColumn(source, name_, "null map and values differ in length");
    return std::make_shared<ColumnNullable>(nested, nulls);
}

ColumnPtr NullableReader::read(PageRange pages, PageSource & source, bool) const
{
    return combine(nested_->read(pages, source, false), nulls_->read(pages, source, false), source);
}

bool NullableReader::filterByTest(
    PageRange pages, const ValueTest & test, PageSource & source, Filter & to, TestedPages & tested) const
{
    const size_t begin = to.size();
    if (!nested_->filterByTest(pages, test, source, to, tested))
        return false;
    if (std::find(to.begin() + begin, to.end(), 1) == to.end())
        return true;
    PodVector<uint8_t> nulls;
    nulls_->readInto(pages, source, nulls);
    if (nulls.size() != to.size() - begin)
        throwCorruptedColumn(source, name_, "null map and values differ in length");
    for (size_t i = 0; i < nulls.size(); ++i)
        to[begin + i] &= !nulls[i];
    return true;
}

ColumnPtr NullableReader::readRows(size_t page, std::span<const uint32_t> rows, PageSource & source, bool) const
{
    return combine(nested_->readRows(page, rows, source, false), nulls_->readRows(page, rows, source, false), source);
}

ArrayReader::ArrayReader(const DataTypePtr & type, ReadBuffer & in, const std::string & name)
    : name_(name), is_map_(type->id() == TypeId::Map)
{
    expectNode(in, static_cast<uint8_t>(NodeKind::Array), name);
    sizes_ = readNumbers(TypeId::UInt64, in, name + " (sizes)");
    DataTypePtr array = is_map_ ? typeAs<DataTypeMap>(*type).pairs() : type;
    element_ = makeColumnReader(typeAs<DataTypeArray>(*array).element(), in, name);
}

void ArrayReader::want(PageRange pages, PageSource & source) const
{
    sizes_->want(pages, source);
    element_->want(pages, source);
}

ColumnPtr ArrayReader::wrap(ColumnPtr elements, ColumnPtr offsets) const
{
    auto array = std::make_shared<ColumnArray>(std::move(elements), std::move(offsets));
    if (is_map_)
        return std::make_shared<ColumnMap>(ColumnPtr(array));
    return array;
}

ColumnPtr ArrayReader::read(PageRange pages, PageSource & source, bool) const
{
    ColumnPtr elements = element_->read(pages, source, false);
    PodVector<uint64_t> sizes;
    sizes_->readInto(pages, source, sizes);
    auto offsets = ColumnUInt64::create();
    offsets->data() = offsetsOfSizes(sizes, elements->size(), source, name_);
    if ((sizes.empty() ? 0 : offsets->data().back()) != elements->size())
        throwCorruptedColumn(source, name_, "there are more elements than the sizes say");
    return wrap(elements, offsets);
}

ColumnPtr ArrayReader::readRows(size_t page, std::span<const uint32_t> rows, PageSource & source, bool) const
{
    PodVector<uint64_t> sizes;
    sizes_->readInto({page, page + 1}, source, sizes);
    Offsets ends = offsetsOfSizes(sizes, page_elements_max, source, name_);
    auto offsets = ColumnUInt64::create();
    PodVector<uint32_t> positions;
    for (uint32_t row : rows)
    {
        if (row >= ends.size())
            throwCorruptedColumn(source, name_, "a page has too few rows");
        for (uint64_t i = row ? ends[row - 1] : 0; i < ends[row]; ++i)
            positions.push_back(static_cast<uint32_t>(i));
        offsets->data().push_back(positions.size());
    }
    return wrap(element_->readRows(page, positions, source, false), offsets);
}

TupleReader::TupleReader(const DataTypes & elements, ReadBuffer & in, const std::string & name) : name_(name)
{
    expectNode(in, static_cast<uint8_t>(NodeKind::Tuple), name);
    rows_ = readNumbers(TypeId::UInt8, in, name + " (rows)");
    if (in.readVarUInt() != elements.size() || elements.size() > tuple_elements_max)
        throwCorrupted(fmt::format("{} has a wrong number of elements", name));
    for (size_t i = 0; i < elements.size(); ++i)
        elements_.push_back(makeColumnReader(elements[i], in, fmt::format("{}.{}", name, i + 1)));
}

void TupleReader::want(PageRange pages, PageSource & source) const
{
    rows_->want(pages, source);
    for (const auto & element : elements_)
        element->want(pages, source);
}

ColumnPtr TupleReader::read(PageRange pages, PageSource & source, bool) const
{
    uint64_t rows = rows_->elements(pages, source);
    Columns columns;
    for (const auto & element : elements_)
    {
        columns.push_back(element->read(pages, source, false));
        if (columns.back()->size() != rows)
            throwCorruptedColumn(source, name_, "elements differ in length");
    }
    return std::make_shared<ColumnTuple>(std::move(columns), rows);
}

ColumnPtr TupleReader::readRows(size_t page, std::span<const uint32_t> rows, PageSource & source, bool) const
{
    Columns columns;
    for (const auto & element : elements_)
        columns.push_back(element->readRows(page, rows, source, false));
    return std::make_shared<ColumnTuple>(std::move(columns), rows.size());
}

}
