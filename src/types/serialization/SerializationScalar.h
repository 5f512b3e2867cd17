#pragma once
// Base of the serializations of types without elements: one text form in all dialects, with quotes around it where
// the dialect wants them (dates, UUIDs) or without (numbers). SerializationFixedWidth adds the binary forms of
// values that lie in a ColumnVector<T>: little-endian, bulk by memcpy.

#include "columns/ColumnVector.h"
#include "types/Serialization.h"

namespace mangrove
{

class SerializationScalar : public Serialization
{
public:
    SerializationScalar(std::string type_name, bool quoted) : type_name_(std::move(type_name)), quoted_(quoted) { }

    void writeRaw(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void writeEscaped(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void writeQuoted(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void writeCsv(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void writeJson(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void readRaw(Column & column, std::string_view text, const FormatSettings & settings) const override;
    void readEscaped(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void readQuoted(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void readCsv(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;

protected:
    virtual void writeText(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const = 0;
    /// The longest prefix of the input that is a value.
    virtual void readText(Column & column, ReadBuffer & in, const FormatSettings & settings) const = 0;
    /// A value without quotes in the Quoted dialect: by default like the text.
    virtual void readUnquoted(Column & column, ReadBuffer & in, const FormatSettings & settings) const
    {
        readText(column, in, settings);
    }
    const std::string & typeName() const { return type_name_; }

private:
    std::string type_name_;
    bool quoted_;
};

/// Appends `count` values of `bytes` bytes from the input; memory grows only with what arrives.
template <typename T>
void appendPods(PodVector<T> & data, size_t count, ReadBuffer & in)
{
    while (count)
    {
        size_t step = std::min(count, std::max<size_t>(in.available() / sizeof(T), 65536 / sizeof(T)));
        size_t size = data.size();
        data.resize(size + step);
        in.readExactly(data.data() + size, step * sizeof(T));
        count -= step;
    }
}

template <typename T>
class SerializationFixedWidth : public SerializationScalar
{
public:
    using SerializationScalar::SerializationScalar;

    void writeBinary(const Column & column, size_t row, WriteBuffer & out) const override { out.writePod(value(column, row)); }
    void readBinary(Column & column, ReadBuffer & in, const FormatSettings &) const override { append(column, in.readPod<T>()); }
    void writeBulkData(const Column & column, size_t start, size_t count, WriteBuffer & out) const override
    {
        out.write(columnAs<ColumnVector<T>>(column).data().data() + start, count * sizeof(T));
    }
    void readBulkData(Column & column, size_t count, ReadBuffer & in, const FormatSettings &) const override
    {
        appendPods(static_cast<ColumnVector<T> &>(column).data(), count, in);
    }

protected:
    static T value(const Column & column, size_t row) { return static_cast<const ColumnVector<T> &>(column).data()[row]; }
    static void append(Column & column, T value) { static_cast<ColumnVector<T> &>(column).data().push_back(value); }
};

}
