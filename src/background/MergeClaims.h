#pragma once
// Who merges which partition on this node: OPTIMIZE and the background loop do not take parts from under each other,
// which would cost one of them its work. Between nodes nothing is claimed; there the commit decides. Owned by Node,
// thread-safe.

#include "base/Uuid.h"

#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace mangrove
{

class MergeClaims
{
public:
    /// Ends with its scope.
    class Claim
    {
    public:
        Claim(MergeClaims & claims, std::pair<Uuid, std::string> key) : claims_(&claims), key_(std::move(key)) { }
        Claim(Claim && other) noexcept : claims_(std::exchange(other.claims_, nullptr)), key_(std::move(other.key_)) { }
        ~Claim()
        {
            if (claims_)
                claims_->release(key_);
        }

    private:
        MergeClaims * claims_;
        std::pair<Uuid, std::string> key_;
    };

    /// Nothing if somebody else has it.
    std::optional<Claim> tryClaim(const Uuid & table, const std::string & partition_id)
    {
        std::lock_guard lock(mutex_);
        if (!claimed_.emplace(table, partition_id).second)
            return std::nullopt;
        return Claim(*this, {table, partition_id});
    }

    /// Waits for it; `check` is called now and then and throws to give up.
    Claim claim(const Uuid & table, const std::string & partition_id, const std::function<void()> & check);

private:
    void release(const std::pair<Uuid, std::string> & key)
    {
        std::lock_guard lock(mutex_);
        claimed_.erase(key);
    }

    std::mutex mutex_;
    std::set<std::pair<Uuid, std::string>> claimed_;
};

}
