#include "ingest/PartUploads.h"

#include "base/Exception.h"
#include "base/Failpoint.h"
#include "io/Checksum.h"
#include "parts/PartCommit.h"

namespace mangrove
{

void PartUploads::add(PartInfo part, std::string bytes)
{
    if (!parts_.empty())
        uploadLast(parts_.back());
    part.object_key = transaction_.partKey(part.table, part.uuid);
    parts_.push_back(std::move(part));
    last_bytes_ = std::move(bytes);
}

void PartUploads::finish(Insert & entry)
{
    entry.parts = std::move(parts_);
    if (entry.parts.empty())
        return;
    attachCommit(last_bytes_, transaction_.commitRecord(entry));
    uploadLast(entry.parts.back());
}

void PartUploads::uploadLast(PartInfo & part)
{
    part.bytes = last_bytes_.size();
    part.checksum = xxh3(last_bytes_);
    FAILPOINT("insert.before_put");
    auto result = objects_.put(part.object_key, last_bytes_, PutMode::IfAbsent);
    CHECK(result == PutResult::Created, "object {} exists already", part.object_key);
    FAILPOINT("insert.after_put");
    last_bytes_ = {};
}

}
