// parseDataType: recursive descent over the text of a type. Names of types are words ("DOUBLE PRECISION" is two);
// arguments are types, numbers, strings or, in a Tuple, names before types. Grammar and error codes are ClickHouse's.
// Depth and the number of elements are limited: the text may come from a client.

#include "types/DataTypes.h"
#include "types/TypeText.h"
#include "types/typeNames.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

namespace mangrove
{

namespace
{

constexpr size_t depth_max = 100;
constexpr size_t elements_max = 10000;

class TypeParser
{
public:
    explicit TypeParser(std::string_view text) : text_(text) { }

    DataTypePtr parseWhole()
    {
        auto type = parseType();
        if (!text_.atEnd())
            text_.fail("the end of the type");
        return type;
    }

private:
    DataTypePtr parseType();
    DataTypePtr parseTypeAfterName(const std::string & name);
    DataTypePtr parseArguments(const std::string & name);
    DataTypePtr parseTuple();
    bool elementHasName();
    DataTypePtr parseEnum(const std::string & name);
    DataTypePtr parseDateTime64();
    DataTypePtr parseAggregateFunction(bool simple);
    std::vector<Field> parseLiterals();
    std::string parseTypeName();

    void checkCount(size_t count) const
    {
        if (count >= elements_max)
            throw Exception(ErrorCode::TOO_BIG_AST, "A type has more than {} elements: {}", elements_max, text_.shown());
    }

    TypeText text_;
    size_t depth_ = 0;
};

/// Types without parameters, and those that have defaults for them.
DataTypePtr typeWithoutArguments(const std::string & name)
{
    static const auto types = []
    {
        std::unordered_map<std::string, DataTypePtr> result{
            {"Tuple", std::make_shared<DataTypeTuple>(DataTypes{})},
            {"DateTime64", std::make_shared<DataTypeDateTime64>(3)},
        };
        for (auto id :
             {TypeId::Nothing, TypeId::UInt8, TypeId::UInt16, TypeId::UInt32, TypeId::UInt64, TypeId::UInt128, TypeId::Int8,
              TypeId::Int16, TypeId::Int32, TypeId::Int64, TypeId::Float32, TypeId::Float64, TypeId::Bool, TypeId::String,
              TypeId::Date, TypeId::DateTime, TypeId::UUID})
            result.emplace(makeType(id)->name(), makeType(id));
        using Unit = DataTypeInterval::Unit;
        for (auto unit = static_cast<int>(Unit::Nanosecond); unit <= static_cast<int>(Unit::Year); ++unit)
        {
            auto interval = std::make_shared<DataTypeInterval>(static_cast<Unit>(unit));
            result.emplace(interval->name(), interval);
        }
        return result;
    }();
    auto found = types.find(name);
    return found == types.end() ? nullptr : found->second;
}

[[noreturn]] void throwUnknown(const std::string & name, std::string_view text)
{
    if (name == "Nested")
        throw Exception(
            ErrorCode::NOT_IMPLEMENTED, "Nested is a way to declare several arrays in a table, not a type of a value: {}", text);
    if (isUnsupportedTypeName(name))
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "Data type {} is not supported, in type {}", name, text);
    if (name == "Enum" || name == "Enum8" || name == "Enum16")
        throw Exception(ErrorCode::EMPTY_DATA_PASSED, "Enum data type cannot be empty");
    for (std::string_view needs :
         {"Array", "Map", "Nullable", "LowCardinality", "FixedString", "AggregateFunction", "SimpleAggregateFunction"})
        if (name == needs)
            throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH, "Data type {} needs arguments, in type {}", name, text);
    throw Exception(ErrorCode::UNKNOWN_TYPE, "Unknown data type family: {}", name);
}

DataTypePtr TypeParser::parseType()
{
    if (++depth_ > depth_max)
        throw Exception(ErrorCode::TOO_DEEP_AST, "A type is nested deeper than {}: {}", depth_max, text_.shown());
    auto type = parseTypeAfterName(parseTypeName());
    --depth_;
    return type;
}

DataTypePtr TypeParser::parseTypeAfterName(const std::string & name)
{
    if (text_.tryConsume('(') && !text_.tryConsume(')'))
    {
        auto type = parseArguments(name);
        text_.expect(')');
        return type;
    }
    if (auto type = typeWithoutArguments(name))
        return type;
    throwUnknown(name, text_.shown());
}

/// "DOUBLE PRECISION", "int", "Int32", as one canonical name.
std::string TypeParser::parseTypeName()
{
    std::string name = text_.word();
    while (text_.nextIsWord())
    {
        size_t before = text_.position();
        std::string longer = name + " " + text_.word();
        bool known = canonicalTypeName(longer) != longer;
        // NATIONAL CHARACTER LARGE OBJECT: three of its words are no type, hence one more.
        if (!known && text_.nextIsWord())
        {
            longer += " " + text_.word();
            known = canonicalTypeName(longer) != longer;
        }
        if (!known)
        {
            text_.goBack(before);
            break;
        }
        name = longer;
    }
    return canonicalTypeName(name);
}

