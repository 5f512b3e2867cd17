// system.databases, tables, columns, parts, data_skipping_indices.

#include "query/SystemTables.h"

#include "planner/TableDefinition.h"
#include "query/currentCreate.h"
#include "sql/AstPrinter.h"
#include "types/DataTypes.h"

#include <algorithm>
#include <unordered_map>

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

Rows databases(Node & node, const SystemRead &)
{
    Rows rows;
    for (const auto & name : node.catalog().databases())
        rows.push_back({name, "Shared", "", "", "Shared", "", name});
    rows.push_back({"system", "Atomic", "", "", "Atomic", "", "system"});
    return rows;
}

/// Its first `count` expressions, as ClickHouse lists them: without the brackets around several.
std::string keyList(const std::vector<PartsTable::KeyColumn> & key, size_t count)
{
    std::string list;
    for (size_t i = 0; i < count && i < key.size(); ++i)
        list += (i ? ", " : "") + key[i].name;
    return list;
}

/// The names of the views that an INSERT into the table fills.
Array viewsOf(const Snapshot & snapshot, const TableSchema & schema)
{
    Array views;
    for (const auto & [name, uuid] : snapshot.names())
        if (schema.holdsData() && snapshot.findTable(uuid)->schema->view_source == schema.uuid)
            views.push_back(name);
    return views;
}

Rows tables(Node & node, const SystemRead &)
{
    const auto & config = node.config();
    const std::string location = config.object_store.empty() ? config.data_dir + "/objects" : config.object_store;
    Rows rows;
    for (const auto & [database, snapshot, table] : allTables(node))
    {
        const auto & schema = *table->schema;
        uint64_t bytes = 0, bytes_uncompressed = 0, parts = 0;
        for (const auto & [id, partition] : table->partitions)
            for (const auto & part : partition->parts)
            {
                bytes += part->bytes;
                bytes_uncompressed += part->uncompressed_bytes;
                ++parts;
            }
        std::string create = schema.create_query, engine_full;
        if (schema.holdsData())
        {
            auto current = currentCreate(schema, database);
            create = formatAst(current);
            engine_full = engineFull(current);
        }
        auto ifData = [&](uint64_t number) { return schema.holdsData() ? Field(number) : Field(Null{}); };
        auto definition = TableDefinition::of(table->schema);
        const Array views = viewsOf(*snapshot, schema);
        const TablePtr target = schema.isMaterializedView() ? snapshot->findTable(schema.view_target) : nullptr;
        rows.push_back({database, schema.name, uuidField(schema.uuid), schema.engine, uint64_t(0),
            schema.holdsData() ? Array{location} : Array{}, "", Array(views.size(), Field(database)), views, create, engine_full,
            schema.select_query, schema.partition_by, keyList(definition->sortKey(), SIZE_MAX),
            keyList(definition->sortKey(), definition->primaryKeyColumns()), "",
            schema.holdsData() ? "default" : "", ifData(table->rowCount()), ifData(bytes), ifData(bytes_uncompressed), ifData(parts),
            ifData(parts), schema.comment, uint64_t(schema.holdsData()), target ? database : "", target ? target->schema->name : "", schema.name});
    }
    const Array none;
    for (const auto & table : systemTables())
        rows.push_back({"system", table.name, UInt128(0), "SystemTable", uint64_t(0), none, "", none, none, "", "SystemTable", "", "", "", "", "", "",
            Null{}, Null{}, Null{}, Null{}, Null{}, "", uint64_t(0), "", "", table.name});
    return rows;
}

