#pragma once
// The commit section of a part: the log entry (bytes of catalog/EntryCodec.h, opaque here) of the commit that the part
// completes. Of a commit with several parts only the one that is uploaded last carries it, so the entry is in the
// bucket exactly when all of the commit is, and before it is in the log. Who has lost the log finds acknowledged
// commits by it (catalog/Rebuild.h). Stands behind the pages, so that it can be set when they are finished.
// Stateless functions. Format: docs/format/part.md, "Commit section".

#include "object_store/ObjectStore.h"

namespace mangrove
{

/// Makes `entry` the commit section of a finished part (PartWriter::finish()), in place of the one it had.
void attachCommit(std::string & part, std::string_view entry);

/// The entry, "" if the part carries none; nullopt if there is no such object. Reads the end of the object only.
/// Damage is CORRUPTED_DATA or CHECKSUM_DOESNT_MATCH.
std::optional<std::string> readCommit(ObjectStore & objects, const std::string & key);

}
