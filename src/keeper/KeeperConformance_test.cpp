// What every Keeper must do, run on each of them. MANGROVE_TEST_ZK (host:port,…) adds a real ensemble, below a chroot
// of its own that is removed at the end.

#include "base/Random.h"
#include "base/Uuid.h"
#include "keeper/EmbeddedKeeper.h"
#include "keeper/MemoryKeeper.h"
#include "keeper/ZooKeeperKeeper.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <thread>

#include <gtest/gtest.h>

namespace mangrove
{

namespace
{

using std::chrono::milliseconds;

std::string uniqueName()
{
    return "conformance-" + Uuid::fromRandom(randomSeed(), randomSeed()).toString();
}

/// Where the sessions of one test live.
struct Environment
{
    std::function<KeeperPtr()> open;
    std::function<void()> cleanup = [] {};
    bool many_sessions = true;
    bool keeps_data = true; /// when the last session is closed
};

Environment memoryEnvironment()
{
    auto server = std::make_shared<MemoryKeeperServer>();
    return {[server] { return std::make_shared<MemoryKeeper>(server, SystemClock::instance()); }};
}

Environment embeddedEnvironment()
{
    const auto folder = std::filesystem::temp_directory_path() / uniqueName();
    Environment result{[folder] { return makeKeeper("embedded", folder.string()); }};
    result.cleanup = [folder] { std::filesystem::remove_all(folder); };
    result.many_sessions = false;
    return result;
}

void removeBelow(Keeper & keeper, const std::string & path)
{
    for (const std::string & name : keeper.children(path).value_or(std::vector<std::string>()))
    {
        const std::string child = path == "/" ? "/" + name : path + "/" + name;
        removeBelow(keeper, child);
        (void)keeper.remove(child);
    }
}

Environment zooKeeperEnvironment()
{
    const std::string hosts = std::getenv("MANGROVE_TEST_ZK");
    const std::string chroot = "/" + uniqueName();
    Environment result{[hosts, chroot] { return makeKeeper(hosts + chroot, ""); }};
    result.cleanup = [hosts, chroot]
    {
        const KeeperPtr keeper = makeKeeper(hosts, "");
        removeBelow(*keeper, chroot);
        (void)keeper->remove(chroot);
    };
    return result;
}

struct Implementation
{
    std::string name;
    Environment (*make)();
};

std::vector<Implementation> implementations()
{
    std::vector<Implementation> result{{"memory", memoryEnvironment}, {"embedded", embeddedEnvironment}};
    if (std::getenv("MANGROVE_TEST_ZK"))
        result.push_back({"zookeeper", zooKeeperEnvironment});
    return result;
}

using Names = std::vector<std::string>;

}

class KeeperConformance : public testing::TestWithParam<Implementation>
{
protected:
    void SetUp() override
    {
        environment_ = GetParam().make();
        keeper_ = environment_.open();
    }
    void TearDown() override
    {
        keeper_.reset();
        environment_.cleanup();
    }

