#pragma once
// An immutable view of one database at one LSN: what a query plans and reads from. Holding it pins the objects of
// its parts: GC keeps them until every snapshot that may see them is gone. Cheap to copy the pointer, cheap to
// take (shares all tables). Thread-safe.

#include "catalog/DatabaseState.h"

#include <functional>

namespace mangrove
{

class Snapshot
{
public:
    /// `expired` answers whether the pin can no longer be trusted; `release` is called once, at the end.
    Snapshot(std::string database, uint64_t lsn, TableMap tables, std::map<std::string, Uuid> names,
        std::function<bool()> expired, std::function<void()> release);
    ~Snapshot();
    Snapshot(const Snapshot &) = delete;

    const std::string & database() const { return database_; }
    uint64_t lsn() const { return lsn_; }
    const TableMap & tables() const { return tables_; }
    const std::map<std::string, Uuid> & names() const { return names_; }

    /// nullptr if there is none.
    TablePtr findTable(const std::string & name) const;
    TablePtr findTable(const Uuid & uuid) const;

    /// Materialized views that an insert into `table` feeds.
    std::vector<TablePtr> viewsOf(const Uuid & table) const;

    /// Throws SNAPSHOT_EXPIRED when this node could not renew its pin for so long that GC may have stopped
    /// honouring it. Long reads call it before they report a missing object, and before they answer.
    void checkUsable() const;

private:
    std::string database_;
    uint64_t lsn_;
    TableMap tables_;
    std::map<std::string, Uuid> names_;
    std::function<bool()> expired_;
    std::function<void()> release_;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}
