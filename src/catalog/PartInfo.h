#pragma once
// One part as the log knows it: enough to plan a read without opening the object. A part is one immutable
// object; its key and uuid are never used twice. The block numbers and the level are assigned by replay, so that
// names are ClickHouse's (202610_1_1_0) and no insert in flight can land inside a merged range.

#include "base/Uuid.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace mangrove
{

/// The smallest and largest value of a column, in the encoding of whoever writes parts (opaque here).
struct ColumnRange
{
    std::string column;
    std::string min;
    std::string max;

    bool operator==(const ColumnRange &) const = default;
};

struct PartInfo
{
    // Given by the writer.
    Uuid uuid;
    Uuid table;
    std::string object_key; /// from Transaction::partKey()
    std::string partition_id;
    std::string partition_value; /// as system.parts.partition shows it
    uint64_t rows = 0;
    uint64_t bytes = 0; /// of the object
    uint64_t uncompressed_bytes = 0;
    uint64_t footer_offset = 0;
    uint64_t footer_bytes = 0;
    uint64_t checksum = 0; /// of the object, as the part writer computes it
    std::vector<ColumnRange> ranges; /// of the columns that PARTITION BY and TTL read
    std::string primary_key_first;   /// opaque, like the ranges
    std::string primary_key_last;
    uint32_t schema_version = 0;
    int64_t ttl_min_ms = 0; /// when the first and the last row expire; 0: never
    int64_t ttl_max_ms = 0;

    // Assigned by replay.
    int64_t min_block = 0;
    int64_t max_block = 0;
    uint32_t level = 0;
    uint64_t added_lsn = 0;
    int64_t added_time_ms = 0;

    std::string name() const;

    bool operator==(const PartInfo &) const = default;
};

using PartPtr = std::shared_ptr<const PartInfo>;

}
