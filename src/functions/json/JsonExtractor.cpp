#include "functions/json/JsonExtractor.h"

#include "types/Serialization.h"

#include <charconv>
#include <limits>

namespace mangrove
{

using simdjson::dom::element_type;

namespace
{

/// False if x is out of the range of To; a fraction is cut off.
template <typename To, typename From>
bool fitNumber(From x, To & out)
{
    if constexpr (std::is_floating_point_v<To>)
        out = static_cast<To>(x);
    else if constexpr (std::is_floating_point_v<From>)
    {
        // Both bounds are powers of two, hence exact.
        constexpr bool is_signed = std::is_signed_v<To>;
        const double past_max = std::ldexp(1.0, sizeof(To) * 8 - is_signed);
        const double min = is_signed ? -past_max : 0.0;
        // A fraction above the maximum does not fit: 255.5 is no UInt8.
        if (!(x >= min && (sizeof(To) >= 8 ? x < past_max : x <= past_max - 1)))
            return false;
        out = static_cast<To>(x);
    }
    else if constexpr (sizeof(To) == 16)
    {
        if (x < 0)
            return false;
        out = static_cast<To>(x);
    }
    else
    {
        if (!std::in_range<To>(x))
            return false;
        out = static_cast<To>(x);
    }
    return true;
}

bool readWholeFloat(const char * begin, const char * end, double & value)
{
    auto [after, error] = std::from_chars(begin, end, value);
    if (error == std::errc::result_out_of_range) // too large or too small: strtod tells inf from 0
        value = std::strtod(std::string(begin, after).c_str(), nullptr);
    return after == end && error != std::errc::invalid_argument;
}

template <typename T>
bool readNumberText(std::string_view text, T & value)
{
    const char * begin = text.data();
    const char * end = begin + text.size();
    if (begin != end && *begin == '+')
    {
        ++begin;
        if (begin != end && *begin == '-')
            return false;
    }
    if constexpr (sizeof(T) == 16)
    {
        UInt128 number = 0;
        const char * p = begin;
        for (; p != end && *p >= '0' && *p <= '9'; ++p)
        {
            UInt128 digit = *p - '0';
            if (number > (std::numeric_limits<UInt128>::max() - digit) / 10)
                return false;
            number = number * 10 + digit;
        }
        value = number;
        if (p == end && begin != end)
            return true;
    }
    else if constexpr (!std::is_floating_point_v<T>)
    {
        if (auto parsed = std::from_chars(begin, end, value); parsed.ptr == end && parsed.ec == std::errc{})
            return true;
    }
    double number = 0;
    return readWholeFloat(begin, end, number) && fitNumber(number, value);
}

template <typename T>
bool readNumber(const JsonElement & element, JsonBools bools, T & value)
{
    // value_unsafe(): the switch has just seen the type.
    switch (element.type())
    {
        case element_type::INT64: return fitNumber(element.get_int64().value_unsafe(), value);
        case element_type::UINT64: return fitNumber(element.get_uint64().value_unsafe(), value);
        case element_type::DOUBLE: return fitNumber(element.get_double().value_unsafe(), value);
        case element_type::STRING: return readNumberText(element.get_string().value_unsafe(), value);
        case element_type::BOOL:
            value = element.get_bool().value_unsafe();
            return bools == JsonBools::AreNumbers;
        default: return false;
    }
}

template <typename T>
class NumberExtractor final : public JsonExtractor
{
public:
    NumberExtractor(const DataTypePtr & type, JsonBools bools) : JsonExtractor(type), bools_(bools) { }

    bool extract(Column & to, const JsonElement & element) const override
    {
        T value{};
        if (!readNumber(element, bools_, value))
            return false;
        if (type_->id() == TypeId::Bool)
            value = value != T{};
        static_cast<ColumnVector<T> &>(to).data().push_back(value);
        return true;
    }

private:
    JsonBools bools_;
};

/// The string, or the JSON text of anything else but null.
template <typename F>
bool withText(const JsonElement & element, F && f)
{
    std::string_view text;
    if (element.get(text) == simdjson::SUCCESS)
        return f(text);
    if (element.is_null())
        return false;
    WriteBuffer out;
    writeJsonElement(element, out);
    return f(std::string_view(out.str()));
}

class StringExtractor final : public JsonExtractor
{
public:
    using JsonExtractor::JsonExtractor;
    bool extract(Column & to, const JsonElement & element) const override
    {
        return withText(element, [&](std::string_view text)
        {
            static_cast<ColumnString &>(to).append(text);
            return true;
        });
    }
};

class FixedStringExtractor final : public JsonExtractor
{
public:
    using JsonExtractor::JsonExtractor;
    bool extract(Column & to, const JsonElement & element) const override
    {
        return withText(element, [&](std::string_view text)
        {
            auto & strings = static_cast<ColumnFixedString &>(to);
            if (text.size() > strings.length())
                return false;
            strings.append(text);
            return true;
        });
    }
};

class EnumExtractor final : public JsonExtractor
{
public:
    using JsonExtractor::JsonExtractor;
    bool extract(Column & to, const JsonElement & element) const override
    {
        auto & type = typeAs<DataTypeEnum>(*type_);
        std::optional<int16_t> value;
        std::string_view name;
        int64_t number = 0;
        if (element.get(name) == simdjson::SUCCESS)
            value = type.valueOf(name);
        else if (element.get(number) == simdjson::SUCCESS && std::in_range<int16_t>(number)
            && type.nameOf(static_cast<int16_t>(number)))
            value = static_cast<int16_t>(number);
        if (value)
            to.insert(Field(*value));
        return value.has_value();
    }
};

/// Date, DateTime, DateTime64, UUID: their text, and for times the number as it stands in SQL.
class TextExtractor final : public JsonExtractor
{
public:
    explicit TextExtractor(const DataTypePtr & type) : JsonExtractor(type), serialization_(serializationOf(type)) { }

