#pragma once
// Writers of the text formats that go row by row: TabSeparated, CSV, JSONEachRow, JSONCompactEachRow, Values, TSKV,
// Vertical, Markdown. FormatFactory makes them.

#include "formats/OutputFormat.h"
#include "formats/TextReaders.h"

namespace mangrove
{

class RowOutputFormat : public OutputFormat
{
public:
    using OutputFormat::OutputFormat;
    void write(const Block & block) override;
    void finalize(const OutputStatistics &) override { }

protected:
    virtual void writeRow(const Block & block, size_t row) = 0;
    size_t rowsWritten() const { return rows_written_; }

private:
    size_t rows_written_ = 0;
};

class TsvWriter final : public RowOutputFormat
{
public:
    TsvWriter(WriteBuffer & out, NamesAndTypes header, const FormatSettings & settings, HeaderLines lines, bool raw)
        : RowOutputFormat(out, std::move(header), settings), lines_(lines), raw_(raw)
    {
    }
    void writePrefix() override;
    void writeTotals(const Block & block) override;
    void writeExtremes(const Block & block) override { writeTotals(block); }

protected:
    void writeRow(const Block & block, size_t row) override;

private:
    HeaderLines lines_;
    bool raw_;
};

class CsvWriter final : public RowOutputFormat
{
public:
    CsvWriter(WriteBuffer & out, NamesAndTypes header, const FormatSettings & settings, HeaderLines lines)
        : RowOutputFormat(out, std::move(header), settings), lines_(lines)
    {
    }
    void writePrefix() override;
    void writeTotals(const Block & block) override;
    void writeExtremes(const Block & block) override { writeTotals(block); }

protected:
    void writeRow(const Block & block, size_t row) override;

private:
    HeaderLines lines_;
};

/// `strings`: every value is a JSON string of its text (JSONStringsEachRow).
class JsonEachRowWriter final : public RowOutputFormat
{
public:
    JsonEachRowWriter(WriteBuffer & out, NamesAndTypes header, const FormatSettings & settings, bool strings);

protected:
    void writeRow(const Block & block, size_t row) override;

private:
    bool strings_;
    std::vector<std::string> keys_; /// "name": as it stands before the value
};

class JsonCompactEachRowWriter final : public RowOutputFormat
{
public:
    JsonCompactEachRowWriter(WriteBuffer & out, NamesAndTypes header, const FormatSettings & settings, HeaderLines lines, bool strings)
        : RowOutputFormat(out, std::move(header), settings), lines_(lines), strings_(strings)
    {
    }
    void writePrefix() override;

protected:
    void writeRow(const Block & block, size_t row) override;

private:
    HeaderLines lines_;
    bool strings_;
};

class ValuesWriter final : public RowOutputFormat
{
public:
    using RowOutputFormat::RowOutputFormat;

protected:
    void writeRow(const Block & block, size_t row) override;
};

class TskvWriter final : public RowOutputFormat
{
public:
    using RowOutputFormat::RowOutputFormat;

protected:
    void writeRow(const Block & block, size_t row) override;
};

class MarkdownWriter final : public RowOutputFormat
{
public:
    using RowOutputFormat::RowOutputFormat;
    void writePrefix() override;

protected:
    void writeRow(const Block & block, size_t row) override;
};

class VerticalWriter final : public RowOutputFormat
{
public:
    VerticalWriter(WriteBuffer & out, NamesAndTypes header, const FormatSettings & settings);
    void writeTotals(const Block & block) override;
    void writeExtremes(const Block & block) override;

protected:
    void writeRow(const Block & block, size_t row) override;

private:
    void writeValues(const Block & block, size_t row);
    void writeTitled(std::string_view title, const Block & block, size_t row);

    std::vector<std::string> padded_names_;
};

class NullWriter final : public OutputFormat
{
public:
    using OutputFormat::OutputFormat;
    void write(const Block &) override { }
    void finalize(const OutputStatistics &) override { }
};

class RowBinaryWriter final : public RowOutputFormat
{
public:
    RowBinaryWriter(WriteBuffer & out, NamesAndTypes header, const FormatSettings & settings, HeaderLines lines)
        : RowOutputFormat(out, std::move(header), settings), lines_(lines)
    {
    }
    void writePrefix() override;

protected:
    void writeRow(const Block & block, size_t row) override;

private:
    HeaderLines lines_;
};

/// A value as JSON, or as a JSON string of its text. NULL as text is ᴺᵁᴸᴸ.
void writeJsonField(
    const Serialization & serialization, const Column & column, size_t row, bool as_string, WriteBuffer & out, const FormatSettings & settings);

/// Terminal cells that UTF-8 text takes: two for wide East Asian characters and emoji, none for combining marks.
size_t visibleWidth(std::string_view utf8);
/// Whether tables put values of the type to the right: numbers, dates, times.
bool alignsRight(const DataTypePtr & type);
/// " -- 1.23 million" for a number above a million, else "".
std::string readableNumberTip(const ColumnWithType & column, size_t row);
/// The text of a value for people: ᴺᵁᴸᴸ for NULL.
void writeForPeople(
    const Serialization & serialization, const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings);

constexpr std::string_view null_for_people = "ᴺᵁᴸᴸ";

}
