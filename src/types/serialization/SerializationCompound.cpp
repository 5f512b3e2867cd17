#include "types/serialization/SerializationCompound.h"

#include "types/serialization/SerializationScalar.h"
#include "types/serialization/StringText.h"

namespace mangrove
{

void SerializationCompound::writeRaw(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    writeQuoted(column, row, out, settings);
}

void SerializationCompound::writeEscaped(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    writeQuoted(column, row, out, settings);
}

void SerializationCompound::writeCsv(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    WriteBuffer text;
    writeQuoted(column, row, text, settings);
    writeCsvString(text.str(), out);
}

void SerializationCompound::readRaw(Column & column, std::string_view text, const FormatSettings & settings) const
{
    ReadBuffer in(text);
    readQuoted(column, in, settings);
    if (!in.eof())
        throw Exception(
            ErrorCode::CANNOT_PARSE_TEXT,
            "Cannot parse string '{}': syntax error at position {}",
            text.substr(0, 256),
            text.size() - in.available());
}

void SerializationCompound::readEscaped(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    readQuoted(column, in, settings);
}

void SerializationCompound::readCsv(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    PodVector<char> text;
    readCsvString(text, in, settings.csv_delimiter, settings.text_value_bytes_max);
    readRaw(column, {text.data(), text.size()}, settings);
}

void writeNewLine(WriteBuffer & out, size_t indent)
{
    out.writeByte('\n');
    for (size_t i = 0; i < indent; ++i)
        out.writeByte('\t');
}

void readQuotedElement(const Serialization & serialization, Column & column, ReadBuffer & in, const FormatSettings & settings)
{
    if (settings.input_format_null_as_default && !in.eof() && (*in.position() | 0x20) == 'n'
        && column.kind() != ColumnKind::Nullable && tryConsumeWord(in, "null"))
        return column.insertDefault();
    serialization.readQuoted(column, in, settings);
}

size_t readBulkOffsets(PodVector<uint64_t> & offsets, size_t count, ReadBuffer & in, const FormatSettings & settings)
{
    size_t size = offsets.size();
    uint64_t base = size ? offsets.back() : 0;
    appendPods(offsets, count, in);
    uint64_t previous = 0;
    for (size_t i = size; i < offsets.size(); ++i)
    {
        uint64_t end = offsets[i];
        if (end < previous || end > settings.array_elements_max)
            throw Exception(
                ErrorCode::TOO_LARGE_ARRAY_SIZE,
                "Wrong offset {} of an array after {}: offsets must grow and stay below the limit of {}",
                end,
                previous,
                settings.array_elements_max);
        previous = end;
        offsets[i] = base + end;
    }
    return previous;
}

void writeBulkOffsets(const PodVector<uint64_t> & offsets, size_t start, size_t count, WriteBuffer & out)
{
    uint64_t base = start ? offsets[start - 1] : 0;
    if (base == 0)
        return out.write(offsets.data() + start, count * sizeof(uint64_t));
    for (size_t i = start; i < start + count; ++i)
        out.writePod(offsets[i] - base);
}

size_t readArrayLength(ReadBuffer & in, const FormatSettings & settings)
{
    uint64_t length = in.readVarUInt();
    if (length > settings.array_elements_max)
        throw Exception(
            ErrorCode::TOO_LARGE_ARRAY_SIZE, "Too large array size: {}, the limit is {}", length, settings.array_elements_max);
    return length;
}

}
