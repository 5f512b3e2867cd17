#pragma once
// Row formats in text: TabSeparated (with Raw), CSV and Values. FormatFactory makes them.

#include "formats/InputFormat.h"

namespace mangrove
{

enum class HeaderLines : uint8_t
{
    None,
    Names,
    NamesAndTypes,
};

/// Fields between delimiters, lines between line feeds: what TSV and CSV share.
class DelimitedReader : public RowInputFormat
{
public:
    DelimitedReader(
        ReadBuffer & in, NamesAndTypes header, const FormatSettings & settings, const InputOptions & options, HeaderLines lines, char delimiter);

protected:
    void readPrefix() final;
    bool readRow() final;

    /// Reads the field and appends it, or a missing value.
    virtual void readField(size_t column) = 0;
    /// The text of the field: header lines and unknown columns.
    virtual std::string readFieldText() = 0;
    /// The end of the line or of the input must stand here.
    virtual void readLineEnd() = 0;
    virtual void skipBlanks() { }
    /// From the fields of the lines of names and types to columns.
    virtual void joinFields(std::vector<std::string> & /*names*/, std::vector<std::string> & /*types*/) const { }

private:
    std::vector<std::string> readLine();

    HeaderLines lines_;
    char delimiter_;
    FieldMapping mapping_;
};

/// A column as the fields that CSV has for it, (name, type): itself, or the elements of a tuple as t.a, t.b.
std::vector<std::pair<std::string, std::string>> csvFieldsOf(const std::string & name, const DataTypePtr & type);

class TsvReader final : public DelimitedReader
{
public:
    TsvReader(
        ReadBuffer & in, NamesAndTypes header, const FormatSettings & settings, const InputOptions & options, HeaderLines lines, bool raw)
        : DelimitedReader(in, std::move(header), settings, options, lines, '\t'), raw_(raw)
    {
    }

protected:
    void readField(size_t column) override;
    std::string readFieldText() override;
    void readLineEnd() override;

private:
    std::string readRawField();

    bool raw_;
};

class CsvReader final : public DelimitedReader
{
public:
    CsvReader(ReadBuffer & in, NamesAndTypes header, const FormatSettings & settings, const InputOptions & options, HeaderLines lines)
        : DelimitedReader(in, std::move(header), settings, options, lines, settings.csv_delimiter)
    {
    }

protected:
    void readField(size_t column) override;
    std::string readFieldText() override;
    void readLineEnd() override;
    void skipBlanks() override;
    void joinFields(std::vector<std::string> & names, std::vector<std::string> & types) const override;
};

/// (1, 'a'), (1 + 1, DEFAULT), … with an optional ; at the end. What is no literal of its column's type goes to
/// InputOptions::evaluate.
class ValuesReader final : public RowInputFormat
{
public:
    using RowInputFormat::RowInputFormat;

protected:
    bool readRow() override;

private:
    void readValue(size_t column);
    bool tryReadLiteral(size_t column, std::string_view text);
    std::string readExpression();

    std::vector<MutableColumnPtr> scratch_;
};

}
