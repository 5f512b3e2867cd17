// parseDataType: recursive descent over the text of a type. Names of types are words ("DOUBLE PRECISION" is two);
// arguments are types, numbers, strings or, in a Tuple, names before types. The grammar is ClickHouse's; quoting
// follows its string literals. Depth and length are limited: the text may come from a client.

#include "types/DataTypes.h"
#include "types/typeNames.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace mangrove
{

namespace
{

constexpr size_t text_bytes_max = 1 << 20;
constexpr size_t depth_max = 100;
constexpr size_t elements_max = 10000;

class TypeParser
{
public:
    explicit TypeParser(std::string_view text) : text_(text) { }

    DataTypePtr parseWhole()
    {
        auto type = parseType();
        skipSpaces();
        if (position_ != text_.size())
            fail("the end of the type");
        return type;
    }

    /// name T, name T… up to the closing bracket, which stays: the elements of a Nested.
    std::vector<std::pair<std::string, std::string>> parseNestedElements()
    {
        std::vector<std::pair<std::string, std::string>> result;
        do
        {
            checkCount(result.size());
            auto name = parseName();
            skipSpaces();
            size_t begin = position_;
            skipType();
            result.emplace_back(std::move(name), text_.substr(begin, position_ - begin));
        } while (tryConsume(','));
        return result;
    }

    void expect(char c)
    {
        if (!tryConsume(c))
            fail(std::string("'") + c + "'");
    }
    bool tryConsume(char c)
    {
        skipSpaces();
        if (position_ == text_.size() || text_[position_] != c)
            return false;
        ++position_;
        return true;
    }
    bool atEnd()
    {
        skipSpaces();
        return position_ == text_.size();
    }
    std::string parseWord()
    {
        skipSpaces();
        size_t begin = position_;
        while (position_ < text_.size() && isWordChar(text_[position_]))
            ++position_;
        if (begin == position_)
            fail("a name");
        return std::string(text_.substr(begin, position_ - begin));
    }

private:
    DataTypePtr parseType();
    DataTypePtr makeWithArguments(const std::string & name);
    DataTypePtr parseTuple();
    DataTypePtr parseEnum(const std::string & name);
    DataTypePtr parseDateTime();
    DataTypePtr parseDateTime64();
    DataTypePtr parseAggregateFunction(bool simple);
    std::vector<Field> parseLiterals();
    Field parseLiteral();
    void skipType();

    /// "DOUBLE PRECISION", "Int32", as one canonical name.
    std::string parseTypeName()
    {
        std::string name = parseWord();
        while (true)
        {
            size_t before = position_;
            if (atEnd() || !isWordChar(text_[position_]))
                return canonicalTypeName(name);
            std::string longer = name + " " + parseWord();
            // "NATIONAL CHARACTER LARGE OBJECT" is no alias after every word, hence the look ahead by two words.
            bool known = canonicalTypeName(longer) != longer;
            if (!known && !atEnd() && isWordChar(text_[position_]))
            {
                longer += " " + parseWord();
                known = canonicalTypeName(longer) != longer;
            }
            if (!known)
            {
                position_ = before;
                return canonicalTypeName(name);
            }
            name = longer;
        }
    }

    std::string parseName()
    {
        skipSpaces();
        if (position_ < text_.size() && (text_[position_] == '`' || text_[position_] == '"'))
            return parseQuoted();
        return parseWord();
    }

    /// The quoted text at the position, in whichever quotes; a quote inside is doubled or has a backslash.
    std::string parseQuoted()
    {
        char quote = text_[position_++];
        std::string result;
        while (position_ < text_.size())
        {
            char c = text_[position_++];
            if (c == quote)
            {
                if (position_ == text_.size() || text_[position_] != quote)
                    return result;
                ++position_;
            }
            else if (c == '\\' && position_ < text_.size())
            {
                c = text_[position_++];
                static constexpr std::string_view letters = "bfnrt0av";
                static constexpr std::string_view meanings{"\b\f\n\r\t\0\a\v", 8};
                if (auto at = letters.find(c); at != std::string_view::npos)
                    c = meanings[at];
            }
            result += c;
        }
        fail("a closing quote");
    }

    uint64_t parseUnsigned(std::string_view what, ErrorCode code)
    {
        skipSpaces();
        uint64_t value = 0;
        auto [end, error] = std::from_chars(text_.data() + position_, text_.data() + text_.size(), value);
        if (error != std::errc())
            throw Exception(code, "{} must be a positive integer, in type {}", what, shown());
        position_ = end - text_.data();
        return value;
    }

    static bool isWordChar(char c)
    {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    }
    void skipSpaces()
    {
        while (position_ < text_.size() && (text_[position_] == ' ' || (text_[position_] >= '\t' && text_[position_] <= '\r')))
            ++position_;
    }
    void checkCount(size_t count) const
    {
        if (count >= elements_max)
            throw Exception(ErrorCode::TOO_BIG_AST, "A type has more than {} elements: {}", elements_max, shown());
    }
    std::string_view shown() const { return text_.substr(0, 200); }
    [[noreturn]] void fail(std::string_view expected) const
    {
        throw Exception(
            ErrorCode::ILLEGAL_SYNTAX_FOR_DATA_TYPE, "Cannot parse data type {}: expected {} at position {}", shown(), expected, position_);
    }

    std::string_view text_;
    size_t position_ = 0;
    size_t depth_ = 0;
};

DataTypePtr TypeParser::parseType()
{
    if (++depth_ > depth_max)
        throw Exception(ErrorCode::TOO_DEEP_AST, "A type is nested deeper than {}: {}", depth_max, shown());
    std::string name = parseTypeName();
    bool has_arguments = tryConsume('(');
    DataTypePtr type;
    if (has_arguments && !tryConsume(')'))
    {
        type = makeWithArguments(name);
        expect(')');
    }
    else if (name == "Tuple")
        type = std::make_shared<DataTypeTuple>(DataTypes{});
    else if (name == "DateTime64")
        type = std::make_shared<DataTypeDateTime64>(3);
    else
        type = nullptr;
    --depth_;
    if (type)
        return type;

    static const auto simple = []
    {
        std::vector<std::pair<std::string, DataTypePtr>> result;
        for (auto id = static_cast<int>(TypeId::Nothing); id <= static_cast<int>(TypeId::UUID); ++id)
            if (auto type_id = static_cast<TypeId>(id); type_id != TypeId::FixedString && type_id != TypeId::DateTime64
                && type_id != TypeId::Enum8 && type_id != TypeId::Enum16)
                result.emplace_back(makeType(type_id)->name(), makeType(type_id));
        using Unit = DataTypeInterval::Unit;
        for (auto unit = static_cast<int>(Unit::Nanosecond); unit <= static_cast<int>(Unit::Year); ++unit)
        {
            auto interval = std::make_shared<DataTypeInterval>(static_cast<Unit>(unit));
            result.emplace_back(interval->name(), interval);
        }
        return result;
    }();
    for (const auto & [known, known_type] : simple)
        if (known == name)
            return known_type;
    if (name == "Nested")
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "Nested is a way to declare several arrays in a table, not a type of a value: {}", shown());
    if (isUnsupportedTypeName(name))
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "Data type {} is not supported, in type {}", name, shown());
    if (name == "Enum" || name == "Enum8" || name == "Enum16")
        throw Exception(ErrorCode::EMPTY_DATA_PASSED, "Enum data type cannot be empty");
    for (std::string_view needs : {"Array", "Map", "Nullable", "LowCardinality", "FixedString", "AggregateFunction", "SimpleAggregateFunction"})
        if (name == needs)
            throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH, "Data type {} needs arguments, in type {}", name, shown());
    throw Exception(ErrorCode::UNKNOWN_TYPE, "Unknown data type family: {}", name);
}

