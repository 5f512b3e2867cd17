#include "ingest/InsertBatcher.h"

#include "columns/ColumnVector.h"
#include "types/DataTypes.h"

#include <gtest/gtest.h>

#include <latch>
#include <set>
#include <thread>

using namespace mangrove;

namespace
{

Block oneRow(uint64_t value)
{
    auto column = ColumnUInt64::create();
    column->data().push_back(value);
    Block block;
    block.add({column, makeType(TypeId::UInt64), "x"});
    return block;
}

/// A table that counts; the first insert waits until `company` others are queued behind it.
struct Table
{
    std::mutex mutex;
    std::vector<std::vector<std::string>> batches;
    std::set<std::string> tokens;
    std::latch first_entered{1}, first_may_leave{1};

    InsertResult insert(const std::vector<Block> & blocks, const std::vector<std::string> & batch)
    {
        EXPECT_EQ(blocks.size(), batch.size());
        std::unique_lock lock(mutex);
        bool first = batches.empty();
        batches.push_back(batch);
        if (first)
        {
            lock.unlock();
            first_entered.count_down();
            first_may_leave.wait();
            lock.lock();
        }
        size_t known = 0;
        for (const auto & token : batch)
        {
            if (token.starts_with("bad"))
                throw Exception(ErrorCode::TOO_MANY_PARTS, "{} does not fit", token);
            if (token.starts_with("down"))
                throw Exception(ErrorCode::NETWORK_ERROR, "no answer");
            known += tokens.contains(token);
        }
        if (known && known < batch.size())
            throw Exception(ErrorCode::ABORTED, "a batch holds an insert that is in already");
        InsertResult result;
        result.duplicate = known > 0;
        tokens.insert(batch.begin(), batch.end());
        return result;
    }
};

/// Sends `first`, and `others` while `first` is being written. Returns "ok", "duplicate" or the code by position.
std::vector<std::string> send(Table & table, const std::string & first, const std::vector<std::string> & others, InsertBatcher::Limits limits = {})
{
    limits.inserts_at_once = 1;
    InsertBatcher batcher([&](auto blocks, auto tokens) { return table.insert(blocks, tokens); }, limits);
    std::vector<std::string> outcomes(others.size() + 1);
    auto one = [&](size_t position, const std::string & token)
    {
        try
        {
            outcomes[position] = batcher.insert(oneRow(position), token).duplicate ? "duplicate" : "ok";
        }
        catch (const Exception & exception)
        {
            outcomes[position] = fmt::format("{}", static_cast<int>(exception.code()));
        }
    };
    std::vector<std::thread> threads;
    threads.emplace_back(one, 0, first);
    table.first_entered.wait();
    for (size_t i = 0; i < others.size(); ++i)
    {
        threads.emplace_back(one, i + 1, others[i]);
        while (batcher.waitingInserts() < i + 1)
            std::this_thread::yield();
    }
    table.first_may_leave.count_down();
    for (auto & thread : threads)
        thread.join();
    return outcomes;
}

}

TEST(InsertBatcher, WhatWaitsLeavesTogether)
{
    Table table;
    EXPECT_EQ(send(table, "a", {"b", "c", "d"}), (std::vector<std::string>{"ok", "ok", "ok", "ok"}));
    EXPECT_EQ(table.batches, (std::vector<std::vector<std::string>>{{"a"}, {"b", "c", "d"}}));
}

TEST(InsertBatcher, ARepeatedTokenIsADuplicateAndHurtsNobody)
{
    Table table;
    EXPECT_EQ(send(table, "a", {"b", "a", "b", "c"}), (std::vector<std::string>{"ok", "ok", "duplicate", "duplicate", "ok"}));
    EXPECT_EQ(table.tokens, (std::set<std::string>{"a", "b", "c"}));
}

TEST(InsertBatcher, OneThatDoesNotFitFailsAlone)
{
    Table table;
    EXPECT_EQ(send(table, "a", {"b", "bad", "c"}), (std::vector<std::string>{"ok", "ok", "252", "ok"}));
}

TEST(InsertBatcher, AFailureOfTheStoreIsNotTriedOncePerMember)
{
    Table table;
    EXPECT_EQ(send(table, "a", {"b", "down", "c"}), (std::vector<std::string>{"ok", "210", "210", "210"}));
    EXPECT_EQ(table.batches.size(), 2);
}

TEST(InsertBatcher, BatchesHaveALimit)
{
    Table table;
    EXPECT_EQ(send(table, "a", {"b", "c", "d"}, {.batch_rows_max = 2}), (std::vector<std::string>{"ok", "ok", "ok", "ok"}));
    EXPECT_EQ(table.batches, (std::vector<std::vector<std::string>>{{"a"}, {"b", "c"}, {"d"}}));
}

TEST(InsertBatcher, TheQueueHasALimit)
{
    Table table;
    EXPECT_EQ(send(table, "a", {"b"}, {.waiting_bytes_max = 1}), (std::vector<std::string>{"ok", "ok"}));
    InsertBatcher batcher([](auto, auto) { return InsertResult(); }, {.waiting_bytes_max = 1});
    EXPECT_FALSE(batcher.insert(oneRow(1), "larger than the limit, but alone").duplicate);
}
