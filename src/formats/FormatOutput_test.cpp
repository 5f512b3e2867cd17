// Writes each table of testdata/outputs.txt in each format and compares with what ClickHouse 26 wrote for the same
// rows (SELECT * FROM t FORMAT …). A table is given as TabSeparatedWithNamesAndTypes. The file is a sequence of
// "table|output NAME BYTES\n" followed by so many bytes and a line feed; JSON is cut before "statistics".

#include "columns/ColumnVector.h"
#include "formats/FormatFactory.h"
#include "types/DataTypes.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace mangrove;

namespace
{

struct Record
{
    std::string kind, name, bytes;
};

std::vector<Record> readCorpus()
{
    // Tests run from the repository or from a build directory inside it.
    auto root = std::filesystem::current_path();
    while (!std::filesystem::exists(root / "src/formats/testdata") && root.has_relative_path())
        root = root.parent_path();
    std::ifstream file(root / "src/formats/testdata/outputs.txt", std::ios::binary);
    std::vector<Record> records;
    std::string line;
    while (std::getline(file, line))
    {
        std::istringstream words(line);
        Record record;
        size_t size = 0;
        words >> record.kind >> record.name >> size;
        record.bytes.resize(size);
        file.read(record.bytes.data(), static_cast<std::streamsize>(size));
        file.ignore(1);
        records.push_back(std::move(record));
    }
    return records;
}

/// The first two lines of a table: its header.
NamesAndTypes headerOf(const std::string & table)
{
    auto lines = std::istringstream(table);
    std::string names, types;
    std::getline(lines, names);
    std::getline(lines, types);
    NamesAndTypes header;
    auto string_type = makeType(TypeId::String);
    ReadBuffer names_in(names), types_in(types);
    while (true)
    {
        auto column = string_type->createColumn();
        serializationOf(string_type)->readEscaped(*column, names_in, {});
        serializationOf(string_type)->readEscaped(*column, types_in, {});
        header.push_back({std::string(column->stringAt(0)), parseDataType(column->stringAt(1))});
        if (!names_in.tryConsume('\t') || !types_in.tryConsume('\t'))
            return header;
    }
}

std::string write(const std::string & format, const NamesAndTypes & header, const std::vector<Block> & blocks)
{
    WriteBuffer out;
    auto writer = makeOutputFormat(format, out, header);
    writer->writePrefix();
    for (const auto & block : blocks)
        writer->write(block);
    writer->finalize({});
    return out.take();
}

TEST(FormatOutput, EqualsClickHouse)
{
    auto corpus = readCorpus();
    ASSERT_GT(corpus.size(), 100u);
    NamesAndTypes header;
    std::vector<Block> blocks;
    std::string table;
    for (const auto & record : corpus)
    {
        if (record.kind == "table")
        {
            table = record.name;
            header = headerOf(record.bytes);
            blocks.clear();
            ReadBuffer in(record.bytes);
            auto reader = makeInputFormat("TSVWithNamesAndTypes", in, header);
            for (Block block = reader->read(); !block.empty(); block = reader->read())
                blocks.push_back(block);
            continue;
        }
        std::string written = write(record.name, header, blocks);
        if (record.name.starts_with("JSON") && written.find("\t\"statistics\"") != std::string::npos)
            written.resize(written.find("\t\"statistics\""));
        EXPECT_EQ(written, record.bytes) << "table " << table << ", format " << record.name;
    }
}

Block numberBlock(std::vector<std::pair<uint8_t, uint64_t>> rows)
{
    auto k = ColumnUInt8::create();
    auto c = ColumnUInt64::create();
    auto s = makeType(TypeId::String)->createColumn();
    for (auto [key, count] : rows)
    {
        k->data().push_back(key);
        c->data().push_back(count);
        s->insert(Field("x"));
    }
    return Block({{k, makeType(TypeId::UInt8), "k"}, {c, makeType(TypeId::UInt64), "c"}, {s, makeType(TypeId::String), "s"}});
}

std::string writeWithTotals(const std::string & format)
{
    Block rows = numberBlock({{0, 3}});
    WriteBuffer out;
    auto writer = makeOutputFormat(format, out, rows.header());
    writer->writePrefix();
    writer->write(rows);
    writer->writeTotals(numberBlock({{0, 5}}));
    writer->writeExtremes(numberBlock({{0, 3}, {0, 3}}));
    writer->finalize({.elapsed_seconds = 0.5, .rows_read = 5, .bytes_read = 40, .rows_before_limit = 2});
    return out.take();
}

TEST(FormatOutput, TotalsAndExtremes)
{
    EXPECT_EQ(writeWithTotals("TSV"), "0\t3\tx\n\n0\t5\tx\n\n0\t3\tx\n0\t3\tx\n");
    EXPECT_EQ(writeWithTotals("CSV"), "0,3,\"x\"\n\n0,5,\"x\"\n\n0,3,\"x\"\n0,3,\"x\"\n");
    EXPECT_EQ(writeWithTotals("JSONEachRow"), "{\"k\":0,\"c\":3,\"s\":\"x\"}\n");
    EXPECT_EQ(
        writeWithTotals("PrettyCompact"),
        "   ┌─k─┬─c─┬─s─┐\n1. │ 0 │ 3 │ x │\n   └───┴───┴───┘\n\nTotals:\n   ┌─k─┬─c─┬─s─┐\n1. │ 0 │ 5 │ x │\n   └───┴───┴───┘\n\n"
        "Extremes:\n   ┌─k─┬─c─┬─s─┐\n1. │ 0 │ 3 │ x │\n2. │ 0 │ 3 │ x │\n   └───┴───┴───┘\n");
    EXPECT_EQ(
        writeWithTotals("Vertical"),
        "Row 1:\n──────\nk: 0\nc: 3\ns: x\n\n\nTotals:\n───────\nk: 0\nc: 5\ns: x\n\nMin:\n────\nk: 0\nc: 3\ns: x\n\nMax:\n────\nk: 0\nc: 3\ns: x\n");
    auto json = writeWithTotals("JSON");
    EXPECT_EQ(
        json.substr(json.find("\t\"data\"")),
        "\t\"data\":\n\t[\n\t\t{\n\t\t\t\"k\": 0,\n\t\t\t\"c\": 3,\n\t\t\t\"s\": \"x\"\n\t\t}\n\t],\n\n\t\"totals\":\n\t{\n\t\t\"k\": 0,\n"
        "\t\t\"c\": 5,\n\t\t\"s\": \"x\"\n\t},\n\n\t\"extremes\":\n\t{\n\t\t\"min\":\n\t\t{\n\t\t\t\"k\": 0,\n\t\t\t\"c\": 3,\n"
        "\t\t\t\"s\": \"x\"\n\t\t},\n\t\t\"max\":\n\t\t{\n\t\t\t\"k\": 0,\n\t\t\t\"c\": 3,\n\t\t\t\"s\": \"x\"\n\t\t}\n\t},\n\n"
        "\t\"rows\": 1,\n\n\t\"rows_before_limit_at_least\": 2,\n\n\t\"statistics\":\n\t{\n\t\t\"elapsed\": 0.5,\n\t\t\"rows_read\": 5,\n"
        "\t\t\"bytes_read\": 40\n\t}\n}\n");
    auto compact = writeWithTotals("JSONCompact");
    EXPECT_NE(compact.find("\t\"totals\": [0, 5, \"x\"],\n\n\t\"extremes\":\n\t{\n\t\t\"min\": [0, 3, \"x\"],\n\t\t\"max\": [0, 3, \"x\"]\n\t},"), std::string::npos);
}

TEST(FormatOutput, PrettyShowsBothEndsOfLongResults)
{
    auto column = ColumnUInt64::create();
    for (uint64_t i = 0; i < 1200; ++i)
        column->data().push_back(i);
    Block block({{column, makeType(TypeId::UInt64), "n"}});
    std::vector<Block> blocks;
    for (size_t i = 0; i < 1200; i += 300)
        blocks.push_back(block.cut(i, 300));
    auto text = write("PrettyCompact", block.header(), blocks);
    EXPECT_NE(text.find(" 500. │  499 │\n      ─ ─ ─ ─ \n 701. │  700 │\n"), std::string::npos);
    EXPECT_TRUE(text.ends_with("1200. │ 1199 │\n      └────n─┘\nShowed 1000 out of 1200 rows.\n"));
}

TEST(FormatFactory, KnowsNamesAndAliases)
{
    EXPECT_EQ(canonicalFormatName("ndjson"), "JSONEachRow");
    EXPECT_EQ(canonicalFormatName("TSV"), "TabSeparated");
    EXPECT_FALSE(isInputFormat("Pretty"));
    EXPECT_TRUE(isInputFormat("Native"));
    auto codeOf = [](const std::string & name)
    {
        try
        {
            canonicalFormatName(name);
        }
        catch (const Exception & e)
        {
            return std::pair(e.code(), e.message());
        }
        return std::pair(ErrorCode::OK, std::string());
    };
    EXPECT_EQ(codeOf("Parquet").first, ErrorCode::NOT_IMPLEMENTED);
    EXPECT_EQ(codeOf("JSONEachRwo").first, ErrorCode::UNKNOWN_FORMAT);
    EXPECT_NE(codeOf("JSONEachRwo").second.find("JSONEachRow"), std::string::npos);
    ReadBuffer in("");
    EXPECT_THROW(makeInputFormat("Vertical", in, {}), Exception);
}

}