/// After the opening bracket of at least one argument; null for a type that has no arguments but tolerates them.
DataTypePtr TypeParser::makeWithArguments(const std::string & name)
{
    if (name == "Array")
        return std::make_shared<DataTypeArray>(parseType());
    if (name == "Nullable")
        return std::make_shared<DataTypeNullable>(parseType());
    if (name == "LowCardinality")
        return std::make_shared<DataTypeLowCardinality>(parseType());
    if (name == "Tuple")
        return parseTuple();
    if (name == "Map")
    {
        auto key = parseType();
        expect(',');
        return std::make_shared<DataTypeMap>(std::move(key), parseType());
    }
    if (name == "FixedString")
    {
        uint64_t length = parseUnsigned("The length of FixedString", ErrorCode::UNEXPECTED_AST_STRUCTURE);
        return std::make_shared<DataTypeFixedString>(length);
    }
    if (name == "DateTime")
        return parseDateTime();
    if (name == "DateTime64")
        return parseDateTime64();
    if (name == "Enum" || name == "Enum8" || name == "Enum16")
        return parseEnum(name);
    if (name == "AggregateFunction" || name == "SimpleAggregateFunction")
        return parseAggregateFunction(name[0] == 'S');
    if (isUnsupportedTypeName(name))
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "Data type {} is not supported, in type {}", name, shown());
    // VARCHAR(255), INT(11): a width without meaning.
    bool tolerates = name == "String" || name.find("Int") != std::string::npos || name.starts_with("Float");
    if (!tolerates)
        throw Exception(ErrorCode::DATA_TYPE_CANNOT_HAVE_ARGUMENTS, "Data type {} cannot have arguments", name);
    parseLiterals();
    return nullptr;
}

