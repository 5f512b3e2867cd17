#include "formats/TextReaders.h"
#include "types/DataTypes.h"
#include "types/serialization/SerializationNullable.h"
#include "types/serialization/StringText.h"

namespace mangrove
{

namespace
{

constexpr size_t header_fields_max = 100000;

bool acceptsNull(const DataType & type)
{
    return type.isNullable() || (type.isLowCardinality() && typeAs<DataTypeLowCardinality>(type).nested()->isNullable());
}

}

DelimitedReader::DelimitedReader(
    ReadBuffer & in, NamesAndTypes header, const FormatSettings & settings, const InputOptions & options, HeaderLines lines, char delimiter)
    : RowInputFormat(in, std::move(header), settings, options), lines_(lines), delimiter_(delimiter), mapping_(header_)
{
}

std::vector<std::string> DelimitedReader::readLine()
{
    std::vector<std::string> fields;
    do
    {
        if (fields.size() >= header_fields_max)
            throw Exception(ErrorCode::INCORRECT_DATA, "The header has more than {} fields", header_fields_max);
        skipBlanks();
        fields.push_back(readFieldText());
        skipBlanks();
    } while (in_.tryConsume(delimiter_));
    readLineEnd();
    return fields;
}

void DelimitedReader::readPrefix()
{
    if (lines_ == HeaderLines::None || in_.eof())
        return;
    mapping_ = FieldMapping(header_, readLine(), settings_);
    if (lines_ == HeaderLines::NamesAndTypes && !in_.eof())
        mapping_.checkTypes(header_, readLine());
}

bool DelimitedReader::readRow()
{
    if (in_.eof())
        return false;
    const auto & fields = mapping_.columnOfField();
    for (size_t i = 0; i < fields.size(); ++i)
    {
        current_column_ = fields[i];
        if (i)
            expectDelimiter(in_, delimiter_);
        skipBlanks();
        if (fields[i])
            readField(*fields[i]);
        else
            readFieldText();
        skipBlanks();
    }
    current_column_.reset();
    readLineEnd();
    for (size_t column : mapping_.absent())
        insertMissing(column);
    return true;
}

void TsvReader::readField(size_t column)
{
    if (settings_.input_format_null_as_default && !in_.eof() && *in_.position() == '\\' && !acceptsNull(*header_[column].type)
        && tryConsumeNullMark(in_))
        return insertMissing(column);
    if (raw_)
        serializations_[column]->readRaw(*columns_[column], readRawField(), settings_);
    else
        serializations_[column]->readEscaped(*columns_[column], in_, settings_);
}

std::string TsvReader::readRawField()
{
    std::string text;
    while (!in_.eof())
    {
        const char * p = in_.position();
        while (p != in_.end() && *p != '\t' && *p != '\n')
            ++p;
        bool found = p != in_.end();
        text.append(in_.position(), p);
        in_.advance(p - in_.position());
        if (text.size() > settings_.text_value_bytes_max)
            throw Exception(ErrorCode::TOO_LARGE_STRING_SIZE, "A field exceeds the limit of {} bytes", settings_.text_value_bytes_max);
        if (found)
            break;
    }
    return text;
}

std::string TsvReader::readFieldText()
{
    if (raw_)
        return readRawField();
    PodVector<char> text;
    readEscapedString(text, in_, settings_.text_value_bytes_max);
    return {text.data(), text.size()};
}

void TsvReader::readLineEnd()
{
    if (in_.eof())
        return;
    if (*in_.position() == '\r')
        throw Exception(
            ErrorCode::INCORRECT_DATA,
            "A carriage return (\\r) stands at the end of a line: the data has Windows line ends, which TabSeparated does not allow. "
            "Convert it, or write \\r as an escape where it belongs to the value");
    expectDelimiter(in_, '\n');
}

void CsvReader::skipBlanks()
{
    while (!in_.eof() && (*in_.position() == ' ' || *in_.position() == '\t') && *in_.position() != settings_.csv_delimiter)
        in_.advance(1);
}

void CsvReader::readField(size_t column)
{
    const auto & type = *header_[column].type;
    // An empty field that is not a string is the default: input_format_csv_empty_as_default.
    bool at_end = in_.eof() || *in_.position() == settings_.csv_delimiter || *in_.position() == '\n' || *in_.position() == '\r';
    if (at_end && type.id() != TypeId::Tuple)
        return insertMissing(column);
    if (settings_.input_format_null_as_default && !acceptsNull(type) && tryConsumeNullMark(in_))
        return insertMissing(column);
    serializations_[column]->readCsv(*columns_[column], in_, settings_);
}

std::string CsvReader::readFieldText()
{
    PodVector<char> text;
    readCsvString(text, in_, settings_.csv_delimiter, settings_.text_value_bytes_max);
    return {text.data(), text.size()};
}

void CsvReader::readLineEnd()
{
    if (in_.eof())
        return;
    in_.tryConsume('\r');
    if (!in_.eof() && !in_.tryConsume('\n'))
    {
        size_t available = std::min<size_t>(in_.lookAhead(64), 64);
        throw Exception(ErrorCode::INCORRECT_DATA, "Expected end of line before: {}", quoteForMessage({in_.position(), available}));
    }
}

}
