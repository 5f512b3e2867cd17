#include "ingest/insertPressure.h"

#include <algorithm>

namespace mangrove
{

namespace
{

/// Parts so large on average are no sign of merges that lag; as max_avg_part_size_for_too_many_parts.
constexpr uint64_t average_bytes_max = 1ULL << 30;

}

int64_t insertDelayMs(const TableDefinition & definition, uint64_t parts)
{
    const auto & limits = definition.partLimits();
    if (limits.parts_to_throw && parts >= limits.parts_to_throw)
        throw Exception(ErrorCode::TOO_MANY_PARTS, "Too many parts ({}) in one partition of table {}: merges are slower than inserts. Insert "
            "larger batches less often, partition by less, or raise the table's setting parts_to_throw_insert", parts, definition.schema().name);
    if (!limits.parts_to_delay || parts < limits.parts_to_delay)
        return 0;
    uint64_t over = parts - limits.parts_to_delay + 1;
    uint64_t steps = limits.parts_to_throw > limits.parts_to_delay ? limits.parts_to_throw - limits.parts_to_delay : over;
    return static_cast<int64_t>(limits.delay_ms_max * over / steps);
}

void waitForMerges(const TableDefinition & definition, const TableState & table, QueryContext & query)
{
    uint64_t fullest = 0;
    for (const auto & [id, partition] : table.partitions)
    {
        if (partition->parts.size() <= fullest)
            continue;
        uint64_t bytes = 0;
        for (const auto & part : partition->parts)
            bytes += part->bytes;
        if (bytes / partition->parts.size() <= average_bytes_max)
            fullest = partition->parts.size();
    }
    constexpr int64_t step_ms = 50;
    for (int64_t left_ms = insertDelayMs(definition, fullest); left_ms > 0; left_ms -= step_ms)
    {
        query.check();
        query.clock().sleepMs(std::min(left_ms, step_ms));
    }
}

}
