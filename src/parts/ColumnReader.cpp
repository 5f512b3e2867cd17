#include "parts/ColumnReader.h"

#include "parts/ColumnWriter.h"
#include "parts/DictionaryReader.h"
#include "parts/MapReader.h"
#include "parts/NestedReaders.h"
#include "types/DataTypes.h"

namespace mangrove
{

void throwCorruptedColumn(PageSource & source, const std::string & name, std::string_view what)
{
    throwCorrupted(fmt::format("Part {}, column {}: {}", source.file().key(), name, what));
}

void ColumnReader::filterByDictionary(PageRange, const Filter &, PageSource &, uint8_t *) const
{
    throw Exception(ErrorCode::LOGICAL_ERROR, "filterByDictionary on a column without a dictionary");
}

void ColumnReader::verify(PageSource & source, size_t pages) const
{
    /// In pieces: a column may be larger than memory.
    constexpr size_t pages_at_once = 16;
    for (size_t begin = 0; begin < pages; begin += pages_at_once)
    {
        PageRange range{begin, std::min(pages, begin + pages_at_once)};
        want(range, source);
        source.fetch();
        read(range, source, false);
    }
}

ColumnReaderPtr makeColumnReader(const DataTypePtr & type, ReadBuffer & in, const std::string & name)
{
    auto kind = static_cast<NodeKind>(in.peek());
    if (kind == NodeKind::Lookup && !removeLowCardinality(type)->isNullable()
        && (removeLowCardinality(type)->isStringOrFixed() || fixedWidthOf(*removeLowCardinality(type))))
        return std::make_shared<const LookupReader>(type, in, name);
    switch (type->id())
    {
        case TypeId::String:
        case TypeId::FixedString:
        case TypeId::AggregateFunction:
            if (kind == NodeKind::Dictionary)
                return std::make_shared<const DictionaryReader>(type, in, name);
            return std::make_shared<const BytesReader>(type, in, name);
        case TypeId::LowCardinality:
            return std::make_shared<const DictionaryReader>(type, in, name);
        case TypeId::Nullable:
            return std::make_shared<const NullableReader>(typeAs<DataTypeNullable>(*type).nested(), in, name);
        case TypeId::Array:
            return std::make_shared<const ArrayReader>(type, in, name);
        case TypeId::Tuple:
            return std::make_shared<const TupleReader>(typeAs<DataTypeTuple>(*type).elements(), in, name);
        case TypeId::Map:
            if (kind == NodeKind::Map)
                return std::make_shared<const MapReader>(type, in, name);
            return std::make_shared<const ArrayReader>(type, in, name);
        default:
            return std::make_shared<const NumberReader>(type, in, name);
    }
}

}
