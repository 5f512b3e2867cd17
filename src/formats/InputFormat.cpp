#include "formats/InputFormat.h"

#include "types/DataTypes.h"
#include "types/serialization/StringText.h"

#include <unordered_map>

namespace mangrove
{

DataTypePtr withCodedMapKeys(const DataTypePtr & type)
{
    if (type->id() != TypeId::Map || !typeAs<DataTypeMap>(*type).key()->isString())
        return type;
    const auto & map = typeAs<DataTypeMap>(*type);
    return std::make_shared<DataTypeMap>(std::make_shared<DataTypeLowCardinality>(map.key()), map.value());
}

RowInputFormat::RowInputFormat(ReadBuffer & in, NamesAndTypes header, const FormatSettings & settings, const InputOptions & options)
    : InputFormat(std::move(header)), in_(in), settings_(settings), options_(options)
{
    for (const auto & column : header_)
    {
        types_.push_back(options_.coded_maps.contains(column.name) ? withCodedMapKeys(column.type) : column.type);
        serializations_.push_back(serializationOf(types_.back()));
        auto zero = column.type->createColumn();
        zero->insertDefault();
        auto value = column.type->defaultValue();
        defaults_.push_back(zero->get(0) == value ? std::nullopt : std::optional(value));
    }
}

Block RowInputFormat::read()
{
    missing_.assign(header_.size(), {});
    if (finished_)
        return {};
    rows_ = 0;
    columns_.clear();
    for (const auto & type : types_)
        columns_.push_back(type->createColumn());
    try
    {
        if (!started_)
        {
            started_ = true;
            skipByteOrderMark(in_);
            readPrefix();
        }
        uint64_t bytes_max = bytesConsumed() + options_.block_bytes_max;
        while (rows_ < options_.block_rows_max && bytesConsumed() < bytes_max)
        {
            if (!readRow())
            {
                readSuffix();
                finished_ = true;
                break;
            }
            ++rows_;
        }
    }
    catch (Exception & exception)
    {
        finished_ = true;
        addContext(exception);
        throw;
    }
    if (!rows_)
        return {};
    rows_before_ += rows_;
    std::vector<ColumnWithType> result;
    for (size_t i = 0; i < header_.size(); ++i)
    {
        CHECK(columns_[i]->size() == rows_, "column {} has {} rows, the block {}", header_[i].name, columns_[i]->size(), rows_);
        result.push_back({columns_[i], types_[i], header_[i].name});
        if (!missing_[i].empty())
            missing_[i].resize(rows_, 0);
    }
    return Block(std::move(result));
}

void RowInputFormat::insertMissing(size_t column)
{
    markMissing(column);
    if (defaults_[column])
        columns_[column]->insert(*defaults_[column]);
    else
        columns_[column]->insertDefault();
}

void RowInputFormat::markMissing(size_t column)
{
    missing_[column].resize(rows_, 0);
    missing_[column].push_back(1);
}

void RowInputFormat::addContext(Exception & exception) const
{
    if (current_column_ && *current_column_ < header_.size())
        exception.addContext(
            fmt::format("(while reading column {}, type {})", header_[*current_column_].name, header_[*current_column_].type->name()));
    exception.addContext(fmt::format("(at row {})", rows_before_ + rows_ + 1));
}

FieldMapping::FieldMapping(const NamesAndTypes & header)
{
    for (size_t i = 0; i < header.size(); ++i)
        column_of_field_.emplace_back(i);
}

FieldMapping::FieldMapping(const NamesAndTypes & header, const std::vector<std::string> & names, const FormatSettings & settings)
{
    std::unordered_map<std::string_view, size_t> position_of_name;
    for (size_t i = 0; i < header.size(); ++i)
        position_of_name.emplace(header[i].name, i);
    std::vector<bool> filled(header.size());
    for (const auto & name : names)
    {
        auto found = position_of_name.find(name);
        if (found == position_of_name.end())
        {
            if (!settings.input_format_skip_unknown_fields)
                throw Exception(
                    ErrorCode::INCORRECT_DATA, "Unknown field found in the header: '{}' at position {}", name, column_of_field_.size());
            column_of_field_.emplace_back();
            continue;
        }
        if (filled[found->second])
            throw Exception(ErrorCode::INCORRECT_DATA, "Duplicate field found while parsing format header: {}", name);
        filled[found->second] = true;
        column_of_field_.emplace_back(found->second);
    }
    for (size_t i = 0; i < header.size(); ++i)
        if (!filled[i])
            absent_.push_back(i);
}

void FieldMapping::checkTypes(const NamesAndTypes & header, const std::vector<std::string> & types) const
{
    if (types.size() != column_of_field_.size())
        throw Exception(
            ErrorCode::INCORRECT_DATA, "The number of data types differs from the number of column names: {} and {}", types.size(),
            column_of_field_.size());
    for (size_t i = 0; i < types.size(); ++i)
    {
        if (!column_of_field_[i])
            continue;
        const auto & column = header[*column_of_field_[i]];
        if (types[i] != column.type->name() && !parseDataType(types[i])->equals(*column.type))
            throw Exception(ErrorCode::INCORRECT_DATA, "Type of '{}' must be {}, not {}", column.name, column.type->name(), types[i]);
    }
}

std::string quoteForMessage(std::string_view text)
{
    WriteBuffer out;
    writeQuotedString(text.substr(0, 64), out);
    return out.take();
}

void throwUnexpected(ReadBuffer & in, std::string_view expected)
{
    size_t available = std::min<size_t>(in.lookAhead(64), 64);
    if (!available)
        throw Exception(
            ErrorCode::CANNOT_PARSE_INPUT_ASSERTION_FAILED, "Cannot parse input: expected {} at end of stream", quoteForMessage(expected));
    throw Exception(
        ErrorCode::CANNOT_PARSE_INPUT_ASSERTION_FAILED,
        "Cannot parse input: expected {} before: {}",
        quoteForMessage(expected),
        quoteForMessage({in.position(), available}));
}

void expectDelimiter(ReadBuffer & in, char c)
{
    if (!in.tryConsume(c)) [[unlikely]]
        throwUnexpected(in, std::string_view(&c, 1));
}

void skipByteOrderMark(ReadBuffer & in)
{
    if (in.lookAhead(3) >= 3 && std::memcmp(in.position(), "\xEF\xBB\xBF", 3) == 0)
        in.advance(3);
}

}
