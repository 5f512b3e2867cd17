#pragma once
// JSON, JSONStrings, JSONCompact, JSONCompactStrings: one document with meta, data, totals, extremes, rows and
// statistics. JSONEachRow and its like are in TextWriters.h.

#include "formats/OutputFormat.h"

namespace mangrove
{

class JsonWriter final : public OutputFormat
{
public:
    JsonWriter(WriteBuffer & out, NamesAndTypes header, const FormatSettings & settings, bool compact, bool strings);
    void writePrefix() override;
    void write(const Block & block) override;
    void writeTotals(const Block & block) override;
    void writeExtremes(const Block & block) override;
    void finalize(const OutputStatistics & statistics) override;

private:
    void writeRow(const Block & block, size_t row, size_t indent);
    void closeData();

    bool compact_;
    bool strings_;
    uint64_t rows_ = 0;
    bool data_closed_ = false;
};

}
