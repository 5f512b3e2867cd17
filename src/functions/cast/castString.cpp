// Casts from and to String. Integers have their own parser and printer (hot); all else goes through Serialization.

#include "functions/cast/Cast.h"
#include "types/Serialization.h"

#include <charconv>

namespace mangrove
{

namespace
{

template <typename T>
[[noreturn]] void throwCannotParse(std::string_view text, const char * parsed_to, const DataType & to)
{
    if (text.empty())
        throw Exception(ErrorCode::ATTEMPT_TO_READ_AFTER_EOF,
            "Attempt to read after eof: Cannot parse {} from String, because value is too short", to.name());
    if (text[0] == '-' && std::is_unsigned_v<T>)
        throw Exception(ErrorCode::CANNOT_PARSE_NUMBER,
            "Unsigned type must not contain '-' symbol: Cannot parse {} from String", to.name());
    size_t position = parsed_to - text.data();
    if (position == 0)
        throw Exception(ErrorCode::CANNOT_PARSE_TEXT,
            "Cannot parse string '{}' as {}: syntax error at begin of string. Note: there are to{}OrZero and to{}OrNull functions, "
            "which returns zero/NULL instead of throwing exception",
            text, to.name(), to.name(), to.name());
    throw Exception(ErrorCode::CANNOT_PARSE_TEXT,
        "Cannot parse string '{}' as {}: syntax error at position {} (parsed just '{}'). Note: there are to{}OrZero and to{}OrNull "
        "functions, which returns zero/NULL instead of throwing exception",
        text, to.name(), position, text.substr(0, position), to.name(), to.name());
}

/// Decimal digits with an optional sign; returns the end of what was parsed. Wraps like ClickHouse unless `checked`.
template <typename T>
const char * parseInteger(std::string_view text, T & result, bool checked)
{
    const char * p = text.data();
    const char * end = p + text.size();
    const char * begin = p;
    bool negative = false;
    if (p != end && (*p == '+' || (*p == '-' && std::is_signed_v<T>)))
        negative = *p++ == '-';
    const char * digits = p;
    uint64_t value = 0;
    bool overflow = false;
    for (; p != end && *p >= '0' && *p <= '9'; ++p)
    {
        overflow |= __builtin_mul_overflow(value, uint64_t{10}, &value);
        overflow |= __builtin_add_overflow(value, static_cast<uint64_t>(*p - '0'), &value);
    }
    if (p == digits)
        return begin;
    if (checked)
    {
        uint64_t limit = static_cast<uint64_t>(std::numeric_limits<T>::max()) + negative;
        if (overflow || value > limit)
            return begin;
    }
    result = static_cast<T>(negative ? 0 - value : value);
    return p;
}

template <typename T>
ColumnPtr parseIntegers(const StringArgument & strings, size_t rows, const DataType & to, const CastRules & rules)
{
    auto result = ColumnVector<T>::create(rows);
    for (size_t i = 0; i < rows; ++i)
    {
        std::string_view text = strings[i];
        T value{};
        const char * parsed_to = parseInteger<T>(text, value, rules.failed != nullptr);
        if (text.empty() || parsed_to != text.data() + text.size())
        {
            if (!rules.failed)
                throwCannotParse<T>(text, parsed_to, to);
            (*rules.failed)[i] = 1;
            value = T{};
        }
        result->data()[i] = value;
    }
    return result;
}

/// FixedString is padded with zeros that are no part of the text.
std::string_view withoutPadding(std::string_view text)
{
    size_t end = text.find('\0');
    return end == std::string_view::npos ? text : text.substr(0, end);
}

/// "2020-01-01 10:00:00" and "2020-01-01T10:00:00.123" are taken for a Date too, whatever the time is.
std::string_view withoutTime(std::string_view text)
{
    constexpr size_t bytes = std::string_view("2020-01-01 10:00:00").size();
    if (text.size() < bytes || (text[10] != ' ' && text[10] != 'T'))
        return text;
    auto fraction = text.substr(bytes);
    bool is_fraction = fraction.empty()
        || (fraction.size() > 1 && fraction[0] == '.' && fraction.find_first_not_of("0123456789", 1) == std::string_view::npos);
    return is_fraction ? text.substr(0, 10) : text;
}

ColumnPtr parseValues(const StringArgument & strings, size_t rows, const DataTypePtr & to, const CastRules & rules)
{
    SerializationPtr serialization = serializationOf(to);
    FormatSettings settings;
    MutableColumnPtr result = to->createColumn();
    result->reserve(rows);
    for (size_t i = 0; i < rows; ++i)
    {
        std::string_view text = strings[i];
        if (to->id() == TypeId::Date)
            text = withoutTime(text);
        if (!rules.failed)
        {
            serialization->readRaw(*result, text, settings);
            continue;
        }
        try
        {
            serialization->readRaw(*result, text, settings);
        }
        catch (const Exception &)
        {
            result->popBack(result->size() - i);
            result->insertDefault();
            (*rules.failed)[i] = 1;
        }
    }
    return result;
}

template <typename T>
ColumnPtr printIntegers(const PodVector<T> & values)
{
    auto result = ColumnString::create();
    result->reserve(values.size());
    char buffer[24];
    for (T value : values)
    {
        char * end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;
        result->append({buffer, static_cast<size_t>(end - buffer)});
    }
    return result;
}

}

ColumnPtr castFromString(const ColumnPtr & column, const DataTypePtr & from, const DataTypePtr & to,
    const CastRules & rules)
{
    StringArgument strings(*column);
    const size_t rows = column->size();
    if (from->id() == TypeId::FixedString && to->id() != TypeId::FixedString)
    {
        auto unpadded = ColumnString::create();
        for (size_t i = 0; i < rows; ++i)
            unpadded->append(withoutPadding(strings[i]));
        return castFromString(unpadded, makeType(TypeId::String), to, rules);
    }
    switch (to->id())
    {
        case TypeId::UInt8: return parseIntegers<uint8_t>(strings, rows, *to, rules);
        case TypeId::UInt16: return parseIntegers<uint16_t>(strings, rows, *to, rules);
        case TypeId::UInt32: return parseIntegers<uint32_t>(strings, rows, *to, rules);
        case TypeId::UInt64: return parseIntegers<uint64_t>(strings, rows, *to, rules);
        case TypeId::Int8: return parseIntegers<int8_t>(strings, rows, *to, rules);
        case TypeId::Int16: return parseIntegers<int16_t>(strings, rows, *to, rules);
        case TypeId::Int32: return parseIntegers<int32_t>(strings, rows, *to, rules);
        case TypeId::Int64: return parseIntegers<int64_t>(strings, rows, *to, rules);
        case TypeId::FixedString:
        {
            size_t length = typeAs<DataTypeFixedString>(*to).length();
            auto result = ColumnFixedString::create(length);
            for (size_t i = 0; i < rows; ++i)
            {
                if (strings[i].size() > length)
                {
                    if (!rules.failed)
                        throw Exception(ErrorCode::TOO_LARGE_STRING_SIZE, "String too long for type FixedString({})",
                            length);
                    (*rules.failed)[i] = 1;
                }
                result->append(strings[i].size() > length ? std::string_view{} : strings[i]);
            }
            return result;
        }
        case TypeId::Map: throw Exception(ErrorCode::TYPE_MISMATCH, "Unsupported types to CAST AS Map: {} to {}", from->name(), to->name());
        case TypeId::Nothing:
        case TypeId::AggregateFunction:
        case TypeId::Interval: throwCannotCast(*from, *to);
        default: return parseValues(strings, rows, to, rules);
    }
}

ColumnPtr castToString(const ColumnPtr & column, const DataTypePtr & from)
{
    switch (from->id())
    {
        case TypeId::String: return column;
        case TypeId::UInt16: return printIntegers(numbersOf<uint16_t>(*column));
        case TypeId::UInt32: return printIntegers(numbersOf<uint32_t>(*column));
        case TypeId::UInt64: return printIntegers(numbersOf<uint64_t>(*column));
        case TypeId::Int16: return printIntegers(numbersOf<int16_t>(*column));
        case TypeId::Int32: return printIntegers(numbersOf<int32_t>(*column));
        case TypeId::Interval:
        case TypeId::Int64: return printIntegers(numbersOf<int64_t>(*column));
        case TypeId::Lambda: throw Exception(ErrorCode::CANNOT_CONVERT_TYPE, "A lambda cannot be converted to String");
        default: break;
    }
    auto result = ColumnString::create();
    result->reserve(column->size());
    if (from->id() == TypeId::FixedString)
    {
        StringArgument strings(*column);
        for (size_t i = 0; i < column->size(); ++i)
        {
            std::string_view text = strings[i];
            size_t last = text.find_last_not_of('\0');
            result->append(text.substr(0, last == std::string_view::npos ? 0 : last + 1));
        }
        return result;
    }
    SerializationPtr serialization = serializationOf(from);
    FormatSettings settings;
    WriteBuffer out;
    for (size_t i = 0; i < column->size(); ++i)
    {
        out.str().clear();
        serialization->writeRaw(*column, i, out, settings);
        result->append(out.str());
    }
    return result;
}

}
