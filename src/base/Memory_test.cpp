#include "base/Memory.h"

#include "base/Exception.h"

#include <functional>

#include <gtest/gtest.h>

namespace mangrove
{

namespace
{

ErrorCode errorOf(const std::function<void()> & action)
{
    try
    {
        action();
    }
    catch (const Exception & exception)
    {
        return exception.code();
    }
    return ErrorCode::OK;
}

}

TEST(Memory, ChargesAreLimitedAndLeaveNothingWhenRefused)
{
    QueryMemory memory;
    memory.setLimit(1000);
    memory.charge(600);
    EXPECT_EQ(errorOf([&] { memory.charge(500); }), ErrorCode::MEMORY_LIMIT_EXCEEDED);
    EXPECT_EQ(memory.bytes(), 600);
    memory.charge(400);
    EXPECT_EQ(memory.bytes(), 1000);
    memory.release(1000);
    EXPECT_EQ(memory.bytes(), 0);
    EXPECT_GE(memory.peakBytes(), 1000);
}

TEST(Memory, ALargeAllocationMustFitTheQueryOfTheThread)
{
    QueryMemory memory;
    memory.setLimit(1000);
    EXPECT_EQ(errorOf([] { LargeAllocation allocation(1 << 30); }), ErrorCode::OK); // nobody's
    {
        MemoryScope scope(&memory);
        EXPECT_EQ(errorOf([] { LargeAllocation allocation(2000); }), ErrorCode::MEMORY_LIMIT_EXCEEDED);
        MemoryScope nobody(nullptr);
        EXPECT_EQ(errorOf([] { LargeAllocation allocation(2000); }), ErrorCode::OK);
    }
    EXPECT_EQ(errorOf([] { LargeAllocation allocation(2000); }), ErrorCode::OK);
}

TEST(Memory, AFullNodeEndsTheLargestAndLetsTheSmallWait)
{
    QueryMemory query;
    NodeMemory::setLimit(1 << 20); // less than this process has
    MemoryScope scope(&query);
    EXPECT_EQ(errorOf([&] { query.check(); }), ErrorCode::MEMORY_LIMIT_EXCEEDED);
    EXPECT_EQ(errorOf([] { LargeAllocation allocation(8 << 20); }), ErrorCode::MEMORY_LIMIT_EXCEEDED);
    NodeMemory::setLimit(0);
    EXPECT_EQ(errorOf([&] { query.check(); }), ErrorCode::OK);
    EXPECT_GT(NodeMemory::residentBytes(), 1 << 20);
    EXPECT_GT(NodeMemory::availableBytes(), 64 << 20);
}

TEST(Memory, TwoAtOneTimeDoNotGetTheSameMemory)
{
    constexpr uint64_t mib = 1 << 20;
    NodeMemory::setLimit(NodeMemory::residentBytes() + 400 * mib);
    {
        LargeAllocation first(300 * mib);
        EXPECT_EQ(errorOf([] { LargeAllocation second(300 * mib); }), ErrorCode::MEMORY_LIMIT_EXCEEDED);
    }
    EXPECT_EQ(errorOf([] { LargeAllocation later(300 * mib); }), ErrorCode::OK); // what was asked for has not been used
    NodeMemory::setLimit(0);
}

TEST(Memory, WhatMustBeMadeWholeIsNotRefused)
{
    QueryMemory query;
    query.setLimit(1000);
    NodeMemory::setLimit(1 << 20); // less than this process has
    MemoryScope scope(&query);
    {
        NeverRefused whole;
        EXPECT_EQ(errorOf([] { LargeAllocation allocation(64 << 20); }), ErrorCode::OK);
    }
    EXPECT_EQ(errorOf([] { LargeAllocation allocation(64 << 20); }), ErrorCode::MEMORY_LIMIT_EXCEEDED);
    NodeMemory::setLimit(0);
}

}
