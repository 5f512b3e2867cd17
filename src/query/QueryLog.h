#pragma once
// What happened lately, for system.query_log, system.part_log and system.errors: rings in memory, bounded by entries and
// by bytes. Thread-safe.

#include "base/ErrorCodes.h"
#include "base/Uuid.h"
#include "object_store/ObjectStore.h"

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace mangrove
{

struct QueryLogEntry
{
    int type = 1; /// 1 QueryStart, 2 QueryFinish, 3 ExceptionBeforeStart, 4 ExceptionWhileProcessing
    int64_t time_us = 0, started_us = 0;
    uint64_t duration_ms = 0;
    std::string query_id, query, query_kind, user, database;
    uint8_t interface = 2;
    uint64_t read_rows = 0, read_bytes = 0, written_rows = 0, written_bytes = 0, result_rows = 0, result_bytes = 0, memory_usage = 0;
    int exception_code = 0;
    std::string exception;
    std::map<std::string, std::string> settings;
    ObjectStoreCounters requests;

    uint64_t bytes() const { return sizeof(*this) + query.size() + exception.size() + settings.size() * 128; }
};

struct PartLogEntry
{
    int type = 1; /// 1 NewPart, 2 MergeParts, 4 RemovePart
    int64_t time_us = 0;
    uint64_t duration_ms = 0;
    std::string database, table, part_name, partition_id, partition;
    Uuid part;
    bool is_merge = false; /// merge_reason: RegularMerge or NotAMerge
    uint64_t rows = 0, size_in_bytes = 0, bytes_uncompressed = 0, read_rows = 0;
    std::vector<std::string> merged_from;
    int error = 0;
    std::string exception;

    uint64_t bytes() const { return sizeof(*this) + exception.size() + 64 * (4 + merged_from.size()); }
};

template <typename Entry>
class RingLog
{
public:
    void add(Entry entry)
    {
        std::lock_guard lock(mutex_);
        bytes_ += entry.bytes();
        entries_.push_back(std::move(entry));
        while (entries_.size() > entries_max || bytes_ > bytes_max)
        {
            bytes_ -= entries_.front().bytes();
            entries_.pop_front();
        }
    }
    std::vector<Entry> list() const
    {
        std::lock_guard lock(mutex_);
        return {entries_.begin(), entries_.end()};
    }

private:
    static constexpr size_t entries_max = 20'000;
    static constexpr uint64_t bytes_max = 64 << 20;
    mutable std::mutex mutex_;
    std::deque<Entry> entries_;
    uint64_t bytes_ = 0;
};

using QueryLog = RingLog<QueryLogEntry>;
using PartLog = RingLog<PartLogEntry>;

/// The last failed query of each error code.
class LastErrors
{
public:
    struct Entry
    {
        int64_t time_s = 0;
        std::string message, query_id;
    };

    void set(int code, Entry entry)
    {
        std::lock_guard lock(mutex_);
        entries_[code] = std::move(entry);
    }
    Entry get(int code) const
    {
        std::lock_guard lock(mutex_);
        auto it = entries_.find(code);
        return it == entries_.end() ? Entry() : it->second;
    }

private:
    mutable std::mutex mutex_;
    std::map<int, Entry> entries_;
};

}
