#pragma once
// Scalars with a text of their own: Bool, Date, DateTime, DateTime64, UUID.

#include "types/DataTypes.h"
#include "types/serialization/SerializationScalar.h"

namespace mangrove
{

/// true and false; reads 1/0, t/f, yes/no, on/off, enabled/disabled too.
class SerializationBool final : public SerializationFixedWidth<uint8_t>
{
public:
    SerializationBool() : SerializationFixedWidth("Bool", false) { }
    void readBinary(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void readBulkData(Column & column, size_t count, ReadBuffer & in, const FormatSettings & settings) const override;

protected:
    void writeText(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void readText(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
};

class SerializationDate final : public SerializationFixedWidth<uint16_t>
{
public:
    SerializationDate() : SerializationFixedWidth("Date", true) { }

protected:
    void writeText(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void readText(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void readUnquoted(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
};

class SerializationDateTime final : public SerializationFixedWidth<uint32_t>
{
public:
    explicit SerializationDateTime(const DataTypeDateTime & type)
        : SerializationFixedWidth(type.name(), true), type_(std::static_pointer_cast<const DataTypeDateTime>(type.shared_from_this()))
    {
    }

protected:
    void writeText(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void readText(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void readUnquoted(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;

private:
    std::shared_ptr<const DataTypeDateTime> type_;
};

class SerializationDateTime64 final : public SerializationFixedWidth<int64_t>
{
public:
    explicit SerializationDateTime64(const DataTypeDateTime64 & type)
        : SerializationFixedWidth(type.name(), true)
        , type_(std::static_pointer_cast<const DataTypeDateTime64>(type.shared_from_this()))
    {
    }

protected:
    void writeText(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void readText(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void readUnquoted(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;

private:
    std::shared_ptr<const DataTypeDateTime64> type_;
};

/// Binary: as in memory (see swapUuidHalves), two little-endian UInt64, that of the first 16 hex digits first.
class SerializationUuid final : public SerializationScalar
{
public:
    SerializationUuid() : SerializationScalar("UUID", true) { }
    void writeBinary(const Column & column, size_t row, WriteBuffer & out) const override;
    void readBinary(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void writeBulkData(const Column & column, size_t start, size_t count, WriteBuffer & out) const override;
    void readBulkData(Column & column, size_t count, ReadBuffer & in, const FormatSettings & settings) const override;

protected:
    void writeText(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void readText(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
};

}
