#include "base/Failpoint.h"

#include "base/Clock.h"
#include "base/Exception.h"
#include "base/Random.h"
#include "base/Uuid.h"

#include <gtest/gtest.h>

#include <csignal>

using namespace mangrove;

TEST(Failpoint, ThrowsOnceAtTheNthPassage)
{
    setFailpoints("a=throw:2,b=throw");
    FAILPOINT("a");
    EXPECT_THROW(FAILPOINT("a"), Exception);
    FAILPOINT("a");
    EXPECT_THROW(FAILPOINT("b"), Exception);
    setFailpoints("");
    FAILPOINT("b");
    EXPECT_EQ(passedFailpoints(), (std::vector<std::string>{"a", "b"}));
}

TEST(FailpointDeathTest, Kills)
{
    EXPECT_EXIT(
        {
            setFailpoints("k=kill");
            FAILPOINT("k");
        },
        testing::KilledBySignal(SIGKILL), "");
}

TEST(Failpoint, RefusesWhatItCannotRead)
{
    for (const char * bad : {"a", "a=", "a=die", "=kill", "a=kill:0", "a=kill:x"})
        EXPECT_THROW(setFailpoints(bad), Exception) << bad;
}

TEST(Random, SameSeedSameNumbers)
{
    Random a(7), b(7), c(8);
    EXPECT_EQ(a.next(), b.next());
    EXPECT_NE(a.next(), c.next());
}

TEST(Uuid, TextRoundTrip)
{
    Uuid id{0x0123456789abcdefULL, 0xfedcba9876543210ULL};
    EXPECT_EQ(id.toString(), "01234567-89ab-cdef-fedc-ba9876543210");
    EXPECT_EQ(Uuid::parse(id.toString()), id);
    EXPECT_FALSE(Uuid::parse("01234567-89ab-cdef-fedc-ba987654321x"));
    EXPECT_FALSE(Uuid::parse("0123456789abcdef"));
}

TEST(ManualClock, WallJumpsLeaveMonotonicAlone)
{
    ManualClock clock(1000);
    clock.advance(5);
    clock.jumpWall(-500);
    EXPECT_EQ(clock.wallMs(), 505);
    EXPECT_EQ(clock.monotonicMs(), 5);
}
