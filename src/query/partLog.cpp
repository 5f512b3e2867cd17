#include "query/partLog.h"

#include <algorithm>
#include <chrono>
#include <unordered_map>

namespace mangrove
{

namespace
{

int64_t nowUs()
{
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// The part under the name that replay gave it, as long as it is active.
PartPtr findPart(const TablePtr & table, const std::string & partition_id, const Uuid & uuid)
{
    if (!table)
        return nullptr;
    auto partition = table->partitions.find(partition_id);
    if (partition == table->partitions.end())
        return nullptr;
    const auto & parts = partition->second->parts;
    auto it = std::find_if(parts.rbegin(), parts.rend(), [&](const auto & part) { return part->uuid == uuid; }); // new ones are last
    return it == parts.rend() ? nullptr : *it;
}

}

void logInsertedParts(Node & node, const std::string & database, const InsertResult & result, uint64_t duration_ms)
{
    if (result.parts.empty() || !node.catalog().hasDatabase(database))
        return;
    auto snapshot = node.catalog().snapshot(database);
    for (const auto & part : result.parts)
    {
        PartLogEntry entry;
        entry.type = 1;
        entry.time_us = nowUs();
        entry.duration_ms = duration_ms;
        entry.database = database;
        entry.part = part.uuid;
        entry.partition_id = part.partition_id;
        entry.partition = part.partition_value;
        entry.rows = part.rows;
        entry.size_in_bytes = part.bytes;
        entry.bytes_uncompressed = part.uncompressed_bytes;
        auto table = snapshot->findTable(part.table);
        if (table)
            entry.table = table->schema->name;
        auto named = findPart(table, part.partition_id, part.uuid);
        entry.part_name = named ? named->name() : part.uuid.toString(); // merged away already
        node.partLog().add(std::move(entry));
    }
}

void logMerge(Node & node, const MergeEvent & event)
{
    auto & counters = node.counters();
    ++counters.merges;
    counters.merged_rows += event.report.rows_read;
    counters.merge_ms += event.duration_ms;
    PartLogEntry entry;
    entry.type = 2;
    entry.time_us = nowUs();
    entry.duration_ms = event.duration_ms;
    entry.database = event.merge.database;
    entry.table = event.merge.table;
    entry.part_name = event.merge.result_name;
    entry.part = event.report.result;
    entry.partition_id = event.merge.partition_id;
    entry.partition = event.merge.partition_value;
    entry.is_merge = true;
    entry.rows = event.report.rows_written;
    entry.size_in_bytes = event.report.bytes_written;
    entry.read_rows = event.report.rows_read;
    entry.merged_from = event.merge.sources;
    entry.error = event.error_code;
    entry.exception = event.error;
    if (entry.error == 0 && !event.report.committed)
    {
        entry.error = static_cast<int>(ErrorCode::ABORTED);
        entry.exception = "Thrown away: the parts were merged or dropped meanwhile";
    }
    node.partLog().add(std::move(entry));
}

void logRemovedParts(Node & node, const GcReport & report)
{
    node.counters().parts_removed += report.removed.size();
    // What they were called is known if this node made them lately.
    std::unordered_map<std::string, PartLogEntry> made;
    for (auto & entry : node.partLog().list())
        if (entry.type != 4)
            made.insert_or_assign(entry.part.toString(), std::move(entry));
    for (const auto & [database, uuid] : report.removed)
    {
        PartLogEntry entry;
        if (auto it = made.find(uuid.toString()); it != made.end())
            entry = it->second;
        else
            entry.part_name = uuid.toString();
        entry.type = 4;
        entry.time_us = nowUs();
        entry.duration_ms = 0;
        entry.database = database;
        entry.part = uuid;
        entry.is_merge = false;
        entry.read_rows = 0;
        entry.merged_from.clear();
        entry.error = 0;
        entry.exception.clear();
        node.partLog().add(std::move(entry));
    }
}

}