/// After the opening bracket, of at least one argument.
DataTypePtr TypeParser::parseArguments(const std::string & name)
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
        text_.expect(',');
        return std::make_shared<DataTypeMap>(std::move(key), parseType());
    }
    if (name == "FixedString")
    {
        auto length = text_.number("The length of FixedString", ErrorCode::UNEXPECTED_AST_STRUCTURE);
        if (length == 0)
            throw Exception(ErrorCode::UNEXPECTED_AST_STRUCTURE, "FixedString data type needs a positive length");
        return std::make_shared<DataTypeFixedString>(length);
    }
    if (name == "DateTime" && text_.nextIs('\''))
        return std::make_shared<DataTypeDateTime>(text_.quoted("a time zone in quotes"));
    if (name == "DateTime" || name == "DateTime64") // DateTime(3) is a DateTime64(3)
        return parseDateTime64();
    if (name == "Enum" || name == "Enum8" || name == "Enum16")
        return parseEnum(name);
    if (name == "AggregateFunction" || name == "SimpleAggregateFunction")
        return parseAggregateFunction(name == "SimpleAggregateFunction");

    auto type = typeWithoutArguments(name);
    if (!type)
        throwUnknown(name, text_.shown());
    // VARCHAR(255), INT(11): a width without meaning.
    if (!type->isString() && !type->isInteger() && !type->isFloat())
        throw Exception(ErrorCode::DATA_TYPE_CANNOT_HAVE_ARGUMENTS, "Data type {} cannot have arguments", name);
    parseLiterals();
    return type;
}

/// Whether a name stands before the type of a tuple's element: it is quoted, or after the longest name of a type
/// another word follows.
bool TypeParser::elementHasName()
{
    if (text_.nextIs('`') || text_.nextIs('"'))
        return true;
    size_t begin = text_.position();
    parseTypeName();
    bool result = text_.nextIsWord();
    text_.goBack(begin);
    return result;
}

DataTypePtr TypeParser::parseTuple()
{
    DataTypes elements;
    std::vector<std::string> names;
    do
    {
        checkCount(elements.size());
        if (elementHasName())
            names.push_back(text_.name());
        elements.push_back(parseType());
    } while (text_.tryConsume(','));
    if (!names.empty() && names.size() != elements.size())
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Names are specified not for all elements of Tuple type: {}", text_.shown());
    return std::make_shared<DataTypeTuple>(std::move(elements), std::move(names));
}

DataTypePtr TypeParser::parseEnum(const std::string & name)
{
    constexpr uint64_t magnitude_max = 1 << 20; /// far outside of Enum16, far inside of int64_t
    DataTypeEnum::Values values;
    int64_t next = 1;
    bool wide = name == "Enum16";
    do
    {
        checkCount(values.size());
        std::string value_name = text_.quoted("the name of an enum value in quotes");
        if (text_.tryConsume('='))
        {
            bool negative = text_.tryConsume('-');
            uint64_t magnitude = text_.number("The value of an enum element", ErrorCode::UNEXPECTED_AST_STRUCTURE);
            next = static_cast<int64_t>(std::min(magnitude, magnitude_max)) * (negative ? -1 : 1);
        }
        if (next < INT16_MIN || next > INT16_MAX)
            throw Exception(ErrorCode::ARGUMENT_OUT_OF_BOUND, "Value {} for element '{}' exceeds range of Enum16", next, value_name);
        wide = wide || (name == "Enum" && (next < INT8_MIN || next > INT8_MAX));
        values.emplace_back(std::move(value_name), static_cast<int16_t>(next));
        ++next;
    } while (text_.tryConsume(','));
    return std::make_shared<DataTypeEnum>(wide ? TypeId::Enum16 : TypeId::Enum8, std::move(values));
}

DataTypePtr TypeParser::parseDateTime64()
{
    uint64_t precision = text_.number("The scale of DateTime64", ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT);
    precision = std::min<uint64_t>(precision, std::numeric_limits<uint32_t>::max());
    std::string zone = text_.tryConsume(',') ? text_.quoted("a time zone in quotes") : "";
    return std::make_shared<DataTypeDateTime64>(static_cast<uint32_t>(precision), std::move(zone));
}

DataTypePtr TypeParser::parseAggregateFunction(bool simple)
{
    std::string function = text_.word();
    std::vector<Field> parameters;
    if (text_.tryConsume('(') && !text_.tryConsume(')'))
    {
        parameters = parseLiterals();
        text_.expect(')');
    }
    DataTypes arguments;
    while (text_.tryConsume(','))
    {
        checkCount(arguments.size());
        arguments.push_back(parseType());
    }
    if (!simple)
        return std::make_shared<DataTypeAggregateFunction>(std::move(function), std::move(parameters), std::move(arguments));
    if (arguments.empty())
        throw Exception(ErrorCode::BAD_ARGUMENTS, "SimpleAggregateFunction needs a function and a type: {}", text_.shown());
    return arguments[0];
}

std::vector<Field> TypeParser::parseLiterals()
{
    std::vector<Field> result;
    do
    {
        checkCount(result.size());
        result.push_back(text_.literal());
    } while (text_.tryConsume(','));
    return result;
}

}

DataTypePtr parseDataType(std::string_view text)
{
    return TypeParser(text).parseWhole();
}

std::vector<std::pair<std::string, std::string>> flattenNested(const std::string & name, const std::string & type_text)
{
    TypeText text(type_text);
    if (!text.nextIsWord() || text.word() != "Nested")
        return {{name, type_text}};
    std::vector<std::pair<std::string, std::string>> result;
    text.expect('(');
    do
    {
        if (result.size() >= elements_max)
            throw Exception(ErrorCode::TOO_BIG_AST, "Column {} has more than {} nested elements", name, elements_max);
        auto element_name = text.name();
        result.emplace_back(name + "." + element_name, "Array(" + text.balanced() + ")");
    } while (text.tryConsume(','));
    text.expect(')');
    if (!text.atEnd())
        text.fail("the end of the type");
    return result;
}

}