/// character_octet_length, numeric_precision, numeric_precision_radix, numeric_scale, datetime_precision
std::vector<Field> sqlSizes(const std::string & type_name)
{
    const DataTypePtr type = removeNullable(parseDataType(type_name));
    std::vector<Field> sizes(5, Null{});
    if (type->id() == TypeId::FixedString)
        sizes[0] = typeAs<DataTypeFixedString>(*type).length();
    if (type->isInteger() || type->id() == TypeId::Bool)
    {
        const std::string name = type->name(); // Int64
        sizes[1] = uint64_t(type->id() == TypeId::Bool ? 8 : std::stoul(name.substr(name.find('t') + 1)));
        sizes[2] = uint64_t(2);
        sizes[3] = uint64_t(0);
    }
    if (type->isDateOrTime())
        sizes[4] = uint64_t(type->id() == TypeId::DateTime64 ? typeAs<DataTypeDateTime64>(*type).precision() : 0);
    return sizes;
}

struct ColumnSizes
{
    uint64_t compressed_bytes = 0;
    uint64_t uncompressed_bytes = 0;
};

/// Of all parts of the table: each says so of itself, and is opened for it.
std::unordered_map<std::string, ColumnSizes> sizesOfColumns(Node & node, const TableState & table, QueryContext & query)
{
    std::unordered_map<std::string, ColumnSizes> sizes;
    for (const auto & [id, partition] : table.partitions)
        for (const auto & part : partition->parts)
        {
            query.check();
            for (const auto & column : node.openPart(*part)->summary().columns)
            {
                auto & size = sizes[column.name];
                size.compressed_bytes += column.compressed_bytes;
                size.uncompressed_bytes += column.uncompressed_bytes;
            }
        }
    return sizes;
}

Rows columns(Node & node, const SystemRead & read)
{
    const bool with_sizes = read.uses("data_compressed_bytes") || read.uses("data_uncompressed_bytes");
    Rows rows;
    for (const auto & [database, snapshot, table] : allTables(node))
    {
        const auto & schema = *table->schema;
        auto definition = TableDefinition::of(table->schema);
        auto sizes = with_sizes ? sizesOfColumns(node, *table, read.query) : std::unordered_map<std::string, ColumnSizes>{};
        for (size_t i = 0; i < schema.columns.size(); ++i)
        {
            const auto & column = schema.columns[i];
            auto flag = [](bool value) { return Field(uint64_t(value)); };
            rows.push_back({database, schema.name, column.name, column.type, uint64_t(i + 1), defaultKindName(column.default_kind),
                column.default_expression, column.comment, flag(isInKey(definition->partitionKey(), SIZE_MAX, column.name)),
                flag(isInKey(definition->sortKey(), SIZE_MAX, column.name)), flag(isInKey(definition->sortKey(), definition->primaryKeyColumns(), column.name)),
                uint64_t(0), column.codec.empty() ? "" : "CODEC(" + column.codec + ")", sizes[column.name].compressed_bytes,
                sizes[column.name].uncompressed_bytes});
            std::ranges::move(sqlSizes(column.type), std::back_inserter(rows.back()));
        }
    }
    for (const auto & table : systemTables())
        for (size_t i = 0; i < table.columns.size(); ++i)
        {
            rows.push_back({"system", table.name, table.columns[i].first, table.columns[i].second, uint64_t(i + 1), "", "", "", uint64_t(0), uint64_t(0), uint64_t(0), uint64_t(0), "",
                uint64_t(0), uint64_t(0)});
            std::ranges::move(sqlSizes(table.columns[i].second), std::back_inserter(rows.back()));
        }
    return rows;
}

Rows parts(Node & node, const SystemRead & read)
{
    auto keyBytes = [&, wanted = read.uses("primary_key_bytes_in_memory")](const PartInfo & part)
    {
        if (!wanted)
            return uint64_t(0);
        read.query.check();
        return uint64_t(node.openPart(part)->primaryIndex().byteSize());
    };
    auto second = [](int64_t time_ms) { return uint64_t(std::clamp<int64_t>(time_ms / 1000, 0, UINT32_MAX)); };
    Rows rows;
    for (const auto & [database, snapshot, table] : allTables(node))
    {
        const uint64_t granule_rows = TableDefinition::of(table->schema)->writeOptions().granule_rows;
        for (const auto & [id, partition] : table->partitions)
            for (const auto & part : partition->parts)
                rows.push_back({part->partition_value, part->name(), uuidField(part->uuid), "Packed", uint64_t(1), part->rows, part->bytes,
                    part->bytes, part->uncompressed_bytes, second(part->added_time_ms), part->partition_id, part->min_block, part->max_block,
                    uint64_t(part->level), database, table->schema->name, table->schema->engine, part->object_key,
                    (part->rows + granule_rows - 1) / granule_rows, keyBytes(*part), "default", second(part->ttl_min_ms), second(part->ttl_max_ms)});
    }
    return rows;
}

