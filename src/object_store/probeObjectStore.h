#pragma once
// Finds out, when a node starts, whether a bucket can carry the data: some servers ignore If-None-Match, some
// buckets keep "deleted" objects, some listings lag. Leaves nothing behind.

#include "object_store/ObjectStore.h"

namespace mangrove
{

/// Throws S3_ERROR naming the first promise of ObjectStore that the store does not keep. Writes and removes one
/// small object below "probe/"; about eight requests.
void probeObjectStore(ObjectStore & store);

}
