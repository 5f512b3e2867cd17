#pragma once
// The merges that run on this node, whoever asked for them (system.merges), and whom to tell when one has ended
// (system.part_log, system.events). Owned by Node; thread-safe.

#include "base/Uuid.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace mangrove
{

struct RunningMerge
{
    std::string database, table, partition_id, partition_value, result_name;
    std::vector<std::string> sources;
    uint64_t rows = 0, bytes = 0, uncompressed_bytes = 0; /// of all sources
    int64_t started_ms = 0;
    std::atomic<uint64_t> rows_read{0};
};

struct MergeReport
{
    bool committed = false;
    uint64_t rows_read = 0, rows_written = 0, bytes_written = 0;
    Uuid result;
};

struct MergeEvent
{
    const RunningMerge & merge;
    MergeReport report;
    uint64_t duration_ms = 0;
    int error_code = 0;
    std::string error;
};

class MergeList
{
public:
    /// Set before the first merge; called from the thread that merged.
    std::function<void(const MergeEvent &)> on_end;

    /// Runs `work` while the merge is listed, then tells on_end(), also of an exception, which goes on.
    MergeReport run(std::shared_ptr<RunningMerge> merge, const std::function<int64_t()> & now_ms, const std::function<MergeReport()> & work);
    std::vector<std::shared_ptr<const RunningMerge>> list() const;

private:
    mutable std::mutex mutex_;
    std::list<std::shared_ptr<const RunningMerge>> running_;
};

}
