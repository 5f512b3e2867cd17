#include "columns/ColumnArray.h"
#include "types/serialization/SerializationCompound.h"
#include "types/serialization/StringText.h"

namespace mangrove
{

namespace
{

const ColumnArray & array(const Column & column)
{
    return static_cast<const ColumnArray &>(column);
}

ColumnArray & array(Column & column)
{
    return static_cast<ColumnArray &>(column);
}

}

SerializationArray::SerializationArray(const DataTypeArray & type) : element_(serializationOf(type.element()))
{
    TypeId id = type.element()->id();
    element_is_compound_ = id == TypeId::Array || id == TypeId::Map || id == TypeId::Tuple;
}

void SerializationArray::writeQuoted(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    const auto & source = array(column);
    out.writeByte('[');
    for (size_t i = source.beginOf(row); i < source.endOf(row); ++i)
    {
        if (i != source.beginOf(row))
            out.writeByte(',');
        element_->writeQuoted(source.data(), i, out, settings);
    }
    out.writeByte(']');
}

void SerializationArray::writeJson(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    const auto & source = array(column);
    out.writeByte('[');
    for (size_t i = source.beginOf(row); i < source.endOf(row); ++i)
    {
        if (i != source.beginOf(row))
            out.writeByte(',');
        element_->writeJson(source.data(), i, out, settings);
    }
    out.writeByte(']');
}

void SerializationArray::writeJsonPretty(
    const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings, size_t indent) const
{
    const auto & source = array(column);
    if (!element_is_compound_ || source.beginOf(row) == source.endOf(row))
        return writeJson(column, row, out, settings);
    out.writeByte('[');
    for (size_t i = source.beginOf(row); i < source.endOf(row); ++i)
    {
        if (i != source.beginOf(row))
            out.writeByte(',');
        writeNewLine(out, indent + 1);
        element_->writeJsonPretty(source.data(), i, out, settings, indent + 1);
    }
    writeNewLine(out, indent);
    out.writeByte(']');
}

void SerializationArray::readQuoted(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    auto & target = array(column);
    if (in.eof() || !in.tryConsume('['))
        throw Exception(ErrorCode::CANNOT_READ_ARRAY_FROM_TEXT, "Array does not start with '[' character");
    skipSpaces(in);
    bool first = true;
    while (in.eof() || *in.position() != ']')
    {
        if (!first)
        {
            if (!in.eof() && *in.position() != ',')
                throw Exception(
                    ErrorCode::CANNOT_READ_ARRAY_FROM_TEXT,
                    "Cannot read array from text, expected comma or end of array, found '{}'",
                    *in.position());
            in.expect(in.eof() ? ']' : ',');
            skipSpaces(in);
            if (!in.eof() && *in.position() == ']')
                break;
        }
        first = false;
        readQuotedElement(*element_, target.dataMutable(), in, settings);
        skipSpaces(in);
    }
    in.expect(']');
    target.offsetsMutable().push_back(target.data().size());
}

void SerializationArray::writeBinary(const Column & column, size_t row, WriteBuffer & out) const
{
    const auto & source = array(column);
    out.writeVarUInt(source.endOf(row) - source.beginOf(row));
    for (size_t i = source.beginOf(row); i < source.endOf(row); ++i)
        element_->writeBinary(source.data(), i, out);
}

void SerializationArray::readBinary(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    auto & target = array(column);
    size_t length = readArrayLength(in, settings);
    for (size_t i = 0; i < length; ++i)
        element_->readBinary(target.dataMutable(), in, settings);
    target.offsetsMutable().push_back(target.data().size());
}

void SerializationArray::writeBulkData(const Column & column, size_t start, size_t count, WriteBuffer & out) const
{
    const auto & source = columnAs<ColumnArray>(column);
    writeBulkOffsets(source.offsets(), start, count, out);
    size_t begin = source.beginOf(start);
    if (size_t elements = source.endOf(start + count - 1) - begin)
        element_->writeBulkData(source.data(), begin, elements, out);
}

void SerializationArray::readBulkData(Column & column, size_t count, ReadBuffer & in, const FormatSettings & settings) const
{
    auto & target = array(column);
    if (size_t elements = readBulkOffsets(target.offsetsMutable(), count, in, settings))
        element_->readBulkData(target.dataMutable(), elements, in, settings);
}

}
