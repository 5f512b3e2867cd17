#pragma once
// A table of parts at one snapshot, as planner and exec see it. Made by query/ from catalog::Snapshot; immutable,
// holds the snapshot (and so the pin on its objects) as long as it lives.

#include "analyzer/TableSource.h"
#include "catalog/Snapshot.h"
#include "expressions/Expression.h"
#include "merging/MergeIterator.h"
#include "parts/PartReader.h"

#include <functional>

namespace mangrove
{

class PartsTable final : public TableSource
{
public:
    struct KeyColumn
    {
        std::string name;        /// of the sort key element in the part: column name or expression text
        ExpressionPtr expression; /// over table columns by their names
    };

    PartsTable(SnapshotPtr snapshot, TablePtr state) : snapshot_(std::move(snapshot)), state_(std::move(state)) { }

    const std::string & database() const override { return snapshot_->database(); }
    const std::string & name() const override { return state_->schema->name; }
    const std::vector<TableColumn> & columns() const override { return columns_; }
    bool supportsFinal() const override { return merge.mode == MergeMode::Replacing; }

    const TableState & state() const { return *state_; }
    const Snapshot & snapshot() const { return *snapshot_; }

    /// Opens a part, through the node's cache of readers.
    std::function<PartReaderPtr(const PartInfo &)> open;
    size_t open_at_once = 1; /// more where opening waits for a distant bucket (ReadCosts)
    /// Default values of columns that a part lacks: expressions over the table's columns by name.
    std::map<std::string, ExpressionPtr> defaults;
    std::vector<KeyColumn> sort_key; /// whole ORDER BY
    size_t primary_key_columns = 0;  /// prefix of it that the index may use
    std::vector<KeyColumn> partition_key;
    MergeOptions merge; /// how FINAL and merges treat rows of equal sort key; sort_key: names in the part
    std::vector<TableColumn> columns_;

private:
    SnapshotPtr snapshot_;
    TablePtr state_;
};

}
