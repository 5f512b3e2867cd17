#pragma once
// LowCardinality(T): text and RowBinary are T's. Native: version 1, then per block flags and width of the codes, the
// dictionary's values, the codes. Only a dictionary that comes with its block is read (no shared dictionaries: they
// occur only inside ClickHouse's parts). Layout after ClickHouse's SerializationLowCardinality.

#include "types/DataTypes.h"
#include "types/Serialization.h"

namespace mangrove
{

class SerializationLowCardinality final : public Serialization
{
public:
    explicit SerializationLowCardinality(const DataTypeLowCardinality & type);

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
    void writeBulkPrefix(WriteBuffer & out) const override;
    void readBulkPrefix(ReadBuffer & in) const override;
    void writeBulkData(const Column & column, size_t start, size_t count, WriteBuffer & out) const override;
    void readBulkData(Column & column, size_t count, ReadBuffer & in, const FormatSettings & settings) const override;

private:
    template <typename Read>
    void readOne(Column & column, Read && read) const;
    ColumnPtr readDictionary(ReadBuffer & in, const FormatSettings & settings) const;

    DataTypePtr nested_type_;
    SerializationPtr nested_;            /// of T, maybe Nullable
    SerializationPtr dictionary_values_; /// of T without Nullable: how dictionaries travel
    bool string_like_;
};

}
