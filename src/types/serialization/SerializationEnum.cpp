#include "types/serialization/NumberText.h"
#include "types/serialization/SerializationScalar.h"
#include "types/serialization/SerializationString.h"

namespace mangrove
{

template <typename T>
std::string_view SerializationEnum<T>::value(const Column & column, size_t row) const
{
    T number = static_cast<const ColumnVector<T> &>(column).data()[row];
    auto name = type_->nameOf(number);
    if (!name)
        throw Exception(ErrorCode::UNKNOWN_ELEMENT_OF_ENUM, "Unexpected value {} in enum {}", number, type_->name());
    return *name;
}

template <typename T>
void SerializationEnum<T>::append(Column & column, std::string_view value) const
{
    auto & data = static_cast<ColumnVector<T> &>(column).data();
    if (auto number = type_->valueOf(value))
        return data.push_back(static_cast<T>(*number));
    T number = 0;
    auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error == std::errc() && end == value.data() + value.size() && type_->nameOf(number))
        return data.push_back(number);
    throw Exception(ErrorCode::UNKNOWN_ELEMENT_OF_ENUM, "Unknown element '{}' for enum {}", value.substr(0, 256), type_->name());
}

template <typename T>
void SerializationEnum<T>::readQuoted(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    if (in.peek() == '\'')
        return SerializationStringLike::readQuoted(column, in, settings);
    T number = 0;
    if (!readIntText(number, in))
        throw Exception(ErrorCode::CANNOT_PARSE_QUOTED_STRING, "Cannot parse a value of {}: expected opening quote '''", type_->name());
    checkValue(number);
    static_cast<ColumnVector<T> &>(column).data().push_back(number);
}

template <typename T>
void SerializationEnum<T>::checkValue(T value) const
{
    if (!type_->nameOf(value))
        throw Exception(ErrorCode::UNKNOWN_ELEMENT_OF_ENUM, "Unexpected value {} in enum {}", value, type_->name());
}

template <typename T>
void SerializationEnum<T>::writeBinary(const Column & column, size_t row, WriteBuffer & out) const
{
    out.writePod(static_cast<const ColumnVector<T> &>(column).data()[row]);
}

template <typename T>
void SerializationEnum<T>::readBinary(Column & column, ReadBuffer & in, const FormatSettings &) const
{
    T value = in.readPod<T>();
    checkValue(value);
    static_cast<ColumnVector<T> &>(column).data().push_back(value);
}

template <typename T>
void SerializationEnum<T>::writeBulkData(const Column & column, size_t start, size_t count, WriteBuffer & out) const
{
    out.write(columnAs<ColumnVector<T>>(column).data().data() + start, count * sizeof(T));
}

template <typename T>
void SerializationEnum<T>::readBulkData(Column & column, size_t count, ReadBuffer & in, const FormatSettings &) const
{
    auto & data = static_cast<ColumnVector<T> &>(column).data();
    size_t size = data.size();
    appendPods(data, count, in);
    for (size_t i = size; i < data.size(); ++i)
        checkValue(data[i]);
}

template class SerializationEnum<int8_t>;
template class SerializationEnum<int16_t>;

}
