#include "object_store/FaultyObjectStore.h"

#include "object_store/LatencyObjectStore.h"
#include "object_store/MemoryObjectStore.h"

#include <gtest/gtest.h>

namespace mangrove
{

namespace
{

class FaultyObjectStoreTest : public testing::Test
{
protected:
    std::unique_ptr<FaultyObjectStore> make(uint64_t seed, ObjectStoreFaults faults)
    {
        return std::make_unique<FaultyObjectStore>(base, seed, faults, clock);
    }

    ManualClock clock;
    ObjectStorePtr base = std::make_shared<MemoryObjectStore>(clock);
};

}

TEST_F(FaultyObjectStoreTest, FailBeforeChangesNothing)
{
    const auto store = make(1, {.fail_before = 1});
    EXPECT_THROW(store->put("k", "x", PutMode::Overwrite), Exception);
    EXPECT_FALSE(base->head("k"));
    EXPECT_EQ(store->fired().at("fail_before"), 1u);
}

TEST_F(FaultyObjectStoreTest, LostReplyIsDone)
{
    const auto store = make(1, {.lose_reply = 1});
    EXPECT_THROW(store->put("k", "x", PutMode::IfAbsent), Exception);
    EXPECT_TRUE(base->head("k"));
    EXPECT_THROW(store->remove("k"), Exception);
    EXPECT_FALSE(base->head("k"));
}

TEST_F(FaultyObjectStoreTest, LatePutLandsAfterItsFailureWasReported)
{
    const auto store = make(1, {.put_late = 1, .late_requests_max = 5});
    EXPECT_THROW(store->put("k", "late", PutMode::Overwrite), Exception);
    EXPECT_FALSE(base->head("k"));
    store->setFaults({});
    size_t requests = 0;
    while (!base->head("k") && requests < 100)
    {
        (void)store->head("other");
        ++requests;
    }
    EXPECT_GE(requests, 1u);
    EXPECT_LE(requests, 6u);
    EXPECT_EQ(store->landLatePuts(), 0u);

    store->setFaults({.put_late = 1});
    EXPECT_THROW(store->put("k2", "late", PutMode::Overwrite), Exception);
    EXPECT_EQ(store->landLatePuts(), 1u);
    EXPECT_EQ(base->get("k2")->bytes, "late");
}

TEST_F(FaultyObjectStoreTest, OneSeedOneHistory)
{
    const auto historyOf = [&](uint64_t seed)
    {
        base = std::make_shared<MemoryObjectStore>(clock);
        const auto store = make(seed, {.fail_before = 0.2, .lose_reply = 0.2, .put_late = 0.2, .latency_ms_max = 10});
        std::string history;
        for (int i = 0; i < 200; ++i)
        {
            const int64_t before_ms = clock.monotonicMs();
            try
            {
                const std::string key = std::to_string(i % 7);
                history += store->put(key, "x", PutMode::IfAbsent) == PutResult::Created ? 'c' : 'e';
                store->remove(key);
            }
            catch (const Exception &)
            {
                history += '!';
            }
            history += std::to_string(clock.monotonicMs() - before_ms);
        }
        for (const char * fault : {"fail_before", "lose_reply", "put_late"})
            EXPECT_GT(store->fired()[fault], 0u) << fault;
        return history;
    };
    EXPECT_EQ(historyOf(7), historyOf(7));
    EXPECT_NE(historyOf(7), historyOf(8));
}

TEST_F(FaultyObjectStoreTest, LatencyIsSleptOncePerCall)
{
    LatencyObjectStore store(base, 20, clock);
    store.put("k", "0123456789", PutMode::Overwrite);
    EXPECT_EQ(clock.monotonicMs(), 20);
    EXPECT_EQ(store.getRanges("k", {{0, 1}, {5, 2}, {9, 1}}), (std::vector<std::string>{"0", "56", "9"}));
    EXPECT_EQ(clock.monotonicMs(), 40);
}

TEST(MakeObjectStore, ReadsItsUrl)
{
    EXPECT_EQ(makeObjectStore("memory://")->describe(), "memory://");
    EXPECT_EQ(makeObjectStore("memory://?add_latency_ms=0")->describe(), "memory://");
    for (const char * bad :
         {"", "memory", "memory://x", "file://relative", "file:///x?y=1", "gs://b", "memory://?add_latency_ms=-1",
          "memory://?add_latency_ms=99999999", "memory://?add_latency_ms=1x"})
        EXPECT_THROW((void)makeObjectStore(bad), Exception) << bad;
}

}
