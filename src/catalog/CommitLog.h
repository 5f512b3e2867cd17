#pragma once
// The log of one database: appends entries to the Keeper, replays them into a DatabaseState, hands out snapshots.
//
// An append is one multi {check the generation, check that this incarnation is registered, create the entry, set
// the head}; validity is decided by replay. The head's version counts the appends of a generation without gaps,
// so a node that has applied more entries than the head counts looks at a Keeper that went back, and stops for
// good. docs/decisions/002-commit-protocol.md says why each part is needed, and which model checks it.
//
// Owned by Catalog. Thread-safe: `replay_mutex_` orders replays (it is held over Keeper calls), `mutex_` guards
// the state (it never is).

#include "base/Clock.h"
#include "catalog/CatalogSettings.h"
#include "catalog/CheckpointCodec.h"
#include "catalog/PinSet.h"
#include "catalog/Snapshot.h"
#include "catalog/Transaction.h"
#include "object_store/ObjectStore.h"

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>

namespace mangrove
{

class Keeper;
struct KeeperNode;
class NodeSession;

/// The data of a generation's head once the next generation has begun; empty before.
inline constexpr std::string_view sealed_head = "sealed";

class CommitLog
{
public:
    CommitLog(std::string name, Uuid database, ObjectStorePtr objects, std::shared_ptr<Keeper> keeper, Clock & clock,
        NodeSession & node, const CatalogSettings & settings);
    ~CommitLog();

    const std::string & name() const { return name_; }
    const Uuid & database() const { return database_; }

    /// Joins: the last checkpoint, then the tail. Must come before all else.
    void load();

    /// Replays up to the head as it was after the call began (of a linearizable read if `synced`).
    bool refresh(bool synced = false);

    Transaction begin();
    CommitResult commit(Transaction & txn, EntryBody body);
    /// Ends a transaction that will not commit.
    void abandon(TxnId id);

    SnapshotPtr snapshot();
    void waitForChange(int64_t timeout_ms, std::stop_token stop);

    uint64_t appliedLsn() const;
    /// The smallest LSN that a snapshot of this node stands at.
    uint64_t oldestPin() const;

    /// Runs `read(const DatabaseState &)` under the lock.
    template <typename Read>
    auto withState(Read && read) const
    {
        std::lock_guard lock(mutex_);
        return read(static_cast<const DatabaseState &>(state_));
    }

    /// Appends a Noop for each number whose commit gave up without an answer, so that it gets decided.
    void settleUnknown();

    // Checkpoints and the length of the log (Checkpoint.cpp).
    /// Writes one, truncates, rolls the generation, each if due. True if a checkpoint was written.
    bool checkpointIfDue();
    bool writeCheckpoint();
    /// Copies the entries that the bucket lacks, as far as this node knows, to the bucket; works without the Keeper.
    bool copyLog();
    /// Up to here the bucket has everything, in checkpoints and log copies.
    uint64_t copiedLsn() const;
    /// Must come before any acknowledgment: what clients are told must survive the loss of the Keeper. An insert's own
    /// entry is in the bucket by its parts; what it was made for, and every DROP, by a log copy: made here if need be.
    void secureStructure();
    /// The current checkpoint (a linearizable read), and its root.
    CheckpointPointer readPointer(int32_t * version = nullptr);
    /// The objects of the current checkpoint.
    std::vector<ObjectRef> checkpointObjects();
    DecodedRoot readRoot(const CheckpointPointer & pointer);

    /// Objects put by all logs of the process: what the catalog costs beside the parts.
    static inline std::atomic<uint64_t> put_count{0};

private:
    enum class Append : uint8_t { Landed, Unknown, Fenced, Retry };

    Append appendOnce(const std::string & data);
    std::string entryData(const LogEntry & entry);
    void putObject(const std::string & key, std::string_view bytes);
    void reloadGeneration();
    CommitResult commitEntry(LogEntry entry, int64_t timeout_ms);
    std::optional<CommitResult> findResult(TxnId id);
    void withdraw(const std::string & carrier_key);
    void recordName();
    std::optional<CommitResult> refreshAndFind(TxnId id, bool synced);

    bool replayTail();
    bool applyListed();
    bool applyOne(int64_t sequence);
    void verifyLastApplied();
    void enterGeneration(uint32_t generation);
    [[noreturn]] void failStop(const std::string & why);
    void checkAlive() const;

    void loadCheckpoint(const CheckpointPointer & pointer);
    bool tryLoadCheckpoint(const CheckpointPointer & pointer);
    std::optional<std::string> fetchChecked(const ObjectRef & ref);
    void truncate(const CheckpointPointer & pointer);
    void removeEntries(uint32_t generation, int64_t up_to_sequence);
    void rollGenerationIfDue();
    void forgetCopied(uint64_t lsn);
    bool casPointer(const CheckpointPointer & pointer, int32_t version);
    void checkNotRolledBack();
    /// Appends to the head's generation so far; the write that sealed it is not one.
    static int64_t entryCount(const KeeperNode & head);

    std::string name_;
    Uuid database_;
    ObjectStorePtr objects_;
    std::shared_ptr<Keeper> keeper_;
    Clock & clock_;
    NodeSession & node_;
    const CatalogSettings & settings_;

    std::mutex replay_mutex_;
    mutable std::mutex mutex_;
    DatabaseState state_;
    LogPosition position_;
    uint64_t last_entry_checksum_ = 0;
    std::atomic<bool> is_stopped_{false};
    std::string stopped_why_; /// written before is_stopped_

    uint32_t append_generation_ = 1;
    int32_t append_generation_version_ = 0;

    uint64_t next_number_ = 1;
    std::set<uint64_t> undecided_;
    std::set<uint64_t> unsettled_; /// undecided, and no commit waits for them any more
    std::map<uint64_t, ApplyResult> own_results_; /// of undecided numbers, as replay found them

    std::shared_ptr<PinSet> pins_ = std::make_shared<PinSet>();
    std::shared_ptr<const SnapshotData> published_; /// of the LSN it says; made again when that has passed

    std::mutex checkpoint_mutex_; /// one checkpoint or log copy of this node at a time
    ManifestMap manifests_; /// of the root `manifests_of_`
    std::string manifests_of_;
    std::map<uint64_t, int32_t> unknown_checkpoints_; /// transaction number → pointer version its CAS expects
    uint64_t checkpoint_lsn_ = 0;
    int64_t checkpoint_ms_ = 0;
    std::deque<RawEntry> uncopied_; /// entries that neither a checkpoint nor a copy of this node holds
    uint64_t copied_lsn_ = 0;
    uint64_t structure_lsn_ = 0; /// of the last structural entry
};

}
