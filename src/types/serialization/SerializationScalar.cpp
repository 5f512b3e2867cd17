#include "types/serialization/SerializationScalar.h"

#include "types/serialization/StringText.h"

namespace mangrove
{

void SerializationScalar::writeRaw(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    writeText(column, row, out, settings);
}

void SerializationScalar::writeEscaped(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    writeText(column, row, out, settings);
}

void SerializationScalar::writeQuoted(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    if (quoted_)
        out.writeByte('\'');
    writeText(column, row, out, settings);
    if (quoted_)
        out.writeByte('\'');
}

void SerializationScalar::writeCsv(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    if (quoted_)
        out.writeByte('"');
    writeText(column, row, out, settings);
    if (quoted_)
        out.writeByte('"');
}

void SerializationScalar::writeJson(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    if (quoted_)
        out.writeByte('"');
    writeText(column, row, out, settings);
    if (quoted_)
        out.writeByte('"');
}

void SerializationScalar::readRaw(Column & column, std::string_view text, const FormatSettings & settings) const
{
    if (text.empty())
        throw Exception(
            ErrorCode::ATTEMPT_TO_READ_AFTER_EOF,
            "Attempt to read after eof: Cannot parse {} from String, because value is too short",
            type_name_);
    ReadBuffer in(text);
    readText(column, in, settings);
    if (in.available() == 0)
        return;
    size_t parsed = text.size() - in.available();
    throw Exception(
        ErrorCode::CANNOT_PARSE_TEXT,
        "Cannot parse string '{}' as {}: syntax error {}",
        text.substr(0, 256),
        type_name_,
        parsed ? fmt::format("at position {} (parsed just '{}')", parsed, text.substr(0, parsed)) : "at begin of string");
}

void SerializationScalar::readEscaped(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    readText(column, in, settings);
}

void SerializationScalar::readQuoted(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    if (!in.tryConsume('\''))
        return readUnquoted(column, in, settings);
    readText(column, in, settings);
    in.expect('\'');
}

void SerializationScalar::readCsv(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    char quote = in.peek();
    if (quote != '"' && quote != '\'')
        return readText(column, in, settings);
    in.advance(1);
    readText(column, in, settings);
    in.expect(quote);
}

}
