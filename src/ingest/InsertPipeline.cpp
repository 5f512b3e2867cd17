#include "ingest/InsertPipeline.h"

#include "base/Failpoint.h"
#include "exec/openPlan.h"
#include "functions/callFunction.h"
#include "ingest/insertPressure.h"
#include "sql/Parser.h"

#include <algorithm>

namespace mangrove
{

struct InsertPipeline::Target
{
    InsertTarget state; /// what the commit checks is still so
    TableDefinitionPtr definition;
    std::unique_ptr<TableWriter> writer;
};

namespace
{

/// The inserted rows under the source table's name: what a materialized view reads.
class InsertedRows final : public GeneratedTable
{
public:
    InsertedRows(std::string database, const TableDefinition & definition, Block rows)
        : database_(std::move(database)), name_(definition.schema().name), columns_(definition.columns()), rows_(std::move(rows))
    {
    }
    const std::string & database() const override { return database_; }
    const std::string & name() const override { return name_; }
    const std::vector<TableColumn> & columns() const override { return columns_; }
    std::unique_ptr<BlockGenerator> open(const std::vector<std::string> &, std::optional<uint64_t>) const override
    {
        struct Once final : BlockGenerator
        {
            std::optional<Block> block;
            std::optional<Block> next() override { return std::exchange(block, std::nullopt); }
        };
        auto generator = std::make_unique<Once>();
        generator->block = rows_;
        return generator;
    }

private:
    std::string database_, name_;
    std::vector<TableColumn> columns_;
    Block rows_;
};

}

InsertPipeline::InsertPipeline(Catalog & catalog, ObjectStore & objects, QueryContext & query, const AnalyzerContext & analyzer,
    const std::string & database, const std::string & table, InsertSettings settings)
    : catalog_(catalog), objects_(objects), query_(query), analyzer_(analyzer), database_(database), settings_(std::move(settings)),
      uploads_(objects_, transaction_)
{
    // The transaction comes before the snapshot and the first upload: sweeping spares what is newer than it.
    transaction_ = catalog_.begin(database_);
    snapshot_ = catalog_.snapshot(database_);
    table_ = snapshot_->findTable(table);
    if (!table_)
        throw Exception(ErrorCode::UNKNOWN_TABLE, "Table {}.{} does not exist", database_, table);
    if (table_->schema->isMaterializedView())
        table_ = snapshot_->findTable(table_->schema->view_target);
    if (!table_ || !table_->schema->holdsData())
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "Table {}.{} is a view: INSERT into it is not supported", database_, table);
    definition_ = TableDefinition::of(table_->schema);
    // A batch that is in only in part is refused by the commit.
    result_.duplicate = !settings_.tokens.empty() && std::all_of(settings_.tokens.begin(), settings_.tokens.end(),
        [&](const auto & token) { return catalog_.hasToken(database_, table_->schema->uuid, token); });
}

InsertPipeline::~InsertPipeline() = default;

bool InsertPipeline::onlyStores(const std::string & column) const
{
    return snapshot_->viewsOf(table_->schema->uuid).empty() && definition_->onlyStores(column);
}

InsertPipeline::Target & InsertPipeline::targetOf(const TablePtr & table)
{
    auto & target = targets_[table->schema->uuid];
    if (!target)
    {
        target = std::make_unique<Target>();
        target->state = {table->schema->uuid, table->schema->version, table->views_version};
        target->definition = TableDefinition::of(table->schema);
        waitForMerges(*target->definition, *table, query_);
        target->writer = std::make_unique<TableWriter>(target->definition, uploads_, transaction_, catalog_, settings_.limits);
    }
    return *target;
}

void InsertPipeline::write(Block block)
{
    query_.check();
    if (block.rows() == 0)
        return;
    gathered_rows_ += block.rows();
    gathered_bytes_ += block.byteSize();
    query_.allocate(block.byteSize());
    gathered_.push_back(std::move(block));
    if (gathered_rows_ >= settings_.part_rows_max || gathered_bytes_ >= settings_.part_bytes_max)
        flush();
}

