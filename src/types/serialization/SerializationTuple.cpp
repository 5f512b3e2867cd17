#include "columns/ColumnTuple.h"
#include "types/serialization/SerializationCompound.h"
#include "types/serialization/StringText.h"

namespace mangrove
{

namespace
{

const Column & element(const Column & column, size_t i)
{
    return static_cast<const ColumnTuple &>(column).element(i);
}

Column & element(Column & column, size_t i)
{
    return static_cast<ColumnTuple &>(column).elementMutable(i);
}

}

SerializationTuple::SerializationTuple(const DataTypeTuple & type) : names_(type.names())
{
    for (const auto & element_type : type.elements())
        elements_.push_back(serializationOf(element_type));
}

void SerializationTuple::writeQuoted(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    out.writeByte('(');
    for (size_t i = 0; i < elements_.size(); ++i)
    {
        if (i)
            out.writeByte(',');
        elements_[i]->writeQuoted(element(column, i), row, out, settings);
    }
    out.writeByte(')');
}

void SerializationTuple::writeCsv(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    for (size_t i = 0; i < elements_.size(); ++i)
    {
        if (i)
            out.writeByte(settings.csv_delimiter);
        elements_[i]->writeCsv(element(column, i), row, out, settings);
    }
}

void SerializationTuple::writeJson(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    bool object = asObject(settings);
    out.writeByte(object ? '{' : '[');
    for (size_t i = 0; i < elements_.size(); ++i)
    {
        if (i)
            out.writeByte(',');
        if (object)
        {
            writeJsonString(names_[i], out);
            out.writeByte(':');
        }
        elements_[i]->writeJson(element(column, i), row, out, settings);
    }
    out.writeByte(object ? '}' : ']');
}

void SerializationTuple::writeJsonPretty(
    const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings, size_t indent) const
{
    bool object = asObject(settings);
    out.writeByte(object ? '{' : '[');
    out.writeByte('\n');
    for (size_t i = 0; i < elements_.size(); ++i)
    {
        if (i)
            out.write(",\n");
        for (size_t tab = 0; tab <= indent; ++tab)
            out.writeByte('\t');
        if (object)
        {
            writeJsonString(names_[i], out);
            out.write(": ");
        }
        elements_[i]->writeJsonPretty(element(column, i), row, out, settings, indent + 1);
    }
    writeNewLine(out, indent);
    out.writeByte(object ? '}' : ']');
}

void SerializationTuple::readQuoted(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    if (elements_.empty())
        column.insertDefault();
    in.expect('(');
    for (size_t i = 0; i < elements_.size(); ++i)
    {
        skipSpaces(in);
        if (i)
        {
            in.expect(',');
            skipSpaces(in);
        }
        readQuotedElement(*elements_[i], element(column, i), in, settings);
    }
    skipSpaces(in);
    if (elements_.size() == 1 && in.tryConsume(','))
        skipSpaces(in);
    in.expect(')');
}

void SerializationTuple::readCsv(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    if (elements_.empty())
        column.insertDefault();
    for (size_t i = 0; i < elements_.size(); ++i)
    {
        if (i)
        {
            skipSpaces(in);
            in.expect(settings.csv_delimiter);
            skipSpaces(in);
        }
        elements_[i]->readCsv(element(column, i), in, settings);
    }
}

void SerializationTuple::writeBinary(const Column & column, size_t row, WriteBuffer & out) const
{
    for (size_t i = 0; i < elements_.size(); ++i)
        elements_[i]->writeBinary(element(column, i), row, out);
}

void SerializationTuple::readBinary(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    if (elements_.empty())
        column.insertDefault();
    for (size_t i = 0; i < elements_.size(); ++i)
        elements_[i]->readBinary(element(column, i), in, settings);
}

void SerializationTuple::writeBulkPrefix(WriteBuffer & out) const
{
    for (const auto & element_serialization : elements_)
        element_serialization->writeBulkPrefix(out);
}

void SerializationTuple::readBulkPrefix(ReadBuffer & in) const
{
    for (const auto & element_serialization : elements_)
        element_serialization->readBulkPrefix(in);
}

/// An empty tuple takes one byte a row, so that a count of rows always needs input.
void SerializationTuple::writeBulkData(const Column & column, size_t start, size_t count, WriteBuffer & out) const
{
    for (size_t i = 0; elements_.empty() && i < count; ++i)
        out.writeByte('0');
    for (size_t i = 0; i < elements_.size(); ++i)
        elements_[i]->writeBulkData(element(column, i), start, count, out);
}

void SerializationTuple::readBulkData(Column & column, size_t count, ReadBuffer & in, const FormatSettings & settings) const
{
    if (elements_.empty())
    {
        in.skip(count);
        column.insertManyDefaults(count);
    }
    for (size_t i = 0; i < elements_.size(); ++i)
        elements_[i]->readBulkData(element(column, i), count, in, settings);
}

}
