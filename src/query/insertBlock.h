#pragma once
// An insert that did not come as SQL: OTLP. Views, tokens and commit as for any INSERT; recorded in system.query_log.

#include "ingest/InsertPipeline.h"
#include "query/Node.h"

namespace mangrove
{

/// `block`: columns by their names in the table. `interface`: who asks, for the log.
InsertResult insertBlock(Node & node, const std::string & database, const std::string & table, Block block, const std::string & token, const std::string & interface);

}
