#pragma once
// Rows → parts of one table: completes a block (defaults, materialized columns), splits it by partition, sorts, writes
// one object per partition and gives it to PartUploads. Nothing is visible until the caller commits the parts. Used by
// InsertPipeline; stateless but for the transaction; not thread-safe.

#include "catalog/Catalog.h"
#include "ingest/PartUploads.h"
#include "planner/TableDefinition.h"

namespace mangrove
{

struct InsertLimits
{
    uint64_t partitions_per_insert_block_max = 100; /// max_partitions_per_insert_block
};

class TableWriter
{
public:
    TableWriter(TableDefinitionPtr definition, PartUploads & uploads, const Transaction & transaction, Catalog & catalog, InsertLimits limits)
        : definition_(std::move(definition)), uploads_(uploads), transaction_(transaction), catalog_(catalog), limits_(limits)
    {
    }

    /// `block` holds all stored columns by name.
    void write(const Block & block);

    /// Adds the columns that `block` lacks; `block` holds columns by their names in the table.
    static Block complete(const TableDefinition & definition, Block block);

private:
    /// `order`: the rows' sort-key order; empty if they stand in it.
    void writePart(const Block & rows, const Permutation & order, const std::string & partition_id, const std::string & partition_value);

    TableDefinitionPtr definition_;
    PartUploads & uploads_;
    const Transaction & transaction_;
    Catalog & catalog_;
    InsertLimits limits_;
};

/// Who writes a part, and when, for its root.
PartOrigin describeOrigin(const TableDefinition & definition, const Transaction & transaction, const Catalog & catalog, const std::string & partition_id);

/// What merging and ingest both write into the catalog about a part; bytes and checksum are those of the object, which
/// is not finished yet.
PartInfo describePart(const TableDefinition & definition, const WrittenPart & part, const std::string & partition_id, const std::string & partition_value);

}
