#pragma once
// Holds an INSERT back while background merges have fallen behind, and refuses it when they are far behind: a table of
// ever more small parts would be read slower and slower. Called by InsertPipeline once per table that it writes to.

#include "catalog/DatabaseState.h"
#include "exec/QueryContext.h"
#include "planner/TableDefinition.h"

namespace mangrove
{

/// How long an INSERT waits when the fullest partition has so many parts: from 0 at parts_to_delay_insert up to
/// max_delay_to_insert just below parts_to_throw_insert. From there on TOO_MANY_PARTS is thrown.
int64_t insertDelayMs(const TableDefinition & definition, uint64_t parts);

/// Looks at the table's parts and waits; ends early with what cancels the query.
void waitForMerges(const TableDefinition & definition, const TableState & table, QueryContext & query);

}
