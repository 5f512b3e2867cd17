#pragma once
// What the tests of this module share: a Keeper and a bucket in memory, and small tables, parts and inserts.

#include "catalog/Catalog.h"
#include "keeper/MemoryKeeper.h"
#include "object_store/MemoryObjectStore.h"

namespace mangrove
{

struct TestCluster
{
    ManualClock clock;
    std::shared_ptr<MemoryKeeperServer> server = std::make_shared<MemoryKeeperServer>(clock);
    std::shared_ptr<MemoryObjectStore> objects = std::make_shared<MemoryObjectStore>(clock);
    uint64_t seed = 1;

    struct Node
    {
        std::shared_ptr<MemoryKeeper> keeper;
        std::unique_ptr<Catalog> catalog;
        Catalog * operator->() { return catalog.get(); }
    };

    Node startNode(CatalogSettings settings = {})
    {
        Node node;
        node.keeper = std::make_shared<MemoryKeeper>(server, clock);
        settings.leases = false;
        node.catalog = std::make_unique<Catalog>(objects, node.keeper, clock, seed++, settings);
        node.catalog->start();
        return node;
    }

    size_t objectCount(const std::string & prefix)
    {
        return objects->list(prefix, "", ObjectStore::list_limit_max).objects.size();
    }
};

inline TableSchema makeTable(const Catalog & catalog, std::string name)
{
    TableSchema schema;
    schema.uuid = catalog.newUuid();
    schema.name = std::move(name);
    schema.engine = "SharedMergeTree";
    schema.columns = {ColumnSchema{.name = "x", .type = "UInt64"}};
    schema.order_by = "x";
    return schema;
}

inline TableSchema makeView(const Catalog & catalog, std::string name, const Uuid & source, const Uuid & target)
{
    auto schema = makeTable(catalog, std::move(name));
    schema.engine = "MaterializedView";
    schema.view_source = source;
    schema.view_target = target;
    return schema;
}

inline PartInfo makePart(Catalog & catalog, TestCluster & cluster, const Transaction & txn, const TableState & table,
    std::string partition = "all", uint64_t rows = 10)
{
    PartInfo part;
    part.uuid = catalog.newUuid();
    part.table = table.schema->uuid;
    part.object_key = txn.partKey(part.table, part.uuid);
    part.partition_id = std::move(partition);
    part.rows = rows;
    part.bytes = 4;
    part.schema_version = table.schema->version;
    cluster.objects->put(part.object_key, "part", PutMode::IfAbsent);
    return part;
}

inline InsertTarget targetOf(const TableState & table)
{
    return {.table = table.schema->uuid, .schema_version = table.schema->version, .views_version = table.views_version};
}

/// Begins, uploads and commits one part into `table`.
inline CommitResult insertInto(Catalog & catalog, TestCluster & cluster, const std::string & table, std::string token = "",
    std::string partition = "all")
{
    auto state = catalog.snapshot("default")->findTable(table);
    auto txn = catalog.begin("default");
    Insert insert;
    insert.targets = {targetOf(*state)};
    insert.parts = {makePart(catalog, cluster, txn, *state, std::move(partition))};
    if (!token.empty())
        insert.tokens = {{.table = state->schema->uuid, .token = std::move(token)}};
    return catalog.commit(txn, std::move(insert));
}

inline std::vector<PartPtr> partsOf(const Catalog & catalog, const std::string & table)
{
    std::vector<PartPtr> parts;
    auto snapshot = catalog.snapshot("default");
    for (const auto & [_, partition] : snapshot->findTable(table)->partitions)
        parts.insert(parts.end(), partition->parts.begin(), partition->parts.end());
    return parts;
}

}
