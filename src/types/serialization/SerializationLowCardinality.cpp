#include "types/serialization/SerializationLowCardinality.h"

#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnNullable.h"
#include "columns/ColumnString.h"
#include "types/serialization/SerializationScalar.h"

namespace mangrove
{

namespace
{

constexpr uint64_t dictionaries_version = 1;
constexpr uint64_t width_mask = 0xff; // log2 of the bytes of a code
constexpr uint64_t needs_shared_dictionary = 1ULL << 8;
constexpr uint64_t has_additional_keys = 1ULL << 9;
constexpr uint64_t needs_update_dictionary = 1ULL << 10;

/// The column that holds the value of a row, and the row there. Also takes a column of plain T: what is left of a
/// LowCardinality after materialize().
std::pair<const Column *, size_t> resolve(const Column & column, size_t row)
{
    if (column.kind() != ColumnKind::LowCardinality)
        return {&column, row};
    const auto & coded = static_cast<const ColumnLowCardinality &>(column);
    return {&coded.dictionary(), coded.codes()[row]};
}

template <typename T>
void appendCodes(PodVector<uint32_t> & to, size_t count, std::span<const uint32_t> code_of_key, ReadBuffer & in)
{
    PodVector<T> raw;
    appendPods(raw, count, in);
    size_t size = to.size();
    to.resize(size + count);
    for (size_t i = 0; i < count; ++i)
    {
        if (raw[i] >= code_of_key.size())
            throw Exception(
                ErrorCode::INCORRECT_DATA,
                "Index {} for LowCardinality is out of range: the dictionary has {} values",
                static_cast<uint64_t>(raw[i]),
                code_of_key.size());
        to[size + i] = code_of_key[raw[i]];
    }
}

template <typename T>
void writeCodes(const PodVector<uint32_t> & codes, WriteBuffer & out)
{
    PodVector<T> narrow(codes.begin(), codes.end());
    out.write(narrow.data(), narrow.size() * sizeof(T));
}

}

SerializationLowCardinality::SerializationLowCardinality(const DataTypeLowCardinality & type)
    : nested_type_(type.nested())
    , nested_(serializationOf(type.nested()))
    , dictionary_values_(serializationOf(removeNullable(type.nested())))
    , string_like_(removeNullable(type.nested())->isStringOrFixed())
{
}

void SerializationLowCardinality::writeRaw(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    auto [values, position] = resolve(column, row);
    nested_->writeRaw(*values, position, out, settings);
}

void SerializationLowCardinality::writeEscaped(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    auto [values, position] = resolve(column, row);
    nested_->writeEscaped(*values, position, out, settings);
}

void SerializationLowCardinality::writeQuoted(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    auto [values, position] = resolve(column, row);
    nested_->writeQuoted(*values, position, out, settings);
}

void SerializationLowCardinality::writeCsv(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    auto [values, position] = resolve(column, row);
    nested_->writeCsv(*values, position, out, settings);
}

void SerializationLowCardinality::writeJson(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    auto [values, position] = resolve(column, row);
    nested_->writeJson(*values, position, out, settings);
}

void SerializationLowCardinality::writeBinary(const Column & column, size_t row, WriteBuffer & out) const
{
    auto [values, position] = resolve(column, row);
    nested_->writeBinary(*values, position, out);
}

/// Reads one value of T into a scratch column, then codes it.
template <typename Read>
void SerializationLowCardinality::readOne(Column & column, Read && read) const
{
    auto & target = static_cast<ColumnLowCardinality &>(column);
    auto value = nested_type_->createColumn();
    read(*value);
    if (value->isNullAt(0))
        target.insertDefault();
    else if (string_like_)
        target.appendCode(target.codeOf(value->stringAt(0)));
    else
        target.insert(value->get(0));
}

void SerializationLowCardinality::readRaw(Column & column, std::string_view text, const FormatSettings & settings) const
{
    readOne(column, [&](Column & value) { nested_->readRaw(value, text, settings); });
}

void SerializationLowCardinality::readEscaped(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    readOne(column, [&](Column & value) { nested_->readEscaped(value, in, settings); });
}

void SerializationLowCardinality::readQuoted(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    readOne(column, [&](Column & value) { nested_->readQuoted(value, in, settings); });
}

void SerializationLowCardinality::readCsv(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    readOne(column, [&](Column & value) { nested_->readCsv(value, in, settings); });
}

void SerializationLowCardinality::readBinary(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    // A short string inside the window needs no scratch column: it is coded where it stands.
    if (nested_type_->isString() && in.available() && static_cast<unsigned char>(*in.position()) < 0x80
        && in.available() > static_cast<unsigned char>(*in.position()))
    {
        auto & target = static_cast<ColumnLowCardinality &>(column);
        size_t length = static_cast<unsigned char>(*in.position());
        target.appendCode(target.codeOf({in.position() + 1, length}));
        return in.advance(length + 1);
    }
    readOne(column, [&](Column & value) { nested_->readBinary(value, in, settings); });
}

void SerializationLowCardinality::writeBulkPrefix(WriteBuffer & out) const
{
    out.writePod(dictionaries_version);
}

void SerializationLowCardinality::readBulkPrefix(ReadBuffer & in) const
{
    auto version = in.readPod<uint64_t>();
    if (version != dictionaries_version)
        throw Exception(
            ErrorCode::INCORRECT_DATA, "Invalid version {} of a LowCardinality column, expected {}", version, dictionaries_version);
}

void SerializationLowCardinality::writeBulkData(const Column & column, size_t start, size_t count, WriteBuffer & out) const
{
    ColumnPtr rows = column.cut(start, count);
    auto coded = rows->kind() == ColumnKind::LowCardinality ? columnAs<ColumnLowCardinality>(*rows).compact()
                                                            : ColumnLowCardinality::encode(*rows);
    const Column & dictionary = coded->dictionary();
    const auto * nullable = tryColumnAs<ColumnNullable>(dictionary);
    size_t keys = dictionary.size();
    uint64_t width = keys <= 0x100 ? 0 : keys <= 0x10000 ? 1 : 2;
    out.writePod(width | has_additional_keys | needs_update_dictionary);
    out.writePod<uint64_t>(keys);
    dictionary_values_->writeBulkData(nullable ? nullable->nested() : dictionary, 0, keys, out);
    out.writePod<uint64_t>(count);
    if (width == 0)
        writeCodes<uint8_t>(coded->codes(), out);
    else if (width == 1)
        writeCodes<uint16_t>(coded->codes(), out);
    else
        writeCodes<uint32_t>(coded->codes(), out);
}

ColumnPtr SerializationLowCardinality::readDictionary(ReadBuffer & in, const FormatSettings & settings) const
{
    auto keys = in.readPod<uint64_t>();
    if (keys > settings.array_elements_max)
        throw Exception(ErrorCode::TOO_LARGE_ARRAY_SIZE, "A LowCardinality dictionary of {} values is over the limit", keys);
    auto values = removeNullable(nested_type_)->createColumn();
    if (keys)
        dictionary_values_->readBulkData(*values, keys, in, settings);
    if (!nested_type_->isNullable())
        return values;
    auto null_map = ColumnUInt8::create();
    null_map->data().resize(keys, 0);
    if (keys)
        null_map->data()[0] = 1; // the first value stands for NULL
    return ColumnNullable::create(values, null_map);
}

void SerializationLowCardinality::readBulkData(Column & column, size_t count, ReadBuffer & in, const FormatSettings & settings) const
{
    while (count)
    {
        auto flags = in.readPod<uint64_t>();
        if ((flags & needs_shared_dictionary) || !(flags & has_additional_keys) || (flags & width_mask) > 3)
            throw Exception(ErrorCode::INCORRECT_DATA, "Unsupported flags {:#x} of a LowCardinality column", flags);
        // Whatever the client sent as keys (duplicates, no default first) becomes a dictionary as ours must be.
        auto dictionary = ColumnLowCardinality::encode(*readDictionary(in, settings));
        auto rows = in.readPod<uint64_t>();
        if (rows == 0 || rows > count)
            throw Exception(ErrorCode::INCORRECT_DATA, "A LowCardinality column has {} rows where {} are expected", rows, count);
        PodVector<uint32_t> codes;
        switch (flags & width_mask)
        {
            case 0: appendCodes<uint8_t>(codes, rows, dictionary->codes(), in); break;
            case 1: appendCodes<uint16_t>(codes, rows, dictionary->codes(), in); break;
            case 2: appendCodes<uint32_t>(codes, rows, dictionary->codes(), in); break;
            default: appendCodes<uint64_t>(codes, rows, dictionary->codes(), in);
        }
        ColumnLowCardinality chunk(dictionary->dictionaryPtr(), std::move(codes));
        column.insertRangeFrom(chunk, 0, rows);
        count -= rows;
    }
}

}
