#pragma once
// One entry being applied to a DatabaseState: for each kind of entry, first every condition, then the change, so
// that a rejected entry changes nothing but the list of objects to delete. Used only by DatabaseState::apply.
// Everything here must be deterministic: no clock, no chance, no iteration over unordered containers.

#include "catalog/DatabaseState.h"

namespace mangrove
{

class StateChange
{
public:
    StateChange(DatabaseState & state, const LogEntry & entry) : state_(state), entry_(entry) { }

    /// The verdict on the entry's body. The entry was not decided before.
    ApplyResult run();

private:
    ApplyResult on(const Noop &);
    ApplyResult on(const CreateTables & body);
    ApplyResult on(const DropTables & body);
    ApplyResult on(const RenameTables & body);
    ApplyResult on(const AlterTable & body);
    ApplyResult on(const Insert & body);
    ApplyResult on(const Merge & body);
    ApplyResult on(const DropRanges & body);
    ApplyResult on(const Purged & body);
    ApplyResult on(const FenceEpoch & body);
    ApplyResult on(const SetOptions & body);
    ApplyResult on(const DropDatabase &);

    ApplyResult checkParts(const std::vector<PartInfo> & parts) const;
    ApplyResult checkTokens(const Insert & body) const;
    ApplyResult checkTargets(const Insert & body) const;

    TableState & mutableTable(const Uuid & table);
    PartitionState & mutablePartition(TableState & table, const std::string & id, const std::string & value);
    void addPart(const PartInfo & part);
    void outdate(const PartInfo & part);
    void outdateParts(TableState & table, const std::string & partition_id);
    void dropTable(const Uuid & table);
    void forgetTokens(const Uuid & table, const std::set<std::string> & partition_ids, bool all);
    void touchViews(const TableSchema & view);
    void addRejectedObjects();

    DatabaseState & state_;
    const LogEntry & entry_;
};

}
