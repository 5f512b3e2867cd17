#include "formats/TextReaders.h"
#include "types/DataTypes.h"
#include "types/serialization/SerializationNullable.h"
#include "types/serialization/StringText.h"

#include <algorithm>

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
    auto names = readLine();
    bool with_types = lines_ == HeaderLines::NamesAndTypes && !in_.eof();
    std::vector<std::string> types;
    if (with_types)
        types = readLine();
    joinFields(names, types);
    mapping_ = FieldMapping(header_, names, settings_);
    if (with_types)
        mapping_.checkTypes(header_, types);
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
    bool many_fields = type.id() == TypeId::Tuple;
    if (at_end && !many_fields)
        return insertMissing(column);
    if (settings_.input_format_null_as_default && !many_fields && !acceptsNull(type) && tryConsumeNullMark(in_))
        return insertMissing(column);
    serializations_[column]->readCsv(*columns_[column], in_, settings_);
}

std::vector<std::pair<std::string, std::string>> csvFieldsOf(const std::string & name, const DataTypePtr & type)
{
    if (type->id() != TypeId::Tuple || typeAs<DataTypeTuple>(*type).elements().empty())
        return {{name, type->name()}};
    std::vector<std::pair<std::string, std::string>> fields;
    const auto & tuple = typeAs<DataTypeTuple>(*type);
    for (size_t i = 0; i < tuple.elements().size(); ++i)
    {
        auto element = fmt::format("{}.{}", name, tuple.names().empty() ? std::to_string(i + 1) : tuple.names()[i]);
        for (auto & field : csvFieldsOf(element, tuple.elements()[i]))
            fields.push_back(std::move(field));
    }
    return fields;
}

void CsvReader::joinFields(std::vector<std::string> & names, std::vector<std::string> & types) const
{
    for (const auto & [name, type] : header_)
    {
        auto fields = csvFieldsOf(name, type);
        if (fields.size() == 1 && fields[0].first == name)
            continue;
        auto begin = std::search(
            names.begin(), names.end(), fields.begin(), fields.end(), [](const auto & a, const auto & b) { return a == b.first; });
        if (begin == names.end())
            continue;
        size_t position = begin - names.begin();
        bool same_types = true;
        for (size_t i = 0; i < fields.size() && !types.empty(); ++i)
            same_types &= position + i < types.size() && types[position + i] == fields[i].second;
        if (!same_types)
            continue;
        names.erase(begin + 1, begin + static_cast<std::ptrdiff_t>(fields.size()));
        names[position] = name;
        if (types.empty())
            continue;
        auto types_begin = types.begin() + static_cast<std::ptrdiff_t>(position);
        types.erase(types_begin + 1, types_begin + static_cast<std::ptrdiff_t>(fields.size()));
        types[position] = type->name();
    }
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
