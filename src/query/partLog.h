#pragma once
// Writes to system.part_log and counts for system.events what happened to parts on this node. Thread-safe.

#include "ingest/InsertPipeline.h"
#include "query/Node.h"

namespace mangrove
{

void logInsertedParts(Node & node, const std::string & database, const InsertResult & result, uint64_t duration_ms);
void logMerge(Node & node, const MergeEvent & event);
/// Parts that another node made, or long ago, are called by their uuid.
void logRemovedParts(Node & node, const GcReport & report);

}
