#include "exec/sortBlocks.h"

#include "base/Random.h"
#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnString.h"
#include "columns/ColumnVector.h"
#include "types/DataTypes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace mangrove
{

namespace
{

Block randomBlock(size_t rows, uint64_t seed)
{
    Random random(seed);
    auto small = ColumnInt8::create();
    auto large = ColumnInt64::create();
    auto text = ColumnString::create();
    auto coded = std::make_shared<ColumnLowCardinality>(ColumnString());
    for (size_t i = 0; i < rows; ++i)
    {
        small->data().push_back(static_cast<int8_t>(random.next() % 5) - 2);
        large->data().push_back(static_cast<int64_t>(random.next() % 7) - 3);
        text->append(std::string(random.next() % 3, 'x'));
        coded->appendCode(coded->codeOf(std::string(1, static_cast<char>('a' + random.next() % 4))));
    }
    Block block;
    block.add({small, makeType(TypeId::Int8), "small"});
    block.add({large, makeType(TypeId::Int64), "large"});
    block.add({text, makeType(TypeId::String), "text"});
    block.add({coded, parseDataType("LowCardinality(String)"), "coded"});
    return block;
}

/// What every fast path must equal: a stable sort by compareRows().
Permutation expected(const Block & block, const std::vector<SortColumn> & order, size_t rows_max)
{
    Permutation rows(block.rows());
    std::iota(rows.begin(), rows.end(), 0);
    std::stable_sort(rows.begin(), rows.end(), [&](uint32_t a, uint32_t b) { return compareRows(block, a, block, b, order) < 0; });
    rows.resize(std::min(rows_max, rows.size()));
    return rows;
}

}

TEST(SortBlocks, AllWaysGiveTheStableOrder)
{
    const std::vector<std::vector<SortColumn>> orders{
        {{"large"}},
        {{"large", true}},
        {{"coded"}, {"large"}},
        {{"coded", true}, {"large", false}, {"small", true}},
        {{"small"}, {"large", true}},
        {{"text"}, {"small"}},
        {{"coded"}},
    };
    for (uint64_t seed = 1; seed <= 20; ++seed)
        for (const auto & order : orders)
            for (size_t rows : {0, 1, 2, 50, 500})
            {
                auto block = randomBlock(rows, seed * 1000 + rows);
                EXPECT_EQ(sortPermutation(block, order, std::nullopt), expected(block, order, SIZE_MAX));
                for (size_t rows_max : {1, 7, 100})
                    EXPECT_EQ(sortPermutation(block, order, rows_max), expected(block, order, rows_max));
            }
}

/// Keys whose ranges take up to 64 bits, up to 128, and more than their types' signed halves.
TEST(SortBlocks, PackedKeysOfEveryRange)
{
    constexpr size_t rows = 5000;
    Random random(1);
    auto wide = ColumnInt64::create();
    auto narrow = ColumnUInt16::create();
    auto time = ColumnInt64::create();
    auto few = ColumnUInt16::create();
    auto skewed = ColumnInt64::create(); /// nearly all rows share the highest digit
    for (size_t i = 0; i < rows; ++i)
    {
        few->data().push_back(i % 2);
        skewed->data().push_back(i ? static_cast<int64_t>(random.next() % 3000) : int64_t(1) << 44);
        wide->data().push_back(i % 100 == 0 ? (i % 200 ? INT64_MIN : INT64_MAX) : static_cast<int64_t>(random.next()));
        narrow->data().push_back(static_cast<uint16_t>(65000 + random.next() % 300));
        time->data().push_back(static_cast<int64_t>(i / 3 * 1000 - 100'000 + random.next() % 5000));
    }
    Block block;
    block.add({wide, makeType(TypeId::Int64), "wide"});
    block.add({narrow, makeType(TypeId::UInt16), "narrow"});
    block.add({time, makeType(TypeId::Int64), "time"});
    block.add({few, makeType(TypeId::UInt16), "few"});
    block.add({skewed, makeType(TypeId::Int64), "skewed"});
    const std::vector<std::vector<SortColumn>> orders{
        {{"narrow"}, {"time"}},
        {{"narrow", true}, {"time"}},
        {{"narrow"}, {"time", true}, {"wide"}},
        {{"wide"}, {"narrow"}},
        {{"wide", true}, {"time", true}},
        {{"few"}, {"skewed"}},
        {{"few", true}, {"skewed"}, {"narrow"}},
    };
    for (const auto & order : orders)
        EXPECT_EQ(sortPermutation(block, order, std::nullopt), expected(block, order, SIZE_MAX));
}

}
