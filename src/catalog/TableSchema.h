#pragma once
// What a table is, as the log keeps it: names, types and expressions in their SQL text, which the analyzer
// parses again. Immutable once committed: an ALTER commits a new schema with the next version.
// Plain data; encoded by EntryCodec.h (docs/format/log.md).

#include "base/Uuid.h"
#include "sql/Statements.h"

#include <map>
#include <string>
#include <vector>

namespace mangrove
{

struct ColumnSchema
{
    std::string name;
    std::string type;
    DefaultKind default_kind = DefaultKind::None;
    std::string default_expression;
    std::string codec; /// "CODEC(ZSTD(3))" without the word CODEC: "ZSTD(3)"
    std::string ttl;
    std::string comment;
    /// Parts written under an older schema version do not hold this column, even if they hold one of its name
    /// (a column dropped and added again must not bring old values back). Set by replay.
    uint32_t added_in_version = 0;

    bool operator==(const ColumnSchema &) const = default;
};

struct IndexSchema
{
    std::string name;
    std::string expression;
    std::string type; /// "bloom_filter(0.01)"
    uint64_t granularity = 1;

    bool operator==(const IndexSchema &) const = default;
};

struct TableSchema
{
    Uuid uuid;
    std::string name;
    std::string engine; /// converted: SharedMergeTree, SharedReplacingMergeTree, View, MaterializedView, …
    std::string engine_arguments;
    std::vector<ColumnSchema> columns;
    std::vector<IndexSchema> indexes;
    std::string partition_by;
    std::string order_by;
    std::string primary_key;
    std::string sample_by;
    std::string ttl;
    std::map<std::string, std::string> settings;
    std::string comment;

    std::string select_query; /// of a View or MaterializedView
    Uuid view_source;         /// MaterializedView: the table whose inserts feed it
    Uuid view_target;         /// MaterializedView: the table it fills

    std::string create_query; /// what the user wrote, for SHOW CREATE and for people who read the log
    uint32_t version = 1;     /// +1 with each ALTER; set by replay

    bool isMaterializedView() const { return static_cast<bool>(view_source); }
    bool holdsData() const { return engine.ends_with("MergeTree"); }
    const ColumnSchema * findColumn(std::string_view column) const;

    bool operator==(const TableSchema &) const = default;
};

}
