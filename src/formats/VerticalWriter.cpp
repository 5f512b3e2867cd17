#include "formats/TextWriters.h"

#include <algorithm>
#include <cmath>

namespace mangrove
{

namespace
{

void writeTimes(std::string_view text, size_t count, WriteBuffer & out)
{
    for (size_t i = 0; i < count; ++i)
        out.write(text);
}

}

VerticalWriter::VerticalWriter(WriteBuffer & out, NamesAndTypes header, const FormatSettings & settings)
    : RowOutputFormat(out, std::move(header), settings)
{
    size_t width = 0;
    for (const auto & column : header_)
        width = std::max(width, visibleWidth(column.name));
    for (const auto & column : header_)
        padded_names_.push_back(column.name + ": " + std::string(width - visibleWidth(column.name), ' '));
}

void VerticalWriter::writeRow(const Block & block, size_t row)
{
    size_t number = rowsWritten() + 1;
    if (rowsWritten())
        out_.writeByte('\n');
    out_.write(fmt::format("Row {}:\n", number));
    // The width that ClickHouse gives the line: row 9 already gets that of two digits.
    writeTimes("─", 6 + static_cast<size_t>(std::log10(static_cast<double>(number) + 1)), out_);
    out_.writeByte('\n');
    writeValues(block, row);
}

void VerticalWriter::writeValues(const Block & block, size_t row)
{
    for (size_t i = 0; i < header_.size(); ++i)
    {
        out_.write(padded_names_[i]);
        writeForPeople(*serializations_[i], *block.at(i).column, row, out_, settings_);
        out_.write(readableNumberTip(block.at(i), row));
        out_.writeByte('\n');
    }
}

void VerticalWriter::writeTitled(std::string_view title, const Block & block, size_t row)
{
    out_.write("\n");
    out_.write(title);
    out_.writeByte('\n');
    writeTimes("─", title.size(), out_);
    out_.writeByte('\n');
    writeValues(block, row);
}

void VerticalWriter::writeTotals(const Block & block)
{
    out_.writeByte('\n');
    writeTitled("Totals:", block.materialize(), 0);
}

void VerticalWriter::writeExtremes(const Block & block)
{
    Block full = block.materialize();
    writeTitled("Min:", full, 0);
    writeTitled("Max:", full, 1);
}

}
