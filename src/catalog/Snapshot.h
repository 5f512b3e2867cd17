#pragma once
// An immutable view of one database at one LSN: what a query plans and reads from. Holding it pins the objects of
// its parts: GC keeps them until every snapshot that may see them is gone. Cheap to copy the pointer, cheap to
// take (shares all tables). Thread-safe.

#include "catalog/DatabaseState.h"

#include <functional>

namespace mangrove
{

/// What a snapshot shows; shared by all snapshots taken at one LSN.
struct SnapshotData
{
    std::string database;
    uint64_t lsn = 0;
    TableMap tables;
    std::map<std::string, Uuid> names;
};

class Snapshot
{
public:
    /// `expired` answers whether the pin can no longer be trusted; `release` is called once, at the end.
    Snapshot(std::shared_ptr<const SnapshotData> data, std::function<bool()> expired, std::function<void()> release);
    ~Snapshot();
    Snapshot(const Snapshot &) = delete;

    const std::string & database() const { return data_->database; }
    uint64_t lsn() const { return data_->lsn; }
    const TableMap & tables() const { return data_->tables; }
    const std::map<std::string, Uuid> & names() const { return data_->names; }

    /// nullptr if there is none.
    TablePtr findTable(const std::string & name) const;
    TablePtr findTable(const Uuid & uuid) const;

    /// Materialized views that an insert into `table` feeds.
    std::vector<TablePtr> viewsOf(const Uuid & table) const;

    /// Throws SNAPSHOT_EXPIRED when this node could not renew its pin for so long that GC may have stopped
    /// honouring it. Long reads call it before they report a missing object, and before they answer.
    void checkUsable() const;

private:
    std::shared_ptr<const SnapshotData> data_;
    std::function<bool()> expired_;
    std::function<void()> release_;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}
