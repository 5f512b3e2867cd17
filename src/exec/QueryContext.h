#pragma once
// What all operators of one running query share: cancellation, limits, progress, threads, memory. Owned by query/,
// passed by reference. Thread-safe.

#include "base/Clock.h"
#include "base/Exception.h"
#include "base/Memory.h"
#include "object_store/RequestCounters.h"

#include <atomic>
#include <cstdint>
#include <functional>

namespace mangrove
{

/// 0 = no limit. Names as ClickHouse's settings.
struct QueryLimits
{
    uint64_t max_rows_to_read = 0;
    uint64_t max_bytes_to_read = 0;
    uint64_t max_result_rows = 0;
    uint64_t max_result_bytes = 0;
    uint64_t max_rows_to_group_by = 0;
    int64_t max_execution_time_ms = 0;
    uint64_t max_rows_in_join = 0;
};

class QueryContext
{
public:
    explicit QueryContext(Clock & clock) : clock_(clock), started_ms_(clock.monotonicMs()) { }

    size_t threads = 1;
    uint64_t block_rows_max = 65409; /// max_block_size
    QueryLimits limits;

    std::atomic<uint64_t> rows_read{0}, bytes_read{0}, total_rows_to_read{0};
    std::atomic<uint64_t> parts_selected{0}, marks_selected{0};
    /// Called now and then from any worker; may throw to stop the query.
    std::function<void()> on_progress;

    void cancel() { cancelled_ = true; }
    bool isCancelled() const { return cancelled_; }
    Clock & clock() const { return clock_; }
    int64_t elapsedMs() const { return clock_.monotonicMs() - started_ms_; }

    /// Throws QUERY_WAS_CANCELLED (394), TIMEOUT_EXCEEDED (159) or MEMORY_LIMIT_EXCEEDED (241). Operators call it at
    /// least once a block.
    void check();
    void addRead(uint64_t rows, uint64_t bytes);
    /// Accounts for memory that an operator holds; throws MEMORY_LIMIT_EXCEEDED (241).
    void allocate(uint64_t bytes) { memory_.charge(bytes); }
    void release(uint64_t bytes) { memory_.release(bytes); }
    QueryMemory & memory() { return memory_; }
    /// To the object store, by threads under a WorkScope.
    RequestCounters & requests() { return requests_; }

private:
    Clock & clock_;
    int64_t started_ms_;
    std::atomic<bool> cancelled_{false};
    QueryMemory memory_;
    RequestCounters requests_;
};

/// What this thread allocates and asks the object store for from now on is the query's.
struct WorkScope
{
    explicit WorkScope(QueryContext & context) : memory(&context.memory()), requests(&context.requests()) { }

    MemoryScope memory;
    RequestScope requests;
};

/// Memory that grows with an operator's state, given back when the operator goes.
class MemoryCharge
{
public:
    explicit MemoryCharge(QueryContext & context) : context_(context) { }
    MemoryCharge(const MemoryCharge &) = delete;
    ~MemoryCharge() { context_.release(bytes_); }
    void grow(uint64_t bytes)
    {
        context_.allocate(bytes);
        bytes_ += bytes;
    }

private:
    QueryContext & context_;
    std::atomic<uint64_t> bytes_{0};
};

}
