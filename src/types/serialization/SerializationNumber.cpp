#include "types/serialization/SerializationNumber.h"

#include "types/serialization/NumberText.h"

#include <cmath>

namespace mangrove
{

template <typename T>
void SerializationNumber<T>::writeText(const Column & column, size_t row, WriteBuffer & out, const FormatSettings &) const
{
    if constexpr (std::is_floating_point_v<T>)
        writeFloatText(this->value(column, row), out);
    else
        writeIntText(this->value(column, row), out);
}

template <typename T>
void SerializationNumber<T>::writeJson(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    bool quoted = false;
    if constexpr (std::is_floating_point_v<T>)
    {
        if (!std::isfinite(this->value(column, row)))
        {
            if (!settings.output_format_json_quote_denormals)
                return out.write("null");
            quoted = true;
        }
    }
    else
        quoted = sizeof(T) >= 8 && settings.output_format_json_quote_64bit_integers;
    if (quoted)
        out.writeByte('"');
    writeText(column, row, out, settings);
    if (quoted)
        out.writeByte('"');
}

/// An integer without digits reads as 0 and consumes nothing, as in ClickHouse: the delimiter that the caller expects
/// next decides whether that was an empty field or garbage.
template <typename T>
void SerializationNumber<T>::readText(Column & column, ReadBuffer & in, const FormatSettings &) const
{
    if constexpr (std::is_floating_point_v<T>)
        this->append(column, static_cast<T>(readFloatText(in)));
    else
    {
        T value = 0;
        readIntText(value, in);
        this->append(column, value);
    }
}

template <typename T>
void SerializationNumber<T>::readUnquoted(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    if constexpr (std::is_floating_point_v<T>)
        return readText(column, in, settings);
    else
    {
        T value = 0;
        if (!readIntText(value, in))
        {
            in.lookAhead(32);
            throw Exception(
                ErrorCode::CANNOT_PARSE_NUMBER,
                "Cannot parse {} before: '{}'",
                this->typeName(),
                std::string_view(in.position(), std::min<size_t>(in.available(), 32)));
        }
        this->append(column, value);
    }
}

template <typename T>
void SerializationNumber<T>::readRaw(Column & column, std::string_view text, const FormatSettings & settings) const
{
    if (!std::is_floating_point_v<T> && !is_signed_number<T> && text.starts_with('-'))
        throw Exception(
            ErrorCode::CANNOT_PARSE_NUMBER, "Unsigned type must not contain '-' symbol: Cannot parse {} from String", this->typeName());
    SerializationScalar::readRaw(column, text, settings);
}

template class SerializationNumber<uint8_t>;
template class SerializationNumber<uint16_t>;
template class SerializationNumber<uint32_t>;
template class SerializationNumber<uint64_t>;
template class SerializationNumber<UInt128>;
template class SerializationNumber<int8_t>;
template class SerializationNumber<int16_t>;
template class SerializationNumber<int32_t>;
template class SerializationNumber<int64_t>;
template class SerializationNumber<float>;
template class SerializationNumber<double>;

}