DataTypePtr TypeParser::parseTuple()
{
    DataTypes elements;
    std::vector<std::string> names;
    do
    {
        checkCount(elements.size());
        size_t begin = position_;
        // A name stands before the type if another word or a quoted name makes no sense as the type itself.
        std::string name = parseName();
        bool quoted = text_[position_ - 1] == '`' || text_[position_ - 1] == '"';
        bool word_follows = !atEnd() && isWordChar(text_[position_]);
        size_t after_name = position_;
        if (word_follows && !quoted)
        {
            position_ = begin;
            parseTypeName();
            word_follows = position_ <= after_name || atEnd() || isWordChar(text_[position_]);
            position_ = after_name;
        }
        if (quoted || word_follows)
            names.push_back(std::move(name));
        else
            position_ = begin;
        elements.push_back(parseType());
    } while (tryConsume(','));
    if (!names.empty() && names.size() != elements.size())
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Names are specified not for all elements of Tuple type: {}", shown());
    return std::make_shared<DataTypeTuple>(std::move(elements), std::move(names));
}

DataTypePtr TypeParser::parseEnum(const std::string & name)
{
    DataTypeEnum::Values values;
    int64_t next = 1;
    bool wide = name == "Enum16";
    do
    {
        checkCount(values.size());
        skipSpaces();
        if (atEnd() || text_[position_] != '\'')
            fail("the name of an enum value in quotes");
        std::string value_name = parseQuoted();
        if (tryConsume('='))
        {
            bool negative = tryConsume('-');
            uint64_t magnitude = parseUnsigned("The value of an enum element", ErrorCode::UNEXPECTED_AST_STRUCTURE);
            next = static_cast<int64_t>(std::min<uint64_t>(magnitude, 1 << 20)) * (negative ? -1 : 1);
        }
        if (next < INT16_MIN || next > INT16_MAX)
            throw Exception(ErrorCode::ARGUMENT_OUT_OF_BOUND, "Value {} for element '{}' exceeds range of Enum16", next, value_name);
        wide = wide || (name == "Enum" && (next < INT8_MIN || next > INT8_MAX));
        values.emplace_back(std::move(value_name), static_cast<int16_t>(next));
        ++next;
    } while (tryConsume(','));
    return std::make_shared<DataTypeEnum>(wide ? TypeId::Enum16 : TypeId::Enum8, std::move(values));
}

/// DateTime('UTC'), and DateTime(3) or DateTime(3, 'UTC'), which are DateTime64.
DataTypePtr TypeParser::parseDateTime()
{
    skipSpaces();
    if (!atEnd() && text_[position_] == '\'')
        return std::make_shared<DataTypeDateTime>(parseQuoted());
    return parseDateTime64();
}

