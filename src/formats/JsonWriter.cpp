#include "formats/JsonWriter.h"

#include "formats/TextWriters.h"
#include "types/serialization/NumberText.h"
#include "types/serialization/StringText.h"

namespace mangrove
{

JsonWriter::JsonWriter(WriteBuffer & out, NamesAndTypes header, const FormatSettings & settings, bool compact, bool strings)
    : OutputFormat(out, std::move(header), settings), compact_(compact), strings_(strings)
{
}

void JsonWriter::writePrefix()
{
    out_.write("{\n\t\"meta\":\n\t[\n");
    for (size_t i = 0; i < header_.size(); ++i)
    {
        if (i)
            out_.write(",\n");
        out_.write("\t\t{\n\t\t\t\"name\": ");
        writeJsonString(header_[i].name, out_);
        out_.write(",\n\t\t\t\"type\": ");
        writeJsonString(header_[i].type->name(), out_);
        out_.write("\n\t\t}");
    }
    out_.write("\n\t],\n\n\t\"data\":\n\t[\n");
}

/// The line's indent is written; `indent` is what a line inside gets at least.
void JsonWriter::writeRow(const Block & block, size_t row, size_t indent)
{
    std::string tabs(indent, '\t');
    out_.write(compact_ ? "[" : "{\n");
    for (size_t i = 0; i < header_.size(); ++i)
    {
        if (i)
            out_.write(compact_ ? ", " : ",\n");
        if (!compact_)
        {
            out_.write(tabs);
            out_.writeByte('\t');
            writeJsonString(header_[i].name, out_);
            out_.write(": ");
        }
        const Column & column = *block.at(i).column;
        if (compact_ || strings_)
            writeJsonField(*serializations_[i], column, row, strings_, out_, settings_);
        else
            serializations_[i]->writeJsonPretty(column, row, out_, settings_, indent + 1);
    }
    if (compact_)
        return out_.writeByte(']');
    out_.writeByte('\n');
    out_.write(tabs);
    out_.writeByte('}');
}

void JsonWriter::write(const Block & block)
{
    Block full = block.materialize();
    for (size_t row = 0; row < full.rows(); ++row, ++rows_)
    {
        out_.write(rows_ ? ",\n\t\t" : "\t\t");
        writeRow(full, row, 2);
    }
}

void JsonWriter::closeData()
{
    if (data_closed_)
        return;
    data_closed_ = true;
    out_.write("\n\t]");
}

void JsonWriter::writeTotals(const Block & block)
{
    closeData();
    out_.write(compact_ ? ",\n\n\t\"totals\": " : ",\n\n\t\"totals\":\n\t");
    writeRow(block.materialize(), 0, 1);
}

void JsonWriter::writeExtremes(const Block & block)
{
    closeData();
    Block full = block.materialize();
    out_.write(",\n\n\t\"extremes\":\n\t{\n");
    for (size_t row = 0; row < 2; ++row)
    {
        out_.write(row ? ",\n\t\t\"max\":" : "\t\t\"min\":");
        out_.write(compact_ ? " " : "\n\t\t");
        writeRow(full, row, 2);
    }
    out_.write("\n\t}");
}

void JsonWriter::finalize(const OutputStatistics & statistics)
{
    closeData();
    out_.write(fmt::format(",\n\n\t\"rows\": {}", rows_));
    if (statistics.rows_before_limit)
        out_.write(fmt::format(",\n\n\t\"rows_before_limit_at_least\": {}", *statistics.rows_before_limit));
    if (!settings_.output_format_write_statistics)
        return out_.write("\n}\n");
    out_.write(",\n\n\t\"statistics\":\n\t{\n\t\t\"elapsed\": ");
    writeFloatText(statistics.elapsed_seconds, out_);
    out_.write(fmt::format(",\n\t\t\"rows_read\": {},\n\t\t\"bytes_read\": {}\n\t}}\n}}\n", statistics.rows_read, statistics.bytes_read));
}

}
