#include "catalog/GarbageCollector.h"

#include "base/Exception.h"
#include "base/Failpoint.h"
#include "catalog/KeeperPaths.h"
#include "catalog/Mutant.h"
#include "keeper/Keeper.h"

#include <algorithm>

namespace mangrove
{

namespace
{

constexpr size_t purge_parts_max = 1000; /// of one step and database

std::set<uint64_t> epochsOf(const std::vector<LiveNode> & nodes)
{
    std::set<uint64_t> epochs;
    for (const auto & node : nodes)
        epochs.insert(node.epoch);
    return epochs;
}

}

GarbageCollector::GarbageCollector(ObjectStorePtr objects, std::shared_ptr<Keeper> keeper, Clock & clock, NodeSession & node)
    : objects_(std::move(objects)), keeper_(std::move(keeper)), clock_(clock), node_(node)
{
}

GcReport GarbageCollector::step(const Logs & logs)
{
    GcReport report;
    // Read before the nodes: an epoch that has an entry here was registered by then.
    std::map<const CommitLog *, std::set<uint64_t>> epochs;
    int64_t grace_ms = 0;
    for (const auto & log : logs)
        log->withState([&](const DatabaseState & state)
        {
            for (const auto & [epoch, _] : state.epochs)
                epochs[log.get()].insert(epoch);
            grace_ms = std::max(grace_ms, state.options.pin_grace_ms);
        });
    auto nodes = fenceSilentNodes(listNodes(*keeper_), grace_ms, report);
    for (const auto & log : logs)
        try
        {
            stepLog(*log, epochs[log.get()], nodes, report);
        }
        catch (const Exception & e)
        {
            if (e.code() != ErrorCode::UNKNOWN_DATABASE) // another collector was faster
                throw;
        }
    return report;
}

void GarbageCollector::stepLog(CommitLog & log, const std::set<uint64_t> & epochs, const std::vector<LiveNode> & nodes, GcReport & report)
{
    log.refresh();
    collect(log, nodes, report);
    forgetFencedEpochs(log, epochs, nodes);
    if (!log.withState([](const DatabaseState & state) { return state.dropped && state.outdated.empty(); }))
        return;
    // The name goes before the log: a name without a log would block its own reuse.
    auto path = paths::database(log.name());
    keeper_->sync(path);
    if (auto name = keeper_->get(path); !name || name->data != log.database().toString())
        removeLog(log.database());
}

std::vector<LiveNode> GarbageCollector::fenceSilentNodes(std::vector<LiveNode> nodes, int64_t grace_ms, GcReport & report)
{
    int64_t now_ms = clock_.monotonicMs();
    auto live = epochsOf(nodes);
    std::erase_if(nodes_seen_, [&](const auto & item) { return !live.contains(item.first); });
    std::erase_if(nodes, [&](const LiveNode & node)
    {
        auto [it, added] = nodes_seen_.try_emplace(node.epoch, Seen{node.version, now_ms});
        if (it->second.version != node.version)
            it->second = {.version = node.version, .since_ms = now_ms};
        int64_t silent_ms = now_ms - it->second.since_ms;
        if (node.epoch == node_.epoch() || silent_ms < (MUTANT("fence_without_grace") ? 1 : grace_ms))
            return false;
        // At this version only: a heartbeat since we looked saves it.
        auto version = MUTANT("fence_any_version") ? Keeper::any_version : node.version;
        if (!keeper_->remove(paths::node(node.epoch), version).committed())
            return false;
        FAILPOINT("gc.after_fence");
        ++report.nodes_fenced;
        return true;
    });
    return nodes;
}

void GarbageCollector::collect(CommitLog & log, const std::vector<LiveNode> & nodes, GcReport & report)
{
    uint64_t pin = std::numeric_limits<uint64_t>::max();
    bool registered = false;
    for (const auto & node : nodes)
    {
        auto it = node.record.pins.find(log.database());
        bool ignored = MUTANT("gc_ignores_pins") && node.epoch != node_.epoch();
        if (!ignored)
            pin = std::min(pin, it == node.record.pins.end() ? 0 : it->second);
        registered |= node.epoch == node_.epoch();
    }
    if (!registered)
        return; // fenced: our own pin is not among them, and nothing we append would land

    int64_t now_ms = clock_.monotonicMs();
    Purged purged;
    std::vector<std::string> keys;
    uint64_t removed_lsn = 0;
    log.withState([&](const DatabaseState & state)
    {
        for (const auto & [uuid, part] : state.outdated)
        {
            int64_t seen_ms = outdated_seen_ms_.try_emplace(uuid, now_ms).first->second;
            if (part.removed_lsn > pin || now_ms - seen_ms < state.options.gc_grace_ms || purged.parts.size() >= purge_parts_max)
                continue;
            purged.parts.push_back(uuid);
            keys.push_back(part.object_key);
            removed_lsn = std::max(removed_lsn, part.removed_lsn);
        }
    });
    if (keys.empty())
        return;
    // Whoever rebuilds a lost Keeper's log from the bucket must find there why these are gone.
    while (log.copiedLsn() < removed_lsn && !MUTANT("gc_before_log_copy"))
        if (!log.copyLog())
            return; // next time
    FAILPOINT("gc.before_delete");
    objects_->removeMany(keys);
    FAILPOINT("gc.after_delete");
    auto txn = log.begin();
    if (log.commit(txn, Purged(purged)).outcome != CommitOutcome::Committed)
        return;
    FAILPOINT("gc.after_purge");
    for (const auto & uuid : purged.parts)
    {
        outdated_seen_ms_.erase(uuid);
        report.removed.emplace_back(log.name(), uuid);
    }
    report.parts_deleted += keys.size();
}

void GarbageCollector::forgetFencedEpochs(CommitLog & log, const std::set<uint64_t> & epochs, const std::vector<LiveNode> & nodes)
{
    auto live = epochsOf(nodes);
    for (uint64_t epoch : epochs)
        if (!live.contains(epoch))
        {
            auto txn = log.begin();
            (void)log.commit(txn, FenceEpoch{.epoch = epoch});
        }
}

void GarbageCollector::removeLog(const Uuid & database)
{
    // The checkpoint goes first: whoever loads a log without one knows that it is being removed.
    std::vector<std::string> paths{paths::log(database)};
    for (size_t i = 0; i < paths.size(); ++i)
        if (auto children = keeper_->children(paths[i]))
            for (const auto & child : *children)
                paths.push_back(paths[i] + "/" + child);
    auto first = keeper_->remove(paths::checkpoint(database));
    if (!first.committed() && !first.failedWith(KeeperError::NoNode))
        return;
    FAILPOINT("gc.after_log_mark");
    for (auto it = paths.rbegin(); it != paths.rend(); ++it)
        (void)keeper_->remove(*it);
    (void)keeper_->set(std::string(paths::databases), "");
}

}
