// What every ObjectStore must do, run on each of them. MANGROVE_TEST_S3 (an s3:// URL) adds a real bucket, below a
// prefix of its own that is emptied at the end.

#include "object_store/ObjectStore.h"

#include "base/Random.h"
#include "base/Uuid.h"
#include "object_store/FaultyObjectStore.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <thread>

#include <gtest/gtest.h>

namespace mangrove
{

namespace
{

std::string uniqueName()
{
    return "conformance-" + Uuid::fromRandom(randomSeed(), randomSeed()).toString();
}

/// One store for one test, and what removes its traces.
struct TestStore
{
    ObjectStorePtr store;
    std::function<void()> cleanup = [] {};
};

TestStore makeMemory()
{
    return {makeObjectStore("memory://")};
}

TestStore makeLocal()
{
    const auto folder = std::filesystem::temp_directory_path() / uniqueName();
    return {makeObjectStore("file://" + folder.string()), [folder] { std::filesystem::remove_all(folder); }};
}

TestStore makeS3()
{
    std::string url = std::getenv("MANGROVE_TEST_S3");
    url.insert(std::min(url.find('?'), url.size()), "/" + uniqueName());
    auto store = makeObjectStore(url);
    return {store, [store]
            {
                std::vector<std::string> keys;
                for (const auto & object : store->list("", "", ObjectStore::list_limit_max).objects)
                    keys.push_back(object.key);
                store->removeMany(keys);
            }};
}

/// Injected latency is the only fault here: the contract must not depend on timing.
TestStore makeSlow()
{
    static ManualClock clock;
    ObjectStoreFaults faults;
    faults.latency_ms_max = 50;
    return {std::make_shared<FaultyObjectStore>(makeObjectStore("memory://"), 1, faults, clock)};
}

struct Implementation
{
    std::string name;
    TestStore (*make)();
};

std::vector<Implementation> implementations()
{
    std::vector<Implementation> result{{"memory", makeMemory}, {"local", makeLocal}, {"slow", makeSlow}};
    if (std::getenv("MANGROVE_TEST_S3"))
        result.push_back({"s3", makeS3});
    return result;
}

std::vector<std::string> keysOf(const ListPage & page)
{
    std::vector<std::string> keys;
    for (const auto & object : page.objects)
        keys.push_back(object.key);
    return keys;
}

}

class ObjectStoreConformance : public testing::TestWithParam<Implementation>
{
protected:
    void SetUp() override { test_store_ = GetParam().make(); }
    void TearDown() override
    {
        if (test_store_.store)
            test_store_.cleanup();
    }
    ObjectStore & store() { return *test_store_.store; }

private:
    TestStore test_store_;
};

TEST_P(ObjectStoreConformance, WhatIsPutCanBeRead)
{
    EXPECT_EQ(store().put("a/b.p", "hello", PutMode::Overwrite), PutResult::Created);
    const auto answer = store().get("a/b.p");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->bytes, "hello");
    EXPECT_EQ(answer->object_size, 5u);
    const auto info = store().head("a/b.p");
    ASSERT_TRUE(info);
    EXPECT_EQ(info->key, "a/b.p");
    EXPECT_EQ(info->size, 5u);
    EXPECT_GT(info->mtime_ms, 1'600'000'000'000);
    EXPECT_LT(info->mtime_ms, 4'000'000'000'000);
}

TEST_P(ObjectStoreConformance, MissingKeyIsNotAnError)
{
    EXPECT_FALSE(store().get("no/such"));
    EXPECT_FALSE(store().getRange("no/such", {0, 1}));
    EXPECT_FALSE(store().getSuffix("no/such", 1));
    EXPECT_FALSE(store().getRanges("no/such", {{0, 1}, {1, 1}}));
    EXPECT_FALSE(store().head("no/such"));
    store().remove("no/such");
    store().removeMany({"no/such", "no/other"});
}

