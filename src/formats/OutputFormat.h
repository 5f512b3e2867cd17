#pragma once
// Blocks of a result into bytes. Call order: writePrefix, write*, [writeTotals], [writeExtremes], finalize. One object
// writes one result; not thread-safe. All blocks have the structure of the header. What is written is what
// ClickHouse 26 writes, byte for byte.

#include "types/Block.h"
#include "types/Serialization.h"

#include <optional>

namespace mangrove
{

/// What JSON, XML and Pretty put behind the rows.
struct OutputStatistics
{
    double elapsed_seconds = 0;
    uint64_t rows_read = 0;
    uint64_t bytes_read = 0;
    /// Rows that LIMIT cut, if the query had one.
    std::optional<uint64_t> rows_before_limit;
};

class OutputFormat
{
public:
    OutputFormat(WriteBuffer & out, NamesAndTypes header, const FormatSettings & settings);
    virtual ~OutputFormat() = default;

    virtual void writePrefix() { }
    virtual void write(const Block & block) = 0;
    /// One row; formats without a place for totals and extremes write nothing.
    virtual void writeTotals(const Block &) { }
    /// Two rows: minima, maxima.
    virtual void writeExtremes(const Block &) { }
    /// The end of the text; flushing is the business of the buffer's owner.
    virtual void finalize(const OutputStatistics &) = 0;

protected:
    WriteBuffer & out_;
    const NamesAndTypes header_;
    const FormatSettings settings_;
    std::vector<SerializationPtr> serializations_;
};

}
