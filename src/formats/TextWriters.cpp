#include "formats/TextWriters.h"

#include "types/DataTypes.h"
#include "types/serialization/StringText.h"

namespace mangrove
{

void RowOutputFormat::write(const Block & block)
{
    Block full = block.materialize();
    for (size_t row = 0; row < full.rows(); ++row, ++rows_written_)
        writeRow(full, row);
}

void TsvWriter::writePrefix()
{
    auto writeLine = [&](auto text_of)
    {
        for (size_t i = 0; i < header_.size(); ++i)
        {
            if (i)
                out_.writeByte('\t');
            if (raw_)
                out_.write(text_of(header_[i]));
            else
                writeEscapedString(text_of(header_[i]), out_);
        }
        out_.writeByte('\n');
    };
    if (lines_ != HeaderLines::None)
        writeLine([](const NameAndType & column) { return column.name; });
    if (lines_ == HeaderLines::NamesAndTypes)
        writeLine([](const NameAndType & column) { return column.type->name(); });
}

void TsvWriter::writeRow(const Block & block, size_t row)
{
    for (size_t i = 0; i < header_.size(); ++i)
    {
        if (i)
            out_.writeByte('\t');
        if (raw_)
            serializations_[i]->writeRaw(*block.at(i).column, row, out_, settings_);
        else
            serializations_[i]->writeEscaped(*block.at(i).column, row, out_, settings_);
    }
    out_.writeByte('\n');
}

void TsvWriter::writeTotals(const Block & block)
{
    out_.writeByte('\n');
    write(block);
}

void CsvWriter::writePrefix()
{
    auto writeLine = [&](bool types)
    {
        bool first = true;
        for (const auto & column : header_)
            for (const auto & [name, type] : csvFieldsOf(column.name, column.type))
            {
                if (!first)
                    out_.writeByte(settings_.csv_delimiter);
                first = false;
                writeCsvString(types ? type : name, out_);
            }
        out_.writeByte('\n');
    };
    if (lines_ != HeaderLines::None)
        writeLine(false);
    if (lines_ == HeaderLines::NamesAndTypes)
        writeLine(true);
}

void CsvWriter::writeRow(const Block & block, size_t row)
{
    for (size_t i = 0; i < header_.size(); ++i)
    {
        if (i)
            out_.writeByte(settings_.csv_delimiter);
        serializations_[i]->writeCsv(*block.at(i).column, row, out_, settings_);
    }
    out_.writeByte('\n');
}

void CsvWriter::writeTotals(const Block & block)
{
    out_.writeByte('\n');
    write(block);
}

void writeForPeople(
    const Serialization & serialization, const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings)
{
    if (column.isNullAt(row))
        return out.write(null_for_people);
    serialization.writeRaw(column, row, out, settings);
}

void writeJsonField(
    const Serialization & serialization, const Column & column, size_t row, bool as_string, WriteBuffer & out, const FormatSettings & settings)
{
    if (!as_string)
        return serialization.writeJson(column, row, out, settings);
    WriteBuffer text;
    writeForPeople(serialization, column, row, text, settings);
    writeJsonString(text.str(), out);
}

JsonEachRowWriter::JsonEachRowWriter(WriteBuffer & out, NamesAndTypes header, const FormatSettings & settings, bool strings)
    : RowOutputFormat(out, std::move(header), settings), strings_(strings)
{
    for (const auto & column : header_)
    {
        WriteBuffer key;
        writeJsonString(column.name, key);
        key.writeByte(':');
        keys_.push_back(key.take());
    }
}

void JsonEachRowWriter::writeRow(const Block & block, size_t row)
{
    out_.writeByte('{');
    for (size_t i = 0; i < header_.size(); ++i)
    {
        if (i)
            out_.writeByte(',');
        out_.write(keys_[i]);
        writeJsonField(*serializations_[i], *block.at(i).column, row, strings_, out_, settings_);
    }
    out_.write("}\n");
}

void JsonCompactEachRowWriter::writePrefix()
{
    auto writeLine = [&](auto text_of)
    {
        out_.writeByte('[');
        for (size_t i = 0; i < header_.size(); ++i)
        {
            if (i)
                out_.write(", ");
            writeJsonString(text_of(header_[i]), out_);
        }
        out_.write("]\n");
    };
    if (lines_ != HeaderLines::None)
        writeLine([](const NameAndType & column) { return column.name; });
    if (lines_ == HeaderLines::NamesAndTypes)
        writeLine([](const NameAndType & column) { return column.type->name(); });
}

void JsonCompactEachRowWriter::writeRow(const Block & block, size_t row)
{
    out_.writeByte('[');
    for (size_t i = 0; i < header_.size(); ++i)
    {
        if (i)
            out_.write(", ");
        writeJsonField(*serializations_[i], *block.at(i).column, row, strings_, out_, settings_);
    }
    out_.write("]\n");
}

void ValuesWriter::writeRow(const Block & block, size_t row)
{
    out_.write(rowsWritten() ? ",(" : "(");
    for (size_t i = 0; i < header_.size(); ++i)
    {
        if (i)
            out_.writeByte(',');
        serializations_[i]->writeQuoted(*block.at(i).column, row, out_, settings_);
    }
    out_.writeByte(')');
}

void TskvWriter::writeRow(const Block & block, size_t row)
{
    for (size_t i = 0; i < header_.size(); ++i)
    {
        if (i)
            out_.writeByte('\t');
        writeEscapedString(header_[i].name, out_);
        out_.writeByte('=');
        serializations_[i]->writeEscaped(*block.at(i).column, row, out_, settings_);
    }
    out_.writeByte('\n');
}

void MarkdownWriter::writePrefix()
{
    out_.writeByte('|');
    for (const auto & column : header_)
    {
        out_.writeByte(' ');
        writeEscapedString(column.name, out_);
        out_.write(" |");
    }
    out_.write("\n|");
    for (const auto & column : header_)
        out_.write(alignsRight(column.type) ? "-:|" : ":-|");
    out_.writeByte('\n');
}

void MarkdownWriter::writeRow(const Block & block, size_t row)
{
    out_.write("| ");
    for (size_t i = 0; i < header_.size(); ++i)
    {
        if (i)
            out_.write(" | ");
        serializations_[i]->writeEscaped(*block.at(i).column, row, out_, settings_);
    }
    out_.write(" |\n");
}

void RowBinaryWriter::writePrefix()
{
    if (lines_ == HeaderLines::None)
        return;
    out_.writeVarUInt(header_.size());
    for (const auto & column : header_)
        out_.writeString(column.name);
    if (lines_ == HeaderLines::NamesAndTypes)
        for (const auto & column : header_)
            out_.writeString(column.type->name());
}

void RowBinaryWriter::writeRow(const Block & block, size_t row)
{
    for (size_t i = 0; i < header_.size(); ++i)
        serializations_[i]->writeBinary(*block.at(i).column, row, out_);
}

}
