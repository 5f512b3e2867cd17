#include "formats/RowBinaryReader.h"

#include "columns/ColumnVector.h"
#include "types/serialization/appendString.h"

#include <bit>

namespace mangrove
{

namespace
{

constexpr uint64_t columns_max = 100000;
constexpr size_t name_bytes_max = 1 << 20;

}

RowBinaryReader::RowBinaryReader(
    ReadBuffer & in, NamesAndTypes header, const FormatSettings & settings, const InputOptions & options, HeaderLines lines)
    : RowInputFormat(in, std::move(header), settings, options), lines_(lines)
{
    for (size_t i = 0; i < header_.size(); ++i)
        fields_.push_back(readerOf(i));
}

RowBinaryReader::FieldReader RowBinaryReader::readerOf(size_t column) const
{
    auto kind = Kind::Other;
    switch (header_[column].type->id())
    {
        case TypeId::UInt8:
        case TypeId::Int8: kind = Kind::Fixed1; break;
        case TypeId::UInt16:
        case TypeId::Int16:
        case TypeId::Date: kind = Kind::Fixed2; break;
        case TypeId::UInt32:
        case TypeId::Int32:
        case TypeId::Float32:
        case TypeId::DateTime: kind = Kind::Fixed4; break;
        case TypeId::UInt64:
        case TypeId::Int64:
        case TypeId::Float64:
        case TypeId::DateTime64: kind = Kind::Fixed8; break;
        case TypeId::String: kind = Kind::String; break;
        default: break;
    }
    return {kind, column, nullptr};
}

void RowBinaryReader::readPrefix()
{
    if (lines_ == HeaderLines::None || in_.eof())
        return;
    uint64_t count = in_.readVarUInt();
    if (count > columns_max)
        throw Exception(ErrorCode::INCORRECT_DATA, "The header of RowBinary names {} columns", count);
    std::vector<std::string> names, types;
    for (uint64_t i = 0; i < count; ++i)
        names.push_back(in_.readString(name_bytes_max));
    FieldMapping mapping(header_, names, settings_);
    if (lines_ == HeaderLines::NamesAndTypes)
    {
        for (uint64_t i = 0; i < count; ++i)
            types.push_back(in_.readString(name_bytes_max));
        mapping.checkTypes(header_, types);
    }
    fields_.clear();
    for (size_t i = 0; i < count; ++i)
    {
        if (auto column = mapping.columnOfField()[i])
            fields_.push_back(readerOf(*column));
        else if (lines_ == HeaderLines::NamesAndTypes)
            fields_.push_back({Kind::Skip, 0, parseDataType(types[i])});
        else
            throw Exception(
                ErrorCode::INCORRECT_DATA,
                "Column '{}' is not in the table and RowBinaryWithNames does not say how to skip it: use RowBinaryWithNamesAndTypes",
                names[i]);
    }
    absent_ = mapping.absent();
}

/// The bytes are appended as they are: the column's element has the same width.
template <typename T>
void RowBinaryReader::readFixed(size_t column)
{
    auto value = in_.readPod<T>();
    auto & target = *columns_[column];
    if constexpr (sizeof(T) == 1)
    {
        if (target.kind() == ColumnKind::UInt8)
            return static_cast<ColumnUInt8 &>(target).data().push_back(value);
        static_cast<ColumnInt8 &>(target).data().push_back(static_cast<int8_t>(value));
    }
    else if constexpr (sizeof(T) == 2)
    {
        if (target.kind() == ColumnKind::UInt16)
            return static_cast<ColumnUInt16 &>(target).data().push_back(value);
        static_cast<ColumnInt16 &>(target).data().push_back(static_cast<int16_t>(value));
    }
    else if constexpr (sizeof(T) == 4)
    {
        if (target.kind() == ColumnKind::UInt32)
            return static_cast<ColumnUInt32 &>(target).data().push_back(value);
        if (target.kind() == ColumnKind::Int32)
            return static_cast<ColumnInt32 &>(target).data().push_back(static_cast<int32_t>(value));
        static_cast<ColumnFloat32 &>(target).data().push_back(std::bit_cast<float>(value));
    }
    else
    {
        if (target.kind() == ColumnKind::UInt64)
            return static_cast<ColumnUInt64 &>(target).data().push_back(value);
        if (target.kind() == ColumnKind::Int64)
            return static_cast<ColumnInt64 &>(target).data().push_back(static_cast<int64_t>(value));
        static_cast<ColumnFloat64 &>(target).data().push_back(std::bit_cast<double>(value));
    }
}

bool RowBinaryReader::readRow()
{
    if (in_.eof())
        return false;
    if (fields_.empty())
        throw Exception(ErrorCode::INCORRECT_DATA, "The input has rows without columns");
    for (const auto & field : fields_)
    {
        current_column_ = field.column;
        switch (field.kind)
        {
            case Kind::Fixed1: readFixed<uint8_t>(field.column); break;
            case Kind::Fixed2: readFixed<uint16_t>(field.column); break;
            case Kind::Fixed4: readFixed<uint32_t>(field.column); break;
            case Kind::Fixed8: readFixed<uint64_t>(field.column); break;
            case Kind::String:
                if (tryAppendShortString(static_cast<ColumnString &>(*columns_[field.column]), in_)) [[likely]]
                    break;
                [[fallthrough]];
            case Kind::Other: serializations_[field.column]->readBinary(*columns_[field.column], in_, settings_); break;
            case Kind::Skip:
            {
                auto ignored = field.skipped_type->createColumn();
                serializationOf(field.skipped_type)->readBinary(*ignored, in_, settings_);
            }
        }
    }
    current_column_.reset();
    for (size_t column : absent_)
        insertMissing(column);
    return true;
}

}
