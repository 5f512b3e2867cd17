// Counting the keys and values of a shredded map that pass a test, against the same on the whole map.

#include "columns/ColumnArray.h"
#include "columns/ColumnMap.h"
#include "columns/ColumnString.h"
#include "columns/ColumnVector.h"
#include "parts/PartReader.h"
#include "parts/PartWriter.h"

#include <gtest/gtest.h>

#include <random>

using namespace mangrove;

namespace
{

constexpr size_t rows = 6000;

/// Coded, raw, hexadecimal and decimal values; rare keys; keys that stand twice in a row; rows without any.
Field mapOf(size_t row, std::mt19937_64 & random)
{
    if (row % 11 == 0)
        return Array{};
    auto text = [&](std::string prefix) { return prefix + std::to_string(random()); };
    Array pairs{Tuple{"coded", "value " + std::to_string(random() % 9)}};
    if (row % 3)
        pairs.push_back(Tuple{"raw", text(row % 50 ? "http://host/" : "http://needle/")});
    if (row % 4 == 1)
        pairs.push_back(Tuple{"hex", fmt::format("{:016x}", random())});
    if (row % 5 == 2)
        pairs.push_back(Tuple{"decimal", std::to_string(random() % 1000000)});
    if (row % 7 == 3)
        pairs.push_back(Tuple{"coded", "value 3"});
    if (row % 499 == 5)
        pairs.push_back(Tuple{text("rare"), "a needle"});
    return pairs;
}

struct Fixture : testing::Test
{
    ObjectStorePtr store = makeObjectStore("memory://");
    Block block;
    PartReaderPtr reader;

    void SetUp() override
    {
        std::mt19937_64 random(3);
        auto type = parseDataType("Map(String, String)");
        auto column = type->createColumn();
        for (size_t row = 0; row < rows; ++row)
            column->insert(mapOf(row, random));
        block.add({column, type, "m"});
        PartWriteOptions options;
        options.columns = {{"m", type, ""}};
        options.granule_rows = 1000;
        options.page_rows = 500;
        PartWriter writer(options);
        writer.write(block);
        auto written = writer.finish();
        store->put("p", written.bytes, PutMode::IfAbsent);
        reader = PartReader::open(store, "p", written.bytes.size(), std::make_shared<PartCache>(64 << 20));
    }

    using Predicate = std::function<bool(std::string_view)>;

    static ValueTestPtr makeTest(const Predicate & passes, const std::string & contained)
    {
        return std::make_shared<ValueTest>(
            [passes](const ColumnPtr & values)
            {
                Filter flags(values->size());
                for (size_t i = 0; i < flags.size(); ++i)
                    flags[i] = passes(values->stringAt(i));
                return flags;
            },
            contained);
    }

    void expectCounts(const Predicate & passes, const std::string & contained = "")
    {
        const auto & map = columnAs<ColumnMap>(*block.at(0).column);
        for (auto kind : {ReadColumn::Kind::MapKeyMatches, ReadColumn::Kind::MapValueMatches})
        {
            const Column & all = kind == ReadColumn::Kind::MapKeyMatches ? *map.keysPtr() : *map.valuesPtr();
            PodVector<uint64_t> expected(rows, 0);
            for (size_t row = 0; row < rows; ++row)
                for (size_t i = map.pairs().beginOf(row); i < map.pairs().endOf(row); ++i)
                    expected[row] += passes(all.stringAt(i));
            ReadColumn column(kind, "m", "test", "matches");
            column.test = makeTest(passes, contained);
            for (RowRange range : {RowRange{0, rows}, RowRange{700, 2300}, RowRange{3, 4}})
            {
                auto counts = reader->read({column}, range).at(0).column;
                for (size_t row = range.begin; row < range.end; ++row)
                    ASSERT_EQ(columnAs<ColumnUInt64>(*counts).data()[row - range.begin], expected[row]) << "row " << row;
            }
            const std::vector<uint32_t> some{1, 5, 504, 505, 3000, 5999};
            auto counts = reader->readRows({column}, some).at(0).column;
            for (size_t i = 0; i < some.size(); ++i)
                ASSERT_EQ(columnAs<ColumnUInt64>(*counts).data()[i], expected[some[i]]);
        }
    }
};

bool contains(std::string_view text, std::string_view needle)
{
    return text.find(needle) != std::string_view::npos;
}

}

using MapMatch = Fixture;

TEST_F(MapMatch, CountsWhatPasses)
{
    expectCounts([](auto text) { return contains(text, "needle"); });
    expectCounts([](auto text) { return contains(text, "needle"); }, "needle");
    expectCounts([](auto text) { return text == "value 3"; }, "value 3");
    expectCounts([](auto text) { return contains(text, "ff"); }, "ff");
    expectCounts([](auto text) { return contains(text, "77"); }, "77");
    expectCounts([](auto text) { return text == "raw" || text == "coded" || text.starts_with("rare1"); });
    expectCounts([](auto text) { return text.size() > 10; });
    expectCounts([](auto) { return false; });
    expectCounts([](auto) { return true; });
}

TEST_F(MapMatch, ATestMayThrowOnValuesThatNoRowHas)
{
    /// The default is in every dictionary, whether a row has it or not.
    expectCounts([](auto text)
    {
        if (text.empty())
            throw Exception(ErrorCode::CANNOT_PARSE_TEXT, "nothing there");
        return contains(text, "needle");
    });
}

TEST_F(MapMatch, ATestThatThrowsOnAValueOfTheRowsThrows)
{
    ReadColumn column(ReadColumn::Kind::MapValueMatches, "m", "test", "matches");
    column.test = makeTest([](auto text) -> bool { throw Exception(ErrorCode::CANNOT_PARSE_TEXT, "{} is wrong", text); }, "");
    EXPECT_THROW(reader->read({column}, {0, 500}), Exception);
    EXPECT_THROW(reader->readRows({column}, std::vector<uint32_t>{1}), Exception);
}
