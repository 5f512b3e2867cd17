// system.databases, tables, columns, parts, data_skipping_indices.

#include "query/SystemTables.h"

#include "planner/TableDefinition.h"
#include "query/currentCreate.h"
#include "sql/AstPrinter.h"

namespace mangrove
{

namespace
{

struct TableHere
{
    std::string database;
    SnapshotPtr snapshot;
    TablePtr table;
};

std::vector<TableHere> allTables(Node & node)
{
    std::vector<TableHere> tables;
    for (const auto & database : node.catalog().databases())
    {
        auto snapshot = node.catalog().snapshot(database);
        for (const auto & [name, uuid] : snapshot->names())
            tables.push_back({database, snapshot, snapshot->findTable(uuid)});
    }
    return tables;
}

bool isInKey(const std::vector<PartsTable::KeyColumn> & key, size_t count, const std::string & column)
{
    for (size_t i = 0; i < count && i < key.size(); ++i)
    {
        std::set<std::string> names;
        collectColumns(key[i].expression, names);
        if (names.contains(column))
            return true;
    }
    return false;
}

const char * defaultKindName(DefaultKind kind)
{
    switch (kind)
    {
        case DefaultKind::Default:
            return "DEFAULT";
        case DefaultKind::Materialized:
            return "MATERIALIZED";
        case DefaultKind::Alias:
            return "ALIAS";
        case DefaultKind::Ephemeral:
            return "EPHEMERAL";
        case DefaultKind::None:
            return "";
    }
    return "";
}

Field uuidField(const Uuid & uuid)
{
    return UInt128(uuid.high) << 64 | uuid.low;
}

Rows databases(Node & node, const Session &)
{
    Rows rows;
    for (const auto & name : node.catalog().databases())
        rows.push_back({name, "Shared", "", "", ""});
    rows.push_back({"system", "Atomic", "", "", ""});
    return rows;
}

Rows tables(Node & node, const Session &)
{
    Rows rows;
    for (const auto & [database, snapshot, table] : allTables(node))
    {
        const auto & schema = *table->schema;
        uint64_t bytes = 0, parts = 0;
        for (const auto & [id, partition] : table->partitions)
            for (const auto & part : partition->parts)
            {
                bytes += part->bytes;
                ++parts;
            }
        std::string create = schema.create_query, engine_full;
        if (schema.holdsData())
        {
            auto current = currentCreate(schema, database);
            create = formatAst(current);
            engine_full = engineFull(current);
        }
        Field count = schema.holdsData() ? Field(table->rowCount()) : Field(Null{});
        rows.push_back({database, schema.name, uuidField(schema.uuid), schema.engine, uint64_t(0), create, engine_full, schema.partition_by,
            schema.order_by, schema.primary_key.empty() ? schema.order_by : schema.primary_key, "", count,
            schema.holdsData() ? Field(bytes) : Field(Null{}), schema.holdsData() ? Field(parts) : Field(Null{}), schema.comment});
    }
    for (const auto & table : systemTables())
        rows.push_back({"system", table.name, UInt128(0), "SystemTable", uint64_t(0), "", "SystemTable", "", "", "", "", Null{}, Null{}, Null{}, ""});
    return rows;
}

Rows columns(Node & node, const Session &)
{
    Rows rows;
    for (const auto & [database, snapshot, table] : allTables(node))
    {
        const auto & schema = *table->schema;
        auto definition = TableDefinition::of(table->schema);
        for (size_t i = 0; i < schema.columns.size(); ++i)
        {
            const auto & column = schema.columns[i];
            auto flag = [](bool value) { return Field(uint64_t(value)); };
            rows.push_back({database, schema.name, column.name, column.type, uint64_t(i + 1), defaultKindName(column.default_kind),
                column.default_expression, column.comment, flag(isInKey(definition->partitionKey(), SIZE_MAX, column.name)),
                flag(isInKey(definition->sortKey(), SIZE_MAX, column.name)), flag(isInKey(definition->sortKey(), definition->primaryKeyColumns(), column.name)),
                uint64_t(0), column.codec.empty() ? "" : "CODEC(" + column.codec + ")"});
        }
    }
    for (const auto & table : systemTables())
        for (size_t i = 0; i < table.columns.size(); ++i)
            rows.push_back({"system", table.name, table.columns[i].first, table.columns[i].second, uint64_t(i + 1), "", "", "", uint64_t(0), uint64_t(0), uint64_t(0), uint64_t(0), ""});
    return rows;
}

Rows parts(Node & node, const Session &)
{
    Rows rows;
    for (const auto & [database, snapshot, table] : allTables(node))
        for (const auto & [id, partition] : table->partitions)
            for (const auto & part : partition->parts)
                rows.push_back({part->partition_value, part->name(), uuidField(part->uuid), "Packed", uint64_t(1), part->rows, part->bytes,
                    part->bytes, part->uncompressed_bytes, uint64_t(part->added_time_ms / 1000), part->partition_id, part->min_block, part->max_block,
                    uint64_t(part->level), database, table->schema->name, table->schema->engine, part->object_key,
                    uint64_t((part->rows + 8191) / 8192)});
    return rows;
}

Rows skipIndexes(Node & node, const Session &)
{
    Rows rows;
    for (const auto & [database, snapshot, table] : allTables(node))
        for (const auto & index : table->schema->indexes)
            rows.push_back({database, table->schema->name, index.name, index.type.substr(0, index.type.find('(')), index.type, index.expression, index.granularity});
    return rows;
}

}

void addSchemaTables(std::vector<SystemTable> & all)
{
    all.push_back({"databases", {{"name", "String"}, {"engine", "String"}, {"data_path", "String"}, {"metadata_path", "String"}, {"comment", "String"}}, databases});
    all.push_back({"tables",
        {{"database", "String"}, {"name", "String"}, {"uuid", "UUID"}, {"engine", "String"}, {"is_temporary", "UInt8"}, {"create_table_query", "String"},
            {"engine_full", "String"}, {"partition_key", "String"}, {"sorting_key", "String"}, {"primary_key", "String"}, {"sampling_key", "String"},
            {"total_rows", "Nullable(UInt64)"}, {"total_bytes", "Nullable(UInt64)"}, {"active_parts", "Nullable(UInt64)"}, {"comment", "String"}},
        tables});
    all.push_back({"columns",
        {{"database", "String"}, {"table", "String"}, {"name", "String"}, {"type", "String"}, {"position", "UInt64"}, {"default_kind", "String"},
            {"default_expression", "String"}, {"comment", "String"}, {"is_in_partition_key", "UInt8"}, {"is_in_sorting_key", "UInt8"},
            {"is_in_primary_key", "UInt8"}, {"is_in_sampling_key", "UInt8"}, {"compression_codec", "String"}},
        columns});
    all.push_back({"parts",
        {{"partition", "String"}, {"name", "String"}, {"uuid", "UUID"}, {"part_type", "String"}, {"active", "UInt8"}, {"rows", "UInt64"},
            {"bytes_on_disk", "UInt64"}, {"data_compressed_bytes", "UInt64"}, {"data_uncompressed_bytes", "UInt64"}, {"modification_time", "DateTime"},
            {"partition_id", "String"}, {"min_block_number", "Int64"}, {"max_block_number", "Int64"}, {"level", "UInt32"}, {"database", "String"},
            {"table", "String"}, {"engine", "String"}, {"path", "String"}, {"marks", "UInt64"}},
        parts});
    all.push_back({"data_skipping_indices",
        {{"database", "String"}, {"table", "String"}, {"name", "String"}, {"type", "String"}, {"type_full", "String"}, {"expr", "String"}, {"granularity", "UInt64"}},
        skipIndexes});
}

}
