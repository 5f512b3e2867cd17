#pragma once
// Tables for people: Pretty, PrettyCompact, PrettySpace and their NoEscapes and MonoBlock variants. Colours are never
// written: ClickHouse writes them only to a terminal, which is the client's business. Blocks are joined into one
// table, as ClickHouse does within a short time; of more than `rows_max` rows the first and last half are shown.
// Unlike ClickHouse 26, which spreads named tuples over several lines as JSON, they are shown as (1,'x').

#include "formats/OutputFormat.h"

#include <memory>

namespace mangrove
{

class VerticalWriter;

class PrettyWriter final : public OutputFormat
{
public:
    enum class Style : uint8_t
    {
        Full,    /// lines between rows
        Compact, /// names in the upper border
        Space,   /// no borders
    };

    PrettyWriter(WriteBuffer & out, NamesAndTypes header, const FormatSettings & settings, Style style);
    ~PrettyWriter() override;
    void write(const Block & block) override;
    void writeTotals(const Block & block) override;
    void writeExtremes(const Block & block) override;
    void finalize(const OutputStatistics &) override;

private:
    struct Table;

    void flushRows();
    void writeTable(const Block & block, uint64_t rows_total);
    Table layOut(const Block & block, uint64_t rows_total) const;
    bool isWideAndShort(const Table & table) const;
    void writeNames(const Table & table, bool bottom);
    void writeRow(const Table & table, size_t row);
    void writeBorder(const Table & table, const char * left, const char * line, const char * middle, const char * right);

    static constexpr size_t rows_max = 1000;

    Style style_;
    std::vector<Block> head_; /// the first rows_max / 2 rows at least
    std::vector<Block> tail_; /// at least the last rows_max / 2 rows after them
    size_t head_rows_ = 0;
    size_t tail_rows_ = 0;
    uint64_t rows_ = 0;
    bool flushed_ = false;
    std::unique_ptr<VerticalWriter> vertical_;
};

}
