#pragma once
// Who merges what on this node: OPTIMIZE and the background loops do not take parts from under each other, which would
// cost one of them its work. A background merge claims its parts, OPTIMIZE a whole partition. Between nodes nothing is
// claimed; there the commit decides. Owned by Node, thread-safe; claims end with their scope, before the MergeClaims.

#include "base/Uuid.h"

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace mangrove
{

class MergeClaims
{
public:
    class Claim
    {
    public:
        Claim(Claim && other) noexcept
            : claims_(std::exchange(other.claims_, nullptr)), partition_(std::move(other.partition_)), parts_(std::move(other.parts_))
        {
        }
        ~Claim();

    private:
        friend class MergeClaims;
        using Partition = std::pair<Uuid, std::string>;
        Claim(MergeClaims & claims, Partition partition, std::vector<Uuid> parts)
            : claims_(&claims), partition_(std::move(partition)), parts_(std::move(parts))
        {
        }

        MergeClaims * claims_;
        Partition partition_;
        std::vector<Uuid> parts_; /// empty: the whole partition
    };

    /// The parts of a partition that somebody merges; nothing if somebody has the whole of it, or merges are stopped.
    std::optional<std::set<Uuid>> claimedParts(const Uuid & table, const std::string & partition_id) const;

    /// Nothing if somebody else has one of the parts, or the partition, or merges of the table are stopped.
    std::optional<Claim> tryClaim(const Uuid & table, const std::string & partition_id, std::vector<Uuid> parts);

    /// The whole partition: no merge begins in it from now on, and those that run are waited for. `check` is called now
    /// and then and throws to give up. ABORTED if merges are stopped.
    Claim claimPartition(const Uuid & table, const std::string & partition_id, const std::function<void()> & check);

    /// SYSTEM STOP MERGES: nobody begins another one; those under way end. Until START MERGES or the node's end.
    void stop(const Uuid & table)
    {
        std::lock_guard lock(mutex_);
        stopped_.insert(table);
    }
    void start(const Uuid & table)
    {
        std::lock_guard lock(mutex_);
        stopped_.erase(table);
    }

private:
    struct State
    {
        bool whole = false;
        std::set<Uuid> parts;
    };

    mutable std::mutex mutex_;
    std::map<Claim::Partition, State> claimed_;
    std::set<Uuid> stopped_;
};

}
