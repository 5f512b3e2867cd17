#pragma once
// The loops of a running node: heartbeat, log refresh, checkpoints, log copies, garbage collection, merges. Each has
// its own thread, period, counters, and a log line when something was done or failed. Two loops merge: one anything, one
// only what is small, so that fresh parts do not pile up behind a merge of gigabytes. Owned by main; start and stop from
// one thread. stop() ends every loop between two steps, and a merge between two blocks.

#include "background/MergeClaims.h"
#include "background/MergeTask.h"
#include "background/PartExpiries.h"
#include "catalog/Catalog.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace mangrove
{

struct BackgroundLoop
{
    std::string name;
    int64_t period_ms = 0;
    std::atomic<uint64_t> runs{0}, failures{0};
};

/// Loops that only tests and tools have a reason to hurry.
struct BackgroundPeriods
{
    int64_t gc_ms = 10'000;
    int64_t sweep_ms = 3'600'000;
};

class BackgroundRunner
{
public:
    BackgroundRunner(Catalog & catalog, MergeClaims & claims, MergeList & merges, ObjectStorePtr objects, std::function<PartReaderPtr(const PartInfo &)> open,
        BackgroundPeriods periods = {});
    ~BackgroundRunner();

    /// Called from the collector's thread after parts were deleted: system.part_log.
    std::function<void(const GcReport &)> on_parts_deleted;

    void start();
    void stop();
    const std::vector<std::unique_ptr<BackgroundLoop>> & loops() const { return loops_; }

private:
    /// A step that says true has more to do and is called again at once.
    void addLoop(std::string name, int64_t period_ms, std::function<bool()> step);
    /// One merge in each partition that has something to merge. True if merges have fallen behind.
    bool mergeStep(uint64_t bytes_max);
    /// Merges `sources` (one: rewrites it without expired rows). False if somebody else has them.
    bool merge(const std::string & database, const SnapshotPtr & snapshot, const TableState & table, const std::vector<PartPtr> & sources);
    void dropExpired();
    /// Rewrites parts with expired rows where the table's settings want that. True if there was any.
    bool rewriteExpired();
    /// False when stopped.
    bool sleep(int64_t ms);

    Catalog & catalog_;
    MergeClaims & claims_;
    MergeList & merges_;
    ObjectStorePtr objects_;
    std::function<PartReaderPtr(const PartInfo &)> open_;
    PartExpiries expiry_;
    BackgroundPeriods periods_;
    std::vector<std::unique_ptr<BackgroundLoop>> loops_;
    std::vector<std::jthread> threads_;
    std::stop_source stop_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
};

/// Which neighbouring parts of a partition to merge next, none of them `busy`; empty if none is worth it. Size-tiered: the
/// range of at least two parts whose total is least out of proportion to its largest part, small and old parts first.
/// Source of the shape: ClickHouse, SimpleMergeSelector.
std::vector<PartPtr> selectMerge(const std::vector<PartPtr> & parts, const std::set<Uuid> & busy, uint64_t bytes_max, int64_t now_ms);

}
