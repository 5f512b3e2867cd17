// What lets a query skip: primary index, min-max, sets, bloom filters, lookup columns; and what a part says of itself.

#include "parts/PartReader.h"
#include "parts/PartWriter.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

using namespace mangrove;

namespace
{

constexpr size_t rows = 2000;

Block makeBlock()
{
    std::mt19937_64 random(9);
    auto add = [](const char * name, const char * type, auto && value)
    {
        auto data_type = parseDataType(type);
        auto column = data_type->createColumn();
        for (size_t i = 0; i < rows; ++i)
            column->insert(value(i));
        return ColumnWithType{column, data_type, name};
    };
    std::vector<std::string> traces;
    for (int i = 0; i < 300; ++i)
    {
        std::string id;
        for (int c = 0; c < 16; ++c)
            id += "0123456789abcdef"[random() % 16];
        traces.push_back(id);
    }
    return Block({
        add("service", "LowCardinality(String)", [](size_t i) { return Field("svc-" + std::to_string(i / 500)); }),
        add("time", "DateTime64(9, 'UTC')", [](size_t i) { return Field(int64_t(i % 500 * 1000) - 7); }),
        add("value", "Nullable(Float64)",
            [](size_t i) {
                return i % 3   ? Field(double(i))
                       : i % 2 ? Field(Null{})
                               : Field(std::numeric_limits<double>::quiet_NaN());
            }),
        add("trace", "String", [&](size_t) { return Field(traces[random() % traces.size()]); }),
        add("span", "UInt64", [&](size_t i) { return Field(uint64_t(i % 700)); }),
        add("tags", "Map(LowCardinality(String), String)",
            [](size_t i) {
                return Field(Array{Tuple{"k", "v" + std::to_string(i / 100)}});
            }),
        add("name", "String", [](size_t i) { return Field("name-" + std::to_string(1000 + i)); }),
        add("intDiv(span, 100)", "UInt64", [&](size_t i) { return Field(uint64_t(i % 700 / 100)); }),
    });
}

struct Fixture : testing::Test
{
    ObjectStorePtr store = makeObjectStore("memory://");
    PartCachePtr cache = std::make_shared<PartCache>(64 << 20);
    Block block = makeBlock();
    WrittenPart written;
    PartReaderPtr reader;

    void SetUp() override
    {
        PartWriteOptions options;
        for (size_t i = 0; i < 7; ++i)
            options.columns.push_back({block.at(i).name, block.at(i).type, i == 1 ? "Delta(8), ZSTD(1)" : ""});
        options.sort_key = {
            {"service", block.at(0).type}, {"time", block.at(1).type}, {"intDiv(span, 100)", block.at(7).type}};
        options.granule_rows = 100;
        options.page_rows = 50;
        options.lookup_columns = {"trace", "span"};
        options.skip_indexes = {
            {"names", SkipIndexKind::MinMax, "name", block.at(6).type, 0, 0},
            {"spans", SkipIndexKind::Set, "intDiv(span, 100)", block.at(7).type, 1, 0},
            {"values", SkipIndexKind::BloomFilter, "tags", block.at(5).type, 0, 0.01},
        };
        options.origin.table_uuid = (UInt128(1) << 100) + 5;
        options.origin.partition_id = "20241123";
        options.origin.source_parts = {"a", "b"};
        options.origin.created_ms = -1;
        PartWriter writer(options);
        writer.write(block);
        written = writer.finish();
        store->put("p", written.bytes, PutMode::IfAbsent);
        reader = PartReader::open(store, "p", written.bytes.size(), cache);
    }
};

}

using PartIndexes = Fixture;

TEST_F(PartIndexes, ThePrimaryIndexHoldsEveryGranulesFirstRowAndTheLastRow)
{
    Block index = reader->primaryIndex();
    ASSERT_EQ(reader->granuleCount(), 20);
    ASSERT_EQ(index.rows(), 21);
    for (size_t key : {0, 1, 2})
        for (size_t mark = 0; mark <= 20; ++mark)
            EXPECT_TRUE(index.at(key).column->get(mark)
                        == block.byName(index.at(key).name).column->get(mark < 20 ? mark * 100 : rows - 1));
    EXPECT_TRUE(reader->summary().first_key == (Tuple{"svc-0", int64_t(-7), uint64_t(0)}));
    EXPECT_TRUE(reader->summary().last_key == (Tuple{"svc-3", int64_t(499 * 1000 - 7), uint64_t(5)}));
    EXPECT_EQ(reader->granule(19), (RowRange{1900, 2000}));
}

