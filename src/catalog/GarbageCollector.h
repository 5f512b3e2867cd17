#pragma once
// Deletes objects that no node can need: step() those that the log names as outdated, sweep() those that nothing
// names (left by crashes). Every decision is one that stays true, so a collector that was paused for hours, or
// several at once, do no harm. Owned by Catalog, which calls one step at a time.
//
// step(): an outdated part goes once it was removed at or below every registered node's pin. Only then Purged is
// appended; repeating a deletion is harmless. A node whose record did not move for pin_grace_ms of *our* monotonic
// clock is fenced by removing the record at that version: its pins end, and with them its right to commit.
// sweep(): an unreferenced object goes once its transaction is decided. The order makes that sound: first list
// the bucket, then the registered nodes, then replay to the head. So an epoch that is missing is fenced (it
// cannot be too new to be seen), and what it committed has been replayed.

#include "base/Clock.h"
#include "catalog/CommitLog.h"
#include "catalog/GcReport.h"
#include "catalog/NodeSession.h"

namespace mangrove
{

class GarbageCollector
{
public:
    using Logs = std::vector<std::shared_ptr<CommitLog>>;

    GarbageCollector(ObjectStorePtr objects, std::shared_ptr<Keeper> keeper, Clock & clock, NodeSession & node);

    GcReport step(const Logs & logs);
    GcReport sweep(const Logs & logs);

    /// Removes the Keeper's nodes of a dropped database whose parts are gone; may be cut short and repeated. Its
    /// metadata objects are swept as those of an unknown database.
    void removeLog(const Uuid & database);

private:
    struct Seen
    {
        int32_t version = 0;
        int64_t since_ms = 0;
    };
    struct Sweeping;

    std::vector<LiveNode> fenceSilentNodes(std::vector<LiveNode> nodes, int64_t grace_ms, GcReport & report);
    void collect(CommitLog & log, const std::vector<LiveNode> & nodes, GcReport & report);
    void forgetFencedEpochs(CommitLog & log, const std::set<uint64_t> & epochs, const std::vector<LiveNode> & nodes);
    void stepLog(CommitLog & log, const std::set<uint64_t> & epochs, const std::vector<LiveNode> & nodes, GcReport & report);
    std::vector<std::string> listAll(const std::string & prefix, std::string & start_after);
    void sweepParts(const Logs & logs, GcReport & report);
    void sweepMetadata(const Logs & logs, GcReport & report);
    std::vector<std::string> findDeadMetadata(CommitLog & log, const std::vector<std::string> & keys, const std::set<uint64_t> & live);

    ObjectStorePtr objects_;
    std::shared_ptr<Keeper> keeper_;
    Clock & clock_;
    NodeSession & node_;
    std::map<uint64_t, Seen> nodes_seen_;
    std::map<Uuid, int64_t> outdated_seen_ms_;                     /// part → when step() saw it first
    std::map<std::pair<Uuid, uint64_t>, uint64_t> fenced_at_lsn_; /// database, epoch → applied LSN when first missing
};

}
