#include "exec/ReadAhead.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <stdexcept>

namespace mangrove
{

TEST(ReadAhead, RunsEveryStepOnceAndInTimeForItsTurn)
{
    for (size_t at_once : {1, 2, 8, 100})
    {
        std::vector<std::atomic<int>> runs(500);
        ReadAhead ahead(runs.size(), at_once, [&](size_t step) { ++runs[step]; });
        for (size_t step = 0; step < runs.size(); ++step)
        {
            ahead.await(step);
            EXPECT_EQ(runs[step], 1);
        }
    }
}

TEST(ReadAhead, RunsAsManyAtOnceAsItMay)
{
    constexpr size_t at_once = 8;
    std::latch all_there(at_once); /// would wait for ever if fewer ran at once
    ReadAhead ahead(at_once, at_once, [&](size_t) { all_there.arrive_and_wait(); });
    for (size_t step = 0; step < at_once; ++step)
        ahead.await(step);
}

TEST(ReadAhead, DoesNotRunFarAheadOfWhatIsAwaited)
{
    std::atomic<size_t> runs{0};
    {
        ReadAhead ahead(10'000, 4, [&](size_t) { ++runs; });
        EXPECT_EQ(runs, 0u);
        ahead.await(0);
    }
    EXPECT_LE(runs, 1 + 2 * 4u);
}

TEST(ReadAhead, AFailureIsThrownAtItsTurn)
{
    for (size_t at_once : {1, 8})
    {
        ReadAhead ahead(20, at_once, [](size_t step)
        {
            if (step == 5)
                throw std::runtime_error("step 5");
        });
        for (size_t step = 0; step < 5; ++step)
            ahead.await(step);
        EXPECT_THROW(ahead.await(5), std::runtime_error);
    }
}

}
