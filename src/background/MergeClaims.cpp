#include "background/MergeClaims.h"

#include "base/Exception.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace mangrove
{

MergeClaims::Claim::~Claim()
{
    if (!claims_)
        return;
    std::lock_guard lock(claims_->mutex_);
    auto it = claims_->claimed_.find(partition_);
    if (parts_.empty())
        it->second.whole = false;
    for (const auto & part : parts_)
        it->second.parts.erase(part);
    if (!it->second.whole && it->second.parts.empty())
        claims_->claimed_.erase(it);
}

std::optional<std::set<Uuid>> MergeClaims::claimedParts(const Uuid & table, const std::string & partition_id) const
{
    std::lock_guard lock(mutex_);
    if (stopped_.contains(table))
        return std::nullopt;
    auto it = claimed_.find({table, partition_id});
    if (it == claimed_.end())
        return std::set<Uuid>();
    if (it->second.whole)
        return std::nullopt;
    return it->second.parts;
}

std::optional<MergeClaims::Claim> MergeClaims::tryClaim(const Uuid & table, const std::string & partition_id, std::vector<Uuid> parts)
{
    std::lock_guard lock(mutex_);
    if (stopped_.contains(table))
        return std::nullopt;
    auto & state = claimed_[{table, partition_id}];
    if (state.whole || std::any_of(parts.begin(), parts.end(), [&](const auto & part) { return state.parts.contains(part); }))
        return std::nullopt;
    state.parts.insert(parts.begin(), parts.end());
    return Claim(*this, {table, partition_id}, std::move(parts));
}

MergeClaims::Claim MergeClaims::claimPartition(const Uuid & table, const std::string & partition_id, const std::function<void()> & check)
{
    constexpr auto pause = std::chrono::milliseconds(5); // a merge lasts milliseconds to minutes
    std::optional<Claim> claim;
    while (true)
    {
        {
            std::lock_guard lock(mutex_);
            if (stopped_.contains(table))
                throw Exception(ErrorCode::ABORTED, "Cancelled merging parts: merges of the table are stopped, see SYSTEM START MERGES");
            auto & state = claimed_[{table, partition_id}];
            if (!claim && !state.whole)
            {
                state.whole = true;
                claim.emplace(Claim(*this, {table, partition_id}, {}));
            }
            if (claim && state.parts.empty())
                return std::move(*claim);
        }
        check();
        std::this_thread::sleep_for(pause);
    }
}

}
