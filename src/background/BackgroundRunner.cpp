#include "background/BackgroundRunner.h"

#include "base/Log.h"
#include "planner/TableDefinition.h"

namespace mangrove
{

namespace
{

/// A merged part is made in memory and stored with one PUT.
constexpr uint64_t merged_part_bytes_max = 4ULL << 30;
constexpr uint64_t small_part_bytes_max = 64ULL << 20;
/// Between two merges of fewer parts there is a pause: waiting makes merges wider, and rows are written less often.
constexpr size_t hurry_sources = 50;

}

BackgroundRunner::BackgroundRunner(Catalog & catalog, MergeClaims & claims, MergeList & merges, ObjectStorePtr objects,
    std::function<PartReaderPtr(const PartInfo &)> open, BackgroundPeriods periods)
    : catalog_(catalog), claims_(claims), merges_(merges), objects_(std::move(objects)), open_(std::move(open)), expiry_(open_), periods_(periods)
{
}

BackgroundRunner::~BackgroundRunner()
{
    stop();
}

void BackgroundRunner::start()
{
    auto once = [](auto step) { return [step] { step(); return false; }; };
    addLoop("heartbeat", 2'000, once([this] { catalog_.heartbeatStep(); }));
    addLoop("refresh", 0, once([this]
    {
        catalog_.refresh();
        catalog_.waitForChange("default", 1'000, stop_.get_token());
    }));
    addLoop("checkpoint", 1'000, once([this]
    {
        if (catalog_.checkpointStep())
            logDebug("checkpoint", "written");
    }));
    addLoop("log copy", 5'000, once([this] { catalog_.logCopyStep(); }));
    addLoop("garbage collection", periods_.gc_ms, once([this]
    {
        auto report = catalog_.gcStep();
        if (on_parts_deleted && !report.removed.empty())
            on_parts_deleted(report);
        if (report.parts_deleted || report.nodes_fenced)
            logInfo("gc", "deleted {} parts that nothing needs any more, fenced {} nodes", report.parts_deleted, report.nodes_fenced);
    }));
    addLoop("sweep", periods_.sweep_ms, once([this]
    {
        auto report = catalog_.sweepStep();
        if (report.orphans_deleted || report.metadata_deleted)
            logInfo("sweep", "deleted {} objects of unfinished inserts and {} of old metadata", report.orphans_deleted, report.metadata_deleted);
    }));
    addLoop("merge", 500, [this] { return mergeStep(merged_part_bytes_max); });
    addLoop("small merge", 500, [this] { return mergeStep(small_part_bytes_max); });
    addLoop("ttl drop", 5'000, once([this] { dropExpired(); }));
    addLoop("ttl merge", 5'000, [this] { return rewriteExpired(); });
}

void BackgroundRunner::stop()
{
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    stop_.request_stop();
    wake_.notify_all();
    threads_.clear();
}

bool BackgroundRunner::sleep(int64_t ms)
{
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, std::chrono::milliseconds(ms), [this] { return stopping_; });
    return !stopping_;
}

void BackgroundRunner::addLoop(std::string name, int64_t period_ms, std::function<bool()> step)
{
    auto & loop = *loops_.emplace_back(std::make_unique<BackgroundLoop>());
    loop.name = std::move(name);
    loop.period_ms = period_ms;
    threads_.emplace_back([this, &loop, step = std::move(step)]
    {
        bool more = false;
        while (sleep(more ? 0 : loop.period_ms))
        {
            more = false;
            try
            {
                more = step();
                ++loop.runs;
            }
            catch (const std::exception & exception)
            {
                ++loop.failures;
                if (!stop_.stop_requested())
                    logWarning("background", "{} failed, will be tried again: {}", loop.name, exception.what());
                sleep(1'000); // do not spin on a store that is down
            }
        }
    });
}

bool BackgroundRunner::mergeStep(uint64_t bytes_max)
{
    bool behind = false;
    for (const auto & database : catalog_.databases())
    {
        auto snapshot = catalog_.snapshot(database);
        for (const auto & [uuid, table] : snapshot->tables())
            for (const auto & [id, partition] : table->partitions)
            {
                auto busy = claims_.claimedParts(uuid, id);
                if (!busy)
                    continue;
                auto sources = selectMerge(partition->parts, *busy, bytes_max, catalog_.clock().wallMs());
                if (sources.size() > 1 && merge(database, snapshot, *table, sources) && sources.size() >= hurry_sources)
                    behind = true;
            }
    }
    return behind;
}

bool BackgroundRunner::merge(
    const std::string & database, const SnapshotPtr & snapshot, const TableState & table, const std::vector<PartPtr> & sources)
{
    const auto & partition_id = sources[0]->partition_id;
    std::vector<Uuid> uuids;
    for (const auto & source : sources)
        uuids.push_back(source->uuid);
    auto claim = claims_.tryClaim(table.schema->uuid, partition_id, std::move(uuids));
    if (!claim)
        return false;
    MergeTask task(catalog_, merges_, objects_, open_, [this]
    {
        if (stop_.stop_requested())
            throw Exception(ErrorCode::ABORTED, "The node is stopping");
    });
    auto started = catalog_.clock().monotonicMs();
    auto report = task.merge(database, snapshot, table, sources, false);
    logDebug("merge", "{}.{} partition {}: {} parts, {} rows in {} ms{}", database, table.schema->name, partition_id, sources.size(), report.rows_read,
        catalog_.clock().monotonicMs() - started, report.committed ? "" : ", thrown away: the parts were gone");
    return report.committed;
}

/// Parts of which every row has expired are dropped as metadata.
void BackgroundRunner::dropExpired()
{
    for (const auto & database : catalog_.databases())
    {
        auto snapshot = catalog_.snapshot(database);
        for (const auto & [uuid, table] : snapshot->tables())
        {
            DropRange range;
            range.table = uuid;
            range.scope = DropRange::Scope::Parts;
            for (const auto & [id, partition] : table->partitions)
                for (const auto & part : partition->parts)
                    if (auto last_ms = expiry_.of(*table, *part, stop_.get_token()).last_ms; last_ms && last_ms <= catalog_.clock().wallMs())
                        range.parts.push_back(part->uuid);
            if (range.parts.empty())
                continue;
            logInfo("ttl", "{}.{}: dropping {} parts that have expired", database, table->schema->name, range.parts.size());
            auto transaction = catalog_.begin(database);
            catalog_.commit(transaction, DropRanges{{range}});
        }
    }
}

bool BackgroundRunner::rewriteExpired()
{
    bool rewritten = false;
    int64_t now_ms = catalog_.clock().wallMs();
    for (const auto & database : catalog_.databases())
    {
        auto snapshot = catalog_.snapshot(database);
        for (const auto & [uuid, table] : snapshot->tables())
        {
            if (table->schema->ttl.empty())
                continue;
            auto ttl = TableDefinition::of(table->schema)->ttl();
            if (!ttl || ttl->only_drop_parts)
                continue;
            for (const auto & [id, partition] : table->partitions)
                for (const auto & part : partition->parts)
                    if (auto first_ms = expiry_.of(*table, *part, stop_.get_token()).first_ms; first_ms && first_ms <= now_ms
                        && part->added_time_ms + ttl->rewrite_period_ms <= now_ms && merge(database, snapshot, *table, {part}))
                        rewritten = true;
        }
    }
    return rewritten;
}

}
