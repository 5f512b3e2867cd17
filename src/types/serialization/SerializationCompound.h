#pragma once
// Array(T), Map(K, V) and Tuple(T…). Text is the same in Raw, Escaped and Quoted ("[1,'a']", "{'k':1}", "(1,'a')":
// elements are in the Quoted dialect); in Csv an array or map is that text as a string, a tuple is one field per
// element. Depth is that of the type, which parseDataType() limits.

#include "types/DataTypes.h"
#include "types/Serialization.h"

namespace mangrove
{

class SerializationCompound : public Serialization
{
public:
    void writeRaw(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void writeEscaped(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void writeCsv(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void readRaw(Column & column, std::string_view text, const FormatSettings & settings) const override;
    void readEscaped(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void readCsv(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
};

class SerializationArray final : public SerializationCompound
{
public:
    explicit SerializationArray(const DataTypeArray & type);
    void writeQuoted(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void writeJson(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void writeJsonPretty(const Column &, size_t row, WriteBuffer &, const FormatSettings &, size_t indent) const override;
    void readQuoted(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void writeBinary(const Column & column, size_t row, WriteBuffer & out) const override;
    void readBinary(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void writeBulkPrefix(WriteBuffer & out) const override { element_->writeBulkPrefix(out); }
    void readBulkPrefix(ReadBuffer & in) const override { element_->readBulkPrefix(in); }
    void writeBulkData(const Column & column, size_t start, size_t count, WriteBuffer & out) const override;
    void readBulkData(Column & column, size_t count, ReadBuffer & in, const FormatSettings & settings) const override;

private:
    SerializationPtr element_;
    bool element_is_compound_;
};

class SerializationMap final : public SerializationCompound
{
public:
    explicit SerializationMap(const DataTypeMap & type);
    void writeQuoted(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void writeJson(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void writeJsonPretty(const Column &, size_t row, WriteBuffer &, const FormatSettings &, size_t indent) const override;
    void readQuoted(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void writeBinary(const Column & column, size_t row, WriteBuffer & out) const override;
    void readBinary(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void writeBulkPrefix(WriteBuffer & out) const override;
    void readBulkPrefix(ReadBuffer & in) const override;
    void writeBulkData(const Column & column, size_t start, size_t count, WriteBuffer & out) const override;
    void readBulkData(Column & column, size_t count, ReadBuffer & in, const FormatSettings & settings) const override;

private:
    /// A String key, appended to plain strings or to codes: Map(String, V) may be read into either, to reorder it sooner.
    void readKey(Column & keys, ReadBuffer & in, const FormatSettings & settings) const;
    void writeJsonKey(const Column & keys, size_t position, WriteBuffer & out, const FormatSettings & settings) const;

    SerializationPtr key_;
    SerializationPtr value_;
    bool plain_keys_;     /// String
    bool string_keys_;    /// String or LowCardinality(String)
    bool string_values_;
    bool quote_json_key_; /// numbers become strings: JSON has no other keys
};

class SerializationTuple final : public SerializationCompound
{
public:
    explicit SerializationTuple(const DataTypeTuple & type);
    void writeQuoted(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void writeCsv(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void writeJson(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void writeJsonPretty(const Column &, size_t row, WriteBuffer &, const FormatSettings &, size_t indent) const override;
    void readQuoted(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void readCsv(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void writeBinary(const Column & column, size_t row, WriteBuffer & out) const override;
    void readBinary(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void writeBulkPrefix(WriteBuffer & out) const override;
    void readBulkPrefix(ReadBuffer & in) const override;
    void writeBulkData(const Column & column, size_t start, size_t count, WriteBuffer & out) const override;
    void readBulkData(Column & column, size_t count, ReadBuffer & in, const FormatSettings & settings) const override;

private:
    bool asObject(const FormatSettings & settings) const
    {
        return !names_.empty() && settings.output_format_json_named_tuples_as_objects;
    }

    std::vector<SerializationPtr> elements_;
    std::vector<std::string> names_;
};

/// A line feed and `indent` tabs, for writeJsonPretty().
void writeNewLine(WriteBuffer & out, size_t indent);

/// Reads a Quoted element; NULL for a type without NULLs gives the default (input_format_null_as_default).
void readQuotedElement(const Serialization & serialization, Column & column, ReadBuffer & in, const FormatSettings & settings);

/// `count` cumulative ends of a block's arrays become ends in `offsets`; returns the number of elements.
/// The ends must not decrease, nor exceed array_elements_max: TOO_LARGE_ARRAY_SIZE (128).
size_t readBulkOffsets(PodVector<uint64_t> & offsets, size_t count, ReadBuffer & in, const FormatSettings & settings);
void writeBulkOffsets(const PodVector<uint64_t> & offsets, size_t start, size_t count, WriteBuffer & out);
/// The length in front of an array in RowBinary.
size_t readArrayLength(ReadBuffer & in, const FormatSettings & settings);

}
