#pragma once
// Values as bytes and text, per type: what formats (formats/), casts and INSERT … VALUES are made of.
// One Serialization per DataType, immutable and shared. Readers check every bound: input is hostile.
//
// Text dialects: Escaped (TSV), Quoted (Values, inside arrays), Csv, Json, Raw (toString(), CAST to String).
// Bulk binary is ClickHouse's Native column layout at revision 54460 (LowCardinality with dictionaries, Array
// offsets as UInt64, Nullable map first), as clients of ClickHouse expect it.

#include "io/ReadBuffer.h"
#include "io/WriteBuffer.h"
#include "types/DataType.h"

namespace mangrove
{

/// Settings that change text; a subset of ClickHouse's format settings, by the same names.
struct FormatSettings
{
    bool output_format_json_quote_64bit_integers = false;
    bool output_format_json_quote_denormals = false;
    bool output_format_json_named_tuples_as_objects = true;
    bool output_format_write_statistics = true;
    bool input_format_null_as_default = true;
    bool input_format_skip_unknown_fields = true;
    bool input_format_defaults_for_omitted_fields = true;
    char csv_delimiter = ',';
    std::string date_time_output_format = "simple"; /// simple, iso, unix_timestamp
    uint64_t text_value_bytes_max = 256ULL << 20;
    uint64_t array_elements_max = 1ULL << 30;
    uint32_t depth_max = 200;
};

class Serialization
{
public:
    virtual ~Serialization() = default;

    // One value, text.
    virtual void writeRaw(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const = 0;
    virtual void writeEscaped(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const = 0;
    virtual void writeQuoted(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const = 0;
    virtual void writeCsv(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const = 0;
    virtual void writeJson(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const = 0;
    /// As the JSON format prints it: tuples and maps over several lines, `indent` tabs deep.
    virtual void writeJsonPretty(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings, size_t) const
    {
        writeJson(column, row, out, settings);
    }
    /// Reads one field and appends it. On an exception the column may hold a partial value: the caller pops it.
    virtual void readRaw(Column & column, std::string_view text, const FormatSettings & settings) const = 0; /// all of `text`
    virtual void readEscaped(Column & column, ReadBuffer & in, const FormatSettings & settings) const = 0;
    virtual void readQuoted(Column & column, ReadBuffer & in, const FormatSettings & settings) const = 0;
    virtual void readCsv(Column & column, ReadBuffer & in, const FormatSettings & settings) const = 0;

    // One value, RowBinary.
    virtual void writeBinary(const Column & column, size_t row, WriteBuffer & out) const = 0;
    virtual void readBinary(Column & column, ReadBuffer & in, const FormatSettings & settings) const = 0;

    // Many values, Native: prefix and data of the whole column. Appends; nothing is written for zero values.
    void writeBulk(const Column & column, size_t start, size_t count, WriteBuffer & out) const
    {
        if (!count)
            return;
        writeBulkPrefix(out);
        writeBulkData(column, start, count, out);
    }
    void readBulk(Column & column, size_t count, ReadBuffer & in, const FormatSettings & settings) const
    {
        if (!count)
            return;
        readBulkPrefix(in);
        readBulkData(column, count, in, settings);
    }

    /// What stands before the data of the outermost column: the version of each LowCardinality inside.
    virtual void writeBulkPrefix(WriteBuffer &) const { }
    virtual void readBulkPrefix(ReadBuffer &) const { }
    virtual void writeBulkData(const Column & column, size_t start, size_t count, WriteBuffer & out) const = 0;
    virtual void readBulkData(Column & column, size_t count, ReadBuffer & in, const FormatSettings & settings) const = 0;
};

using SerializationPtr = std::shared_ptr<const Serialization>;
/// Cached by type name.
SerializationPtr serializationOf(const DataTypePtr & type);

}
