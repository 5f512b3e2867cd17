#pragma once
// Bytes of an INSERT into blocks. One object reads one stream; not thread-safe. The header is the list of columns to
// fill; whatever the input has no value for is a default, and missing() says where, so that the caller can put the
// column's DEFAULT expression there. An exception ends the stream: its message says row, column and the text.
//
// RowInputFormat is the base of formats that go row by row.

#include "types/Block.h"
#include "types/Serialization.h"

#include <functional>
#include <optional>
#include <set>

namespace mangrove
{

struct InputOptions
{
    uint64_t block_rows_max = 65409;
    uint64_t block_bytes_max = 64ULL << 20; /// of input
    uint64_t input_bytes = 0;              /// what the sender says is to come in all: room is made for it. 0 = not known
    /// Native: the client's protocol revision; 0 for plain HTTP bodies.
    uint64_t revision = 0;
    /// Values: evaluates what is not a literal; without it such values are SYNTAX_ERROR (62).
    std::function<Field(std::string_view expression, const DataTypePtr & type)> evaluate;
    /// Native and …WithNamesAndTypes: converts a column to another type; without it only equal types, LowCardinality
    /// on and off, and types with a common text form are accepted.
    std::function<ColumnPtr(const ColumnPtr & column, const DataTypePtr & from, const DataTypePtr & to)> convert;
    /// Names of Map(String, V) columns that may come as Map(LowCardinality(String), V): for who only stores them, and so
    /// reorders codes instead of texts that repeat in every row.
    std::set<std::string> coded_maps;
};

/// Map(LowCardinality(String), V) for Map(String, V); any other type as it is.
DataTypePtr withCodedMapKeys(const DataTypePtr & type);

class InputFormat
{
public:
    explicit InputFormat(NamesAndTypes header) : header_(std::move(header)) { }
    virtual ~InputFormat() = default;

    /// The next rows, with all columns of the header; a block without columns at the end of the input.
    virtual Block read() = 0;
    /// For the block read last, per column: 1 where the input had no value, or nothing if it had all.
    const std::vector<Filter> & missing() const { return missing_; }
    const NamesAndTypes & header() const { return header_; }

protected:
    NamesAndTypes header_;
    std::vector<Filter> missing_;
};

class RowInputFormat : public InputFormat
{
public:
    RowInputFormat(ReadBuffer & in, NamesAndTypes header, const FormatSettings & settings, const InputOptions & options);
    Block read() final;

protected:
    /// Once, before the first row: the lines with names and types, a byte-order mark.
    virtual void readPrefix() { }
    /// Appends one value to every column, or returns false at the end of the input.
    virtual bool readRow() = 0;
    /// Once, after the last row.
    virtual void readSuffix() { }
    /// The text formats cannot tell how many bytes of the window they have used: JSON reads chunks of its own.
    virtual uint64_t bytesConsumed() const { return in_.consumed(); }

    /// Appends the default and marks it, for a column without a value in this row.
    void insertMissing(size_t column);
    /// Marks the value that is about to be appended, or was appended last in this row.
    void markMissing(size_t column);
    size_t rowsInBlock() const { return rows_; }

    ReadBuffer & in_;
    const FormatSettings settings_;
    const InputOptions options_;
    DataTypes types_; /// of the columns of blocks: the header's, but for coded_maps
    std::vector<SerializationPtr> serializations_;
    std::vector<std::optional<Field>> defaults_; /// of types whose default is not the column's: enums
    std::vector<MutableColumnPtr> columns_;
    /// The column that is being read, for messages; nothing between columns.
    std::optional<size_t> current_column_;

private:
    void addContext(Exception & exception) const;

    bool started_ = false;
    bool finished_ = false;
    size_t rows_ = 0;
    uint64_t rows_before_ = 0;
};

/// Which header column each field of the input fills, from a line of names (and types).
class FieldMapping
{
public:
    /// As many fields as header columns, in order.
    explicit FieldMapping(const NamesAndTypes & header);
    /// INCORRECT_DATA (117) for a duplicate, or an unknown name if unknown fields are not skipped.
    FieldMapping(const NamesAndTypes & header, const std::vector<std::string> & names, const FormatSettings & settings);

    const std::vector<std::optional<size_t>> & columnOfField() const { return column_of_field_; }
    /// Header columns that no field fills.
    const std::vector<size_t> & absent() const { return absent_; }
    /// INCORRECT_DATA if a field's type is not the column's.
    void checkTypes(const NamesAndTypes & header, const std::vector<std::string> & types) const;

private:
    std::vector<std::optional<size_t>> column_of_field_;
    std::vector<size_t> absent_;
};

/// Throws CANNOT_PARSE_INPUT_ASSERTION_FAILED (27): Cannot parse input: expected '\t' before: 'abc'.
[[noreturn]] void throwUnexpected(ReadBuffer & in, std::string_view expected);
/// Control characters as escapes, at most 64 bytes: for messages.
std::string quoteForMessage(std::string_view text);
/// Consumes `c` or throws as above.
void expectDelimiter(ReadBuffer & in, char c);
void skipByteOrderMark(ReadBuffer & in);

}
