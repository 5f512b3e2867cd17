#pragma once
// JSONEachRow (an object a row) and JSONCompactEachRow (an array a row), rows separated by anything blank, by commas,
// or, for objects, inside one [ ]. The input is parsed in chunks of a megabyte by simdjson's document stream; a row
// that does not fit makes the chunk grow. Text that is not UTF-8 is refused: INCORRECT_DATA (117).

#include "formats/TextReaders.h"

#include <memory>

namespace mangrove
{

class JsonRowReader final : public RowInputFormat
{
public:
    enum class Rows : uint8_t
    {
        Objects,
        Arrays,
    };

    JsonRowReader(
        ReadBuffer & in,
        NamesAndTypes header,
        const FormatSettings & settings,
        const InputOptions & options,
        Rows rows,
        HeaderLines lines,
        bool strings);
    ~JsonRowReader() override;

protected:
    void readPrefix() override;
    bool readRow() override;

private:
    struct Impl;

    Rows rows_kind_;
    HeaderLines lines_;
    bool strings_;         /// JSONStringsEachRow: each value is a string that holds its text
    FieldMapping mapping_; /// of arrays
    std::unique_ptr<Impl> impl_;
};

}
