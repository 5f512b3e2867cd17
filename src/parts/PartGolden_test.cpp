// Parts written by earlier versions are read forever: tests/golden/parts/NAME.part must give what NAME.txt says.
// A new format version adds a file and changes none: MANGROVE_WRITE_GOLDEN=v8 parts_test --gtest_filter='PartGolden*'
// writes v8.part and v8.txt from the rows below, unless they exist.

#include "parts/PartCommit.h"
#include "parts/PartReader.h"
#include "parts/PartWriter.h"
#include "types/DataTypes.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace mangrove;
namespace fs = std::filesystem;

namespace
{

fs::path goldenFolder()
{
    for (fs::path folder = fs::current_path(); ; folder = folder.parent_path())
    {
        if (fs::exists(folder / "tests/golden/parts"))
            return folder / "tests/golden/parts";
        if (folder == folder.root_path())
            return {};
    }
}

std::string readFile(const fs::path & path)
{
    std::stringstream out;
    out << std::ifstream(path, std::ios::binary).rdbuf();
    return out.str();
}

/// The same numbers on every platform, whatever the standard library.
struct Sequence
{
    uint64_t state = 42;
    uint64_t next(uint64_t below)
    {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return (state >> 33) % below;
    }
};

std::string hex(Sequence & random, size_t digits)
{
    std::string text;
    for (size_t i = 0; i < digits; ++i)
        text += "0123456789abcdef"[random.next(16)];
    return text;
}

Block makeRows()
{
    constexpr size_t rows = 300;
    Sequence random;
    std::vector<ColumnWithType> columns;
    auto add = [&](const char * name, const char * type, auto && value)
    {
        auto data_type = parseDataType(type);
        auto column = data_type->createColumn();
        for (size_t i = 0; i < rows; ++i)
            column->insert(value(i));
        columns.push_back({column, data_type, name});
    };
    auto below = [&](uint64_t limit) { return Field(random.next(limit)); };
    int64_t time = 1'700'000'000'000'000'000;
    uint64_t step = 5;
    std::vector<std::string> ids;
    for (int i = 0; i < 40; ++i)
        ids.push_back(hex(random, 32));
    add("service", "LowCardinality(String)", [](size_t i) { return Field("service-" + std::to_string(i / 100)); });
    add("time", "DateTime64(9, 'UTC')", [&](size_t) { return Field(time += int64_t(random.next(50'000'000))); });
    add("raw", "UInt64", [&](size_t) { return Field(random.next(1ULL << 31) << 33 ^ random.next(1ULL << 31)); });
    std::vector<uint64_t> seen;
    add("repeats", "UInt64",
        [&](size_t i)
        {
            seen.push_back(i && random.next(2) ? seen[i - 1 - random.next(std::min<size_t>(i, 9))]
                                               : random.next(1ULL << 31) << 33 ^ random.next(1ULL << 31));
            return Field(seen.back());
        });
    add("constant", "UInt32", [](size_t) { return Field(uint64_t(7)); });
    add("packed", "UInt16", [&](size_t) { return below(1000); });
    add("steps", "UInt64", [&](size_t) { return Field(step += random.next(5)); });
    add("few", "UInt32",
        [&](size_t) { return Field(random.next(2) ? uint64_t(500'000) : random.next(3) * 1'000'000'007); });
    add("skewed", "UInt64", [&](size_t) { return Field(1ULL << random.next(40) | random.next(1000)); });
    add("codec", "Int32", [&](size_t i) { return Field(int64_t(i * 3) - 200); });
    add("signed", "Int8", [&](size_t) { return Field(int64_t(random.next(256)) - 128); });
    add("float", "Float64", [&](size_t) { return Field(double(random.next(1000)) / 8 - 60); });
    add("uuid", "UUID",
        [&](size_t) { return Field(UInt128(random.next(1ULL << 31)) << 90 | random.next(1ULL << 31)); });
    add("enum", "Enum8('a' = -1, 'b' = 1)", [&](size_t) { return Field(int64_t(random.next(2) * 2) - 1); });
    add("nullable", "Nullable(UInt32)", [&](size_t) { return random.next(3) ? below(50) : Field(Null{}); });
    add("trace", "String", [&](size_t) { return Field(ids[random.next(ids.size())]); });
    add("hex", "String", [&](size_t) { return Field(hex(random, 16)); });
    add("decimal", "String", [&](size_t) { return Field(std::to_string(random.next(1'000'000))); });
    add("text", "String",
        [&](size_t i)
        { return Field("GET /api/v1/orders/" + std::to_string(random.next(99999)) + (i % 7 ? "" : "\n\xff")); });
    add("fixed", "FixedString(4)", [&](size_t) { return Field(hex(random, 4)); });
    add("low_nullable", "LowCardinality(Nullable(String))",
        [&](size_t) { return random.next(4) ? Field("l" + std::to_string(random.next(5))) : Field(Null{}); });
    add("array", "Array(Array(UInt16))",
        [&](size_t) {
            return Field(Array{Array{random.next(9)}, Array{}, Array{random.next(9), random.next(9)}});
        });
    add("tuple", "Tuple(a UInt8, b String)",
        [&](size_t) {
            return Field(Tuple{random.next(9), "t" + std::to_string(random.next(9))});
        });
    add("map", "Map(LowCardinality(String), String)", [&](size_t i)
    {
        Array pairs{Tuple{"http.method", random.next(2) ? "GET" : "POST"}, Tuple{"user.id", hex(random, 12)}};
        if (random.next(3) == 0)
            pairs.push_back(Tuple{"http.method", "doubled"});
        if (i % 90 == 0)
            pairs.push_back(Tuple{"rare." + std::to_string(i), "x"});
        std::string words; // of few letters: searchable
        while (words.size() < 60)
            words += "uvwxyz"[random.next(6)];
        pairs.push_back(Tuple{"words", words});
        return Field(pairs);
    });
    add("plain_map", "Map(UInt8, Nullable(String))",
        [&](size_t) {
            return Field(Array{Tuple{random.next(9), random.next(2) ? Field("v") : Field(Null{})}});
        });
    return Block(std::move(columns));
}

WrittenPart writeRows(const Block & block)
{
    PartWriteOptions options;
    for (const auto & column : block.columns())
        options.columns.push_back({column.name, column.type, column.name == "codec" ? "Delta(4), T64, ZSTD(1)" : ""});
    options.sort_key = {{"service", block.at(0).type}, {"time", block.at(1).type}};
    options.granule_rows = 128;
    options.page_rows = 64;
    options.effort = 3;
    options.lookup_columns = {"trace"};
    options.skip_indexes = {{"texts", SkipIndexKind::MinMax, "text", block.byName("text").type, 0, 0},
        {"packed_set", SkipIndexKind::Set, "packed", block.byName("packed").type, 120, 0},
        {"values", SkipIndexKind::BloomFilter, "map", block.byName("map").type, 0, 0.01}};
    options.origin = {.table_uuid = UInt128(1) << 77,
        .partition_id = "20231114",
        .txn_id = "txn",
        .token = "token",
        .node = "node-1",
        .node_epoch = 3,
        .schema_version = 2,
        .created_ms = 1'700'000'000'000,
        .source_parts = {"a", "b"},
        .sibling_parts = {"c"}};
    PartWriter writer(options);
    writer.write(block);
    WrittenPart part = writer.finish();
    attachCommit(part.bytes, "a log entry");
    return part;
}

/// A value as a number or text; a UUID as the number that its digits spell, as the golden files have it.
std::string shown(const DataType & type, const Column & column, size_t row)
{
    Field value = column.get(row);
    return toString(type.id() == TypeId::UUID ? Field(swapUuidHalves(value.get<UInt128>())) : value);
}

std::string dump(const std::string & bytes)
{
    auto store = makeObjectStore("memory://");
    store->put("golden", bytes, PutMode::IfAbsent);
    auto part = PartReader::open(store, "golden", 0, std::make_shared<PartCache>(16 << 20));
    std::stringstream out;
    const PartOrigin & origin = part->description().origin;
    out << "rows " << part->rows() << " granules " << part->granuleCount() << " partition " << origin.partition_id
        << " txn " << origin.txn_id << " token " << origin.token << " node " << origin.node << " " << origin.node_epoch
        << " schema " << origin.schema_version << "\n";
    for (const auto & column : part->description().columns)
    {
        out << "column " << column.name << " " << column.type->name() << " codec '" << column.codec << "' min "
            << toString(part->summary().find(column.name)->min) << " max "
            << toString(part->summary().find(column.name)->max) << "\n";
        Block block = part->read({column.name}, {0, part->rows()});
        for (size_t row = 0; row < block.rows(); ++row)
            out << shown(*block.at(0).type, *block.at(0).column, row) << "\n";
        if (auto min_max = part->minMax(column.name))
            for (size_t granule = 0; granule < part->granuleCount(); ++granule)
                out << "granule " << granule << " " << toString(min_max->min->get(granule)) << " "
                    << toString(min_max->max->get(granule)) << "\n";
    }
    Block index = part->primaryIndex();
    for (size_t mark = 0; mark < index.rows(); ++mark)
        out << "mark " << mark << " " << toString(index.at(0).column->get(mark)) << " "
            << toString(index.at(1).column->get(mark)) << "\n";
    Field trace = part->read({"trace"}, {150, 151}).at(0).column->get(0);
    out << "trace " << toString(trace) << ":";
    PodVector<uint32_t> found = part->findRows("trace", trace).value();
    for (uint32_t row : found)
        out << " " << row;
    out << "\nbloom POST, nothing:";
    for (const char * value : {"POST", "nothing"})
        for (uint8_t may : part->granulesThatMayContain("values", {Field(value)}))
            out << " " << int(may);
    out << "\nset:";
    for (uint8_t may : part->granulesThatMayContain("packed_set", {Field(uint64_t(17))}))
        out << " " << int(may);
    out << "\n";
    if (auto commit = readCommit(*store, "golden"); !commit->empty())
        out << "commit " << *commit << "\n";
    part->verify();
    return out.str();
}

}

TEST(PartGolden, PartsOfEarlierVersionsReadAsTheyDid)
{
    fs::path folder = goldenFolder();
    ASSERT_FALSE(folder.empty()) << "run inside the repository";
    if (const char * name = std::getenv("MANGROVE_WRITE_GOLDEN"))
    {
        fs::path part = folder / (std::string(name) + ".part");
        ASSERT_FALSE(fs::exists(part)) << "golden files are never overwritten";
        WrittenPart written = writeRows(makeRows());
        std::ofstream(part, std::ios::binary) << written.bytes;
        std::ofstream(folder / (std::string(name) + ".txt"), std::ios::binary) << dump(written.bytes);
    }
    size_t parts = 0;
    for (const auto & entry : fs::directory_iterator(folder))
        if (entry.path().extension() == ".part")
        {
            fs::path text = entry.path();
            text.replace_extension(".txt");
            EXPECT_EQ(dump(readFile(entry.path())), readFile(text)) << entry.path();
            ++parts;
        }
    EXPECT_GE(parts, 4);
}

TEST(PartGolden, TheDumpSaysWhatWasWritten)
{
    Block block = makeRows();
    std::string text = dump(writeRows(block).bytes);
    for (const auto & column : block.columns())
        for (size_t row = 0; row < block.rows(); row += 37)
            EXPECT_NE(text.find(shown(*column.type, *column.column, row) + "\n"), std::string::npos)
                << column.name << " " << row;
}
