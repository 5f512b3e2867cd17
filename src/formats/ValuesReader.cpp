#include "formats/TextReaders.h"
#include "types/DataTypes.h"
#include "types/serialization/StringText.h"

namespace mangrove
{

/// The text of a value up to the comma or bracket that ends it: quotes, brackets and $$…$$ inside are skipped.
std::string ValuesReader::readExpression()
{
    std::string text;
    std::string brackets;
    while (true)
    {
        char c = in_.peek();
        if (brackets.empty() && (c == ',' || c == ')'))
            return text;
        if (text.size() >= settings_.text_value_bytes_max || brackets.size() > settings_.depth_max)
            throw Exception(ErrorCode::SYNTAX_ERROR, "A value is longer or deeper than the limits: {}", quoteForMessage(text));
        in_.advance(1);
        text.push_back(c);
        if (c == '(' || c == '[' || c == '{')
            brackets.push_back(c == '(' ? ')' : c == '[' ? ']' : '}');
        else if (c == ')' || c == ']' || c == '}')
        {
            if (brackets.empty() || brackets.back() != c)
                throw Exception(ErrorCode::SYNTAX_ERROR, "Unmatched '{}' in a value: {}", c, quoteForMessage(text));
            brackets.pop_back();
        }
        else if (c == '\'' || c == '"' || c == '`')
        {
            char quoted = 0;
            while ((quoted = in_.readByte()) != c)
            {
                text.push_back(quoted);
                if (quoted == '\\')
                    text.push_back(in_.readByte());
                if (text.size() >= settings_.text_value_bytes_max)
                    throw Exception(ErrorCode::TOO_LARGE_STRING_SIZE, "A value exceeds {} bytes", settings_.text_value_bytes_max);
            }
            text.push_back(c);
        }
        else if (c == '$' && in_.tryConsume('$'))
        {
            text.push_back('$');
            size_t begin = text.size();
            while (text.size() < begin + 2 || !text.ends_with("$$"))
            {
                text.push_back(in_.readByte());
                if (text.size() >= settings_.text_value_bytes_max)
                    throw Exception(ErrorCode::TOO_LARGE_STRING_SIZE, "A value exceeds {} bytes", settings_.text_value_bytes_max);
            }
        }
    }
}

/// Through a column of one row: a literal that turns out to be the start of an expression may leave half a value.
bool ValuesReader::tryReadLiteral(size_t column, std::string_view text)
{
    scratch_.resize(header_.size());
    auto & scratch = scratch_[column];
    if (!scratch)
        scratch = types_[column]->createColumn();
    ReadBuffer in(text);
    try
    {
        serializations_[column]->readQuoted(*scratch, in, settings_);
        skipSpaces(in);
        if (in.eof())
        {
            columns_[column]->insertFrom(*scratch, 0);
            scratch->popBack(1);
            return true;
        }
    }
    catch (const Exception &)
    {
        if (!options_.evaluate)
            throw;
    }
    scratch.reset();
    return false;
}

void ValuesReader::readValue(size_t column)
{
    std::string text = readExpression();
    while (!text.empty() && (text.back() == ' ' || (text.back() >= '\t' && text.back() <= '\r')))
        text.pop_back();
    {
        ReadBuffer in(text);
        if (tryConsumeWord(in, "default") && in.eof())
            return insertMissing(column);
    }
    bool nullable = removeLowCardinality(header_[column].type)->isNullable();
    if (!nullable && settings_.input_format_null_as_default)
    {
        ReadBuffer in(text);
        if (tryConsumeWord(in, "null") && in.eof())
            return insertMissing(column);
    }
    if (tryReadLiteral(column, text))
        return;
    if (!options_.evaluate)
        throw Exception(
            ErrorCode::SYNTAX_ERROR, "Cannot parse expression of type {} here: {}", header_[column].type->name(), quoteForMessage(text));
    Field value = options_.evaluate(text, header_[column].type);
    if (value.isNull() && !nullable)
    {
        if (!settings_.input_format_null_as_default)
            throw Exception(ErrorCode::TYPE_MISMATCH, "Cannot insert NULL value into a column of type {}", header_[column].type->name());
        return insertMissing(column);
    }
    columns_[column]->insert(value);
}

bool ValuesReader::readRow()
{
    skipSpaces(in_);
    if (in_.eof() || *in_.position() == ';')
    {
        if (in_.tryConsume(';'))
            skipSpaces(in_);
        if (!in_.eof())
            throwUnexpected(in_, "end of stream");
        return false;
    }
    if (*in_.position() == ',')
    {
        in_.advance(1);
        skipSpaces(in_);
        if (in_.eof())
            return false;
    }
    expectDelimiter(in_, '(');
    for (size_t i = 0; i < header_.size(); ++i)
    {
        current_column_ = i;
        if (i)
            expectDelimiter(in_, ',');
        skipSpaces(in_);
        readValue(i);
        skipSpaces(in_);
    }
    current_column_.reset();
    expectDelimiter(in_, ')');
    return true;
}

}
