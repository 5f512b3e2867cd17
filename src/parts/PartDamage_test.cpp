// A damaged part is an error or the right answer, never a wrong one and never a crash.

#include "parts/PartReader.h"
#include "parts/PartWriter.h"

#include <gtest/gtest.h>

#include <random>

using namespace mangrove;

namespace
{

Block makeBlock(size_t rows)
{
    auto add = [&](const char * name, const char * type, auto && value)
    {
        auto data_type = parseDataType(type);
        auto column = data_type->createColumn();
        for (size_t i = 0; i < rows; ++i)
            column->insert(value(i));
        return ColumnWithType{column, data_type, name};
    };
    return Block({
        add("service", "LowCardinality(String)", [](size_t i) { return Field("svc-" + std::to_string(i % 3)); }),
        add("duration", "UInt64", [](size_t i) { return Field(uint64_t(i * i * 7919 % 100003)); }),
        add("trace", "String", [](size_t i) { return Field("trace-" + std::to_string(i / 4)); }),
        add("text", "String",
            [](size_t i) { return Field("GET /api/v1/users/" + std::to_string(i * 31) + "/orders"); }),
        add("tags", "Map(LowCardinality(String), String)",
            [](size_t i) {
                return Field(Array{Tuple{"http.method", i % 2 ? "GET" : "POST"}, Tuple{"n", std::to_string(i)}});
            }),
        add("numbers", "Array(Nullable(Int32))",
            [](size_t i) {
                return Field(i % 2 ? Array{int64_t(i), Null{}} : Array{});
            }),
    });
}

std::string makePart(const Block & block)
{
    PartWriteOptions options;
    for (const auto & column : block.columns())
        options.columns.push_back({column.name, column.type, ""});
    options.sort_key = {{"service", block.at(0).type}};
    options.granule_rows = 128;
    options.page_rows = 64;
    options.lookup_columns = {"trace"};
    options.skip_indexes = {{"b", SkipIndexKind::BloomFilter, "tags", block.byName("tags").type, 0, 0.01}};
    PartWriter writer(options);
    writer.write(block);
    return writer.finish().bytes;
}

/// Everything a reader can be asked.
void readAll(const std::string & bytes, const Block & expected)
{
    auto store = makeObjectStore("memory://");
    store->put("x/part", bytes, PutMode::IfAbsent);
    auto reader = PartReader::open(store, "x/part", 0, std::make_shared<PartCache>(16 << 20));
    ReadColumns columns;
    for (const auto & column : expected.columns())
        columns.emplace_back(column.name);
    Block got = reader->read(columns, {0, reader->rows()});
    ASSERT_EQ(got.rows(), expected.rows());
    for (size_t column = 0; column < columns.size(); ++column)
        for (size_t row = 0; row < got.rows(); ++row)
            ASSERT_EQ(got.at(column).column->compareAt(row, row, *expected.at(column).column, 1), 0)
                << columns[column].name << " row " << row;
    reader->primaryIndex();
    reader->minMax("duration");
    reader->granulesThatMayContain("b", {Field("GET")});
    auto found = reader->findRows("trace", Field("trace-5"));
    ASSERT_TRUE(found && found->size() == 4 && (*found)[0] == 20);
    reader->verify();
}

bool isDamageError(ErrorCode code)
{
    return code == ErrorCode::CORRUPTED_DATA || code == ErrorCode::CHECKSUM_DOESNT_MATCH;
}

}

TEST(PartDamage, EveryFlippedByteIsFoundOrDoesNotMatter)
{
    Block block = makeBlock(300);
    std::string good = makePart(block);
    readAll(good, block);
    size_t errors = 0;
    size_t step = std::max<size_t>(1, good.size() / 3000);
    for (size_t i = 0; i < good.size(); i += step)
    {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ (1 + i % 255));
        try
        {
            readAll(bad, block);
            ASSERT_FALSE(HasFatalFailure()) << "byte " << i;
        }
        catch (const Exception & e)
        {
            ASSERT_TRUE(isDamageError(e.code())) << "byte " << i << ": " << e.message();
            ASSERT_NE(e.message().find("x/part"), std::string::npos) << e.message();
            ++errors;
        }
    }
    /// Only the magic at the beginning is never looked at.
    EXPECT_GE(errors + 8, good.size() / step);
}

TEST(PartDamage, EveryTruncationIsFound)
{
    Block block = makeBlock(100);
    std::string good = makePart(block);
    for (size_t size = 0; size < good.size(); size += 97)
        EXPECT_THROW(readAll(good.substr(0, size), block), Exception) << size;
}

TEST(PartDamage, TheErrorNamesPartColumnAndPage)
{
    Block block = makeBlock(300);
    std::string bad = makePart(block);
    /// The raw text column is the only place with this run of characters that is not compressed away: damage pages by
    /// flipping bytes until a page of it complains.
    for (size_t i = 8; i < bad.size(); ++i)
    {
        std::string damaged = bad;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x40);
        try
        {
            readAll(damaged, block);
        }
        catch (const Exception & e)
        {
            if (e.code() == ErrorCode::CHECKSUM_DOESNT_MATCH && e.message().find("page ") != std::string::npos)
            {
                EXPECT_NE(e.message().find("x/part"), std::string::npos) << e.message();
                EXPECT_NE(e.message().find(" of "), std::string::npos) << e.message();
                return;
            }
        }
    }
    FAIL() << "no page was damaged";
}

TEST(PartDamage, RandomBytesAreNoPart)
{
    std::mt19937_64 random(3);
    for (int round = 0; round < 200; ++round)
    {
        std::string bytes(random() % 5000, '\0');
        for (char & c : bytes)
            c = static_cast<char>(random());
        if (round % 2 && bytes.size() > 8)
            bytes.replace(bytes.size() - 8, 8, "MGRVPART");
        EXPECT_THROW(readAll(bytes, makeBlock(1)), Exception);
    }
}
