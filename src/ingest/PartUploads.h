#pragma once
// Uploads the parts of one commit, one object each, in the order they are made. The last one made is held back until
// the next comes or finish(): it carries the record of the whole commit (parts/PartCommit.h), so that a rebuild after
// losing the Keeper finds the commit whole or not at all. Memory: one finished part. Filled by TableWriter for
// InsertPipeline; not thread-safe.

#include "catalog/Transaction.h"
#include "object_store/ObjectStore.h"

#include <string>
#include <vector>

namespace mangrove
{

class PartUploads
{
public:
    PartUploads(ObjectStore & objects, Transaction & transaction) : objects_(objects), transaction_(transaction) { }

    /// The part has its uuid; it gets key, size and checksum.
    void add(PartInfo part, std::string bytes);
    bool empty() const { return parts_.empty(); }
    /// The entry gets the parts; then the last one goes up with its record. Call commit() with it next.
    void finish(Insert & entry);

private:
    void uploadLast(PartInfo & part);

    ObjectStore & objects_;
    Transaction & transaction_;
    std::vector<PartInfo> parts_;
    std::string last_bytes_;
};

}
