#include "formats/PrettyWriter.h"

#include "formats/TextWriters.h"

#include <algorithm>

namespace mangrove
{

namespace
{

constexpr size_t footer_from_rows = 50;
constexpr size_t value_width_max = 10000;

// A wide and short table is shown as Vertical does: ClickHouse's output_format_pretty_fallback_to_vertical.
constexpr size_t vertical_rows_max = 10;
constexpr size_t vertical_columns_min = 5;
constexpr size_t vertical_width_min = 250;

void writeTimes(std::string_view text, size_t count, WriteBuffer & out)
{
    for (size_t i = 0; i < count; ++i)
        out.write(text);
}

/// The first cells of the text, and a mark that it goes on.
std::string cutToWidth(const std::string & text, size_t width)
{
    size_t end = 0;
    size_t cells = 0;
    while (end < text.size() && cells < width)
    {
        size_t next = end + 1;
        while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xc0) == 0x80)
            ++next;
        cells += visibleWidth(std::string_view(text).substr(end, next - end));
        end = next;
    }
    return text.substr(0, end) + "⋯";
}

}

PrettyWriter::PrettyWriter(WriteBuffer & out, NamesAndTypes header, const FormatSettings & settings, Style style)
    : OutputFormat(out, std::move(header), settings), style_(style)
{
}

PrettyWriter::~PrettyWriter() = default;

/// All cells as text, split at line feeds, and the widths that hold them.
struct PrettyWriter::Table
{
    struct Cell
    {
        std::vector<std::string> lines;
    };

    std::vector<std::string> names;
    std::vector<size_t> widths;
    std::vector<bool> right;
    std::vector<std::vector<Cell>> rows;
    std::vector<std::string> tips; /// behind each row
    size_t number_width = 1;
    uint64_t rows_total = 0;
    size_t cut_after = 0; /// rows shown before those that are left out
};

PrettyWriter::Table PrettyWriter::layOut(const Block & block, uint64_t rows_total) const
{
    Table table;
    table.rows_total = rows_total;
    table.number_width = std::to_string(rows_total).size();
    table.cut_after = block.rows() < rows_total ? rows_max / 2 : block.rows();
    table.rows.resize(block.rows());
    table.tips.resize(block.rows());
    for (size_t i = 0; i < header_.size(); ++i)
    {
        size_t width = visibleWidth(header_[i].name);
        table.names.push_back(header_[i].name);
        table.right.push_back(alignsRight(header_[i].type));
        for (size_t row = 0; row < block.rows(); ++row)
        {
            WriteBuffer text;
            writeForPeople(*serializations_[i], *block.at(i).column, row, text, settings_);
            std::string value = text.take();
            if (header_.size() > 1 && visibleWidth(value) > value_width_max)
                value = cutToWidth(value, value_width_max);
            Table::Cell cell;
            for (size_t begin = 0;;)
            {
                size_t end = value.find('\n', begin);
                cell.lines.push_back(value.substr(begin, end == std::string::npos ? end : end - begin));
                width = std::max(width, visibleWidth(cell.lines.back()));
                if (end == std::string::npos)
                    break;
                begin = end + 1;
            }
            table.rows[row].push_back(std::move(cell));
            if (header_.size() == 1)
                table.tips[row] = readableNumberTip(block.at(i), row);
        }
        table.widths.push_back(width);
    }
    return table;
}

void PrettyWriter::writeBorder(const Table & table, const char * left, const char * line, const char * middle, const char * right)
{
    writeTimes(" ", table.number_width + 2, out_);
    for (size_t i = 0; i < table.widths.size(); ++i)
    {
        out_.write(i ? middle : left);
        writeTimes(line, table.widths[i] + 2, out_);
    }
    out_.write(right);
    out_.writeByte('\n');
}

void PrettyWriter::writeNames(const Table & table, bool bottom)
{
    writeTimes(" ", table.number_width + 2, out_);
    for (size_t i = 0; i < table.names.size(); ++i)
    {
        size_t padding = table.widths[i] - visibleWidth(table.names[i]);
        std::string_view fill = style_ == Style::Compact ? "─" : " ";
        if (style_ == Style::Compact)
            out_.write(i ? (bottom ? "┴─" : "┬─") : (bottom ? "└─" : "┌─"));
        else if (style_ == Style::Full)
            out_.write("┃ ");
        else
            out_.write(i ? "   " : " ");
        if (table.right[i])
            writeTimes(fill, padding, out_);
        out_.write(table.names[i]);
        if (!table.right[i])
            writeTimes(fill, padding, out_);
        if (style_ != Style::Space)
            out_.write(fill);
    }
    if (style_ == Style::Compact)
        out_.write(bottom ? "┘" : "┐");
    else if (style_ == Style::Full)
        out_.write("┃");
    out_.writeByte('\n');
}