    Keeper & keeper() { return *keeper_; }
    bool manySessions() const { return environment_.many_sessions; }
    KeeperPtr openAnother() { return environment_.open(); }
    void reopen()
    {
        keeper_.reset();
        keeper_ = environment_.open();
        keeper_->sync("/"); /// it may be with another server than before
    }

private:
    Environment environment_;
    KeeperPtr keeper_;
};

TEST_P(KeeperConformance, CreateGetSetRemove)
{
    EXPECT_FALSE(keeper().get("/a"));
    const KeeperResult created = keeper().create("/a", "one");
    ASSERT_TRUE(created.committed()) << created.describe();
    EXPECT_EQ(created.op().path, "/a");
    EXPECT_EQ(created.op().version, 0);

    auto node = keeper().get("/a");
    ASSERT_TRUE(node);
    EXPECT_EQ(node->data, "one");
    EXPECT_EQ(node->version, 0);
    EXPECT_GT(node->mtime_ms, 1'600'000'000'000);

    EXPECT_EQ(keeper().set("/a", "two", 0).op().version, 1);
    EXPECT_EQ(keeper().set("/a", "three").op().version, 2);
    EXPECT_EQ(keeper().get("/a")->data, "three");
    EXPECT_EQ(keeper().get("/a")->version, 2);

    EXPECT_TRUE(keeper().remove("/a", 2).committed());
    EXPECT_FALSE(keeper().get("/a"));
    /// A node made again begins at version 0.
    EXPECT_TRUE(keeper().create("/a", "").committed());
    EXPECT_EQ(keeper().get("/a")->version, 0);
    EXPECT_EQ(keeper().get("/a")->data, "");
}

TEST_P(KeeperConformance, FailuresAreDefinite)
{
    EXPECT_TRUE(keeper().set("/none", "x").failedWith(KeeperError::NoNode));
    EXPECT_TRUE(keeper().remove("/none").failedWith(KeeperError::NoNode));
    EXPECT_TRUE(keeper().create("/none/child", "x").failedWith(KeeperError::NoNode));
    ASSERT_TRUE(keeper().create("/a", "x").committed());
    EXPECT_TRUE(keeper().create("/a", "y").failedWith(KeeperError::NodeExists));
    EXPECT_TRUE(keeper().set("/a", "y", 5).failedWith(KeeperError::BadVersion));
    EXPECT_TRUE(keeper().remove("/a", 5).failedWith(KeeperError::BadVersion));
    ASSERT_TRUE(keeper().create("/a/b", "x").committed());
    EXPECT_TRUE(keeper().remove("/a").failedWith(KeeperError::NotEmpty));
    ASSERT_TRUE(keeper().create("/e", "x", CreateMode::Ephemeral).committed());
    EXPECT_TRUE(keeper().create("/e/child", "x").failedWith(KeeperError::NoChildrenForEphemerals));
    EXPECT_EQ(keeper().get("/a")->data, "x");
    EXPECT_THROW((void)keeper().create("/a", "y").op(), Exception);
}

TEST_P(KeeperConformance, BytesAreExact)
{
    std::string data;
    for (int i = 0; i < 100'000; ++i)
        data.push_back(static_cast<char>(i * 31 + i / 256));
    ASSERT_TRUE(keeper().create("/bytes", data).committed());
    EXPECT_TRUE(keeper().get("/bytes")->data == data);
    ASSERT_TRUE(keeper().set("/bytes", std::string("\0x\0", 3)).committed());
    EXPECT_EQ(keeper().get("/bytes")->data, std::string("\0x\0", 3));
}

TEST_P(KeeperConformance, ChildrenAreNamesInOrder)
{
    EXPECT_FALSE(keeper().children("/none"));
    for (const char * path : {"/p", "/p/b", "/p/a", "/p/a/deep", "/p/a-b", "/p/a/deep/er", "/p/c0", "/pp", "/p0"})
        ASSERT_TRUE(keeper().create(path, "").committed()) << path;
    EXPECT_EQ(keeper().children("/p"), (Names{"a", "a-b", "b", "c0"}));
    EXPECT_EQ(keeper().children("/p/a"), (Names{"deep"}));
    EXPECT_EQ(keeper().children("/p/b"), Names{});
    const auto root = keeper().children("/");
    ASSERT_TRUE(root);
    EXPECT_TRUE(std::find(root->begin(), root->end(), "pp") != root->end());
}

TEST_P(KeeperConformance, SequentialNodesCountUp)
{
    ASSERT_TRUE(keeper().create("/log", "").committed());
    const auto append = [&](const char * data)
    { return keeper().create("/log/e-", data, CreateMode::PersistentSequential).op().path; };
    EXPECT_EQ(append("x"), "/log/e-0000000000");
    EXPECT_EQ(append("y"), "/log/e-0000000001");
    /// The counter does not go back.
    ASSERT_TRUE(keeper().remove("/log/e-0000000001").committed());
    EXPECT_EQ(append("z"), "/log/e-0000000002");
    EXPECT_EQ(keeper().get("/log/e-0000000002")->data, "z");
}

TEST_P(KeeperConformance, MultiIsAllOrNothing)
{
    ASSERT_TRUE(keeper().create("/head", "").committed());
    ASSERT_TRUE(keeper().create("/epoch", "").committed());
    ASSERT_TRUE(keeper().create("/log", "").committed());

    const KeeperResult good = keeper().multi(
        {KeeperOp::check("/epoch", 0), KeeperOp::create("/log/e-", "entry", CreateMode::PersistentSequential),
         KeeperOp::set("/head", "1", Keeper::any_version)});
    ASSERT_TRUE(good.committed()) << good.describe();
    EXPECT_EQ(good.op(1).path, "/log/e-0000000000");
    EXPECT_EQ(good.op(2).version, 1);

    ASSERT_TRUE(keeper().set("/epoch", "fenced").committed());
    const KeeperResult fenced = keeper().multi(
        {KeeperOp::create("/log/e-", "late", CreateMode::PersistentSequential),
         KeeperOp::set("/head", "2", Keeper::any_version), KeeperOp::check("/epoch", 0),
         KeeperOp::remove("/log/e-0000000000", Keeper::any_version)});
    ASSERT_TRUE(fenced.failed()) << fenced.describe();
    EXPECT_EQ(fenced.failed()->op, 2u);
    EXPECT_EQ(fenced.failed()->error, KeeperError::BadVersion);
    EXPECT_EQ(keeper().children("/log"), Names{"e-0000000000"});
    EXPECT_EQ(keeper().get("/head")->version, 1);

    /// Later ops see what earlier ones did; the counter of the failed multi was not used.
    const KeeperResult chained = keeper().multi(
        {KeeperOp::create("/dir", ""), KeeperOp::create("/dir/a", "1"), KeeperOp::set("/dir/a", "2", 0),
         KeeperOp::check("/dir/a", 1), KeeperOp::remove("/dir/a", 1), KeeperOp::remove("/dir", 0),
         KeeperOp::create("/log/e-", "next", CreateMode::PersistentSequential)});
    ASSERT_TRUE(chained.committed()) << chained.describe();
    EXPECT_FALSE(keeper().get("/dir"));
    EXPECT_EQ(chained.op(6).path, "/log/e-0000000001");

    EXPECT_TRUE(keeper().multi({KeeperOp::check("/gone", Keeper::any_version)}).failedWith(KeeperError::NoNode));
    EXPECT_TRUE(keeper().multi({KeeperOp::check("/head", Keeper::any_version)}).committed());
}

TEST_P(KeeperConformance, BadRequestsAreRefused)
{
    for (const std::string & path :
         {std::string(), std::string("a"), std::string("/a/"), std::string("//a"), std::string("/a/../b"),
          std::string("/."), std::string("/a\0b", 4), std::string("/a\n")})
    {
        EXPECT_THROW((void)keeper().create(path, ""), Exception) << path;
        EXPECT_THROW((void)keeper().get(path), Exception) << path;
        EXPECT_THROW((void)keeper().children(path), Exception) << path;
    }
    EXPECT_THROW((void)keeper().remove("/"), Exception);
    EXPECT_THROW((void)keeper().create("/big", std::string(Keeper::request_bytes_max, 'x')), Exception);
    EXPECT_THROW((void)keeper().multi({}), Exception);
}

TEST_P(KeeperConformance, EphemeralNodesEndWithTheSession)
{
    ASSERT_TRUE(keeper().create("/nodes", "").committed());
    ASSERT_TRUE(keeper().create("/nodes/one", "", CreateMode::Ephemeral).committed());
    EXPECT_EQ(keeper().children("/nodes"), Names{"one"});
    EXPECT_FALSE(keeper().sessionExpired());
    keeper().newSession();
    EXPECT_EQ(keeper().children("/nodes"), Names{});
    EXPECT_TRUE(keeper().create("/nodes/one", "", CreateMode::Ephemeral).committed());
    reopen();
    EXPECT_EQ(keeper().children("/nodes"), Names{});
}

TEST_P(KeeperConformance, WhatWasCommittedIsThereAfterReopening)
{
    ASSERT_TRUE(keeper().create("/log", "").committed());
    for (int i = 0; i < 20; ++i)
        ASSERT_TRUE(keeper().create("/log/e-", std::to_string(i), CreateMode::PersistentSequential).committed());
    ASSERT_TRUE(keeper().remove("/log/e-0000000019").committed());
    ASSERT_TRUE(keeper().set("/log", "head").committed());
    reopen();
    EXPECT_EQ(keeper().children("/log")->size(), 19u);
    EXPECT_EQ(keeper().get("/log")->data, "head");
    EXPECT_EQ(keeper().get("/log")->version, 1);
    EXPECT_EQ(keeper().get("/log/e-0000000007")->data, "7");
    EXPECT_EQ(keeper().create("/log/e-", "", CreateMode::PersistentSequential).op().path, "/log/e-0000000020");
}

TEST_P(KeeperConformance, EnsurePathIsIdempotent)
{
    keeper().ensurePath("/x/y/z");
    keeper().ensurePath("/x/y/z");
    keeper().ensurePath("/x/y/w");
    keeper().ensurePath("/");
    EXPECT_EQ(keeper().children("/x/y"), (Names{"w", "z"}));
}

TEST_P(KeeperConformance, WaitReturnsAtOnceWhenChangedAlready)
{
    ASSERT_TRUE(keeper().create("/w", "").committed());
    const auto long_time = milliseconds(60'000);
    EXPECT_EQ(keeper().waitForChange("/w", Keeper::no_node, long_time, {}), WaitResult::Changed);
    ASSERT_TRUE(keeper().set("/w", "").committed());
    EXPECT_EQ(keeper().waitForChange("/w", 0, long_time, {}), WaitResult::Changed);
    EXPECT_EQ(keeper().waitForChange("/none", 0, long_time, {}), WaitResult::Changed);
}

TEST_P(KeeperConformance, WaitEndsWithTimeOrCancel)
{
    ASSERT_TRUE(keeper().create("/w", "").committed());
    EXPECT_EQ(keeper().waitForChange("/w", 0, milliseconds(20), {}), WaitResult::TimedOut);
    EXPECT_EQ(keeper().waitForChange("/none", Keeper::no_node, milliseconds(0), {}), WaitResult::TimedOut);
    std::stop_source stop;
    std::thread canceller([&] { stop.request_stop(); });
    EXPECT_EQ(keeper().waitForChange("/w", 0, milliseconds(60'000), stop.get_token()), WaitResult::Cancelled);
    canceller.join();
}

TEST_P(KeeperConformance, WaitSeesEachKindOfChange)
{
    const auto waitWhile = [&](const std::string & path, int32_t seen, const std::function<void()> & change)
    {
        WaitResult result = WaitResult::TimedOut;
        std::thread waiter([&] { result = keeper().waitForChange(path, seen, milliseconds(30'000), {}); });
        change();
        waiter.join();
        return result;
    };
    for (int round = 0; round < 20; ++round)
    {
        EXPECT_EQ(
            waitWhile("/n", Keeper::no_node, [&] { EXPECT_TRUE(keeper().create("/n", "").committed()); }),
            WaitResult::Changed);
        EXPECT_EQ(
            waitWhile("/n", 0, [&] { EXPECT_TRUE(keeper().set("/n", "x").committed()); }), WaitResult::Changed);
        EXPECT_EQ(
            waitWhile("/n", 1, [&] { EXPECT_TRUE(keeper().remove("/n").committed()); }), WaitResult::Changed);
    }
}

TEST_P(KeeperConformance, ConcurrentAppendsAreAllCounted)
{
    ASSERT_TRUE(keeper().create("/log", "").committed());
    ASSERT_TRUE(keeper().create("/head", "").committed());
    constexpr int threads_count = 8;
    constexpr int appends = 25;
    std::vector<std::thread> threads;
    std::vector<Names> paths(threads_count);
    for (int t = 0; t < threads_count; ++t)
        threads.emplace_back(
            [&, t]
            {
                for (int i = 0; i < appends; ++i)
                {
                    const KeeperResult result = keeper().multi(
                        {KeeperOp::create("/log/e-", "x", CreateMode::PersistentSequential),
                         KeeperOp::set("/head", "", Keeper::any_version)});
                    if (result.committed())
                        paths[t].push_back(result.op().path);
                }
            });
    for (auto & thread : threads)
        thread.join();
    Names all;
    for (const Names & some : paths)
    {
        EXPECT_TRUE(std::is_sorted(some.begin(), some.end()));
        all.insert(all.end(), some.begin(), some.end());
    }
    std::sort(all.begin(), all.end());
    EXPECT_EQ(all.size(), static_cast<size_t>(threads_count * appends));
    EXPECT_EQ(std::unique(all.begin(), all.end()), all.end());
    EXPECT_EQ(keeper().get("/head")->version, threads_count * appends);
    EXPECT_EQ(keeper().children("/log")->size(), all.size());
}

TEST_P(KeeperConformance, OneOfManySettersWins)
{
    ASSERT_TRUE(keeper().create("/cas", "").committed());
    for (int round = 0; round < 10; ++round)
    {
        std::atomic<int> won{0};
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back(
                [&]
                {
                    const KeeperResult result = keeper().set("/cas", "", round);
                    EXPECT_TRUE(result.committed() || result.failedWith(KeeperError::BadVersion));
                    won += result.committed() ? 1 : 0;
                });
        for (auto & thread : threads)
            thread.join();
        EXPECT_EQ(won, 1);
    }
}

TEST_P(KeeperConformance, SessionsSeeEachOther)
{
    if (!manySessions())
        GTEST_SKIP() << "one process at a time";
    ASSERT_TRUE(keeper().create("/shared", "").committed());
    KeeperPtr other = openAnother();
    other->sync("/shared");
    ASSERT_TRUE(other->get("/shared"));
    ASSERT_TRUE(other->create("/shared/mine", "", CreateMode::Ephemeral).committed());
    keeper().sync("/shared");
    EXPECT_EQ(keeper().children("/shared"), Names{"mine"});
    EXPECT_TRUE(keeper().create("/shared/mine", "").failedWith(KeeperError::NodeExists));

    WaitResult seen = WaitResult::TimedOut;
    std::thread waiter([&] { seen = keeper().waitForChange("/shared/mine", 0, milliseconds(30'000), {}); });
    other.reset();
    waiter.join();
    EXPECT_EQ(seen, WaitResult::Changed);
    keeper().sync("/shared");
    EXPECT_FALSE(keeper().get("/shared/mine"));
}

INSTANTIATE_TEST_SUITE_P(
    AllKeepers, KeeperConformance, testing::ValuesIn(implementations()),
    [](const testing::TestParamInfo<Implementation> & info) { return info.param.name; });

}
