#include "background/BackgroundRunner.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

using namespace mangrove;

namespace
{

Uuid uuid(uint64_t number) { return {1, number}; }

std::vector<PartPtr> partsOf(const std::vector<uint64_t> & sizes)
{
    std::vector<PartPtr> parts;
    for (size_t i = 0; i < sizes.size(); ++i)
    {
        auto part = std::make_shared<PartInfo>();
        part->uuid = uuid(i);
        part->bytes = sizes[i];
        parts.push_back(std::move(part));
    }
    return parts;
}

}

TEST(MergeClaims, PartsAreClaimedOnce)
{
    MergeClaims claims;
    auto first = claims.tryClaim(uuid(0), "p", {uuid(1), uuid(2)});
    ASSERT_TRUE(first);
    EXPECT_FALSE(claims.tryClaim(uuid(0), "p", {uuid(2), uuid(3)}));
    EXPECT_TRUE(claims.tryClaim(uuid(0), "p", {uuid(3), uuid(4)}));
    EXPECT_TRUE(claims.tryClaim(uuid(0), "q", {uuid(2)}));
    EXPECT_EQ(claims.claimedParts(uuid(0), "p"), (std::set<Uuid>{uuid(1), uuid(2)}));
    first.reset();
    EXPECT_EQ(claims.claimedParts(uuid(0), "p"), std::set<Uuid>());
    EXPECT_TRUE(claims.tryClaim(uuid(0), "p", {uuid(2)}));
}

TEST(MergeClaims, PartitionWaitsForPartsAndKeepsOthersOut)
{
    MergeClaims claims;
    auto part = claims.tryClaim(uuid(0), "p", {uuid(1)});
    std::atomic<bool> waiting{false}, have{false};
    std::thread optimize([&]
    {
        auto whole = claims.claimPartition(uuid(0), "p", [&] { waiting = true; });
        have = true;
    });
    while (!waiting)
        std::this_thread::yield();
    EXPECT_FALSE(have);
    EXPECT_FALSE(claims.claimedParts(uuid(0), "p"));
    EXPECT_FALSE(claims.tryClaim(uuid(0), "p", {uuid(2)}));
    part.reset();
    optimize.join();
    EXPECT_TRUE(have);
    EXPECT_TRUE(claims.tryClaim(uuid(0), "p", {uuid(2)}));
}

TEST(MergeClaims, GivingUpLeavesNothingClaimed)
{
    MergeClaims claims;
    auto part = claims.tryClaim(uuid(0), "p", {uuid(1)});
    EXPECT_THROW(claims.claimPartition(uuid(0), "p", [] { throw std::runtime_error("cancelled"); }), std::runtime_error);
    EXPECT_TRUE(claims.tryClaim(uuid(0), "p", {uuid(2)}));
}

TEST(SelectMerge, LeavesBusyPartsAlone)
{
    auto parts = partsOf(std::vector<uint64_t>(20, 1 << 20));
    EXPECT_EQ(selectMerge(parts, {}, 1ULL << 30, 0).size(), 20);
    auto chosen = selectMerge(parts, {uuid(7)}, 1ULL << 30, 0);
    ASSERT_EQ(chosen.size(), 12);
    EXPECT_EQ(chosen.front()->uuid, uuid(8));
    EXPECT_LE(selectMerge(parts, {}, 10 << 20, 0).size(), 10);
    EXPECT_TRUE(selectMerge(partsOf({1 << 20, 100 << 20}), {}, 1ULL << 30, 0).empty());
}
