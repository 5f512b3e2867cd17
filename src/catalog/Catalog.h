#pragma once
// The databases of the cluster as this node sees them, and the only writer to the Keeper. Reads are snapshots of
// replayed state and touch nothing remote; a commit is one Keeper multi. Owned by the server; used by query,
// ingest and background. Thread-safe. Has no threads: the background runner calls the step functions; each
// is bounded, may throw, and may be called again at any time by any node.
//
// A commit that throws UNKNOWN_STATUS_OF_INSERT may or may not have happened (the Keeper stayed unreachable for
// commit_timeout_ms). Any other throw, and any other outcome than Committed, changed nothing.

#include "base/Clock.h"
#include "base/Random.h"
#include "catalog/CatalogSettings.h"
#include "catalog/CheckpointCodec.h"
#include "catalog/GcReport.h"
#include "catalog/Snapshot.h"
#include "catalog/Transaction.h"
#include "object_store/ObjectStore.h"

#include <memory>
#include <mutex>
#include <stop_token>

namespace mangrove
{

class Keeper;
class NodeSession;
class GarbageCollector;

struct StateDigest
{
    uint64_t lsn = 0;
    std::string hash;
};

struct NodeView
{
    uint64_t epoch = 0;
    std::string name;
    std::string address;
};

class Catalog
{
public:
    Catalog(ObjectStorePtr objects, std::shared_ptr<Keeper> keeper, Clock & clock, uint64_t seed, CatalogSettings settings);
    ~Catalog();

    /// `keeper_address` as makeKeeper() takes it: "embedded" below `data_dir`, or "host:port,…".
    static std::unique_ptr<Catalog> open(ObjectStorePtr objects, const std::string & keeper_address,
        const std::string & data_dir, CatalogSettings settings);

    /// Registers this incarnation, creates the database "default" if
    /// Keeper and bucket are empty, and loads every database. Until then nothing below may be called. Refuses a Keeper
    /// that does not go with the bucket (TABLE_IS_READ_ONLY): empty, or of another incarnation; see Rebuild.h.
    void start();
    /// Clean exit: takes back the pins and the registration. No snapshot may be held any more.
    void stop();

    std::vector<std::string> databases() const;
    bool hasDatabase(const std::string & database) const;
    /// DATABASE_ALREADY_EXISTS, UNKNOWN_DATABASE as in ClickHouse. Dropping drops the tables.
    void createDatabase(const std::string & database);
    void dropDatabase(const std::string & database);

    /// What this node has replayed: it includes every commit of this node. Throws UNKNOWN_DATABASE.
    SnapshotPtr snapshot(const std::string & database) const;
    /// Includes every commit that any node was told of before the call (select_sequential_consistency).
    SnapshotPtr snapshotAtHead(const std::string & database);

    Transaction begin(const std::string & database);
    CommitResult commit(Transaction & transaction, EntryBody body);
    /// begin + commit; throws the Conflict's code, and ABORTED when fenced. For DDL. The position is returned.
    uint64_t execute(const std::string & database, EntryBody body);
    /// Before a client is told something that was only read from replayed state ("this insert is in already"):
    /// makes it survive the loss of the Keeper. commit() does it for what it commits.
    void secure(const std::string & database);

    Uuid newUuid() const;

    /// State that no snapshot carries, at the applied position.
    bool hasToken(const std::string & database, const Uuid & table, const std::string & token) const;
    std::optional<int64_t> nextOffset(const std::string & database, const std::string & stream, int32_t partition) const;
    DatabaseOptions options(const std::string & database) const;
    /// The replayed state's position and hash, equal on all nodes at one LSN; checks its invariants on the way.
    StateDigest digest(const std::string & database) const;
    /// Runs `read` under the database's lock: keep it short.
    void readState(const std::string & database, const std::function<void(const DatabaseState &)> & read) const;
    /// The objects of the database's current checkpoint.
    std::vector<ObjectRef> checkpointObjects(const std::string & database);
    /// Parts whose objects wait for GC.
    uint64_t outdatedCount(const std::string & database) const;
    /// Objects that the catalogs of this process have put: log copies, manifests, checkpoints, spilled entries.
    static uint64_t putCount();

    /// Catches up with all logs and with databases created or dropped elsewhere. True if anything changed.
    bool refresh();
    /// Blocks until the log may have grown, the timeout, or a stop; does not refresh.
    void waitForChange(const std::string & database, int64_t timeout_ms, std::stop_token stop);

    // Steps for the background runner, with the period that suits them.
    void heartbeatStep(); /// ≤ 5 s: session, liveness, Keeper time, pins
    bool checkpointStep(); /// 1 s; true if one was written
    bool logCopyStep();    /// 5 s: entries since the last copy go to the bucket
    GcReport gcStep();     /// 10 s: outdated parts
    GcReport sweepStep();  /// 1 h: objects that nothing refers to; lists the bucket

    const std::string & nodeName() const;
    /// Who is registered: name, address and how far each has replayed; for system.clusters and routing.
    std::vector<NodeView> nodes() const;
    uint64_t epoch() const;
    /// After it every commit answers Fenced; the process should end and start again.
    bool isFenced() const;
    Clock & clock() const { return clock_; }

private:
    std::shared_ptr<CommitLog> log(const std::string & database) const;
    /// Of all databases, dropped ones included until GC is done with them.
    std::vector<std::shared_ptr<CommitLog>> allLogs() const;
    bool loadDatabases();
    void checkBucketBelongsHere();
    void stopIfRebuilt();
    /// Skips databases that turn out to be gone.
    void forEachLog(const std::function<void(CommitLog &)> & action);
    void removeDatabaseName(const std::string & database, const Uuid & uuid);

    ObjectStorePtr objects_;
    std::shared_ptr<Keeper> keeper_;
    Clock & clock_;
    mutable SharedRandom random_;
    CatalogSettings settings_;
    std::unique_ptr<NodeSession> node_;
    std::unique_ptr<GarbageCollector> collector_;

    std::mutex load_mutex_; /// one loadDatabases() at a time
    mutable std::mutex mutex_;
    std::map<Uuid, std::shared_ptr<CommitLog>> logs_;
    std::map<std::string, Uuid> names_;
    int32_t databases_version_ = -1;
};

}
