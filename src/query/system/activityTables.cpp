// system.processes, query_log, part_log, merges, metrics, events, errors.

#include "query/SystemTables.h"

#include "base/Exception.h"
#include "query/nodeMetrics.h"

#include <algorithm>

namespace mangrove
{

namespace
{

Field toMap(const std::map<std::string, std::string> & values)
{
    Array map;
    for (const auto & [key, value] : values)
        map.push_back(Tuple{key, value});
    return map;
}

Field profileEvents(const QueryLogEntry & entry)
{
    Array map;
    for (const auto & event : requestEvents(entry.requests))
        if (event.value)
            map.push_back(Tuple{event.name, event.value});
    return map;
}

Field day(int64_t time_us)
{
    return uint64_t(time_us / 1'000'000 / 86400);
}

Field second(int64_t time_us)
{
    return uint64_t(time_us / 1'000'000);
}

Rows processes(Node & node, const SystemRead &)
{
    Rows rows;
    for (const auto & query : node.processes().list())
    {
        auto & context = *query->context;
        rows.push_back({uint64_t(1), query->query_id, query->query_id, query->user, query->user, query->database, query->text, query->kind,
            uint64_t(query->interface), static_cast<double>(context.elapsedMs()) / 1000, context.rows_read.load(), context.bytes_read.load(),
            context.total_rows_to_read.load(), context.memory().bytes(), context.memory().peakBytes(), uint64_t(context.isCancelled()),
            toMap(query->settings)});
    }
    return rows;
}

Rows queryLog(Node & node, const SystemRead &)
{
    Rows rows;
    for (const auto & entry : node.queryLog().list())
        rows.push_back({int64_t(entry.type), day(entry.time_us), second(entry.time_us), entry.time_us, second(entry.started_us), entry.started_us,
            entry.duration_ms, entry.read_rows, entry.read_bytes, entry.written_rows, entry.written_bytes, entry.result_rows, entry.result_bytes,
            entry.memory_usage, entry.database, entry.query, entry.query_kind, int64_t(entry.exception_code), entry.exception, uint64_t(1), entry.user,
            entry.query_id, entry.user, entry.query_id, uint64_t(entry.interface), profileEvents(entry), toMap(entry.settings)});
    return rows;
}

Rows partLog(Node & node, const SystemRead &)
{
    Rows rows;
    for (const auto & entry : node.partLog().list())
    {
        Array merged(entry.merged_from.begin(), entry.merged_from.end());
        rows.push_back({int64_t(entry.type), int64_t(entry.is_merge ? 2 : 1), day(entry.time_us), second(entry.time_us), entry.time_us, entry.duration_ms,
            entry.database, entry.table, entry.part_name, entry.partition_id, entry.partition, "Packed", entry.rows, entry.size_in_bytes, merged,
            entry.bytes_uncompressed, entry.read_rows, uint64_t(entry.error), entry.exception});
    }
    return rows;
}

Rows merges(Node & node, const SystemRead &)
{
    Rows rows;
    auto now = node.catalog().clock().monotonicMs();
    for (const auto & merge : node.merges().list())
    {
        Array sources(merge->sources.begin(), merge->sources.end());
        auto read = merge->rows_read.load();
        double progress = merge->rows ? static_cast<double>(std::min(read, merge->rows)) / static_cast<double>(merge->rows) : 0;
        rows.push_back({merge->database, merge->table, static_cast<double>(now - merge->started_ms) / 1000, progress, uint64_t(merge->sources.size()), sources,
            merge->result_name, merge->partition_id, merge->partition_value, uint64_t(0), merge->bytes, merge->uncompressed_bytes, read, read, "Regular"});
    }
    return rows;
}

Rows metrics(Node & node, const SystemRead &)
{
    Rows rows;
    for (const auto & metric : nodeMetrics(node))
        rows.push_back({metric.name, metric.value, metric.description});
    return rows;
}

Rows events(Node & node, const SystemRead &)
{
    Rows rows;
    for (const auto & event : nodeEvents(node))
        if (event.value)
            rows.push_back({event.name, event.value, event.description});
    return rows;
}

Rows errors(Node & node, const SystemRead &)
{
    Rows rows;
    auto add = [&](const char * name, int code, uint64_t count)
    {
        auto last = node.lastErrors().get(code);
        rows.push_back({name, int64_t(code), count, uint64_t(last.time_s), last.message, uint64_t(0), last.query_id});
    };
#define M(name, value) \
    if (auto count = Exception::thrownCount(ErrorCode::name)) \
        add(#name, value, count);
    MANGROVE_ERROR_CODES(M)
#undef M
    return rows;
}

}

void addActivityTables(std::vector<SystemTable> & all)
{
    const char * query_type = "Enum8('QueryStart' = 1, 'QueryFinish' = 2, 'ExceptionBeforeStart' = 3, 'ExceptionWhileProcessing' = 4)";
    const char * settings_type = "Map(LowCardinality(String), LowCardinality(String))";
    all.push_back({"processes",
        {{"is_initial_query", "UInt8"}, {"query_id", "String"}, {"initial_query_id", "String"}, {"user", "String"}, {"initial_user", "String"},
            {"current_database", "String"}, {"query", "String"}, {"query_kind", "String"}, {"interface", "UInt8"}, {"elapsed", "Float64"},
            {"read_rows", "UInt64"}, {"read_bytes", "UInt64"}, {"total_rows_approx", "UInt64"}, {"memory_usage", "Int64"},
            {"peak_memory_usage", "Int64"}, {"is_cancelled", "UInt8"}, {"Settings", settings_type}},
        processes});
    all.push_back({"query_log",
        {{"type", query_type}, {"event_date", "Date"}, {"event_time", "DateTime"}, {"event_time_microseconds", "DateTime64(6)"}, {"query_start_time", "DateTime"},
            {"query_start_time_microseconds", "DateTime64(6)"}, {"query_duration_ms", "UInt64"}, {"read_rows", "UInt64"}, {"read_bytes", "UInt64"},
            {"written_rows", "UInt64"}, {"written_bytes", "UInt64"}, {"result_rows", "UInt64"}, {"result_bytes", "UInt64"}, {"memory_usage", "UInt64"},
            {"current_database", "String"}, {"query", "String"}, {"query_kind", "LowCardinality(String)"}, {"exception_code", "Int32"}, {"exception", "String"},
            {"is_initial_query", "UInt8"}, {"user", "String"}, {"query_id", "String"}, {"initial_user", "String"}, {"initial_query_id", "String"},
            {"interface", "UInt8"}, {"ProfileEvents", "Map(LowCardinality(String), UInt64)"}, {"Settings", settings_type}},
        queryLog});
    all.push_back({"part_log",
        {{"event_type", "Enum8('NewPart' = 1, 'MergeParts' = 2, 'DownloadPart' = 3, 'RemovePart' = 4, 'MutatePart' = 5, 'MovePart' = 6)"},
            {"merge_reason", "Enum8('NotAMerge' = 1, 'RegularMerge' = 2, 'TTLDeleteMerge' = 3, 'TTLRecompressMerge' = 4)"}, {"event_date", "Date"},
            {"event_time", "DateTime"}, {"event_time_microseconds", "DateTime64(6)"}, {"duration_ms", "UInt64"}, {"database", "String"}, {"table", "String"},
            {"part_name", "String"}, {"partition_id", "String"}, {"partition", "String"}, {"part_type", "String"}, {"rows", "UInt64"},
            {"size_in_bytes", "UInt64"}, {"merged_from", "Array(String)"}, {"bytes_uncompressed", "UInt64"}, {"read_rows", "UInt64"}, {"error", "UInt16"},
            {"exception", "String"}},
        partLog});
    all.push_back({"merges",
        {{"database", "String"}, {"table", "String"}, {"elapsed", "Float64"}, {"progress", "Float64"}, {"num_parts", "UInt64"},
            {"source_part_names", "Array(String)"}, {"result_part_name", "String"}, {"partition_id", "String"}, {"partition", "String"},
            {"is_mutation", "UInt8"}, {"total_size_bytes_compressed", "UInt64"}, {"total_size_bytes_uncompressed", "UInt64"}, {"rows_read", "UInt64"},
            {"rows_written", "UInt64"}, {"merge_type", "String"}},
        merges});
    all.push_back({"metrics", {{"metric", "String"}, {"value", "Int64"}, {"description", "String"}}, metrics});
    all.push_back({"events", {{"event", "String"}, {"value", "UInt64"}, {"description", "String"}}, events});
    all.push_back({"errors",
        {{"name", "String"}, {"code", "Int32"}, {"value", "UInt64"}, {"last_error_time", "DateTime"}, {"last_error_message", "String"}, {"remote", "UInt8"},
            {"query_id", "String"}},
        errors});
}

}
