#pragma once
// The state of a database: a pure function of its log. apply() is the only way it changes, reads no clock and no
// random number, and is all or nothing; so all nodes that applied the same entries hold the same state, which
// hash() shows (invariant I2). Owned by one CommitLog, under its lock; readers get Snapshots, which share the
// tables and partitions: apply() copies what a snapshot may hold before it changes it.

#include "base/ErrorCodes.h"
#include "catalog/LogEntry.h"

#include <set>

namespace mangrove
{

/// Agreed settings: a GC that waits less than its readers believe deletes under them, so they live in the log.
struct DatabaseOptions
{
    int64_t token_window_ms = 3'600'000;
    int64_t gc_grace_ms = 600'000;   /// from seeing a removal to deleting
    int64_t pin_grace_ms = 2'400'000; /// how long the pin of a vanished node still counts
    int64_t pin_valid_ms = 1'800'000; /// how long a reader trusts a pin that it cannot renew; < pin_grace_ms
    int64_t replay_version = 1;       /// semantics of apply(); a binary that lacks it must not replay

    static constexpr int64_t replay_version_max = 1;
    bool operator==(const DatabaseOptions &) const = default;
};

struct PartitionState
{
    std::string id;
    std::string value;
    int64_t next_block = 1;
    uint64_t changed_lsn = 0;
    std::vector<PartPtr> parts; /// active; by block number, disjoint
    uint64_t batch = 0;         /// private to DatabaseState: who may change it in place
};

struct TableState
{
    std::shared_ptr<const TableSchema> schema;
    uint64_t views_version = 1; /// +1 when a materialized view of this table appears, changes or goes
    std::map<std::string, std::shared_ptr<const PartitionState>> partitions;
    uint64_t batch = 0;

    uint64_t partCount() const;
    uint64_t rowCount() const;
};

using TablePtr = std::shared_ptr<const TableState>;
using TableMap = std::map<Uuid, TablePtr>;

/// A part that is no longer active, or that a rejected entry brought: its object waits for GC.
struct OutdatedPart
{
    std::string object_key;
    uint64_t removed_lsn = 0;
    bool operator==(const OutdatedPart &) const = default;
};

enum class Verdict : uint8_t { Applied = 0, Duplicate = 1, Conflict = 2 };

struct ApplyResult
{
    Verdict verdict = Verdict::Applied;
    ErrorCode code = ErrorCode::OK; /// why not, for the client
    std::string reason;
    bool repeated = false; /// the same transaction was decided by an earlier entry; verdict is that entry's
    uint64_t lsn = 0;      /// where it was decided
};

struct Decision
{
    Verdict verdict = Verdict::Applied;
    uint64_t lsn = 0;
    bool operator==(const Decision &) const = default;
};

struct EpochState
{
    uint64_t oldest_undecided = 0;
    std::map<uint64_t, Decision> decisions; /// numbers from oldest_undecided on
    bool operator==(const EpochState &) const = default;
};

struct TokenState
{
    int64_t time_ms = 0; /// of its entry
    uint64_t lsn = 0;
    std::vector<std::string> partition_ids; /// where its rows went: dropping all of them forgets the token
    bool operator==(const TokenState &) const = default;
};

/// What all nodes know of a database. Public data: CheckpointCodec reads and fills it; only apply() may change it
/// otherwise.
class DatabaseState
{
public:
    DatabaseState() = default;
    DatabaseState(DatabaseState &&) = default; /// no copy: two owners would write into shared tables
    DatabaseState & operator=(DatabaseState &&) = default;

    uint64_t lsn = 0;
    int64_t time_ms = 0; /// the largest entry time so far
    bool dropped = false;
    DatabaseOptions options;
    TableMap tables;
    std::map<std::string, Uuid> names;
    std::map<std::pair<Uuid, std::string>, TokenState> tokens;
    std::map<std::pair<std::string, int32_t>, int64_t> offsets;
    std::map<uint64_t, EpochState> epochs;
    std::map<Uuid, OutdatedPart> outdated;

    ApplyResult apply(const LogEntry & entry);

    /// Must follow each copy of `tables` that is handed out: from here on apply() copies before it writes.
    void seal() { ++batch_; }

    /// True once no entry of the number can change the state any more (it was decided, or its epoch moved past it).
    bool isDecided(TxnId id) const;
    /// The decision if it is still remembered.
    const Decision * findDecision(TxnId id) const;

    TablePtr findTable(const Uuid & uuid) const;
    TablePtr findTable(const std::string & name) const;
    /// Of active and outdated parts: every object of a part that the state knows.
    std::set<std::string> partKeys() const;

    /// Whether an insert with the token that began at `entry_time_ms` is a repetition: what counts is when both
    /// began, not when they landed. An entry that began more than a window ago may not use tokens any more, so
    /// tokens are kept for two windows.
    bool hasToken(const Uuid & table, const std::string & token, int64_t entry_time_ms) const;

    /// 128 bits over everything above, as 32 hex digits. O(state).
    std::string hash() const;

    /// Structural invariants (I3): disjoint parts, names that point to tables… Throws LOGICAL_ERROR.
    void checkInvariants() const;

private:
    friend class StateChange;
    uint64_t batch_ = 1;
};

}
