// GarbageCollector, second half: objects that nothing refers to. See GarbageCollector.h.

#include "base/Exception.h"
#include "base/Failpoint.h"
#include "catalog/GarbageCollector.h"
#include "catalog/KeeperPaths.h"
#include "catalog/Mutant.h"
#include "catalog/ObjectKeys.h"
#include "keeper/Keeper.h"

#include <algorithm>

namespace mangrove
{

namespace
{

constexpr size_t batch_keys_max = 20'000;

CommitLog * findLog(const GarbageCollector::Logs & logs, std::string_view database)
{
    auto it = std::find_if(logs.begin(), logs.end(), [&](const auto & log) { return log->database().toString() == database; });
    return it == logs.end() ? nullptr : it->get();
}

}

GcReport GarbageCollector::sweep(const Logs & logs)
{
    GcReport report;
    sweepParts(logs, report);
    sweepMetadata(logs, report);
    return report;
}

/// Up to batch_keys_max keys after `start_after`, which moves on; it is empty again at the end.
std::vector<std::string> GarbageCollector::listAll(const std::string & prefix, std::string & start_after)
{
    std::vector<std::string> keys;
    while (keys.size() < batch_keys_max)
    {
        auto page = objects_->list(prefix, start_after, ObjectStore::list_limit_max);
        for (auto & object : page.objects)
            keys.push_back(std::move(object.key));
        start_after = page.truncated ? keys.back() : "";
        if (!page.truncated)
            break;
    }
    return keys;
}

/// What the keys are judged by, gathered after they were listed, in this order.
struct GarbageCollector::Sweeping
{
    std::set<uint64_t> live;
    std::set<std::string> databases; /// that have a log, loaded here or not
    std::set<std::string> replayed;  /// of these, what is loaded here and at the head

    Sweeping(Keeper & keeper, const Logs & logs)
    {
        std::string dir(paths::logs);
        for (const auto & node : listNodes(keeper))
            live.insert(node.epoch);
        keeper.sync(dir);
        for (auto & name : keeper.children(dir).value_or(std::vector<std::string>{}))
            databases.insert(name);
        for (const auto & log : logs)
            if (databases.contains(log->database().toString()))
                try
                {
                    log->refresh(true);
                    replayed.insert(log->database().toString());
                }
                catch (const Exception & e)
                {
                    if (e.code() != ErrorCode::UNKNOWN_DATABASE) // being removed
                        throw;
                }
    }
};

void GarbageCollector::sweepParts(const Logs & logs, GcReport & report)
{
    std::string start_after;
    do
    {
        auto sweeping = MUTANT("sweep_lists_late") ? std::make_unique<Sweeping>(*keeper_, logs) : nullptr;
        std::map<std::string, std::vector<std::string>, std::less<>> by_database;
        for (auto & key : listAll(paths::partPrefix(), start_after))
            by_database[std::string(keyComponent(key, 2))].push_back(key);
        if (!sweeping)
            sweeping = std::make_unique<Sweeping>(*keeper_, logs);
        std::vector<std::string> dead;
        for (const auto & [database, keys] : by_database)
        {
            if (!sweeping->databases.contains(database) && Uuid::parse(database))
                dead.insert(dead.end(), keys.begin(), keys.end()); // uuids do not come back
            if (!sweeping->replayed.contains(database))
                continue;
            auto log = findLog(logs, database);
            log->withState([&](const DatabaseState & state)
            {
                auto referenced = state.partKeys();
                for (const auto & key : keys)
                {
                    auto id = transactionOf(key);
                    if (!id || referenced.contains(key))
                        continue;
                    if (!sweeping->live.contains(id->epoch) || state.isDecided(*id) || MUTANT("sweep_undecided"))
                        dead.push_back(key);
                }
            });
        }
        objects_->removeMany(dead);
        FAILPOINT("gc.after_sweep");
        report.orphans_deleted += dead.size();
    } while (!start_after.empty());
}

void GarbageCollector::sweepMetadata(const Logs & logs, GcReport & report)
{
    std::string start_after;
    do
    {
        std::map<std::string, std::vector<std::string>, std::less<>> by_database;
        for (auto & key : listAll("meta/", start_after))
            by_database[std::string(keyComponent(key, 1))].push_back(key);
        Sweeping sweeping(*keeper_, logs);
        std::vector<std::string> dead, names;
        for (const auto & [database, keys] : by_database)
        {
            std::vector<std::string> found;
            if (sweeping.replayed.contains(database))
                found = findDeadMetadata(*findLog(logs, database), keys, sweeping.live);
            else if (auto uuid = Uuid::parse(database); uuid && !sweeping.databases.contains(database))
            {
                found = keys;
                names.push_back(databaseNameKey(*uuid));
            }
            dead.insert(dead.end(), found.begin(), found.end());
        }
        objects_->removeMany(names); // first: a database without a name is not rebuilt, whatever is left of it
        objects_->removeMany(dead);
        FAILPOINT("gc.after_metadata_sweep");
        report.metadata_deleted += dead.size();
    } while (!start_after.empty());
}

std::vector<std::string>
GarbageCollector::findDeadMetadata(CommitLog & log, const std::vector<std::string> & keys, const std::set<uint64_t> & live)
{
    auto applied = log.appliedLsn();
    auto pointer = log.readPointer();
    auto root = log.readRoot(pointer);
    std::set<std::string> referenced{pointer.root.key};
    for (const auto & [_, manifest] : root.manifests)
        referenced.insert(manifest.object.key);
    std::vector<std::string> dead;
    for (const auto & key : keys)
    {
        auto id = transactionOf(key);
        if (!id || referenced.contains(key))
            continue;
        bool fenced = !live.contains(id->epoch);
        auto kind = keyComponent(key, 2);
        if (kind == "spill")
        {
            // Whoever lags reads it as long as the log holds the entry: the *checkpoint* must be past it.
            uint64_t fenced_at = fenced ? fenced_at_lsn_.try_emplace({log.database(), id->epoch}, applied).first->second : 0;
            if ((fenced && pointer.lsn >= fenced_at) || root.state.isDecided(*id))
                dead.push_back(key);
            continue;
        }
        bool decided = fenced || log.withState([&](const DatabaseState & state) { return state.isDecided(*id); });
        if (decided && (kind != "log" || lsnOfKey(key) <= pointer.lsn))
            dead.push_back(key);
    }
    return dead;
}

}
