#pragma once
// Types whose text is a string with escapes: String (also the states of AggregateFunction), FixedString, Enum.
// SerializationStringLike does the dialects; a type says how a value is a string.

#include "types/DataTypes.h"
#include "types/Serialization.h"

namespace mangrove
{

class SerializationStringLike : public Serialization
{
public:
    void writeRaw(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const final;
    void writeEscaped(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const final;
    void writeQuoted(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const final;
    void writeCsv(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const final;
    void writeJson(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const final;
    void readRaw(Column & column, std::string_view text, const FormatSettings & settings) const final;
    void readEscaped(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void readQuoted(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void readCsv(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;

protected:
    virtual std::string_view value(const Column & column, size_t row) const = 0;
    virtual void append(Column & column, std::string_view value) const = 0;
};

class SerializationString final : public SerializationStringLike
{
public:
    void readEscaped(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void readQuoted(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void readCsv(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void writeBinary(const Column & column, size_t row, WriteBuffer & out) const override;
    void readBinary(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void writeBulkData(const Column & column, size_t start, size_t count, WriteBuffer & out) const override;
    void readBulkData(Column & column, size_t count, ReadBuffer & in, const FormatSettings & settings) const override;

protected:
    std::string_view value(const Column & column, size_t row) const override;
    void append(Column & column, std::string_view value) const override;
};

class SerializationFixedString final : public SerializationStringLike
{
public:
    explicit SerializationFixedString(size_t length) : length_(length) { }
    void writeBinary(const Column & column, size_t row, WriteBuffer & out) const override;
    void readBinary(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void writeBulkData(const Column & column, size_t start, size_t count, WriteBuffer & out) const override;
    void readBulkData(Column & column, size_t count, ReadBuffer & in, const FormatSettings & settings) const override;

protected:
    std::string_view value(const Column & column, size_t row) const override;
    void append(Column & column, std::string_view value) const override;

private:
    size_t length_;
};

/// By name; a number that is no name is taken as the value. UNKNOWN_ELEMENT_OF_ENUM (691) otherwise.
template <typename T>
class SerializationEnum final : public SerializationStringLike
{
public:
    explicit SerializationEnum(const DataTypeEnum & type)
        : type_(std::static_pointer_cast<const DataTypeEnum>(type.shared_from_this()))
    {
    }
    void readQuoted(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void writeBinary(const Column & column, size_t row, WriteBuffer & out) const override;
    void readBinary(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void writeBulkData(const Column & column, size_t start, size_t count, WriteBuffer & out) const override;
    void readBulkData(Column & column, size_t count, ReadBuffer & in, const FormatSettings & settings) const override;

protected:
    std::string_view value(const Column & column, size_t row) const override;
    void append(Column & column, std::string_view value) const override;

private:
    void checkValue(T value) const;

    std::shared_ptr<const DataTypeEnum> type_;
};

}
