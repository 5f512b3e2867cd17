#include "background/BackgroundRunner.h"

#include "base/Log.h"

namespace mangrove
{

namespace
{

constexpr uint64_t merged_part_bytes_max = 4ULL << 30;

}

BackgroundRunner::BackgroundRunner(Catalog & catalog, MergeClaims & claims, ObjectStorePtr objects,
    std::function<PartReaderPtr(const PartInfo &)> open, BackgroundPeriods periods)
    : catalog_(catalog), claims_(claims), objects_(std::move(objects)), open_(std::move(open)), periods_(periods)
{
}

BackgroundRunner::~BackgroundRunner()
{
    stop();
}

void BackgroundRunner::start()
{
    addLoop("heartbeat", 2'000, [this] { catalog_.heartbeatStep(); });
    addLoop("refresh", 0, [this]
    {
        catalog_.refresh();
        catalog_.waitForChange("default", 1'000, stop_.get_token());
    });
    addLoop("checkpoint", 1'000, [this]
    {
        if (catalog_.checkpointStep())
            logDebug("checkpoint", "written");
    });
    addLoop("log copy", 5'000, [this] { catalog_.logCopyStep(); });
    addLoop("garbage collection", periods_.gc_ms, [this]
    {
        auto report = catalog_.gcStep();
        if (report.parts_deleted || report.nodes_fenced)
            logInfo("gc", "deleted {} parts that nothing needs any more, fenced {} nodes", report.parts_deleted, report.nodes_fenced);
    });
    addLoop("sweep", periods_.sweep_ms, [this]
    {
        auto report = catalog_.sweepStep();
        if (report.orphans_deleted || report.metadata_deleted)
            logInfo("sweep", "deleted {} objects of unfinished inserts and {} of old metadata", report.orphans_deleted, report.metadata_deleted);
    });
    addLoop("merge", 500, [this] { mergeStep(); });
    addLoop("ttl", 5'000, [this] { ttlStep(); });
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

void BackgroundRunner::addLoop(std::string name, int64_t period_ms, std::function<void()> step)
{
    auto & loop = *loops_.emplace_back(std::make_unique<BackgroundLoop>());
    loop.name = std::move(name);
    loop.period_ms = period_ms;
    threads_.emplace_back([this, &loop, step = std::move(step)]
    {
        while (sleep(loop.period_ms))
        {
            try
            {
                step();
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

void BackgroundRunner::mergeStep()
{
    MergeTask task(catalog_, objects_, open_, [this]
    {
        if (stop_.stop_requested())
            throw Exception(ErrorCode::ABORTED, "The node is stopping");
    });
    for (const auto & database : catalog_.databases())
    {
        auto snapshot = catalog_.snapshot(database);
        for (const auto & [uuid, table] : snapshot->tables())
            for (const auto & [id, partition] : table->partitions)
            {
                auto sources = selectMerge(partition->parts, merged_part_bytes_max, catalog_.clock().wallMs());
                if (sources.size() < 2)
                    continue;
                auto claim = claims_.tryClaim(uuid, id);
                if (!claim)
                    continue;
                MergeEvent event{database, table->schema->name, id, {}, {}, 0, ""};
                for (const auto & source : sources)
                    event.sources.push_back(source->name());
                auto started = catalog_.clock().monotonicMs();
                std::exception_ptr error;
                try
                {
                    event.report = task.merge(database, snapshot, *table, sources, false);
                }
                catch (const std::exception & exception)
                {
                    event.error = exception.what();
                    error = std::current_exception();
                }
                event.duration_ms = static_cast<uint64_t>(catalog_.clock().monotonicMs() - started);
                if (on_merge)
                    on_merge(event);
                if (error)
                    std::rethrow_exception(error);
                logDebug("merge", "{}.{} partition {}: {} parts, {} rows in {} ms{}", database, event.table, id, sources.size(), event.report.rows_read,
                    event.duration_ms, event.report.committed ? "" : ", thrown away: the parts were gone");
            }
    }
}

/// Parts of which every row has expired are dropped as metadata; partly expired ones wait (ttl_only_drop_parts = 1).
void BackgroundRunner::ttlStep()
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
                    if (part->ttl_max_ms && part->ttl_max_ms <= catalog_.clock().wallMs())
                        range.parts.push_back(part->uuid);
            if (range.parts.empty())
                continue;
            logInfo("ttl", "{}.{}: dropping {} parts that have expired", database, table->schema->name, range.parts.size());
            auto transaction = catalog_.begin(database);
            catalog_.commit(transaction, DropRanges{{range}});
        }
    }
}

}
