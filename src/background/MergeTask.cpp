#include "background/MergeTask.h"

#include "base/Failpoint.h"
#include "ingest/Expiry.h"
#include "ingest/TableWriter.h"
#include "io/Checksum.h"
#include "merging/mergeParts.h"
#include "parts/PartCommit.h"

namespace mangrove
{

MergeTask::MergeTask(
    Catalog & catalog, MergeList & merges, ObjectStorePtr objects, std::function<PartReaderPtr(const PartInfo &)> open, std::function<void()> check)
    : catalog_(catalog), merges_(merges), objects_(std::move(objects)), open_(std::move(open)), check_(std::move(check))
{
}

MergeReport MergeTask::merge(
    const std::string & database, const SnapshotPtr & snapshot, const TableState & table, const std::vector<PartPtr> & sources, bool drop_deleted)
{
    PartInfo result; // for its name
    result.partition_id = sources.front()->partition_id;
    result.min_block = sources.front()->min_block;
    result.max_block = sources.back()->max_block;
    auto running = std::make_shared<RunningMerge>();
    running->database = database;
    running->table = table.schema->name;
    running->partition_id = result.partition_id;
    running->partition_value = sources.front()->partition_value;
    for (const auto & source : sources)
    {
        running->sources.push_back(source->name());
        running->rows += source->rows;
        running->bytes += source->bytes;
        running->uncompressed_bytes += source->uncompressed_bytes;
        result.level = std::max(result.level, source->level + 1);
    }
    running->result_name = result.name();
    return merges_.run(running, [this] { return catalog_.clock().monotonicMs(); },
        [&] { return run(*running, database, snapshot, table, sources, drop_deleted); });
}

MergeReport MergeTask::run(RunningMerge & running, const std::string & database, const SnapshotPtr & snapshot, const TableState & table,
    const std::vector<PartPtr> & sources, bool drop_deleted)
{
    auto transaction = catalog_.begin(database);
    auto definition = TableDefinition::of(table.schema);
    MergeReport report;
    PartMergeTask task;
    task.write = definition->writeOptions();
    task.write.effort = 3;
    task.write.origin = describeOrigin(*definition, transaction, catalog_, sources[0]->partition_id);
    Merge entry;
    entry.table = table.schema->uuid;
    for (const auto & source : sources)
    {
        task.parts.push_back(open_(*source));
        entry.sources.push_back(source->uuid);
    }
    task.holds = [&, parts = task.parts](size_t part, const std::string & column)
    { return partHolds(*parts[part], sources[part]->schema_version, definition->schema(), column); };
    task.merge = definition->merge();
    task.merge.drop_deleted = drop_deleted;
    ExpiryRange expiry;
    if (const auto & ttl = definition->ttl())
        task.merge.keep_rows = [&, now_ms = ttl->only_drop_parts ? INT64_MIN : catalog_.clock().wallMs()](const Block & block, Filter & keep)
        {
            auto moments = expiryMoments(*ttl, block);
            for (size_t row = 0; row < block.rows(); ++row)
            {
                keep[row] = keep[row] && moments->data()[row] > now_ms;
                if (keep[row])
                    expiry.add(moments->data()[row]);
            }
        };
    task.complete = [definition](Block block) { return definition->addComputedColumns(TableWriter::complete(*definition, std::move(block))); };
    task.progress = [&](uint64_t rows_read)
    {
        report.rows_read = running.rows_read = rows_read;
        check_();
    };
    snapshot->checkUsable();
    auto written = mergeParts(std::move(task));
    if (written)
    {
        auto info = describePart(*definition, *written, sources[0]->partition_id, sources[0]->partition_value);
        info.uuid = catalog_.newUuid();
        info.object_key = transaction.partKey(table.schema->uuid, info.uuid);
        expiry.writeTo(info);
        entry.result = info;
        attachCommit(written->bytes, transaction.commitRecord(entry));
        info.bytes = written->bytes.size();
        info.checksum = xxh3(written->bytes);
        FAILPOINT("merge.before_put");
        auto put = objects_->put(info.object_key, written->bytes, PutMode::IfAbsent);
        CHECK(put == PutResult::Created, "object {} exists already", info.object_key);
        FAILPOINT("merge.after_put");
        report.result = info.uuid;
        report.rows_written = info.rows;
        report.bytes_written = info.bytes;
        entry.result = std::move(info);
    }
    auto result = catalog_.commit(transaction, std::move(entry));
    FAILPOINT("merge.after_commit");
    if (result.outcome == CommitOutcome::Fenced)
        throw Exception(ErrorCode::ABORTED, "This node was shut out of the cluster; the merge was not done");
    report.committed = result.outcome == CommitOutcome::Committed;
    return report;
}

void MergeTask::mergePartition(const std::string & database, const Uuid & uuid, const std::string & partition_id, bool final, bool drop_deleted)
{
    constexpr int attempts_max = 100;
    for (int attempt = 0; attempt < attempts_max; ++attempt)
    {
        auto snapshot = catalog_.snapshot(database);
        auto table = snapshot->findTable(uuid);
        if (!table)
            return;
        auto it = table->partitions.find(partition_id);
        if (it == table->partitions.end() || it->second->parts.empty() || (it->second->parts.size() == 1 && !final))
            return;
        if (merge(database, snapshot, *table, it->second->parts, drop_deleted).committed)
            return;
        catalog_.refresh();
    }
    throw Exception(ErrorCode::ABORTED, "OPTIMIZE gave up after {} tries: the merges of other nodes were faster each time", attempts_max);
}

}