Rows skipIndexes(Node & node, const SystemRead &)
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
    all.push_back({"databases", {{"name", "String"}, {"engine", "String"}, {"data_path", "String"}, {"metadata_path", "String"}, {"engine_full", "String"},
        {"comment", "String"}, {"database", "String"}}, databases});
    all.push_back({"tables",
        {{"database", "String"}, {"name", "String"}, {"uuid", "UUID"}, {"engine", "String"}, {"is_temporary", "UInt8"}, {"data_paths", "Array(String)"},
            {"metadata_path", "String"}, {"dependencies_database", "Array(String)"}, {"dependencies_table", "Array(String)"},
            {"create_table_query", "String"}, {"engine_full", "String"}, {"as_select", "String"}, {"partition_key", "String"},
            {"sorting_key", "String"}, {"primary_key", "String"}, {"sampling_key", "String"}, {"storage_policy", "String"},
            {"total_rows", "Nullable(UInt64)"}, {"total_bytes", "Nullable(UInt64)"}, {"total_bytes_uncompressed", "Nullable(UInt64)"},
            {"parts", "Nullable(UInt64)"}, {"active_parts", "Nullable(UInt64)"}, {"comment", "String"}, {"has_own_data", "UInt8"},
            {"target_database", "String"}, {"target_table", "String"}, {"table", "String"}},
        tables});
    all.push_back({"columns",
        {{"database", "String"}, {"table", "String"}, {"name", "String"}, {"type", "String"}, {"position", "UInt64"}, {"default_kind", "String"},
            {"default_expression", "String"}, {"comment", "String"}, {"is_in_partition_key", "UInt8"}, {"is_in_sorting_key", "UInt8"},
            {"is_in_primary_key", "UInt8"}, {"is_in_sampling_key", "UInt8"}, {"compression_codec", "String"},
            {"data_compressed_bytes", "UInt64"}, {"data_uncompressed_bytes", "UInt64"},
            {"character_octet_length", "Nullable(UInt64)"}, {"numeric_precision", "Nullable(UInt64)"}, {"numeric_precision_radix", "Nullable(UInt64)"},
            {"numeric_scale", "Nullable(UInt64)"}, {"datetime_precision", "Nullable(UInt64)"}},
        columns});
    all.push_back({"parts",
        {{"partition", "String"}, {"name", "String"}, {"uuid", "UUID"}, {"part_type", "String"}, {"active", "UInt8"}, {"rows", "UInt64"},
            {"bytes_on_disk", "UInt64"}, {"data_compressed_bytes", "UInt64"}, {"data_uncompressed_bytes", "UInt64"}, {"modification_time", "DateTime"},
            {"partition_id", "String"}, {"min_block_number", "Int64"}, {"max_block_number", "Int64"}, {"level", "UInt32"}, {"database", "String"},
            {"table", "String"}, {"engine", "String"}, {"path", "String"}, {"marks", "UInt64"}, {"primary_key_bytes_in_memory", "UInt64"}, {"disk_name", "String"},
            {"delete_ttl_info_min", "DateTime"}, {"delete_ttl_info_max", "DateTime"}},
        parts});
    all.push_back({"data_skipping_indices",
        {{"database", "String"}, {"table", "String"}, {"name", "String"}, {"type", "String"}, {"type_full", "String"}, {"expr", "String"}, {"granularity", "UInt64"}},
        skipIndexes});
}

}
