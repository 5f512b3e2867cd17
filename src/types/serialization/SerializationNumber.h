#pragma once
// Integers, floats and intervals (an Int64). Json quotes 64-bit and wider integers and nan/inf on request.

#include "types/serialization/SerializationScalar.h"

namespace mangrove
{

template <typename T>
class SerializationNumber final : public SerializationFixedWidth<T>
{
public:
    explicit SerializationNumber(std::string type_name) : SerializationFixedWidth<T>(std::move(type_name), false) { }

    void writeJson(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void readRaw(Column & column, std::string_view text, const FormatSettings & settings) const override;

protected:
    void writeText(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void readText(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void readUnquoted(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
};

extern template class SerializationNumber<uint8_t>;
extern template class SerializationNumber<uint16_t>;
extern template class SerializationNumber<uint32_t>;
extern template class SerializationNumber<uint64_t>;
extern template class SerializationNumber<UInt128>;
extern template class SerializationNumber<int8_t>;
extern template class SerializationNumber<int16_t>;
extern template class SerializationNumber<int32_t>;
extern template class SerializationNumber<int64_t>;
extern template class SerializationNumber<float>;
extern template class SerializationNumber<double>;

}