TEST_P(ObjectStoreConformance, BytesAreExact)
{
    std::string bytes;
    for (int i = 0; i < 70'000; ++i)
        bytes.push_back(static_cast<char>(i * 7 + i / 256));
    for (const std::string & content : {bytes, std::string(), std::string(1, '\0')})
    {
        store().put("exact", content, PutMode::Overwrite);
        const auto answer = store().get("exact");
        ASSERT_TRUE(answer);
        EXPECT_TRUE(answer->bytes == content);
        EXPECT_EQ(answer->object_size, content.size());
    }
}

TEST_P(ObjectStoreConformance, RangesAreClamped)
{
    store().put("range", "0123456789", PutMode::Overwrite);
    const auto read = [&](uint64_t offset, uint64_t length)
    {
        const auto answer = store().getRange("range", {offset, length});
        EXPECT_TRUE(answer && answer->object_size == 10);
        return answer ? answer->bytes : "missing";
    };
    EXPECT_EQ(read(0, 10), "0123456789");
    EXPECT_EQ(read(3, 4), "3456");
    EXPECT_EQ(read(8, 100), "89");
    EXPECT_EQ(read(9, 1), "9");
    EXPECT_EQ(read(10, 5), "");
    EXPECT_EQ(read(1000, 5), "");
    EXPECT_EQ(read(4, 0), "");
    EXPECT_EQ(read(5, UINT64_MAX), "56789");
    EXPECT_EQ(read(UINT64_MAX, UINT64_MAX), "");
}

TEST_P(ObjectStoreConformance, SuffixAnswersTheObjectSize)
{
    store().put("suffix", "0123456789", PutMode::Overwrite);
    store().put("empty", "", PutMode::Overwrite);
    const auto read = [&](const char * key, uint64_t length)
    {
        const auto answer = store().getSuffix(key, length);
        return answer ? answer->bytes + ":" + std::to_string(answer->object_size) : "missing";
    };
    EXPECT_EQ(read("suffix", 3), "789:10");
    EXPECT_EQ(read("suffix", 10), "0123456789:10");
    EXPECT_EQ(read("suffix", 11), "0123456789:10");
    EXPECT_EQ(read("suffix", UINT64_MAX), "0123456789:10");
    EXPECT_EQ(read("suffix", 0), ":10");
    EXPECT_EQ(read("empty", 3), ":0");
}

TEST_P(ObjectStoreConformance, ManyRangesComeBackInOrder)
{
    std::string bytes;
    for (int i = 0; i < 10'000; ++i)
        bytes += std::to_string(i) + ",";
    store().put("many", bytes, PutMode::Overwrite);
    std::vector<ObjectRange> ranges;
    for (uint64_t i = 0; i < 100; ++i)
        ranges.push_back({(i * 7919) % bytes.size(), i});
    ranges.push_back({bytes.size() + 5, 3});
    const auto answers = store().getRanges("many", ranges);
    ASSERT_TRUE(answers);
    ASSERT_EQ(answers->size(), ranges.size());
    for (size_t i = 0; i + 1 < ranges.size(); ++i)
        EXPECT_EQ((*answers)[i], bytes.substr(ranges[i].offset, ranges[i].length)) << i;
    EXPECT_EQ(answers->back(), "");
    const auto none = store().getRanges("many", {});
    ASSERT_TRUE(none);
    EXPECT_TRUE(none->empty());
}

TEST_P(ObjectStoreConformance, IfAbsentKeepsTheFirst)
{
    EXPECT_EQ(store().put("once", "first", PutMode::IfAbsent), PutResult::Created);
    EXPECT_EQ(store().put("once", "second", PutMode::IfAbsent), PutResult::AlreadyExists);
    /// Same bytes, another writer: still not ours.
    EXPECT_EQ(store().put("once", "first", PutMode::IfAbsent), PutResult::AlreadyExists);
    EXPECT_EQ(store().get("once")->bytes, "first");
    EXPECT_EQ(store().put("once", "third", PutMode::Overwrite), PutResult::Created);
    EXPECT_EQ(store().get("once")->bytes, "third");
    store().remove("once");
    EXPECT_EQ(store().put("once", "fourth", PutMode::IfAbsent), PutResult::Created);
}

TEST_P(ObjectStoreConformance, OneOfManyWritersWins)
{
    for (int round = 0; round < 5; ++round)
    {
        const std::string key = "race/" + std::to_string(round) + "/x";
        std::atomic<int> created{0};
        std::atomic<int> winner{-1};
        std::vector<std::thread> threads;
        for (int i = 0; i < 8; ++i)
            threads.emplace_back(
                [&, i]
                {
                    if (store().put(key, "writer " + std::to_string(i), PutMode::IfAbsent) == PutResult::Created)
                    {
                        ++created;
                        winner = i;
                    }
                });
        for (auto & thread : threads)
            thread.join();
        EXPECT_EQ(created, 1);
        EXPECT_EQ(store().get(key)->bytes, "writer " + std::to_string(winner));
    }
}

TEST_P(ObjectStoreConformance, OverwritesAreNeverTorn)
{
    const std::string a(200'000, 'a');
    const std::string b(150'000, 'b');
    store().put("torn", a, PutMode::Overwrite);
    std::atomic<bool> done{false};
    std::thread writer(
        [&]
        {
            for (int i = 0; i < 10; ++i)
                store().put("torn", i % 2 ? a : b, PutMode::Overwrite);
            done = true;
        });
    size_t reads = 0;
    do
    {
        const auto answer = store().get("torn");
        EXPECT_TRUE(answer && (answer->bytes == a || answer->bytes == b));
        ++reads;
    } while (!done);
    writer.join();
    EXPECT_GT(reads, 0u);
}

TEST_P(ObjectStoreConformance, ListIsSortedBytewiseAndPaged)
{
    /// '-' and '.' sort before '/', digits after: a folder walk in name order would get this wrong.
    std::vector<std::string> keys{"t/a-b", "t/a.b", "t/a/b", "t/a/c/d", "t/a0", "t/aa", "t/b", "u/x", "s", "t0"};
    for (const auto & key : keys)
        store().put(key, key, PutMode::Overwrite);
    std::sort(keys.begin(), keys.end());

    const ListPage all = store().list("", "", 1000);
    EXPECT_EQ(keysOf(all), keys);
    EXPECT_FALSE(all.truncated);
    for (const auto & object : all.objects)
        EXPECT_EQ(object.size, object.key.size());

    EXPECT_EQ(keysOf(store().list("t/a", "", 1000)),
        (std::vector<std::string>{"t/a-b", "t/a.b", "t/a/b", "t/a/c/d", "t/a0", "t/aa"}));
    EXPECT_EQ(keysOf(store().list("t/a/", "", 1000)), (std::vector<std::string>{"t/a/b", "t/a/c/d"}));
    EXPECT_EQ(keysOf(store().list("t/a", "t/a/b", 2)), (std::vector<std::string>{"t/a/c/d", "t/a0"}));
    EXPECT_EQ(keysOf(store().list("t/a", "zzz", 2)), std::vector<std::string>{});
    EXPECT_EQ(keysOf(store().list("t/a/", "a", 1000)), (std::vector<std::string>{"t/a/b", "t/a/c/d"}));
    EXPECT_EQ(keysOf(store().list("nothing", "", 10)), std::vector<std::string>{});

    for (size_t limit = 1; limit <= keys.size(); ++limit)
    {
        std::vector<std::string> seen;
        std::string after;
        for (bool more = true; more;)
        {
            const ListPage page = store().list("", after, limit);
            ASSERT_LE(page.objects.size(), limit);
            ASSERT_FALSE(page.truncated && page.objects.empty());
            for (const auto & key : keysOf(page))
                seen.push_back(key);
            more = page.truncated;
            if (more)
                after = seen.back();
        }
        EXPECT_EQ(seen, keys) << "limit " << limit;
    }
}

TEST_P(ObjectStoreConformance, KeysMayHoldAnyPrintableCharacter)
{
    const std::vector<std::string> keys{
        "odd/ space +plus", "odd/!$&'()*,;=:@~", "odd/%2F%00", "odd/<xml>&amp;\"", "odd/[a]{b}^`|\\", "odd/#frag?q=1",
        "odd/snow\xe2\x98\x83man"};
    for (const auto & key : keys)
        EXPECT_EQ(store().put(key, key, PutMode::IfAbsent), PutResult::Created) << key;
    for (const auto & key : keys)
    {
        const auto answer = store().get(key);
        ASSERT_TRUE(answer) << key;
        EXPECT_EQ(answer->bytes, key);
    }
    auto sorted = keys;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(keysOf(store().list("odd/", "", 100)), sorted);
    EXPECT_EQ(keysOf(store().list("odd/<xml>&", "", 100)), std::vector<std::string>{"odd/<xml>&amp;\""});
    store().removeMany(keys);
    EXPECT_TRUE(store().list("odd/", "", 100).objects.empty());
}

TEST_P(ObjectStoreConformance, BadKeysAreRefused)
{
    const std::string too_long(1025, 'x');
    for (const std::string & key :
         {std::string(), std::string("/abs"), std::string("a/../b"), std::string(".."), std::string("a/./b"),
          std::string("a//b"), std::string("a/"), std::string("a\0b", 3), std::string("a\nb"), std::string(".tmp/x"),
          std::string(256, 'c'), too_long})
    {
        EXPECT_THROW(store().put(key, "x", PutMode::Overwrite), Exception) << key;
        EXPECT_THROW(store().get(key), Exception) << key;
        EXPECT_THROW(store().head(key), Exception) << key;
        EXPECT_THROW(store().remove(key), Exception) << key;
    }
    EXPECT_TRUE(store().list("", "", 10).objects.empty());
}

TEST_P(ObjectStoreConformance, RemoveIsIdempotentAndExact)
{
    for (const char * key : {"r/a", "r/ab", "r/b/c"})
        store().put(key, "x", PutMode::Overwrite);
    store().remove("r/a");
    store().remove("r/a");
    EXPECT_EQ(keysOf(store().list("r/", "", 10)), (std::vector<std::string>{"r/ab", "r/b/c"}));
    std::vector<std::string> keys{"r/ab", "r/b/c"};
    for (int i = 0; i < 1100; ++i) /// more than one batch
        keys.push_back("r/none" + std::to_string(i));
    store().removeMany(keys);
    EXPECT_TRUE(store().list("", "", 10).objects.empty());
    store().removeMany({});
}

TEST_P(ObjectStoreConformance, PutsAndRemovesInOneFolderDoNotDisturbEachOther)
{
    std::vector<std::thread> threads;
    std::atomic<int> failures{0};
    for (int i = 0; i < 4; ++i)
        threads.emplace_back(
            [&, i]
            {
                for (int round = 0; round < 15; ++round)
                {
                    const std::string key = "shared/folder/" + std::to_string(i);
                    try
                    {
                        store().put(key, "x", PutMode::IfAbsent);
                        if (!store().head(key))
                            ++failures;
                        store().remove(key);
                    }
                    catch (const Exception &)
                    {
                        ++failures;
                    }
                }
            });
    for (auto & thread : threads)
        thread.join();
    EXPECT_EQ(failures, 0);
    EXPECT_TRUE(store().list("", "", 10).objects.empty());
}

TEST_P(ObjectStoreConformance, CountersCountRequestsAndBytes)
{
    const ObjectStoreCounters before = store().counters();
    store().put("count", "12345", PutMode::Overwrite);
    store().get("count");
    store().getSuffix("count", 2);
    store().head("count");
    store().list("", "", 1);
    store().remove("count");
    const ObjectStoreCounters after = store().counters();
    EXPECT_EQ(after.puts - before.puts - (after.retries - before.retries), 1u);
    EXPECT_EQ(after.gets - before.gets, 2u);
    EXPECT_EQ(after.heads - before.heads, 1u);
    EXPECT_EQ(after.lists - before.lists, 1u);
    EXPECT_EQ(after.deletes - before.deletes, 1u);
    EXPECT_EQ(after.put_bytes - before.put_bytes, 5u);
    EXPECT_EQ(after.get_bytes - before.get_bytes, 7u);
}

INSTANTIATE_TEST_SUITE_P(
    AllStores, ObjectStoreConformance, testing::ValuesIn(implementations()),
    [](const testing::TestParamInfo<Implementation> & info) { return info.param.name; });

}
