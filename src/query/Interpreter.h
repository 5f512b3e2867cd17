#pragma once
// One statement in execution: what the interpreters of executeQuery() share. Not thread-safe.

#include "analyzer/Analyzer.h"
#include "ingest/InsertPipeline.h"
#include "query/executeQuery.h"
#include "sql/Statements.h"

#include <mutex>

namespace mangrove
{

class Interpreter
{
public:
    Interpreter(Node & node, Session & session, const QueryRequest & request, std::shared_ptr<RunningQuery> query, WriteBuffer & out);

    void run(Statement & statement);
    /// Rows that did not come as SQL (query/insertBlocks.h).
    InsertResult insertBlocks(const std::string & database, const std::string & table, std::vector<Block> blocks, std::vector<std::string> tokens);
    QuerySummary summary() const;

private:
    // select.cpp
    void runSelect(const SelectPtr & select, const std::string & format);
    /// SHOW and the like are SELECTs over system tables.
    void runSelectText(const std::string & text, const std::string & format);
    void runExplain(const ExplainQuery & explain, const std::string & format);
    void writeRows(const NamesAndTypes & header, const std::vector<std::vector<Field>> & rows, const std::string & format);
    Block runSubquery(const BoundQueryPtr & query, uint64_t rows_max);
    TableSourcePtr findTable(const std::string & database, const std::string & table);
    SnapshotPtr snapshotOf(const std::string & database);

    // insert.cpp
    void runInsert(InsertQuery & insert);
    void recordInsert(const std::string & database, const InsertResult & result);

    // ddl.cpp
    void runCreate(CreateQuery & create);
    void runDrop(const DropQuery & drop);
    void runRename(const RenameQuery & rename);
    void runAlter(AlterQuery & alter);
    void runOptimize(const OptimizeQuery & optimize);
    void createTable(CreateQuery & create);
    void createMaterializedView(CreateQuery & create);
    std::string databaseOf(const QualifiedName & name) const;
    std::pair<TablePtr, SnapshotPtr> tableOf(const QualifiedName & name);
    Expressions partitionValues(const Expr & value);
    std::vector<std::string> partitionIds(const TableState & table, const PartitionAst & partition);

    // show.cpp
    void runShow(const ShowQuery & show, const std::string & format);
    void runDescribe(const DescribeQuery & describe, const std::string & format);
    void runExists(const ExistsQuery & exists, const std::string & format);
    void runSet(const SetQuery & set);
    void runSystem(const SystemQuery & system);
    void runKill(const KillQuery & kill, const std::string & format);

    void applySettings(const SettingChanges & changes);
    void requireWritable(const char * statement) const;
    void start(const std::string & format);
    std::string outputFormat(const std::string & format) const { return format.empty() ? request_.default_format : format; }

    Node & node_;
    Session & session_;
    const QueryRequest & request_;
    std::shared_ptr<RunningQuery> query_;
    QueryContext & context_;
    WriteBuffer & out_;
    Settings settings_; /// the session's and the statement's
    AnalyzerContext analyzer_;
    std::map<std::string, SnapshotPtr> snapshots_; /// one per database for the whole statement
    mutable std::mutex summary_mutex_; /// while several threads work
    QuerySummary summary_;
    bool started_ = false;
};

/// Converts CREATE TABLE to what the catalog keeps; checks that it makes sense.
TableSchema makeTableSchema(const CreateQuery & create, Catalog & catalog);
/// Rewrites ReplicatedMergeTree(…) and the like to the Shared name: {engine, arguments}.
std::pair<std::string, std::string> convertEngine(const EngineDeclaration & engine);

}
