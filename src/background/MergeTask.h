#pragma once
// One merge from plan to commit: reads the source parts, writes the result, commits Merge. A conflict (the sources are
// gone, because another node merged them or the partition was dropped) is no error: the work is thrown away. Called by
// OPTIMIZE and by the background runner; stateless; one thread each.

#include "background/MergeList.h"
#include "catalog/Catalog.h"
#include "object_store/ObjectStore.h"
#include "parts/PartReader.h"

#include <functional>

namespace mangrove
{

class MergeTask
{
public:
    /// `check` is called after each block and throws to cancel.
    MergeTask(Catalog & catalog, MergeList & merges, ObjectStorePtr objects, std::function<PartReaderPtr(const PartInfo &)> open, std::function<void()> check);

    /// Merges neighbouring parts of one partition into one. `drop_deleted`: FINAL CLEANUP.
    MergeReport merge(const std::string & database, const SnapshotPtr & snapshot, const TableState & table, const std::vector<PartPtr> & sources, bool drop_deleted);

    /// OPTIMIZE: all parts of the partition into one, again if other nodes interfere (a bounded number of times).
    /// Without `final` a single part is left as it is.
    void mergePartition(const std::string & database, const Uuid & table, const std::string & partition_id, bool final, bool drop_deleted);

private:
    MergeReport run(RunningMerge & running, const std::string & database, const SnapshotPtr & snapshot, const TableState & table,
        const std::vector<PartPtr> & sources, bool drop_deleted);

    Catalog & catalog_;
    MergeList & merges_;
    ObjectStorePtr objects_;
    std::function<PartReaderPtr(const PartInfo &)> open_;
    std::function<void()> check_;
};

}