TEST_F(PartIndexes, MinMaxLeavesOutNullsAndNan)
{
    auto time = reader->minMax("time");
    ASSERT_TRUE(time);
    EXPECT_TRUE(time->min->get(3) == Field(int64_t(300 * 1000 - 7)));
    EXPECT_TRUE(time->max->get(3) == Field(int64_t(399 * 1000 - 7)));
    auto value = reader->minMax("value");
    ASSERT_TRUE(value);
    EXPECT_TRUE(value->min->get(0) == Field(1.0));
    EXPECT_TRUE(value->max->get(0) == Field(98.0));
    auto name = reader->minMax("name");
    ASSERT_TRUE(name);
    EXPECT_TRUE(name->min->get(1) == Field("name-1100"));
    EXPECT_TRUE(name->max->get(1) == Field("name-1199"));
    EXPECT_FALSE(reader->minMax("trace"));
    EXPECT_FALSE(reader->minMax("tags"));
    const ColumnSummary * summary = reader->summary().find("service");
    ASSERT_TRUE(summary);
    EXPECT_TRUE(summary->min == Field("svc-0"));
    EXPECT_TRUE(summary->max == Field("svc-3"));
}

TEST_F(PartIndexes, SetsAndBloomFiltersExcludeGranules)
{
    Filter spans = reader->granulesThatMayContain("spans", {Field(uint64_t(3))});
    for (size_t granule = 0; granule < spans.size(); ++granule)
        EXPECT_EQ(spans[granule], granule % 7 == 3) << granule;
    Filter values = reader->granulesThatMayContain("values", {Field("v7")});
    EXPECT_EQ(values[7], 1);
    EXPECT_LT(std::count(values.begin(), values.end(), 1), 4);
    Filter any = reader->granulesThatMayContain("values", {Field("v7"), Field("v8")});
    EXPECT_TRUE(any[7] && any[8]);
    Filter unknown = reader->granulesThatMayContain("no such index", {Field("v7")});
    EXPECT_EQ(std::count(unknown.begin(), unknown.end(), 1), 20);
}

TEST_F(PartIndexes, LookupsFindExactlyTheRows)
{
    for (std::string name : {"trace", "span"})
    {
        const Column & column = *block.byName(name).column;
        for (size_t row : {0, 1, 777, 1999})
        {
            auto found = reader->findRows(name, column.get(row));
            ASSERT_TRUE(found);
            std::vector<uint32_t> expected;
            for (size_t i = 0; i < rows; ++i)
                if (column.get(i) == column.get(row))
                    expected.push_back(static_cast<uint32_t>(i));
            EXPECT_EQ(std::vector<uint32_t>(found->begin(), found->end()), expected);
            Block got = reader->readRows({name, "name"}, *found);
            for (size_t i = 0; i < expected.size(); ++i)
                EXPECT_TRUE(got.at(1).column->get(i) == block.byName("name").column->get(expected[i]));
        }
    }
    EXPECT_EQ(reader->findRows("trace", Field("0123456789abcdef"))->size(), 0);
    EXPECT_EQ(reader->findRows("span", Field(uint64_t(700)))->size(), 0);
    EXPECT_FALSE(reader->findRows("name", Field("name-1000")));
    /// A lookup column is dictionary-coded like any other: group by codes.
    ColumnPtr dictionary = reader->dictionary("trace");
    ASSERT_TRUE(dictionary);
    EXPECT_EQ(dictionary->size(), 301);
}

TEST_F(PartIndexes, APartTellsWhatItIs)
{
    const PartDescription & description = reader->description();
    EXPECT_EQ(description.origin.table_uuid, (UInt128(1) << 100) + 5);
    EXPECT_EQ(description.origin.partition_id, "20241123");
    EXPECT_EQ(description.origin.source_parts, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(description.origin.created_ms, -1);
    EXPECT_EQ(description.columns[1].codec, "Delta(8), ZSTD(1)");
    EXPECT_EQ(description.skip_indexes.size(), 3);
    EXPECT_EQ(reader->summary().bytes, written.bytes.size());
    uint64_t column_bytes = 0;
    for (const auto & column : reader->summary().columns)
        column_bytes += column.compressed_bytes;
    EXPECT_LT(column_bytes, written.bytes.size());
    EXPECT_GT(column_bytes * 2, written.bytes.size());
}

TEST_F(PartIndexes, OpeningASmallPartIsOneRequestAndReadingItNone)
{
    auto fresh_cache = std::make_shared<PartCache>(64 << 20);
    uint64_t before = store->counters().gets;
    auto again = PartReader::open(store, "p", 0, fresh_cache);
    again->findRows("trace", block.byName("trace").column->get(5));
    again->read({"service", "tags"}, {0, rows});
    again->verify();
    EXPECT_EQ(store->counters().gets - before, written.bytes.size() > 65536 ? 2 : 1);
}

TEST_F(PartIndexes, AVanishedPartSaysSo)
{
    try
    {
        PartReader::open(store, "no such part", 0, cache);
        FAIL();
    }
    catch (const Exception & e)
    {
        EXPECT_EQ(e.code(), ErrorCode::SNAPSHOT_EXPIRED);
    }
}
