#include "exec/TopRows.h"

#include "base/Random.h"
#include "columns/ColumnVector.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace mangrove
{

namespace
{

ColumnPtr makeColumn(const std::vector<int64_t> & values)
{
    auto column = ColumnInt64::create();
    column->data().assign(values.begin(), values.end());
    return column;
}

std::vector<int64_t> cut(TopRows & top, const std::vector<int64_t> & values, Filter keep)
{
    size_t left = top.cut(*makeColumn(values), keep, std::count(keep.begin(), keep.end(), 1));
    std::vector<int64_t> result;
    for (size_t i = 0; i < values.size(); ++i)
        if (keep[i])
            result.push_back(values[i]);
    EXPECT_EQ(left, result.size());
    return result;
}

std::vector<int64_t> cut(TopRows & top, const std::vector<int64_t> & values)
{
    return cut(top, values, Filter(values.size(), 1));
}

}

TEST(TopRows, KeepsTheFirstOfEachBlock)
{
    ReadOrder order{"x", false, false, 2};
    TopRows top(order);
    EXPECT_EQ(cut(top, {5, -1, 7, 3}), (std::vector<int64_t>{-1, 3}));
    EXPECT_EQ(cut(top, {4, 3, 5}), (std::vector<int64_t>{})); // there are two that are not worse
    EXPECT_EQ(cut(top, {INT64_MIN, 2}), (std::vector<int64_t>{INT64_MIN, 2}));
    EXPECT_FALSE(top.mayEnter(top.keyOf(*makeColumn({-1}), 0)));
    EXPECT_TRUE(top.mayEnter(top.keyOf(*makeColumn({-2}), 0)));
}

TEST(TopRows, CountsOnlyRowsThatPassed)
{
    ReadOrder order{"x", true, false, 1};
    TopRows top(order);
    EXPECT_EQ(cut(top, {1, 9, 2}, {1, 0, 1}), (std::vector<int64_t>{2}));
    EXPECT_EQ(cut(top, {3}), (std::vector<int64_t>{3}));
}

TEST(TopRows, KeepsTiesIfMoreColumnsDecide)
{
    ReadOrder order{"x", true, true, 2};
    TopRows top(order);
    EXPECT_EQ(cut(top, {1, 2, 1, 1}), (std::vector<int64_t>{1, 2, 1, 1}));
    EXPECT_EQ(cut(top, {0, 1, 0}), (std::vector<int64_t>{1}));
    ReadOrder alone{"x", true, false, 2};
    TopRows first(alone);
    EXPECT_EQ(cut(first, {1, 2, 1, 1}), (std::vector<int64_t>{1, 2}));
    EXPECT_EQ(cut(first, {0, 1, 0}), (std::vector<int64_t>{}));
}

TEST(TopRows, LosesNoneOfTheFirst)
{
    Random random(7);
    for (size_t round = 0; round < 200; ++round)
    {
        ReadOrder order{"x", round % 2 == 0, round % 3 == 0, 1 + random.next() % 20};
        TopRows top(order);
        std::vector<int64_t> all, kept;
        for (size_t block = 0; block < 5; ++block)
        {
            std::vector<int64_t> values(random.next() % 40);
            for (auto & value : values)
                value = static_cast<int64_t>(random.next() % 60) - 30;
            auto left = cut(top, values);
            all.insert(all.end(), values.begin(), values.end());
            kept.insert(kept.end(), left.begin(), left.end());
        }
        for (auto * values : {&all, &kept})
        {
            std::sort(values->begin(), values->end());
            if (order.descending)
                std::reverse(values->begin(), values->end());
        }
        // With ties also those that are equal to the last one.
        size_t wanted = std::min<size_t>(order.rows, all.size());
        while (order.ties && wanted && wanted < all.size() && all[wanted] == all[wanted - 1])
            ++wanted;
        ASSERT_GE(kept.size(), wanted) << round;
        EXPECT_TRUE(std::equal(all.begin(), all.begin() + wanted, kept.begin())) << round;
    }
}

}