void InsertPipeline::flush()
{
    if (gathered_.empty())
        return;
    auto block = gathered_.size() == 1 ? std::move(gathered_[0]) : Block::concat(gathered_);
    gathered_.clear();
    query_.release(gathered_bytes_);
    gathered_rows_ = gathered_bytes_ = 0;
    if (!result_.duplicate)
        writeTo(table_, TableWriter::complete(*definition_, std::move(block)), 0);
}

void InsertPipeline::writeTo(const TablePtr & table, const Block & block, size_t depth)
{
    if (depth > settings_.view_depth_max)
        throw Exception(ErrorCode::TOO_DEEP_SUBQUERIES, "Materialized views feed each other more than {} levels deep", settings_.view_depth_max);
    auto & target = targetOf(table);
    query_.check();
    result_.written_rows += block.rows();
    result_.written_bytes += block.byteSize();
    target.writer->write(block);
    for (const auto & view : snapshot_->viewsOf(table->schema->uuid))
    {
        auto to = snapshot_->findTable(view->schema->view_target);
        if (!to)
            throw Exception(ErrorCode::UNKNOWN_TABLE, "The target of materialized view {} does not exist", view->schema->name);
        auto rows = runView(*view->schema, *table->schema, *to->schema, block);
        if (rows.rows())
            writeTo(to, TableWriter::complete(*TableDefinition::of(to->schema), std::move(rows)), depth + 1);
        else
            targetOf(to);
    }
}

Block InsertPipeline::runView(const TableSchema & view, const TableSchema & source, const TableSchema & target, const Block & rows)
{
    auto context = analyzer_;
    auto inserted = std::make_shared<InsertedRows>(database_, *targets_.at(source.uuid)->definition, rows);
    context.find_table = [&](const std::string & database, const std::string & table) -> TableSourcePtr
    {
        if (table == source.name && (database.empty() || database == database_))
            return inserted;
        return analyzer_.find_table(database, table);
    };
    auto planned = makePlan(*analyzeSelect(parseSelect(view.select_query), context));
    optimize(planned);
    auto stream = openQuery(planned, query_);
    auto blocks = collectBlocks(stream, query_);
    if (blocks.empty())
        return {};
    auto result = blocks.size() == 1 ? blocks[0].materialize() : Block::concat([&]
    {
        for (auto & block : blocks)
            block = block.materialize();
        return blocks;
    }());
    // Columns go to the target by name, converted to its types; what it lacks is dropped.
    auto definition = TableDefinition::of(snapshot_->findTable(target.uuid)->schema);
    Block converted;
    for (const auto & column : definition->storedColumns())
        if (auto position = result.find(column.name))
        {
            const auto & from = result.at(*position);
            auto value = from.type->equals(*column.type) ? from.column : castColumn(from, column.type);
            converted.add({value, column.type, column.name});
        }
    if (converted.columnCount() == 0)
        throw Exception(ErrorCode::THERE_IS_NO_COLUMN, "No column of materialized view {} is in its target table {}", view.name, target.name);
    return converted;
}

InsertResult InsertPipeline::finish()
{
    flush();
    if (uploads_.empty() || result_.duplicate)
    {
        catalog_.secure(database_); // the earlier insert may be one that nobody has acknowledged yet
        return result_;
    }
    Insert entry;
    for (const auto & [uuid, target] : targets_)
        entry.targets.push_back(target->state);
    for (const auto & token : settings_.tokens)
        entry.tokens.push_back({table_->schema->uuid, token});
    uploads_.finish(entry);
    result_.parts = entry.parts;
    FAILPOINT("insert.before_commit");
    auto committed = catalog_.commit(transaction_, std::move(entry));
    FAILPOINT("insert.after_commit");
    result_.lsn = committed.lsn;
    switch (committed.outcome)
    {
        case CommitOutcome::Committed:
            return result_;
        case CommitOutcome::Duplicate:
            result_.duplicate = true;
            result_.parts.clear();
            return result_;
        case CommitOutcome::Conflict:
            throw Exception(committed.code, "INSERT into {}.{} was not done, because the table has changed meanwhile: {}. Try again",
                database_, table_->schema->name, committed.reason);
        case CommitOutcome::Fenced:
            throw Exception(ErrorCode::ABORTED, "This node was shut out of the cluster; INSERT was not done. Send it to another node");
    }
    CHECK(false);
}

}
