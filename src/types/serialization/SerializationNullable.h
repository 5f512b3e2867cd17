#pragma once
// Nullable(T): a byte 1 (NULL) or 0 before each value, in bulk all of them first. Text: \N in Escaped, Csv and Raw,
// NULL in Quoted, null in Json. Nothing, the type of NULL itself, only ever stands inside.

#include "types/Serialization.h"

namespace mangrove
{

class SerializationNullable final : public Serialization
{
public:
    /// `string`: whether a Csv or Escaped value of T is free text (then the word NULL is a value).
    SerializationNullable(SerializationPtr nested, bool string) : nested_(std::move(nested)), string_(string) { }

    void writeRaw(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void writeEscaped(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void writeQuoted(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void writeCsv(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void writeJson(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const override;
    void readRaw(Column & column, std::string_view text, const FormatSettings & settings) const override;
    void readEscaped(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void readQuoted(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void readCsv(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void writeBinary(const Column & column, size_t row, WriteBuffer & out) const override;
    void readBinary(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void writeBulkPrefix(WriteBuffer & out) const override { nested_->writeBulkPrefix(out); }
    void readBulkPrefix(ReadBuffer & in) const override { nested_->readBulkPrefix(in); }
    void writeBulkData(const Column & column, size_t start, size_t count, WriteBuffer & out) const override;
    void readBulkData(Column & column, size_t count, ReadBuffer & in, const FormatSettings & settings) const override;

private:
    SerializationPtr nested_;
    bool string_;
};

class SerializationNothing final : public Serialization
{
public:
    void writeRaw(const Column &, size_t, WriteBuffer &, const FormatSettings &) const override { }
    void writeEscaped(const Column &, size_t, WriteBuffer &, const FormatSettings &) const override { }
    void writeQuoted(const Column &, size_t, WriteBuffer &, const FormatSettings &) const override { }
    void writeCsv(const Column &, size_t, WriteBuffer &, const FormatSettings &) const override { }
    void writeJson(const Column &, size_t, WriteBuffer &, const FormatSettings &) const override { }
    void readRaw(Column & column, std::string_view text, const FormatSettings & settings) const override;
    void readEscaped(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void readQuoted(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void readCsv(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void writeBinary(const Column &, size_t, WriteBuffer &) const override { }
    void readBinary(Column & column, ReadBuffer & in, const FormatSettings & settings) const override;
    void writeBulkData(const Column & column, size_t start, size_t count, WriteBuffer & out) const override;
    void readBulkData(Column & column, size_t count, ReadBuffer & in, const FormatSettings & settings) const override;
};

/// True, and the NULL consumed, if \N stands here.
bool tryConsumeNullMark(ReadBuffer & in);

}
