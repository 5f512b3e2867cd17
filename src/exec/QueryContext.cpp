#include "exec/QueryContext.h"

namespace mangrove
{

void QueryContext::check() const
{
    if (cancelled_)
        throw Exception(ErrorCode::QUERY_WAS_CANCELLED, "Query was cancelled");
    if (limits.max_execution_time_ms)
        if (auto elapsed = elapsedMs(); elapsed > limits.max_execution_time_ms)
            throw Exception(ErrorCode::TIMEOUT_EXCEEDED, "Timeout exceeded: elapsed {} ms, maximum: {} ms", elapsed, limits.max_execution_time_ms);
}

void QueryContext::addRead(uint64_t rows, uint64_t bytes)
{
    auto all_rows = rows_read.fetch_add(rows) + rows;
    auto all_bytes = bytes_read.fetch_add(bytes) + bytes;
    if (limits.max_rows_to_read && all_rows > limits.max_rows_to_read)
        throw Exception(ErrorCode::TOO_MANY_ROWS, "Limit for rows to read exceeded, max rows: {}, current rows: {}", limits.max_rows_to_read, all_rows);
    if (limits.max_bytes_to_read && all_bytes > limits.max_bytes_to_read)
        throw Exception(ErrorCode::TOO_MANY_BYTES, "Limit for bytes to read exceeded, max bytes: {}, current bytes: {}", limits.max_bytes_to_read, all_bytes);
    check();
    if (on_progress)
        on_progress();
}

void QueryContext::allocate(uint64_t bytes)
{
    auto now = memory_bytes_.fetch_add(bytes) + bytes;
    auto peak = peak_memory_bytes_.load();
    while (now > peak && !peak_memory_bytes_.compare_exchange_weak(peak, now))
    {
    }
    if (limits.max_memory_usage && now > limits.max_memory_usage)
    {
        memory_bytes_ -= bytes;
        throw Exception(ErrorCode::MEMORY_LIMIT_EXCEEDED,
            "Memory limit (for query) exceeded: would use {} bytes, maximum: {} bytes (max_memory_usage)", now, limits.max_memory_usage);
    }
}

}
