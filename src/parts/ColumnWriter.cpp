#include "parts/ColumnWriter.h"

#include "parts/MapWriter.h"
#include "parts/NestedWriters.h"
#include "types/DataTypes.h"

namespace mangrove
{

void ColumnWriter::writeEmptyPages(size_t count, const DataTypePtr & type)
{
    ColumnPtr empty = type->createColumn();
    for (size_t i = 0; i < count; ++i)
        writePage(empty, 0, 0);
}

size_t fixedWidthOf(const DataType & type)
{
    switch (type.id())
    {
        case TypeId::UInt8:
        case TypeId::Int8:
        case TypeId::Bool:
        case TypeId::Enum8:
        case TypeId::Nothing: return 1;
        case TypeId::UInt16:
        case TypeId::Int16:
        case TypeId::Date:
        case TypeId::Enum16: return 2;
        case TypeId::UInt32:
        case TypeId::Int32:
        case TypeId::Float32:
        case TypeId::DateTime: return 4;
        case TypeId::UInt64:
        case TypeId::Int64:
        case TypeId::Float64:
        case TypeId::DateTime64:
        case TypeId::Interval: return 8;
        case TypeId::UInt128:
        case TypeId::UUID: return 16;
        default: return 0;
    }
}

namespace
{

bool isSignedStorage(TypeId id)
{
    return (id >= TypeId::Int8 && id <= TypeId::Int64) || id == TypeId::Enum8 || id == TypeId::Enum16
           || id == TypeId::DateTime64 || id == TypeId::Interval;
}

}

CompressionChoice compressionOf(const std::string & codec, const DataTypePtr & type, int effort)
{
    if (codec.empty())
        return effort ? CompressionChoice{GeneralCodec::Zstd, effort, {}} : CompressionChoice{GeneralCodec::Lz4, 0, {}, true};
    CompressionChoice choice;
    choice.level = std::max(effort, 1);
    DataTypePtr element = type;
    while (element->id() == TypeId::Array)
        element = typeAs<DataTypeArray>(*element).element();
    CodecChain chain = CodecChain::parse(codec, fixedWidthOf(*removeLowCardinalityAndNullable(element)));
    choice.general = GeneralCodec::None;
    bool transforms = false;
    for (const auto & step : chain.steps())
    {
        transforms |= !step.isGeneral();
        if (step.kind == CodecKind::Lz4)
            choice.general = GeneralCodec::Lz4;
        if (step.kind == CodecKind::Zstd)
        {
            choice.general = GeneralCodec::Zstd;
            choice.level = step.parameter;
        }
    }
    /// Delta and the like are orders; a general codec alone says how hard to compress what we choose ourselves.
    if (transforms && !element->isLowCardinality())
        choice.forced = chain;
    return choice;
}

ColumnWriterPtr makeColumnWriter(const DataTypePtr & type, const ColumnWriteSettings & settings)
{
    switch (type->id())
    {
        case TypeId::String:
        case TypeId::AggregateFunction:
            if (settings.adaptive_dictionary && type->isString())
                return std::make_unique<DictionaryWriter>(type, false, true, settings.compression, settings.searchable);
            return std::make_unique<BytesWriter>(0, settings.compression, settings.searchable);
        case TypeId::FixedString:
        {
            size_t length = typeAs<DataTypeFixedString>(*type).length();
            if (settings.adaptive_dictionary)
                return std::make_unique<DictionaryWriter>(type, false, true, settings.compression);
            return std::make_unique<BytesWriter>(length, settings.compression);
        }
        case TypeId::Nullable:
            return std::make_unique<NullableWriter>(typeAs<DataTypeNullable>(*type).nested(), settings);
        case TypeId::LowCardinality:
        {
            const auto & nested = typeAs<DataTypeLowCardinality>(*type).nested();
            return std::make_unique<DictionaryWriter>(
                removeNullable(nested), nested->isNullable(), false, settings.compression);
        }
        case TypeId::Array:
            return std::make_unique<ArrayWriter>(typeAs<DataTypeArray>(*type).element(), settings);
        case TypeId::Tuple:
            return std::make_unique<TupleWriter>(typeAs<DataTypeTuple>(*type).elements(), settings);
        case TypeId::Map:
        {
            const auto & map = typeAs<DataTypeMap>(*type);
            if (removeLowCardinality(map.key())->isString())
                return std::make_unique<MapWriter>(map.key(), map.value(), settings);
            return std::make_unique<ArrayWriter>(typeAs<DataTypeArray>(*map.pairs()).element(), settings);
        }
        default:
            if (size_t width = fixedWidthOf(*type))
                return std::make_unique<NumberWriter>(
                    width, isSignedStorage(type->id()), settings.compression, type->id() == TypeId::UUID);
            throw Exception(ErrorCode::NOT_IMPLEMENTED, "Columns of type {} cannot be stored", type->name());
    }
}

}