DataTypePtr TypeParser::parseDateTime64()
{
    uint64_t precision = parseUnsigned("The scale of DateTime64", ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT);
    precision = std::min<uint64_t>(precision, std::numeric_limits<uint32_t>::max());
    std::string zone;
    if (tryConsume(','))
    {
        skipSpaces();
        if (atEnd() || text_[position_] != '\'')
            fail("a time zone in quotes");
        zone = parseQuoted();
    }
    return std::make_shared<DataTypeDateTime64>(static_cast<uint32_t>(precision), std::move(zone));
}

DataTypePtr TypeParser::parseAggregateFunction(bool simple)
{
    std::string function = parseWord();
    std::vector<Field> parameters;
    if (tryConsume('(') && !tryConsume(')'))
    {
        parameters = parseLiterals();
        expect(')');
    }
    DataTypes arguments;
    while (tryConsume(','))
    {
        checkCount(arguments.size());
        arguments.push_back(parseType());
    }
    if (!simple)
        return std::make_shared<DataTypeAggregateFunction>(std::move(function), std::move(parameters), std::move(arguments));
    if (arguments.empty())
        throw Exception(ErrorCode::BAD_ARGUMENTS, "SimpleAggregateFunction needs a function and a type: {}", shown());
    return arguments[0];
}

std::vector<Field> TypeParser::parseLiterals()
{
    std::vector<Field> result;
    do
    {
        checkCount(result.size());
        result.push_back(parseLiteral());
    } while (tryConsume(','));
    return result;
}

Field TypeParser::parseLiteral()
{
    skipSpaces();
    if (!atEnd() && text_[position_] == '\'')
        return Field(parseQuoted());
    const char * begin = text_.data() + position_;
    const char * end = text_.data() + text_.size();
    uint64_t natural = 0;
    int64_t integer = 0;
    double number = 0;
    auto as_natural = std::from_chars(begin, end, natural);
    auto as_integer = std::from_chars(begin, end, integer);
    auto as_number = std::from_chars(begin, end, number);
    if (as_number.ec != std::errc())
        fail("a number or a string in quotes");
    position_ = as_number.ptr - text_.data();
    if (as_natural.ec == std::errc() && as_natural.ptr == as_number.ptr)
        return Field(natural);
    if (as_integer.ec == std::errc() && as_integer.ptr == as_number.ptr)
        return Field(integer);
    return Field(number);
}

/// Moves over a type without understanding it: to the next comma or closing bracket of this level.
void TypeParser::skipType()
{
    size_t level = 0;
    for (; position_ < text_.size(); ++position_)
    {
        char c = text_[position_];
        if (c == '\'' || c == '`' || c == '"')
        {
            parseQuoted();
            --position_;
        }
        else if (c == '(')
            ++level;
        else if (level == 0 && (c == ',' || c == ')'))
            return;
        else if (c == ')')
            --level;
    }
    fail("a closing bracket");
}

void checkLength(std::string_view text)
{
    if (text.size() > text_bytes_max)
        throw Exception(ErrorCode::TOO_BIG_AST, "The text of a type has {} bytes, more than {}", text.size(), text_bytes_max);
}

}

DataTypePtr parseDataType(std::string_view text)
{
    checkLength(text);
    return TypeParser(text).parseWhole();
}

std::vector<std::pair<std::string, std::string>> flattenNested(const std::string & name, const std::string & type_text)
{
    checkLength(type_text);
    TypeParser parser(type_text);
    if (parser.atEnd() || type_text.find("Nested") == std::string::npos || parser.parseWord() != "Nested")
        return {{name, type_text}};
    parser.expect('(');
    auto elements = parser.parseNestedElements();
    parser.expect(')');
    if (!parser.atEnd())
        throw Exception(ErrorCode::ILLEGAL_SYNTAX_FOR_DATA_TYPE, "Text after the type of column {}: {}", name, type_text);
    std::vector<std::pair<std::string, std::string>> result;
    for (const auto & [element_name, element_type] : elements)
        result.emplace_back(name + "." + element_name, "Array(" + element_type + ")");
    return result;
}

}
