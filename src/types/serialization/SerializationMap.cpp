#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnMap.h"
#include "types/serialization/SerializationCompound.h"
#include "types/serialization/StringText.h"
#include "types/serialization/appendString.h"

namespace mangrove
{

namespace
{

struct Pairs
{
    explicit Pairs(const Column & column)
        : map(static_cast<const ColumnMap &>(column)), keys(*map.keysPtr()), values(*map.valuesPtr())
    {
    }
    size_t begin(size_t row) const { return map.pairs().beginOf(row); }
    size_t end(size_t row) const { return map.pairs().endOf(row); }

    const ColumnMap & map;
    const Column & keys;
    const Column & values;
};

struct MutablePairs
{
    explicit MutablePairs(Column & column)
        : array(static_cast<ColumnMap &>(column).pairsMutable())
        , keys(static_cast<ColumnTuple &>(array.dataMutable()).elementMutable(0))
        , values(static_cast<ColumnTuple &>(array.dataMutable()).elementMutable(1))
    {
    }

    ColumnArray & array;
    Column & keys;
    Column & values;
};

}

SerializationMap::SerializationMap(const DataTypeMap & type) : key_(serializationOf(type.key())), value_(serializationOf(type.value()))
{
    auto key = removeLowCardinalityAndNullable(type.key());
    plain_keys_ = type.key()->isString();
    string_keys_ = key->isString();
    string_values_ = type.value()->isString();
    quote_json_key_ = key->isNumber() || key->id() == TypeId::Interval;
}

void SerializationMap::writeQuoted(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    Pairs pairs(column);
    out.writeByte('{');
    for (size_t i = pairs.begin(row); i < pairs.end(row); ++i)
    {
        if (i != pairs.begin(row))
            out.writeByte(',');
        key_->writeQuoted(pairs.keys, i, out, settings);
        out.writeByte(':');
        value_->writeQuoted(pairs.values, i, out, settings);
    }
    out.writeByte('}');
}

void SerializationMap::writeJsonKey(const Column & keys, size_t position, WriteBuffer & out, const FormatSettings & settings) const
{
    if (!quote_json_key_)
        return key_->writeJson(keys, position, out, settings);
    out.writeByte('"');
    key_->writeRaw(keys, position, out, settings);
    out.writeByte('"');
}

void SerializationMap::writeJson(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    Pairs pairs(column);
    out.writeByte('{');
    for (size_t i = pairs.begin(row); i < pairs.end(row); ++i)
    {
        if (i != pairs.begin(row))
            out.writeByte(',');
        writeJsonKey(pairs.keys, i, out, settings);
        out.writeByte(':');
        value_->writeJson(pairs.values, i, out, settings);
    }
    out.writeByte('}');
}

void SerializationMap::writeJsonPretty(
    const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings, size_t indent) const
{
    Pairs pairs(column);
    if (pairs.begin(row) == pairs.end(row))
        return out.write("{}");
    out.writeByte('{');
    for (size_t i = pairs.begin(row); i < pairs.end(row); ++i)
    {
        if (i != pairs.begin(row))
            out.writeByte(',');
        writeNewLine(out, indent + 1);
        writeJsonKey(pairs.keys, i, out, settings);
        out.write(": ");
        value_->writeJsonPretty(pairs.values, i, out, settings, indent + 1);
    }
    writeNewLine(out, indent);
    out.writeByte('}');
}

void SerializationMap::readQuoted(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    MutablePairs pairs(column);
    in.expect('{');
    skipSpaces(in);
    bool first = true;
    while (in.eof() || *in.position() != '}')
    {
        if (!first)
        {
            in.expect(',');
            skipSpaces(in);
            if (!in.eof() && *in.position() == '}')
                break;
        }
        first = false;
        readQuotedElement(*key_, pairs.keys, in, settings);
        skipSpaces(in);
        in.expect(':');
        skipSpaces(in);
        readQuotedElement(*value_, pairs.values, in, settings);
        skipSpaces(in);
    }
    in.expect('}');
    pairs.array.offsetsMutable().push_back(pairs.keys.size());
}

void SerializationMap::writeBinary(const Column & column, size_t row, WriteBuffer & out) const
{
    Pairs pairs(column);
    out.writeVarUInt(pairs.end(row) - pairs.begin(row));
    for (size_t i = pairs.begin(row); i < pairs.end(row); ++i)
    {
        key_->writeBinary(pairs.keys, i, out);
        value_->writeBinary(pairs.values, i, out);
    }
}

void SerializationMap::readKey(Column & keys, ReadBuffer & in, const FormatSettings & settings) const
{
    if (keys.kind() == ColumnKind::LowCardinality ? tryAppendShortString(static_cast<ColumnLowCardinality &>(keys), in)
                                                  : tryAppendShortString(static_cast<ColumnString &>(keys), in)) [[likely]]
        return;
    if (keys.kind() == ColumnKind::LowCardinality)
        static_cast<ColumnLowCardinality &>(keys).appendRecurring(in.readString(settings.text_value_bytes_max));
    else
        key_->readBinary(keys, in, settings);
}

void SerializationMap::readBinary(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    MutablePairs pairs(column);
    size_t length = readArrayLength(in, settings);
    for (size_t i = 0; i < length; ++i)
    {
        if (string_keys_)
            readKey(pairs.keys, in, settings);
        else
            key_->readBinary(pairs.keys, in, settings);
        if (!string_values_ || !tryAppendShortString(static_cast<ColumnString &>(pairs.values), in))
            value_->readBinary(pairs.values, in, settings);
    }
    pairs.array.offsetsMutable().push_back(pairs.keys.size());
}

void SerializationMap::writeBulkPrefix(WriteBuffer & out) const
{
    key_->writeBulkPrefix(out);
    value_->writeBulkPrefix(out);
}

void SerializationMap::readBulkPrefix(ReadBuffer & in) const
{
    key_->readBulkPrefix(in);
    value_->readBulkPrefix(in);
}

void SerializationMap::writeBulkData(const Column & column, size_t start, size_t count, WriteBuffer & out) const
{
    Pairs pairs(columnAs<ColumnMap>(column));
    writeBulkOffsets(pairs.map.offsets(), start, count, out);
    size_t begin = pairs.begin(start);
    size_t elements = pairs.end(start + count - 1) - begin;
    if (!elements)
        return;
    key_->writeBulkData(pairs.keys, begin, elements, out);
    value_->writeBulkData(pairs.values, begin, elements, out);
}

void SerializationMap::readBulkData(Column & column, size_t count, ReadBuffer & in, const FormatSettings & settings) const
{
    MutablePairs pairs(column);
    size_t elements = readBulkOffsets(pairs.array.offsetsMutable(), count, in, settings);
    if (!elements)
        return;
    if (plain_keys_ && pairs.keys.kind() == ColumnKind::LowCardinality)
        for (size_t i = 0; i < elements; ++i)
            readKey(pairs.keys, in, settings);
    else
        key_->readBulkData(pairs.keys, elements, in, settings);
    value_->readBulkData(pairs.values, elements, in, settings);
}

}
