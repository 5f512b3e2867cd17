#include "exec/QueryContext.h"

namespace mangrove
{

void QueryContext::check()
{
    if (cancelled_)
        throw Exception(ErrorCode::QUERY_WAS_CANCELLED, "Query was cancelled");
    if (limits.max_execution_time_ms)
        if (auto elapsed = elapsedMs(); elapsed > limits.max_execution_time_ms)
            throw Exception(ErrorCode::TIMEOUT_EXCEEDED, "Timeout exceeded: elapsed {} ms, maximum: {} ms", elapsed, limits.max_execution_time_ms);
    memory_.check();
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

}
