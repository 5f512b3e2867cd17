#include "types/serialization/SerializationNullable.h"

#include "columns/ColumnNullable.h"
#include "types/serialization/SerializationScalar.h"
#include "types/serialization/StringText.h"

namespace mangrove
{

namespace
{

const ColumnNullable & nullable(const Column & column)
{
    return static_cast<const ColumnNullable &>(column);
}

template <typename Read>
void readNotNull(Column & column, Read && read)
{
    auto & target = static_cast<ColumnNullable &>(column);
    read(target.nestedMutable());
    target.nullMapMutable().push_back(0);
}

}

bool tryConsumeNullMark(ReadBuffer & in)
{
    if (in.eof() || *in.position() != '\\' || in.lookAhead(2) < 2 || in.position()[1] != 'N')
        return false;
    in.advance(2);
    return true;
}

void SerializationNullable::writeRaw(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    if (column.isNullAt(row))
        return out.write("\\N");
    nested_->writeRaw(nullable(column).nested(), row, out, settings);
}

void SerializationNullable::writeEscaped(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    if (column.isNullAt(row))
        return out.write("\\N");
    nested_->writeEscaped(nullable(column).nested(), row, out, settings);
}

void SerializationNullable::writeQuoted(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    if (column.isNullAt(row))
        return out.write("NULL");
    nested_->writeQuoted(nullable(column).nested(), row, out, settings);
}

void SerializationNullable::writeCsv(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    if (column.isNullAt(row))
        return out.write("\\N");
    nested_->writeCsv(nullable(column).nested(), row, out, settings);
}

void SerializationNullable::writeJson(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    if (column.isNullAt(row))
        return out.write("null");
    nested_->writeJson(nullable(column).nested(), row, out, settings);
}

void SerializationNullable::readRaw(Column & column, std::string_view text, const FormatSettings & settings) const
{
    if (text == "\\N" || text == "NULL" || text == "ᴺᵁᴸᴸ")
        return column.insertDefault();
    readNotNull(column, [&](Column & nested) { nested_->readRaw(nested, text, settings); });
}

void SerializationNullable::readEscaped(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    if (tryConsumeNullMark(in))
        return column.insertDefault();
    readNotNull(column, [&](Column & nested) { nested_->readEscaped(nested, in, settings); });
}

void SerializationNullable::readQuoted(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    if (tryConsumeWord(in, "null"))
        return column.insertDefault();
    readNotNull(column, [&](Column & nested) { nested_->readQuoted(nested, in, settings); });
}

void SerializationNullable::readCsv(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    if (tryConsumeNullMark(in) || (!string_ && tryConsumeWord(in, "null")))
        return column.insertDefault();
    readNotNull(column, [&](Column & nested) { nested_->readCsv(nested, in, settings); });
}

void SerializationNullable::writeBinary(const Column & column, size_t row, WriteBuffer & out) const
{
    bool is_null = column.isNullAt(row);
    out.writeByte(is_null);
    if (!is_null)
        nested_->writeBinary(nullable(column).nested(), row, out);
}

void SerializationNullable::readBinary(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    if (in.readByte())
        return column.insertDefault();
    readNotNull(column, [&](Column & nested) { nested_->readBinary(nested, in, settings); });
}

void SerializationNullable::writeBulkData(const Column & column, size_t start, size_t count, WriteBuffer & out) const
{
    const auto & source = columnAs<ColumnNullable>(column);
    out.write(source.nullMap().data() + start, count);
    nested_->writeBulkData(source.nested(), start, count, out);
}

void SerializationNullable::readBulkData(Column & column, size_t count, ReadBuffer & in, const FormatSettings & settings) const
{
    auto & target = static_cast<ColumnNullable &>(column);
    auto & null_map = target.nullMapMutable();
    size_t size = null_map.size();
    appendPods(null_map, count, in);
    for (size_t i = size; i < null_map.size(); ++i)
        null_map[i] = null_map[i] != 0;
    nested_->readBulkData(target.nestedMutable(), count, in, settings);
}

void SerializationNothing::readRaw(Column &, std::string_view text, const FormatSettings &) const
{
    throw Exception(ErrorCode::CANNOT_PARSE_TEXT, "Cannot parse string '{}' as Nothing: the type has no values", text.substr(0, 64));
}

void SerializationNothing::readEscaped(Column &, ReadBuffer &, const FormatSettings &) const
{
    throw Exception(ErrorCode::CANNOT_PARSE_TEXT, "Cannot parse a value of type Nothing: the type has no values");
}

void SerializationNothing::readQuoted(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    readEscaped(column, in, settings);
}

void SerializationNothing::readCsv(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    readEscaped(column, in, settings);
}

void SerializationNothing::readBinary(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    readEscaped(column, in, settings);
}

void SerializationNothing::writeBulkData(const Column &, size_t, size_t count, WriteBuffer & out) const
{
    for (size_t i = 0; i < count; ++i)
        out.writeByte('0');
}

void SerializationNothing::readBulkData(Column & column, size_t count, ReadBuffer & in, const FormatSettings &) const
{
    in.skip(count);
    column.insertManyDefaults(count);
}

}
