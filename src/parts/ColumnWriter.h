#pragma once
// Writes one column of a part, page by page: a tree of nodes that follows the type (Array(Nullable(UInt8)) is three
// nodes), whose leaves are streams. Made by makeColumnWriter, driven by PartWriter. The readers are in ColumnReader.h.
//
// Every writePage() call adds one page to every stream of the node, so that page i of all streams is about the same
// rows: that is all there is to finding one's way. Not thread-safe.

#include "columns/Column.h"
#include "parts/PageStream.h"
#include "types/DataType.h"

namespace mangrove
{

/// First byte of a node in a column header. Numbers are never reused.
enum class NodeKind : uint8_t
{
    Number = 1,
    Bytes = 2,
    Dictionary = 3,
    Nullable = 4,
    Array = 5,
    Tuple = 6,
    Map = 7,
    Lookup = 8,
};

/// Rows of a dictionary's values in one page.
constexpr size_t dictionary_page_rows = 4096;

struct ColumnWriteSettings
{
    CompressionChoice compression;
    /// Strings may get a dictionary page by page (LowCardinality always has one).
    bool adaptive_dictionary = true;
    /// Strings without codes are searched for substrings (BytesEncoder).
    bool searchable = false;
};

struct StreamToPlace
{
    StreamWriter * stream;
    std::string_view zstd_dictionary;
};

class ColumnWriter
{
public:
    virtual ~ColumnWriter() = default;

    /// Rows [begin, end) become the next page. `column` is of the type's kind, without Const; dictionary-coded columns
    /// are taken wherever strings are.
    virtual void writePage(const ColumnPtr & column, size_t begin, size_t end) = 0;
    /// These rows, in this order, become the next page: for sorting without a sorted copy where a writer can.
    virtual void writeRows(const ColumnPtr & column, std::span<const uint32_t> rows)
    {
        writePage(column->gather(rows), 0, rows.size());
    }
    /// After the last page: writes dictionaries.
    virtual void finish() { }
    /// After finish(): all streams, in the order in which they are best stored.
    virtual void collectStreams(std::vector<StreamToPlace> & to) = 0;
    /// After the streams are placed: kind, parameters, stream locations, children.
    virtual void writeHeader(WriteBuffer & out) const = 0;
    virtual uint64_t bytes() const = 0;

    /// Pages without rows, for a column that begins late (a map key first seen in page `count`).
    void writeEmptyPages(size_t count, const DataTypePtr & type);
};

using ColumnWriterPtr = std::unique_ptr<ColumnWriter>;

ColumnWriterPtr makeColumnWriter(const DataTypePtr & type, const ColumnWriteSettings & settings);
/// The compression that CODEC(…) or, if empty, PartWriteOptions::effort asks for. Transformations (Delta…) only reach
/// numbers.
CompressionChoice compressionOf(const std::string & codec, const DataTypePtr & type, int effort);
/// Bytes of a number's storage, 0 if the type is not a number, date, enum, UUID or Interval.
size_t fixedWidthOf(const DataType & type);

}
