#include "keeper/MemoryKeeper.h"

#include <gtest/gtest.h>

namespace mangrove
{

namespace
{

class MemoryKeeperTest : public testing::Test
{
protected:
    /// The next request meets `fault`, the others none.
    void failNext(KeeperFault fault)
    {
        keeper.setFaultHook([fault, armed = std::make_shared<bool>(true)](const KeeperRequest &)
                            { return std::exchange(*armed, false) ? fault : KeeperFault::None; });
    }

    ManualClock clock;
    std::shared_ptr<MemoryKeeperServer> server = std::make_shared<MemoryKeeperServer>(clock);
    MemoryKeeper keeper{server, clock};
    MemoryKeeper other{server, clock};
};

}

TEST_F(MemoryKeeperTest, FailBeforeDoesNothing)
{
    failNext(KeeperFault::FailBefore);
    EXPECT_TRUE(keeper.create("/a", "").unknown());
    EXPECT_FALSE(keeper.get("/a"));
}

TEST_F(MemoryKeeperTest, LostReplyIsAppliedAndUnknown)
{
    failNext(KeeperFault::LoseReply);
    EXPECT_TRUE(keeper.create("/a", "").unknown());
    EXPECT_TRUE(keeper.get("/a"));
    failNext(KeeperFault::LoseReply);
    EXPECT_TRUE(keeper.create("/a", "").unknown()) << "a refusal whose reply is lost is unknown too";
}

TEST_F(MemoryKeeperTest, HeldBackWriteLandsLateUnlessFenced)
{
    ASSERT_TRUE(keeper.create("/epoch", "").committed());
    const std::vector<KeeperOp> append{KeeperOp::check("/epoch", 0), KeeperOp::create("/entry", "")};

    failNext(KeeperFault::HoldBack);
    EXPECT_TRUE(keeper.multi(append).unknown());
    EXPECT_FALSE(other.get("/entry"));
    EXPECT_EQ(keeper.landHeldBack(), 1u);
    EXPECT_TRUE(other.get("/entry"));
    ASSERT_TRUE(other.remove("/entry").committed());

    failNext(KeeperFault::HoldBack);
    EXPECT_TRUE(keeper.multi(append).unknown());
    ASSERT_TRUE(other.set("/epoch", "fenced").committed());
    EXPECT_EQ(keeper.landHeldBack(), 0u);
    EXPECT_FALSE(other.get("/entry"));
    EXPECT_EQ(keeper.landHeldBack(), 0u) << "it lands once";
}

TEST_F(MemoryKeeperTest, HeldBackWriteDiesWithItsSession)
{
    failNext(KeeperFault::HoldBack);
    EXPECT_TRUE(keeper.create("/a", "").unknown());
    server->expireSession(keeper.session());
    EXPECT_EQ(keeper.landHeldBack(), 0u);
    EXPECT_FALSE(other.get("/a"));
}

TEST_F(MemoryKeeperTest, ExpiredSessionIsNoticedAndRefused)
{
    ASSERT_TRUE(keeper.create("/e", "", CreateMode::Ephemeral).committed());
    server->expireSession(keeper.session());
    EXPECT_FALSE(other.get("/e"));
    EXPECT_FALSE(keeper.sessionExpired()) << "nobody told it yet";
    EXPECT_TRUE(keeper.create("/a", "").failedWith(KeeperError::SessionExpired));
    EXPECT_TRUE(keeper.sessionExpired());
    EXPECT_THROW((void)keeper.get("/a"), Exception);
    keeper.newSession();
    EXPECT_FALSE(keeper.sessionExpired());
    EXPECT_TRUE(keeper.create("/a", "").committed());
}

TEST_F(MemoryKeeperTest, ReadsThrowOnFaults)
{
    for (const KeeperFault fault : {KeeperFault::FailBefore, KeeperFault::LoseReply, KeeperFault::HoldBack})
    {
        failNext(fault);
        EXPECT_THROW((void)keeper.get("/"), Exception);
        EXPECT_TRUE(keeper.get("/"));
    }
}

TEST_F(MemoryKeeperTest, WaitTakesTimeFromTheClock)
{
    ASSERT_TRUE(keeper.create("/w", "").committed());
    const int64_t before_ms = clock.monotonicMs();
    EXPECT_EQ(keeper.waitForChange("/w", 0, std::chrono::hours(1), {}), WaitResult::TimedOut);
    EXPECT_EQ(clock.monotonicMs() - before_ms, 3'600'000);
    EXPECT_EQ(keeper.get("/w")->mtime_ms, clock.wallMs() - 3'600'000);
}

TEST_F(MemoryKeeperTest, AnOldSnapshotCanComeBack)
{
    ASSERT_TRUE(keeper.create("/head", "").committed());
    const ZnodeTree old = server->snapshot();
    ASSERT_TRUE(keeper.set("/head", "x").committed());
    server->restore(old);
    EXPECT_EQ(keeper.get("/head")->version, 0);
}

}
