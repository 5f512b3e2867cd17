#pragma once
// A table's schema with its types parsed and its expressions bound: what writing, reading and merging its parts
// need. Made from catalog::TableSchema (text) once per schema version; immutable, shared, thread-safe.

#include "catalog/DatabaseState.h"
#include "merging/MergeIterator.h"
#include "parts/PartWriter.h"
#include "planner/PartsTable.h"

#include <map>

namespace mangrove
{

struct ColumnDefault
{
    DefaultKind kind = DefaultKind::None;
    ExpressionPtr expression; /// over the table's stored columns by name, of the column's type; null: the type's default
    std::set<std::string> named; /// columns that its text names, of any kind
};

struct IndexDefinition
{
    SkipIndex index;
    ExpressionPtr expression;
};

struct TtlDefinition
{
    ExpressionPtr expression;  /// Date, DateTime or DateTime64: the moment from which the row may go
    bool only_drop_parts;      /// rows go only with all rows of their part (ttl_only_drop_parts)
    int64_t rewrite_period_ms; /// a part is rewritten for the sake of expired rows so seldom (merge_with_ttl_timeout)
};

/// When inserts are held back or refused, by the number of parts in a partition; 0: never.
struct PartLimits
{
    uint64_t parts_to_delay, parts_to_throw, delay_ms_max;
};

class TableDefinition
{
public:
    /// Throws what CREATE TABLE should answer if the schema makes no sense.
    explicit TableDefinition(std::shared_ptr<const TableSchema> schema);
    /// From a small cache by uuid and version.
    static std::shared_ptr<const TableDefinition> of(const std::shared_ptr<const TableSchema> & schema);

    const TableSchema & schema() const { return *schema_; }
    const std::vector<TableColumn> & columns() const { return columns_; }
    const NamesAndTypes & storedColumns() const { return stored_; } /// ordinary and materialized: in parts
    const std::map<std::string, ColumnDefault> & defaults() const { return defaults_; }
    const std::vector<PartsTable::KeyColumn> & sortKey() const { return sort_key_; }
    size_t primaryKeyColumns() const { return primary_key_columns_; }
    const std::vector<PartsTable::KeyColumn> & partitionKey() const { return partition_key_; }
    const MergeOptions & merge() const { return merge_; }
    const std::vector<IndexDefinition> & indexes() const { return indexes_; }
    const std::optional<TtlDefinition> & ttl() const { return ttl_; }
    const PartLimits & partLimits() const { return part_limits_; }
    /// Columns whose ranges the catalog keeps: those that PARTITION BY and TTL read.
    const std::vector<std::string> & rangeColumns() const { return range_columns_; }

    /// No default, key, index or TTL reads the column: it goes into parts as it came.
    bool onlyStores(const std::string & column) const;

    /// Without origin.
    PartWriteOptions writeOptions() const;
    /// Adds the computed columns of sort key and indexes to a block of stored columns.
    Block addComputedColumns(Block block) const;

    /// Of the table's columns in `block`, which may be dictionary codes whatever their type (parts/PartReader.h).
    static ColumnPtr compute(const ExpressionPtr & expression, const Block & block);

private:
    void bindColumns();
    ExpressionPtr withoutAliases(
        const ExpressionPtr & expression, const std::map<std::string, ExpressionPtr> & aliases, std::set<std::string> & under_way) const;
    void checkDefaults() const; /// that they do not need each other
    void bindKeys();
    void checkEngineColumns() const; /// of Replacing
    void bindIndexes();
    void bindTtl();

    std::shared_ptr<const TableSchema> schema_;
    std::vector<TableColumn> columns_;
    NamesAndTypes stored_;
    std::map<std::string, ColumnDefault> defaults_;
    std::vector<PartsTable::KeyColumn> sort_key_, partition_key_;
    size_t primary_key_columns_ = 0;
    MergeOptions merge_;
    std::vector<IndexDefinition> indexes_;
    std::optional<TtlDefinition> ttl_;
    PartLimits part_limits_{};
    std::vector<std::string> range_columns_;
};

using TableDefinitionPtr = std::shared_ptr<const TableDefinition>;

/// The part, written under `schema_version`, has values of the column. What it has of a column of the same name that was
/// dropped before must not come back.
bool partHolds(const PartReader & part, uint32_t schema_version, const TableSchema & schema, const std::string & column);

/// The table at a snapshot, ready to be planned. `open` and `open_at_once` as in PartsTable.
std::shared_ptr<const PartsTable> makePartsTable(
    SnapshotPtr snapshot, TablePtr state, std::function<PartReaderPtr(const PartInfo &)> open, size_t open_at_once = 1);

}