    bool extract(Column & to, const JsonElement & element) const override
    {
        std::string_view text;
        if (element.get(text) != simdjson::SUCCESS)
            return extractTicks(to, element);
        if (!mayBeValue(text))
            return false;
        const size_t rows = to.size();
        try
        {
            serialization_->readRaw(to, text, settings_);
            return true;
        }
        catch (const Exception &)
        {
            to.popBack(to.size() - rows);
            return false;
        }
    }

private:
    /// Most texts that are none are told without an exception, which costs microseconds.
    bool mayBeValue(std::string_view text) const
    {
        if (type_->id() == TypeId::UUID)
            return text.size() >= 32 && text.size() <= 38;
        return text.find_first_of("0123456789") != std::string_view::npos;
    }
    bool extractTicks(Column & to, const JsonElement & element) const
    {
        if (type_->id() == TypeId::DateTime)
        {
            uint32_t seconds = 0;
            if (!(element.is_int64() || element.is_uint64()) || !readNumber(element, JsonBools::Refused, seconds))
                return false;
            static_cast<ColumnUInt32 &>(to).data().push_back(seconds);
            return true;
        }
        int64_t ticks = 0;
        if (type_->id() != TypeId::DateTime64 || element.is_string())
            return false;
        double seconds = 0;
        if (element.type() == element_type::DOUBLE && element.get(seconds) == simdjson::SUCCESS)
        {
            if (!fitNumber(seconds * static_cast<double>(typeAs<DataTypeDateTime64>(*type_).ticksPerSecond()), ticks))
                return false;
        }
        else if (!readNumber(element, JsonBools::Refused, ticks))
            return false;
        static_cast<ColumnInt64 &>(to).data().push_back(ticks);
        return true;
    }

    SerializationPtr serialization_;
    FormatSettings settings_;
};

}

JsonExtractorPtr makeJsonExtractor(const DataTypePtr & type, std::string_view function, JsonBools bools)
{
    switch (type->id())
    {
        case TypeId::Bool:
        case TypeId::UInt8: return std::make_unique<NumberExtractor<uint8_t>>(type, bools);
        case TypeId::UInt16: return std::make_unique<NumberExtractor<uint16_t>>(type, bools);
        case TypeId::UInt32: return std::make_unique<NumberExtractor<uint32_t>>(type, bools);
        case TypeId::UInt64: return std::make_unique<NumberExtractor<uint64_t>>(type, bools);
        case TypeId::UInt128: return std::make_unique<NumberExtractor<UInt128>>(type, bools);
        case TypeId::Int8: return std::make_unique<NumberExtractor<int8_t>>(type, bools);
        case TypeId::Int16: return std::make_unique<NumberExtractor<int16_t>>(type, bools);
        case TypeId::Int32: return std::make_unique<NumberExtractor<int32_t>>(type, bools);
        case TypeId::Int64: return std::make_unique<NumberExtractor<int64_t>>(type, bools);
        case TypeId::Float32: return std::make_unique<NumberExtractor<float>>(type, bools);
        case TypeId::Float64: return std::make_unique<NumberExtractor<double>>(type, bools);
        case TypeId::String: return std::make_unique<StringExtractor>(type);
        case TypeId::FixedString: return std::make_unique<FixedStringExtractor>(type);
        case TypeId::Enum8:
        case TypeId::Enum16: return std::make_unique<EnumExtractor>(type);
        case TypeId::Date:
        case TypeId::DateTime:
        case TypeId::DateTime64:
        case TypeId::UUID: return std::make_unique<TextExtractor>(type);
        default: break;
    }
    if (auto container = makeJsonContainerExtractor(type, function, bools))
        return container;
    throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "{} doesn't support the return type schema: {}", function,
        type->name());
}

}
