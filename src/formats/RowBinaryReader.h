#pragma once
// RowBinary: rows of values without separators; WithNames(AndTypes) starts with the count and names (and types) of the
// columns. Types that traces are made of are read by a switch, not a virtual call per value.

#include "formats/TextReaders.h"

namespace mangrove
{

class RowBinaryReader final : public RowInputFormat
{
public:
    RowBinaryReader(ReadBuffer & in, NamesAndTypes header, const FormatSettings & settings, const InputOptions & options, HeaderLines lines);

protected:
    void readPrefix() override;
    bool readRow() override;

private:
    enum class Kind : uint8_t
    {
        Fixed1, Fixed2, Fixed4, Fixed8, String, Other, Skip,
    };
    struct FieldReader
    {
        Kind kind = Kind::Other;
        size_t column = 0;
        DataTypePtr skipped_type; /// of a column that is not in the header
    };

    FieldReader readerOf(size_t column) const;
    template <typename T>
    void readFixed(size_t column);

    HeaderLines lines_;
    std::vector<FieldReader> fields_;
    std::vector<size_t> absent_;
};

}
