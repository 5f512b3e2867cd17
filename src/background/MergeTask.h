#pragma once
// One merge from plan to commit: reads the source parts, writes the result, commits Merge. A conflict (the sources are
// gone, because another node merged them or the partition was dropped) is no error: the work is thrown away. Called by
// OPTIMIZE and by the background runner; stateless; one thread each.

#include "catalog/Catalog.h"
#include "object_store/ObjectStore.h"
#include "parts/PartReader.h"

#include <functional>

namespace mangrove
{

struct MergeReport
{
    bool committed = false;
    uint64_t rows_read = 0, rows_written = 0, bytes_written = 0;
    std::string result_name; /// of the partition, before blocks are assigned
};

class MergeTask
{
public:
    /// `check` is called after each block and throws to cancel.
    MergeTask(Catalog & catalog, ObjectStorePtr objects, std::function<PartReaderPtr(const PartInfo &)> open, std::function<void()> check);

    /// Merges neighbouring parts of one partition into one. `drop_deleted`: FINAL CLEANUP.
    MergeReport merge(const std::string & database, const SnapshotPtr & snapshot, const TableState & table, std::vector<PartPtr> sources, bool drop_deleted);

    /// OPTIMIZE: all parts of the partition into one, again if other nodes interfere (a bounded number of times).
    /// Without `final` a single part is left as it is.
    void mergePartition(const std::string & database, const Uuid & table, const std::string & partition_id, bool final, bool drop_deleted);

private:
    Catalog & catalog_;
    ObjectStorePtr objects_;
    std::function<PartReaderPtr(const PartInfo &)> open_;
    std::function<void()> check_;
};

}
