#pragma once
// What happened lately, for system.query_log and system.part_log: bounded rings in memory. Thread-safe.

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace mangrove
{

struct QueryLogEntry
{
    int type = 1; /// 1 QueryStart, 2 QueryFinish, 3 ExceptionBeforeStart, 4 ExceptionWhileProcessing
    int64_t time_us = 0;
    uint64_t duration_ms = 0;
    std::string query_id, query, query_kind, user, database, interface;
    uint64_t read_rows = 0, read_bytes = 0, written_rows = 0, written_bytes = 0, result_rows = 0, result_bytes = 0, memory_usage = 0;
    int exception_code = 0;
    std::string exception;
};

struct PartLogEntry
{
    int type = 1; /// 1 NewPart, 2 MergeParts, 5 RemovePart
    int64_t time_us = 0;
    uint64_t duration_ms = 0;
    std::string database, table, part_name, partition_id, reason;
    uint64_t rows = 0, size_in_bytes = 0, read_rows = 0;
    std::vector<std::string> merged_from;
    int error = 0;
    std::string exception;
};

template <typename Entry>
class RingLog
{
public:
    void add(Entry entry)
    {
        std::lock_guard lock(mutex_);
        entries_.push_back(std::move(entry));
        if (entries_.size() > entries_max)
            entries_.pop_front();
    }
    std::vector<Entry> list() const
    {
        std::lock_guard lock(mutex_);
        return {entries_.begin(), entries_.end()};
    }

private:
    static constexpr size_t entries_max = 20'000;
    mutable std::mutex mutex_;
    std::deque<Entry> entries_;
};

using QueryLog = RingLog<QueryLogEntry>;
using PartLog = RingLog<PartLogEntry>;

}
