// system.processes, query_log, part_log, merges, metrics, events, errors.

#include "query/SystemTables.h"

#include "base/Exception.h"

namespace mangrove
{

namespace
{

Rows processes(Node & node, const Session &)
{
    Rows rows;
    for (const auto & query : node.processes().list())
        rows.push_back({query->query_id, query->user, query->database, query->text, query->kind, query->interface,
            static_cast<double>(query->context->elapsedMs()) / 1000, query->context->rows_read.load(), query->context->bytes_read.load(),
            query->context->total_rows_to_read.load(), query->context->memory().bytes(), query->context->memory().peakBytes(), uint64_t(query->context->isCancelled())});
    return rows;
}

Rows queryLog(Node & node, const Session &)
{
    Rows rows;
    for (const auto & entry : node.queryLog().list())
        rows.push_back({int64_t(entry.type), uint64_t(entry.time_us / 1'000'000 / 86400), uint64_t(entry.time_us / 1'000'000), entry.time_us,
            entry.duration_ms, entry.read_rows, entry.read_bytes, entry.written_rows, entry.written_bytes, entry.result_rows, entry.result_bytes,
            entry.memory_usage, entry.database, entry.query, entry.query_kind, int64_t(entry.exception_code), entry.exception, entry.user, entry.query_id, entry.interface});
    return rows;
}

Rows partLog(Node & node, const Session &)
{
    Rows rows;
    for (const auto & entry : node.partLog().list())
    {
        Array merged(entry.merged_from.begin(), entry.merged_from.end());
        rows.push_back({int64_t(entry.type), uint64_t(entry.time_us / 1'000'000 / 86400), uint64_t(entry.time_us / 1'000'000), entry.duration_ms,
            entry.database, entry.table, entry.part_name, entry.partition_id, entry.rows, entry.size_in_bytes, entry.read_rows, merged,
            entry.reason, uint64_t(entry.error), entry.exception});
    }
    return rows;
}

Rows merges(Node &, const Session &)
{
    return {};
}

Rows metrics(Node & node, const Session &)
{
    Rows rows;
    auto cache = node.cache()->counters();
    rows.push_back({"Query", int64_t(node.processes().list().size()), "Queries in flight"});
    rows.push_back({"PartCacheBytes", int64_t(cache.bytes), "Bytes in the cache of part pages"});
    rows.push_back({"PartCacheEntries", int64_t(cache.entries), "Entries in the cache of part pages"});
    uint64_t parts = 0, outdated = 0;
    for (const auto & database : node.catalog().databases())
    {
        auto snapshot = node.catalog().snapshot(database);
        for (const auto & [uuid, table] : snapshot->tables())
            parts += table->partCount();
        outdated += node.catalog().outdatedCount(database);
    }
    rows.push_back({"PartsActive", int64_t(parts), "Active parts"});
    rows.push_back({"PartsOutdated", int64_t(outdated), "Parts whose objects wait for garbage collection"});
    return rows;
}

Rows events(Node & node, const Session &)
{
    Rows rows;
    auto cache = node.cache()->counters();
    rows.push_back({"PartCacheHits", cache.hits, "Reads of part pages answered by the cache"});
    rows.push_back({"PartCacheMisses", cache.misses, "Reads of part pages that went to the object store"});
    // As ClickHouse names them, whatever the objects are on: a folder is counted as the bucket it stands for.
    auto objects = node.objects().counters();
    rows.push_back({"S3GetObject", objects.gets, "Reads of (ranges of) objects, repeated attempts included"});
    rows.push_back({"S3HeadObject", objects.heads, "Questions whether an object is there and how large it is"});
    rows.push_back({"S3PutObject", objects.puts, "Writes of objects, repeated attempts included"});
    rows.push_back({"S3ListObjects", objects.lists, "Listings of objects"});
    rows.push_back({"S3DeleteObjects", objects.deletes, "Requests to delete objects, up to 1000 each"});
    rows.push_back({"S3ReadRequestsRetryableErrors", objects.retries, "Attempts of any request that had to be repeated"});
    rows.push_back({"ReadBufferFromS3Bytes", objects.get_bytes, "Bytes read from objects"});
    rows.push_back({"WriteBufferFromS3Bytes", objects.put_bytes, "Bytes written to objects"});
    rows.push_back({"CatalogPutObject", Catalog::putCount(), "Of S3PutObject: log copies, manifests, checkpoints, spilled entries; the others are parts"});
    return rows;
}

Rows errors(Node &, const Session &)
{
    Rows rows;
#define M(name, value) \
    if (auto count = Exception::thrownCount(ErrorCode::name)) \
        rows.push_back({#name, int64_t(value), count});
    MANGROVE_ERROR_CODES(M)
#undef M
    return rows;
}

}

void addActivityTables(std::vector<SystemTable> & all)
{
    const char * query_type = "Enum8('QueryStart' = 1, 'QueryFinish' = 2, 'ExceptionBeforeStart' = 3, 'ExceptionWhileProcessing' = 4)";
    all.push_back({"processes",
        {{"query_id", "String"}, {"user", "String"}, {"current_database", "String"}, {"query", "String"}, {"query_kind", "String"}, {"interface", "String"},
            {"elapsed", "Float64"}, {"read_rows", "UInt64"}, {"read_bytes", "UInt64"}, {"total_rows_approx", "UInt64"}, {"memory_usage", "UInt64"},
            {"peak_memory_usage", "UInt64"}, {"is_cancelled", "UInt8"}},
        processes});
    all.push_back({"query_log",
        {{"type", query_type}, {"event_date", "Date"}, {"event_time", "DateTime"}, {"event_time_microseconds", "DateTime64(6)"}, {"query_duration_ms", "UInt64"},
            {"read_rows", "UInt64"}, {"read_bytes", "UInt64"}, {"written_rows", "UInt64"}, {"written_bytes", "UInt64"}, {"result_rows", "UInt64"},
            {"result_bytes", "UInt64"}, {"memory_usage", "UInt64"}, {"current_database", "String"}, {"query", "String"}, {"query_kind", "String"},
            {"exception_code", "Int32"}, {"exception", "String"}, {"user", "String"}, {"query_id", "String"}, {"interface", "String"}},
        queryLog});
    all.push_back({"part_log",
        {{"event_type", "Enum8('NewPart' = 1, 'MergeParts' = 2, 'DownloadPart' = 3, 'RemovePart' = 4, 'MutatePart' = 5, 'MovePart' = 6)"}, {"event_date", "Date"},
            {"event_time", "DateTime"}, {"duration_ms", "UInt64"}, {"database", "String"}, {"table", "String"}, {"part_name", "String"}, {"partition_id", "String"},
            {"rows", "UInt64"}, {"size_in_bytes", "UInt64"}, {"read_rows", "UInt64"}, {"merged_from", "Array(String)"}, {"merge_reason", "String"},
            {"error", "UInt16"}, {"exception", "String"}},
        partLog});
    all.push_back({"merges",
        {{"database", "String"}, {"table", "String"}, {"elapsed", "Float64"}, {"progress", "Float64"}, {"num_parts", "UInt64"}, {"partition_id", "String"},
            {"result_part_name", "String"}, {"rows_read", "UInt64"}, {"rows_written", "UInt64"}},
        merges});
    all.push_back({"metrics", {{"metric", "String"}, {"value", "Int64"}, {"description", "String"}}, metrics});
    all.push_back({"events", {{"event", "String"}, {"value", "UInt64"}, {"description", "String"}}, events});
    all.push_back({"errors", {{"name", "String"}, {"code", "Int32"}, {"value", "UInt64"}}, errors});
}

}
