#pragma once
// What a part says of itself: its columns, order, indexes, origin and statistics. Filled by whoever writes a part
// (ingest, merging), stored in the part's root, given back by PartReader. Plain values; see docs/format/part.md.

#include "types/DataType.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mangrove
{

/// Rows [begin, end) of a part.
struct RowRange
{
    uint64_t begin = 0;
    uint64_t end = 0;
    uint64_t size() const { return end - begin; }
    bool operator==(const RowRange &) const = default;
};

struct PartColumn
{
    std::string name;
    DataTypePtr type;
    std::string codec; /// what stands inside CODEC(…) of the DDL: "Delta(8), ZSTD(1)"; "" = chosen page by page
};

enum class SkipIndexKind : uint8_t
{
    MinMax = 0,
    Set = 1,
    BloomFilter = 2,
};

/// A skip index over a column of the written block, which may be one computed only for the index (mapValues(m)).
/// An Array or Map value is indexed by its elements (Map: its values).
struct SkipIndex
{
    std::string name;
    SkipIndexKind kind = SkipIndexKind::MinMax;
    std::string column;         /// name in the block given to PartWriter; also the expression's text
    DataTypePtr type;           /// of that column
    uint64_t set_values_max = 0; /// set(n); 0 = no limit
    double false_positive_rate = 0.025;
};

/// Where a part comes from: enough to rebuild the catalog from the bucket alone (storage.md 5.0).
struct PartOrigin
{
    UInt128 table_uuid = 0;
    std::string partition_id;
    std::string txn_id;
    std::string token; /// deduplication token of the insert, "" for merges
    std::string node;
    uint64_t node_epoch = 0;
    uint64_t schema_version = 0;
    int64_t created_ms = 0;
    std::vector<std::string> source_parts;  /// keys of the merged inputs
    std::vector<std::string> sibling_parts; /// keys of the other parts of the same commit
    bool operator==(const PartOrigin &) const = default;
};

struct ColumnSummary
{
    std::string name;
    uint64_t compressed_bytes = 0;
    uint64_t uncompressed_bytes = 0;
    /// Over all rows, for numbers, dates, strings (cut to 64 bytes: `max` is then rounded up) and LowCardinality of
    /// these; Null where the type has none or no row is non-NULL.
    Field min;
    Field max;
};

struct PartSummary
{
    uint64_t rows = 0;
    uint64_t bytes = 0; /// of the object
    uint64_t uncompressed_bytes = 0;
    std::vector<ColumnSummary> columns;
    Tuple first_key; /// sort key of the first and of the last row; empty for a table without ORDER BY
    Tuple last_key;

    const ColumnSummary * find(std::string_view name) const
    {
        for (const auto & column : columns)
            if (column.name == name)
                return &column;
        return nullptr;
    }
};

struct PartDescription
{
    std::vector<PartColumn> columns;
    NamesAndTypes sort_key; /// names of stored columns, or expression texts that only the primary index holds
    uint64_t granule_rows = 8192;
    std::vector<SkipIndex> skip_indexes;
    std::vector<std::string> lookup_columns;
    PartOrigin origin;

    const PartColumn * find(std::string_view name) const
    {
        for (const auto & column : columns)
            if (column.name == name)
                return &column;
        return nullptr;
    }
};

}
