#include "formats/JsonValue.h"

#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnMap.h"
#include "columns/ColumnNullable.h"
#include "columns/ColumnString.h"
#include "columns/ColumnTuple.h"
#include "columns/ColumnVector.h"
#include "formats/InputFormat.h"
#include "types/serialization/appendString.h"

namespace mangrove
{

using simdjson::ondemand::json_type;

namespace
{

/// The value or an exception that shows where it was expected.
template <typename T>
T expectJson(simdjson::simdjson_result<T> result, JsonField & value)
{
    T out;
    if (auto error = std::move(result).get(out)) [[unlikely]]
        throwJsonError(error, value.raw_json_token());
    return out;
}

/// The name of a field: where it stands, if it has no escapes.
std::string_view keyOf(simdjson::ondemand::field & field)
{
    const char * begin = field.key().raw();
    const char * p = begin;
    while (*p != '"' && *p != '\\') // the parser has seen the closing quote
        ++p;
    if (*p == '"') [[likely]]
        return {begin, static_cast<size_t>(p - begin)};
    return expectJson(field.unescaped_key(), field.value());
}

/// The token of a scalar without the blanks behind it.
std::string_view trimmedToken(JsonField & value)
{
    std::string_view token = value.raw_json_token();
    while (!token.empty() && static_cast<unsigned char>(token.back()) <= ' ')
        token.remove_suffix(1);
    return token;
}

}

void throwJsonError(simdjson::error_code error, std::string_view near)
{
    auto code = error == simdjson::UTF8_ERROR || error == simdjson::CAPACITY || error == simdjson::MEMALLOC
        ? ErrorCode::INCORRECT_DATA
        : ErrorCode::CANNOT_PARSE_INPUT_ASSERTION_FAILED;
    throw Exception(code, "Cannot parse input: {} before: {}", simdjson::error_message(error), quoteForMessage(near));
}

JsonValueReader::JsonValueReader(const DataTypePtr & type) : type_(type), serialization_(serializationOf(type))
{
    switch (type->id())
    {
        case TypeId::UInt8: kind_ = Kind::UInt8; break;
        case TypeId::UInt16: kind_ = Kind::UInt16; break;
        case TypeId::UInt32: kind_ = Kind::UInt32; break;
        case TypeId::UInt64: kind_ = Kind::UInt64; break;
        case TypeId::Int8: kind_ = Kind::Int8; break;
        case TypeId::Int16: kind_ = Kind::Int16; break;
        case TypeId::Int32: kind_ = Kind::Int32; break;
        case TypeId::Int64: kind_ = Kind::Int64; break;
        case TypeId::Float32: kind_ = Kind::Float32; break;
        case TypeId::Float64: kind_ = Kind::Float64; break;
        case TypeId::String: kind_ = Kind::String; break;
        case TypeId::Nullable:
            kind_ = Kind::Nullable;
            children_.emplace_back(typeAs<DataTypeNullable>(*type).nested());
            break;
        case TypeId::LowCardinality:
        {
            const auto & nested = typeAs<DataTypeLowCardinality>(*type).nested();
            kind_ = nested->isString() ? Kind::LowCardinalityString : Kind::LowCardinality;
            children_.emplace_back(nested);
            break;
        }
        case TypeId::Array:
            kind_ = Kind::Array;
            children_.emplace_back(typeAs<DataTypeArray>(*type).element());
            break;
        case TypeId::Map:
            kind_ = Kind::Map;
            children_.emplace_back(typeAs<DataTypeMap>(*type).key());
            children_.emplace_back(typeAs<DataTypeMap>(*type).value());
            break;
        case TypeId::Tuple:
            kind_ = Kind::Tuple;
            for (const auto & element : typeAs<DataTypeTuple>(*type).elements())
                children_.emplace_back(element);
            names_ = typeAs<DataTypeTuple>(*type).names();
            break;
        default: break;
    }
}

bool JsonValueReader::read(Column & column, JsonField & value, const FormatSettings & settings) const
{
    if (expectJson(value.is_null(), value)) [[unlikely]]
    {
        column.insert(type_->defaultValue());
        if (kind_ == Kind::Nullable || (kind_ == Kind::LowCardinality && column.isNullAt(column.size() - 1)))
            return true;
        if (!settings.input_format_null_as_default)
            throw Exception(ErrorCode::CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN, "Cannot insert NULL into type {}", type_->name());
        return false;
    }
    readNotNull(column, value, settings);
    return true;
}

void JsonValueReader::readNotNull(Column & column, JsonField & value, const FormatSettings & settings) const
{
    switch (kind_)
    {
        case Kind::UInt8: return readInteger<uint8_t>(column, value, settings);
        case Kind::UInt16: return readInteger<uint16_t>(column, value, settings);
        case Kind::UInt32: return readInteger<uint32_t>(column, value, settings);
        case Kind::UInt64: return readInteger<uint64_t>(column, value, settings);
        case Kind::Int8: return readInteger<int8_t>(column, value, settings);
        case Kind::Int16: return readInteger<int16_t>(column, value, settings);
        case Kind::Int32: return readInteger<int32_t>(column, value, settings);
        case Kind::Int64: return readInteger<int64_t>(column, value, settings);
        case Kind::Float32: return readFloat<float>(column, value, settings);
        case Kind::Float64: return readFloat<double>(column, value, settings);
        case Kind::String: return readString(column, value);
        case Kind::Array: return readArray(column, value, settings);
        case Kind::Map: return readMap(column, value, settings);
        case Kind::Tuple: return readTuple(column, value, settings);
        case Kind::Scalar: return readScalar(column, value, settings);
        case Kind::Nullable:
        {
            auto & nullable = static_cast<ColumnNullable &>(column);
            children_[0].readNotNull(nullable.nestedMutable(), value, settings);
            nullable.nullMapMutable().push_back(0);
            return;
        }
        case Kind::LowCardinalityString:
        {
            auto & coded = static_cast<ColumnLowCardinality &>(column);
            std::string_view text;
            if (value.get_string().get(text) == simdjson::SUCCESS)
                return coded.appendCode(coded.codeOf(text));
            [[fallthrough]];
        }
        case Kind::LowCardinality:
        {
            auto scratch = children_[0].type_->createColumn();
            children_[0].readNotNull(*scratch, value, settings);
            column.insert(scratch->get(0));
        }
    }
}

template <typename T>
void JsonValueReader::readInteger(Column & column, JsonField & value, const FormatSettings & settings) const
{
    auto & data = static_cast<ColumnVector<T> &>(column).data();
    if constexpr (std::is_signed_v<T>)
    {
        int64_t number = 0;
        if (value.get_int64().get(number) == simdjson::SUCCESS) [[likely]]
            return data.push_back(static_cast<T>(number));
    }
    else
    {
        uint64_t number = 0;
        if (value.get_uint64().get(number) == simdjson::SUCCESS) [[likely]]
            return data.push_back(static_cast<T>(number));
    }
    bool truth = false;
    if (value.get_bool().get(truth) == simdjson::SUCCESS)
        return data.push_back(truth);
    readScalar(column, value, settings);
}

template <typename T>
void JsonValueReader::readFloat(Column & column, JsonField & value, const FormatSettings & settings) const
{
    auto & data = static_cast<ColumnVector<T> &>(column).data();
    double number = 0;
    if (value.get_double().get(number) == simdjson::SUCCESS) [[likely]]
        return data.push_back(static_cast<T>(number));
    bool truth = false;
    if (value.get_bool().get(truth) == simdjson::SUCCESS)
        return data.push_back(truth);
    readScalar(column, value, settings);
}

void JsonValueReader::readString(Column & column, JsonField & value) const
{
    auto & strings = static_cast<ColumnString &>(column);
    std::string_view token = value.raw_json_token();
    if (token.front() == '"') [[likely]]
    {
        // Without escapes the bytes between the quotes are the value.
        if (!std::memchr(token.data(), '\\', token.size())) [[likely]]
            return appendString(strings, token.substr(1, token.rfind('"') - 1));
        return strings.append(expectJson(value.get_string(), value));
    }
    if (token.front() == '{' || token.front() == '[')
    {
        std::string_view text;
        auto error = token.front() == '{' ? expectJson(value.get_object(), value).raw_json().get(text)
                                          : expectJson(value.get_array(), value).raw_json().get(text);
        if (error)
            throwJsonError(error, token);
        return strings.append(text);
    }
    token = trimmedToken(value);
    if (token != "true" && token != "false" && token.find_first_not_of("+-0123456789.eE") != std::string_view::npos)
        throwJsonError(simdjson::INCORRECT_TYPE, token);
    strings.append(token);
}

/// Strings through the type's own text, numbers as they stand in SQL: ticks for DateTime64, days for Date.
void JsonValueReader::readScalar(Column & column, JsonField & value, const FormatSettings & settings) const
{
    std::string_view token = trimmedToken(value);
    if (token.front() == '"')
    {
        std::string_view text = expectJson(value.get_string(), value);
        if (text.empty() && type_->isNumber())
            return column.insertDefault();
        return serialization_->readRaw(column, text, settings);
    }
    if (token.front() == '{' || token.front() == '[')
        throwJsonError(simdjson::INCORRECT_TYPE, token);
    ReadBuffer in(token);
    serialization_->readQuoted(column, in, settings);
    if (!in.eof())
        throw Exception(
            ErrorCode::CANNOT_PARSE_INPUT_ASSERTION_FAILED,
            "Cannot parse input: expected ',' before: {}",
            quoteForMessage({in.position(), in.available()}));
}

void JsonValueReader::readArray(Column & column, JsonField & value, const FormatSettings & settings) const
{
    auto & target = static_cast<ColumnArray &>(column);
    simdjson::ondemand::array elements;
    if (value.get_array().get(elements))
        throw Exception(
            ErrorCode::CANNOT_READ_ARRAY_FROM_TEXT, "Array does not start with '[' character: {}", quoteForMessage(value.raw_json_token()));
    for (auto element : elements)
    {
        JsonField item = expectJson(element, value);
        children_[0].read(target.dataMutable(), item, settings);
    }
    target.offsetsMutable().push_back(target.data().size());
}

void JsonValueReader::readMapKey(Column & keys, std::string_view key, const FormatSettings & settings) const
{
    switch (children_[0].kind_)
    {
        case Kind::String: return appendString(static_cast<ColumnString &>(keys), key);
        case Kind::LowCardinalityString: return static_cast<ColumnLowCardinality &>(keys).appendRecurring(key);
        default: children_[0].serialization_->readRaw(keys, key, settings);
    }
}

void JsonValueReader::readMap(Column & column, JsonField & value, const FormatSettings & settings) const
{
    auto & pairs = static_cast<ColumnMap &>(column).pairsMutable();
    auto & tuple = static_cast<ColumnTuple &>(pairs.dataMutable());
    Column & keys = tuple.elementMutable(0);
    Column & values = tuple.elementMutable(1);
    for (auto pair : expectJson(value.get_object(), value))
    {
        simdjson::ondemand::field field = expectJson(std::move(pair), value);
        readMapKey(keys, keyOf(field), settings);
        children_[1].read(values, field.value(), settings);
    }
    pairs.offsetsMutable().push_back(keys.size());
}

void JsonValueReader::readTuple(Column & column, JsonField & value, const FormatSettings & settings) const
{
    auto & tuple = static_cast<ColumnTuple &>(column);
    if (children_.empty())
        column.insertDefault();
    if (names_.empty() || expectJson(value.type(), value) == json_type::array)
    {
        size_t count = 0;
        for (auto element : expectJson(value.get_array(), value))
        {
            JsonField item = expectJson(element, value);
            if (count < children_.size())
                children_[count].read(tuple.elementMutable(count), item, settings);
            ++count;
        }
        if (count != children_.size())
            throw Exception(
                ErrorCode::CANNOT_PARSE_INPUT_ASSERTION_FAILED,
                "Cannot parse input: expected {} elements of {} before ']', got {}",
                children_.size(),
                type_->name(),
                count);
        return;
    }
    size_t rows = children_.empty() ? 0 : tuple.element(0).size();
    for (size_t i = 1; i < children_.size(); ++i)
        rows = std::min(rows, tuple.element(i).size());
    for (auto pair : expectJson(value.get_object(), value))
    {
        simdjson::ondemand::field field = expectJson(std::move(pair), value);
        std::string_view name = keyOf(field);
        size_t position = std::find(names_.begin(), names_.end(), name) - names_.begin();
        if (position == names_.size())
        {
            if (!settings.input_format_skip_unknown_fields)
                throw Exception(ErrorCode::INCORRECT_DATA, "Unknown element '{}' of {}", name, type_->name());
            continue;
        }
        if (tuple.element(position).size() > rows)
            throw Exception(ErrorCode::INCORRECT_DATA, "Element '{}' of {} occurs twice", name, type_->name());
        children_[position].read(tuple.elementMutable(position), field.value(), settings);
    }
    for (size_t i = 0; i < children_.size(); ++i)
        if (tuple.element(i).size() == rows)
            tuple.elementMutable(i).insert(children_[i].type_->defaultValue());
}

}