void PrettyWriter::writeRow(const Table & table, size_t row)
{
    uint64_t number = row < table.cut_after ? row + 1 : table.rows_total - table.rows.size() + row + 1;
    size_t lines = 1;
    for (const auto & cell : table.rows[row])
        lines = std::max(lines, cell.lines.size());
    const char * separator = style_ == Style::Space ? " " : "│";
    for (size_t line = 0; line < lines; ++line)
    {
        std::string prefix = line ? "" : fmt::format("{}.", number);
        writeTimes(" ", table.number_width + 1 - prefix.size(), out_);
        out_.write(prefix);
        if (style_ != Style::Space)
            out_.writeByte(' ');
        for (size_t i = 0; i < table.widths.size(); ++i)
        {
            const auto & cell = table.rows[row][i].lines;
            std::string_view text = line < cell.size() ? std::string_view(cell[line]) : std::string_view();
            size_t padding = table.widths[i] - std::min(table.widths[i], visibleWidth(text));
            out_.write(separator);
            out_.write(line && line < cell.size() ? "↳" : " ");
            if (table.right[i])
                writeTimes(" ", padding, out_);
            out_.write(text);
            if (!table.right[i])
                writeTimes(" ", padding, out_);
            out_.write(line + 1 < cell.size() ? "↴" : " ");
        }
        if (style_ != Style::Space)
            out_.write(separator);
        if (line == 0)
            out_.write(table.tips[row]);
        out_.writeByte('\n');
    }
}

bool PrettyWriter::isWideAndShort(const Table & table) const
{
    if (table.rows.size() > vertical_rows_max || table.widths.size() < vertical_columns_min)
        return false;
    size_t width = 0;
    for (size_t column_width : table.widths)
        width += column_width;
    bool many_lines = false;
    for (const auto & row : table.rows)
        many_lines |= std::any_of(row.begin(), row.end(), [](const auto & cell) { return cell.lines.size() > 1; });
    return many_lines || width >= vertical_width_min;
}

void PrettyWriter::writeTable(const Block & block, uint64_t rows_total)
{
    Table table = layOut(block, rows_total);
    if (isWideAndShort(table))
    {
        if (!vertical_) // numbers its rows on, and starts all but the first with a line feed
            vertical_ = std::make_unique<VerticalWriter>(out_, header_, settings_);
        return vertical_->write(block);
    }
    if (style_ == Style::Full)
        writeBorder(table, "┏", "━", "┳", "┓");
    writeNames(table, false);
    if (style_ == Style::Full)
        writeBorder(table, "┡", "━", "╇", "┩");
    else if (style_ == Style::Space)
        out_.writeByte('\n');

    for (size_t row = 0; row < table.rows.size(); ++row)
    {
        if (row && style_ == Style::Full)
            writeBorder(table, "├", "─", "┼", "┤");
        if (row && row == table.cut_after)
        {
            size_t width = style_ == Style::Space ? 0 : 1;
            for (size_t i = 0; i < table.widths.size(); ++i)
                width += table.widths[i] + 3;
            if (style_ == Style::Space)
                width -= 2;
            writeTimes(" ", table.number_width + 2, out_);
            for (size_t i = 0; i < width; ++i)
                out_.write(i % 2 ? " " : "─");
            out_.writeByte('\n');
            if (style_ == Style::Full)
                writeBorder(table, "├", "─", "┼", "┤");
        }
        writeRow(table, row);
    }

    bool footer = rows_total >= footer_from_rows;
    if (style_ == Style::Compact)
    {
        if (footer)
            writeNames(table, true);
        else
            writeBorder(table, "└", "─", "┴", "┘");
    }
    else if (style_ == Style::Full)
    {
        if (footer)
        {
            writeBorder(table, "┢", "━", "╈", "┪");
            writeNames(table, true);
            writeBorder(table, "┗", "━", "┻", "┛");
        }
        else
            writeBorder(table, "└", "─", "┴", "┘");
    }
    else if (footer)
    {
        out_.writeByte('\n');
        writeNames(table, true);
        out_.writeByte('\n');
    }
}

void PrettyWriter::write(const Block & block)
{
    if (!block.rows())
        return;
    rows_ += block.rows();
    Block full = block.materialize();
    if (head_rows_ < rows_max)
    {
        size_t take = std::min(rows_max - head_rows_, full.rows());
        head_.push_back(full.cut(0, take));
        head_rows_ += take;
        if (take == full.rows())
            return;
        full = full.cut(take, full.rows() - take);
    }
    if (full.rows() > rows_max)
        full = full.cut(full.rows() - rows_max, rows_max);
    tail_rows_ += full.rows();
    tail_.push_back(std::move(full));
    while (tail_rows_ - tail_.front().rows() >= rows_max / 2)
    {
        tail_rows_ -= tail_.front().rows();
        tail_.erase(tail_.begin());
    }
}

void PrettyWriter::flushRows()
{
    if (flushed_)
        return;
    flushed_ = true;
    if (!rows_)
        return;
    Block all = Block::concat(head_);
    if (rows_ > rows_max)
    {
        std::vector<Block> ends{all};
        ends.insert(ends.end(), tail_.begin(), tail_.end());
        Block joined = Block::concat(ends);
        constexpr size_t half = rows_max / 2;
        all = Block::concat({joined.cut(0, half), joined.cut(joined.rows() - half, half)});
    }
    writeTable(all, rows_);
    if (rows_ > rows_max)
        out_.write(fmt::format("{}Showed {} out of {} rows.\n", style_ == Style::Space ? "\n" : "", rows_max, rows_));
}

void PrettyWriter::writeTotals(const Block & block)
{
    flushRows();
    out_.write(vertical_ ? "\nTotals:" : "\nTotals:\n");
    Block full = block.materialize();
    writeTable(full, full.rows());
}

void PrettyWriter::writeExtremes(const Block & block)
{
    flushRows();
    out_.write(vertical_ ? "\nExtremes:" : "\nExtremes:\n");
    Block full = block.materialize();
    writeTable(full, full.rows());
}

void PrettyWriter::finalize(const OutputStatistics &)
{
    flushRows();
}

}
