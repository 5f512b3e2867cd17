#pragma once
// An INSERT from blocks to the acknowledged commit, the whole story: complete the rows, feed the materialized views,
// write parts of every table, commit them as one log entry. Used by HTTP inserts, INSERT … SELECT and OTLP. One object
// per statement; not thread-safe. If anything throws, nothing is visible, and what was uploaded is swept later.

#include "analyzer/Analyzer.h"
#include "catalog/Catalog.h"
#include "exec/QueryContext.h"
#include "ingest/TableWriter.h"
#include "object_store/ObjectStore.h"

#include <map>

namespace mangrove
{

struct InsertSettings
{
    InsertLimits limits;
    std::vector<std::string> tokens;           /// insert_deduplication_token; a batch has one of each of its inserts
    uint64_t part_rows_max = 1'048'449;        /// rows gathered before a part is written (min_insert_block_size_rows)
    uint64_t part_bytes_max = 268'402'944;     /// (min_insert_block_size_bytes)
    uint64_t view_depth_max = 16;
};

struct InsertResult
{
    uint64_t written_rows = 0, written_bytes = 0; /// views' rows included
    bool duplicate = false;
    uint64_t lsn = 0;
    std::vector<PartInfo> parts; /// as written: without the blocks that replay assigns
};

class InsertPipeline
{
public:
    InsertPipeline(Catalog & catalog, ObjectStore & objects, QueryContext & query, const AnalyzerContext & analyzer,
        const std::string & database, const std::string & table, InsertSettings settings);
    ~InsertPipeline();

    const TableDefinition & definition() const { return *definition_; }
    /// Nothing computes with the column on its way into parts: a Map(String, …) may come with dictionary-coded keys.
    bool onlyStores(const std::string & column) const;
    /// Columns by their names in the table, any subset; the rest gets its defaults.
    void write(Block block);
    /// Writes what is gathered and commits. May be called once.
    InsertResult finish();

private:
    struct Target;
    void flush();
    void writeTo(const TablePtr & table, const Block & block, size_t depth);
    Block runView(const TableSchema & view, const TableSchema & source, const TableSchema & target, const Block & rows);
    Target & targetOf(const TablePtr & table);

    Catalog & catalog_;
    ObjectStore & objects_;
    QueryContext & query_;
    const AnalyzerContext & analyzer_;
    std::string database_;
    InsertSettings settings_;
    SnapshotPtr snapshot_;
    TablePtr table_;
    TableDefinitionPtr definition_;
    Transaction transaction_;
    PartUploads uploads_;
    std::map<Uuid, std::unique_ptr<Target>> targets_;
    std::vector<Block> gathered_;
    uint64_t gathered_rows_ = 0, gathered_bytes_ = 0;
    InsertResult result_;
};

}
