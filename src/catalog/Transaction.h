#pragma once
// One attempt to change a database: begun before the first object is uploaded, so that sweeping spares what it
// uploads, and ended by Catalog::commit() or by its destruction (what it uploaded is then garbage, swept later;
// nobody deletes it by hand: a commit whose answer was lost may still land).
//
//     Transaction txn = catalog.begin("default");
//     part.object_key = txn.partKey(table_uuid, part.uuid);
//     object_store.put(part.object_key, …);  the last one with commitRecord() attached (parts/PartCommit.h)
//     CommitResult result = catalog.commit(txn, Insert{…});
//
// The last part of an Insert's or Merge's list is the one that is uploaded last and carries the record.
//
// Not thread-safe, movable. Outlived by the Catalog.

#include "catalog/DatabaseState.h"

#include <memory>

namespace mangrove
{

enum class CommitOutcome : uint8_t
{
    Committed,
    Duplicate, /// the token was there already: the rows are in, by an earlier insert
    Conflict,  /// the state has moved on; code and reason say how. Nothing of the entry happened
    Fenced,    /// this incarnation of the node is shut out. Nothing of the entry happened
};

struct CommitResult
{
    CommitOutcome outcome = CommitOutcome::Committed;
    uint64_t lsn = 0; /// Committed: where; Duplicate, Conflict: where that was decided
    ErrorCode code = ErrorCode::OK;
    std::string reason;
};

class CommitLog;

class Transaction
{
public:
    Transaction() = default;
    Transaction(CommitLog & log, TxnId id, int64_t begun_ms, std::string database_prefix);
    ~Transaction();
    Transaction(Transaction && other) noexcept;
    Transaction & operator=(Transaction && other) noexcept;

    TxnId id() const { return id_; }
    CommitLog & log() const { return *log_; }

    /// A key that was never used and never will be again: hh/database/table/part-epoch-number.part, where hh
    /// spreads the load over the bucket's partitions.
    std::string partKey(const Uuid & table, const Uuid & part) const;

    /// The entry that commit(body) will append, for the part that carries it. That part has 0 bytes and checksum 0 in
    /// the body: they are not known before the record is inside.
    std::string commitRecord(EntryBody body) const;

private:
    friend class CommitLog;
    CommitLog * log_ = nullptr; /// null: moved from, or decided
    TxnId id_;
    int64_t begun_ms_ = 0; /// by the Keeper's clock: a retry is recognised by when both attempts began
    std::string database_;
};

}
