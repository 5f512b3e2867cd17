#pragma once
// The LSNs that living snapshots of one database stand at. What this node publishes as its pin is the smallest of
// them, or the applied LSN. Shared by a CommitLog and its snapshots (which may outlive it). Thread-safe.

#include <cstdint>
#include <mutex>
#include <set>

namespace mangrove
{

class PinSet
{
public:
    void add(uint64_t lsn)
    {
        std::lock_guard lock(mutex_);
        held_.insert(lsn);
    }

    void remove(uint64_t lsn)
    {
        std::lock_guard lock(mutex_);
        held_.erase(held_.find(lsn));
    }

    /// `applied` must have been read before the call, under the lock that also orders add().
    uint64_t oldest(uint64_t applied) const
    {
        std::lock_guard lock(mutex_);
        return held_.empty() ? applied : std::min(applied, *held_.begin());
    }

    size_t size() const
    {
        std::lock_guard lock(mutex_);
        return held_.size();
    }

private:
    mutable std::mutex mutex_;
    std::multiset<uint64_t> held_;
};

}
