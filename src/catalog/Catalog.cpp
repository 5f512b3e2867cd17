#include "catalog/Catalog.h"

#include "base/Exception.h"
#include "base/Failpoint.h"
#include "base/Log.h"
#include "catalog/CommitLog.h"
#include "catalog/EntryCodec.h"
#include "catalog/GarbageCollector.h"
#include "catalog/KeeperPaths.h"
#include "catalog/NodeSession.h"
#include "catalog/ObjectKeys.h"
#include "keeper/Keeper.h"

namespace mangrove
{

namespace
{
constexpr int ddl_attempts_max = 20;
constexpr int64_t ddl_pause_ms = 200;
}

Catalog::Catalog(ObjectStorePtr objects, std::shared_ptr<Keeper> keeper, Clock & clock, uint64_t seed, CatalogSettings settings)
    : objects_(std::move(objects)), keeper_(std::move(keeper)), clock_(clock), random_(seed), settings_(std::move(settings))
{
    NodeRecord record{.name = settings_.node_name, .address = settings_.address, .incarnation = newUuid(), .pins = {}};
    node_ = std::make_unique<NodeSession>(keeper_, clock_, std::move(record));
    collector_ = std::make_unique<GarbageCollector>(objects_, keeper_, clock_, *node_);
}

Catalog::~Catalog() = default;

std::unique_ptr<Catalog> Catalog::open(ObjectStorePtr objects, const std::string & keeper_address, const std::string & data_dir,
    CatalogSettings settings)
{
    settings.exclusive |= keeper_address == "embedded";
    return std::make_unique<Catalog>(std::move(objects), makeKeeper(keeper_address, data_dir), SystemClock::instance(), randomSeed(), settings);
}

void Catalog::start()
{
    checkBucketBelongsHere();
    node_->start();
    checkBucketBelongsHere(); // a rebuild may have been under way
    if (settings_.exclusive)
        for (const auto & other : listNodes(*keeper_))
            if (other.epoch != node_->epoch())
                (void)keeper_->remove(paths::node(other.epoch));
    loadDatabases();
    if (!hasDatabase("default"))
        try
        {
            createDatabase("default");
        }
        catch (const Exception & e)
        {
            if (e.code() != ErrorCode::DATABASE_ALREADY_EXISTS) // another node was faster
                throw;
        }
    heartbeatStep();
}

void Catalog::stop()
{
    try
    {
        logCopyStep();
    }
    catch (const Exception & e)
    {
        logWarning("catalog", "the log could not be copied before the exit: {}", e.message());
    }
    node_->stop();
}

namespace
{

/// 0: the bucket was never rebuilt.
uint32_t newestRebuild(ObjectStore & objects)
{
    std::string prefix(rebuild_prefix), start_after;
    uint32_t newest = 0;
    for (bool more = true; more;)
    {
        auto page = objects.list(prefix, start_after, ObjectStore::list_limit_max);
        for (const auto & object : page.objects)
        {
            start_after = object.key;
            newest = std::max(newest, paths::parseIncarnation(std::string_view(object.key).substr(prefix.size())));
        }
        more = page.truncated;
    }
    return newest;
}

}

/// The bucket is read first: what it shows was in its Keeper before.
void Catalog::checkBucketBelongsHere()
{
    uint32_t rebuilt = newestRebuild(*objects_);
    auto metadata = objects_->list("meta/", "", 1).objects;
    uint32_t incarnation = node_->readIncarnation();
    if (rebuilt != incarnation)
        throw Exception(ErrorCode::TABLE_IS_READ_ONLY,
            "{} belongs to the Keeper of rebuild {}, this one ({}) is of rebuild {}: point the node at the right Keeper or bucket",
            objects_->describe(), rebuilt, keeper_->describe(), incarnation);
    std::string path(paths::databases);
    auto list = keeper_->get(path); // synced above
    if (!metadata.empty() && (!list || list->version == 0))
        throw Exception(ErrorCode::TABLE_IS_READ_ONLY,
            "{} holds databases, and the Keeper ({}) has never heard of any. If the Keeper was lost, stop all nodes and run: mangrove fsck "
            "--rebuild", objects_->describe(), keeper_->describe());
}

/// Somebody took our Keeper for lost, and has built another one for this bucket: this one must not decide any more.
void Catalog::stopIfRebuilt()
{
    if (!objects_->head(rebuildKey(node_->incarnation() + 1)))
        return;
    node_->markFenced();
    throw Exception(ErrorCode::ABORTED, "{} was rebuilt with another Keeper; this node has stopped writing: restart it with that one",
        objects_->describe());
}

/// Brings logs_ and names_ up to what the Keeper lists. True if a database came or went.
bool Catalog::loadDatabases()
{
    std::lock_guard load_lock(load_mutex_);
    std::string dir(paths::databases);
    auto root = keeper_->get(dir);
    if (!root)
        return false;
    {
        std::lock_guard lock(mutex_);
        if (root->version == databases_version_)
            return false;
    }
    std::map<std::string, Uuid> names;
    for (const auto & znode : keeper_->children(dir).value_or(std::vector<std::string>{}))
        if (auto node = keeper_->get(dir + "/" + znode))
            if (auto uuid = Uuid::parse(node->data))
                names[paths::databaseName(znode)] = *uuid;
    std::map<Uuid, std::shared_ptr<CommitLog>> logs;
    std::vector<Uuid> dropped;
    for (const auto & znode : keeper_->children(std::string(paths::logs)).value_or(std::vector<std::string>{}))
    {
        auto uuid = Uuid::parse(znode);
        if (!uuid)
            continue;
        {
            std::lock_guard lock(mutex_);
            if (auto it = logs_.find(*uuid); it != logs_.end())
            {
                logs.insert(*it);
                continue;
            }
        }
        std::string name = znode;
        for (const auto & [candidate, id] : names)
            if (id == *uuid)
                name = candidate;
        auto log = std::make_shared<CommitLog>(name, *uuid, objects_, keeper_, clock_, *node_, settings_);
        try
        {
            log->load();
            logs[*uuid] = std::move(log);
        }
        catch (const Exception & e)
        {
            if (e.code() != ErrorCode::UNKNOWN_DATABASE)
                throw;
            dropped.push_back(*uuid); // somebody is removing it, or died over it
        }
    }
    for (const auto & uuid : dropped)
        collector_->removeLog(uuid);
    std::erase_if(names, [&](const auto & item)
    {
        auto it = logs.find(item.second);
        if (it == logs.end())
            return true;
        bool cut_short = it->second->withState([](const DatabaseState & state) { return state.dropped; });
        if (cut_short) // whoever dropped it died before it could take the name away
            removeDatabaseName(item.first, item.second);
        return cut_short;
    });
    std::lock_guard lock(mutex_);
    logs_ = std::move(logs);
    names_ = std::move(names);
    databases_version_ = root->version;
    return true;
}

std::shared_ptr<CommitLog> Catalog::log(const std::string & database) const
{
    std::lock_guard lock(mutex_);
    auto it = names_.find(database);
    if (it == names_.end())
        throw Exception(ErrorCode::UNKNOWN_DATABASE, "Database {} does not exist", database);
    return logs_.at(it->second);
}

std::vector<std::shared_ptr<CommitLog>> Catalog::allLogs() const
{
    std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<CommitLog>> result;
    for (const auto & [_, log] : logs_)
        result.push_back(log);
    return result;
}

std::vector<std::string> Catalog::databases() const
{
    std::lock_guard lock(mutex_);
    std::vector<std::string> result;
    for (const auto & [name, _] : names_)
        result.push_back(name);
    return result;
}

bool Catalog::hasDatabase(const std::string & database) const
{
    std::lock_guard lock(mutex_);
    return names_.contains(database);
}

void Catalog::createDatabase(const std::string & database)
{
    auto uuid = newUuid();
    auto name_path = paths::database(database);
    Encoder generation;
    generation.u32(1);
    generation.u64(0);
    std::vector<KeeperOp> ops{
        KeeperOp::check(paths::node(node_->epoch()), Keeper::any_version),
        KeeperOp::create(name_path, uuid.toString()),
        KeeperOp::create(paths::log(uuid), ""),
        KeeperOp::create(paths::generation(uuid), generation.take()),
        KeeperOp::create(paths::checkpoint(uuid), encodePointer({})),
        KeeperOp::create(paths::generationDir(uuid, 1), ""),
        KeeperOp::create(paths::head(uuid, 1), ""),
        KeeperOp::create(paths::entries(uuid, 1), "")};
    for (int attempt = 0; attempt < ddl_attempts_max; ++attempt)
    {
        // At this version only: a copy that lands late must not bring back a database that has been dropped since.
        auto list = keeper_->get(std::string(paths::databases));
        auto attempt_ops = ops;
        attempt_ops.push_back(KeeperOp::set(std::string(paths::databases), "", list ? list->version : 0));
        auto result = keeper_->multi(attempt_ops);
        if (result.failedWith(KeeperError::SessionExpired))
            keeper_->newSession();
        else if (result.failed() && result.failed()->op == 0)
        {
            node_->markFenced();
            throw Exception(ErrorCode::ABORTED, "This node was fenced; restart it");
        }
        else if (!result.unknown() && !result.failedWith(KeeperError::BadVersion))
        {
            // Our own earlier attempt may have made it.
            keeper_->sync(name_path);
            auto node = keeper_->get(name_path);
            if (!node || node->data != uuid.toString())
                throw Exception(ErrorCode::DATABASE_ALREADY_EXISTS, "Database {} already exists", database);
            FAILPOINT("ddl.after_create_database");
            loadDatabases();
            return;
        }
        clock_.sleepMs(ddl_pause_ms);
    }
    throw Exception(ErrorCode::NO_ZOOKEEPER, "Cannot create database {}: {} does not answer", database, keeper_->describe());
}

void Catalog::dropDatabase(const std::string & database)
{
    auto target = log(database);
    execute(database, DropDatabase{});
    FAILPOINT("ddl.after_drop_database");
    removeDatabaseName(database, target->database());
    loadDatabases();
}

void Catalog::removeDatabaseName(const std::string & database, const Uuid & uuid)
{
    auto path = paths::database(database);
    auto list = keeper_->get(std::string(paths::databases));
    auto node = keeper_->get(path);
    if (!list || !node || node->data != uuid.toString())
        return;
    // At the list's version: a copy that lands late must not remove another database of the name.
    (void)keeper_->multi({KeeperOp::remove(path, node->version), KeeperOp::set(std::string(paths::databases), "", list->version)});
}

SnapshotPtr Catalog::snapshot(const std::string & database) const
{
    return log(database)->snapshot();
}

SnapshotPtr Catalog::snapshotAtHead(const std::string & database)
{
    auto target = log(database);
    target->refresh(true);
    return target->snapshot();
}

Transaction Catalog::begin(const std::string & database)
{
    return log(database)->begin();
}

CommitResult Catalog::commit(Transaction & transaction, EntryBody body)
{
    return transaction.log().commit(transaction, std::move(body));
}

uint64_t Catalog::execute(const std::string & database, EntryBody body)
{
    auto target = log(database);
    auto transaction = target->begin();
    FAILPOINT("ddl.before_commit");
    auto result = target->commit(transaction, std::move(body));
    FAILPOINT("ddl.after_commit");
    if (result.outcome != CommitOutcome::Committed)
        throw Exception(result.code, "{}", result.reason);
    return result.lsn;
}

void Catalog::secure(const std::string & database)
{
    log(database)->secureStructure();
}

void Catalog::readState(const std::string & database, const std::function<void(const DatabaseState &)> & read) const
{
    log(database)->withState(read);
}

std::vector<ObjectRef> Catalog::checkpointObjects(const std::string & database)
{
    return log(database)->checkpointObjects();
}

Uuid Catalog::newUuid() const
{
    uint64_t first = random_.next();
    return Uuid::fromRandom(first, random_.next());
}

bool Catalog::hasToken(const std::string & database, const Uuid & table, const std::string & token) const
{
    return log(database)->withState([&](const DatabaseState & state) { return state.hasToken(table, token, node_->keeperTimeMs()); });
}

std::optional<int64_t> Catalog::nextOffset(const std::string & database, const std::string & stream, int32_t partition) const
{
    return log(database)->withState([&](const DatabaseState & state)
    {
        auto it = state.offsets.find({stream, partition});
        return it == state.offsets.end() ? std::nullopt : std::optional(it->second);
    });
}

DatabaseOptions Catalog::options(const std::string & database) const
{
    return log(database)->withState([](const DatabaseState & state) { return state.options; });
}

StateDigest Catalog::digest(const std::string & database) const
{
    return log(database)->withState([](const DatabaseState & state)
    {
        state.checkInvariants();
        return StateDigest{.lsn = state.lsn, .hash = state.hash()};
    });
}

uint64_t Catalog::outdatedCount(const std::string & database) const
{
    return log(database)->withState([](const DatabaseState & state) { return state.outdated.size(); });
}

uint64_t Catalog::putCount()
{
    return CommitLog::put_count;
}

bool Catalog::refresh()
{
    bool changed = loadDatabases();
    forEachLog([&](CommitLog & log) { changed |= log.refresh(); });
    return changed;
}

void Catalog::forEachLog(const std::function<void(CommitLog &)> & action)
{
    for (const auto & log : allLogs())
        try
        {
            action(*log);
        }
        catch (const Exception & e)
        {
            if (e.code() != ErrorCode::UNKNOWN_DATABASE)
                throw;
            std::lock_guard lock(mutex_);
            databases_version_ = -1; // it is gone: look again
        }
}

void Catalog::waitForChange(const std::string & database, int64_t timeout_ms, std::stop_token stop)
{
    log(database)->waitForChange(timeout_ms, stop);
}

void Catalog::heartbeatStep()
{
    std::map<Uuid, uint64_t> pins;
    for (const auto & log : allLogs())
        pins[log->database()] = log->oldestPin();
    node_->heartbeat(std::move(pins));
}

bool Catalog::checkpointStep()
{
    bool written = false;
    bool leads = !settings_.leases || node_->holdsLease("checkpoint");
    forEachLog([&](CommitLog & log)
    {
        log.settleUnknown();
        if (leads)
            written |= log.checkpointIfDue();
    });
    return written;
}

bool Catalog::logCopyStep()
{
    stopIfRebuilt();
    bool leads = true;
    try
    {
        leads = !settings_.leases || node_->holdsLease("checkpoint");
    }
    catch (const Exception & e)
    {
        if (e.code() != ErrorCode::KEEPER_EXCEPTION)
            throw; // nobody knows who leads, and the Keeper may be lost: each node saves what it knows
    }
    bool written = false;
    if (leads)
        forEachLog([&](CommitLog & log) { written |= log.copyLog(); });
    return written;
}

GcReport Catalog::gcStep()
{
    if (settings_.leases && !node_->holdsLease("gc"))
        return {};
    stopIfRebuilt();
    forEachLog([&](CommitLog & log)
    {
        if (log.withState([](const DatabaseState & state) { return state.dropped; })) // a drop that was cut short
        {
            log.secureStructure(); // a rebuild must know of it before the name can be given again
            removeDatabaseName(log.name(), log.database());
        }
    });
    return collector_->step(allLogs());
}

GcReport Catalog::sweepStep()
{
    if (settings_.leases && !node_->holdsLease("gc"))
        return {};
    stopIfRebuilt();
    return collector_->sweep(allLogs());
}

const std::string & Catalog::nodeName() const
{
    return settings_.node_name;
}

std::vector<NodeView> Catalog::nodes() const
{
    std::vector<NodeView> result;
    for (const auto & node : listNodes(*keeper_))
        result.push_back({.epoch = node.epoch, .name = node.record.name, .address = node.record.address});
    return result;
}

uint64_t Catalog::epoch() const
{
    return node_->epoch();
}

bool Catalog::isFenced() const
{
    return node_->isFenced();
}

}
