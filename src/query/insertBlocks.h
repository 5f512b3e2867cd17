#pragma once
// An insert that did not come as SQL: OTLP. Views, tokens and commit as for any INSERT.

#include "ingest/InsertPipeline.h"
#include "query/Node.h"

namespace mangrove
{

/// `blocks`: columns by their names in the table, the same in each; one log entry under all `tokens`. `protocol`: for the log.
InsertResult insertBlocks(Node & node, const std::string & database, const std::string & table, std::vector<Block> blocks,
    std::vector<std::string> tokens, const std::string & protocol);

}
