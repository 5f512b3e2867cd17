#include "catalog/CatalogFixture.h"
#include "catalog/ObjectKeys.h"

#include "base/Exception.h"

#include <gtest/gtest.h>

using namespace mangrove;

namespace
{

ErrorCode codeOf(const std::function<void()> & action)
{
    try
    {
        action();
    }
    catch (const Exception & e)
    {
        return e.code();
    }
    return ErrorCode::OK;
}

struct CatalogTest : testing::Test
{
    TestCluster cluster;
    TestCluster::Node a = cluster.startNode();

    void createTable(const std::string & name)
    {
        a->execute("default", CreateTables{.tables = {makeTable(*a.catalog, name)}, .replaces = {}, .parts = {}});
    }

    CommitResult merge(Catalog & catalog, const std::string & table)
    {
        auto state = catalog.snapshot("default")->findTable(table);
        auto txn = catalog.begin("default");
        Merge body{.table = state->schema->uuid, .sources = {}, .result = makePart(catalog, cluster, txn, *state)};
        body.result->rows = 0;
        for (const auto & part : partsOf(catalog, table))
        {
            body.sources.push_back(part->uuid);
            body.result->rows += part->rows;
        }
        return catalog.commit(txn, std::move(body));
    }
};

}

TEST_F(CatalogTest, TwoNodesSeeOneOrder)
{
    createTable("t");
    auto b = cluster.startNode();
    EXPECT_EQ(insertInto(*a.catalog, cluster, "t").outcome, CommitOutcome::Committed);
    EXPECT_EQ(insertInto(*b.catalog, cluster, "t").outcome, CommitOutcome::Committed);
    EXPECT_TRUE(a->refresh());
    auto parts = partsOf(*a.catalog, "t");
    ASSERT_EQ(parts.size(), 2);
    EXPECT_EQ(parts[0]->name(), "all_1_1_0");
    EXPECT_EQ(parts[1]->name(), "all_2_2_0");
    EXPECT_EQ(partsOf(*b.catalog, "t")[1]->uuid, parts[1]->uuid);
}

TEST_F(CatalogTest, DdlConflictsHaveClickHouseCodes)
{
    createTable("t");
    auto b = cluster.startNode();
    EXPECT_EQ(codeOf([&] { createTable("t"); }), ErrorCode::TABLE_ALREADY_EXISTS);
    EXPECT_EQ(codeOf([&] { (void)a->snapshot("nowhere"); }), ErrorCode::UNKNOWN_DATABASE);
    auto uuid = a->snapshot("default")->findTable("t")->schema->uuid;
    b->execute("default", DropTables{.tables = {uuid}});
    EXPECT_EQ(codeOf([&] { a->execute("default", DropTables{.tables = {uuid}}); }), ErrorCode::UNKNOWN_TABLE);
    EXPECT_EQ(a->snapshot("default")->findTable("t"), nullptr);
}

TEST_F(CatalogTest, ExchangeSwapsNamesAtOnce)
{
    createTable("t");
    createTable("u");
    auto before = a->snapshot("default");
    a->execute("default", RenameTables{.renames = {{before->findTable("t")->schema->uuid, "u"}, {before->findTable("u")->schema->uuid, "t"}}});
    auto after = a->snapshot("default");
    EXPECT_EQ(after->findTable("t")->schema->uuid, before->findTable("u")->schema->uuid);
    EXPECT_EQ(after->findTable("u")->schema->name, "u");
    EXPECT_EQ(before->findTable("t")->schema->name, "t");
}

TEST_F(CatalogTest, TokenDeduplicatesWithinTheWindowOnly)
{
    createTable("t");
    EXPECT_EQ(insertInto(*a.catalog, cluster, "t", "token").outcome, CommitOutcome::Committed);
    auto again = insertInto(*a.catalog, cluster, "t", "token");
    EXPECT_EQ(again.outcome, CommitOutcome::Duplicate);
    EXPECT_EQ(partsOf(*a.catalog, "t").size(), 1);
    EXPECT_EQ(a->outdatedCount("default"), 1); // what the retry uploaded
    cluster.clock.advance(a->options("default").token_window_ms + 1);
    EXPECT_EQ(insertInto(*a.catalog, cluster, "t", "token").outcome, CommitOutcome::Committed);
}

TEST_F(CatalogTest, DroppedRowsTakeTheirTokensAlong)
{
    createTable("t");
    insertInto(*a.catalog, cluster, "t", "one", "p1");
    insertInto(*a.catalog, cluster, "t", "two", "p2");
    auto uuid = a->snapshot("default")->findTable("t")->schema->uuid;
    a->execute("default", DropRanges{.ranges = {{.table = uuid, .scope = DropRange::Scope::Partitions, .partition_ids = {"p1"}, .parts = {}}}});
    EXPECT_EQ(insertInto(*a.catalog, cluster, "t", "one", "p1").outcome, CommitOutcome::Committed);
    EXPECT_EQ(insertInto(*a.catalog, cluster, "t", "two", "p2").outcome, CommitOutcome::Duplicate);
}

TEST_F(CatalogTest, LostReplyIsAskedAgainAndAppliedOnce)
{
    createTable("t");
    int appends = 0;
    a.keeper->setFaultHook([&](const KeeperRequest & request)
    {
        bool append = request.ops && request.ops->size() == 4;
        return append && ++appends <= 2 ? KeeperFault::LoseReply : KeeperFault::None;
    });
    EXPECT_EQ(insertInto(*a.catalog, cluster, "t").outcome, CommitOutcome::Committed);
    EXPECT_EQ(partsOf(*a.catalog, "t").size(), 1);
    EXPECT_EQ(a->outdatedCount("default"), 0);
}

TEST_F(CatalogTest, AppendThatLandsLateIsSettledByANoop)
{
    createTable("t");
    bool held = true;
    a.keeper->setFaultHook([&](const KeeperRequest & request)
    {
        return held && request.ops && request.ops->size() == 4 ? KeeperFault::HoldBack : KeeperFault::None;
    });
    EXPECT_EQ(codeOf([&] { insertInto(*a.catalog, cluster, "t"); }), ErrorCode::UNKNOWN_STATUS_OF_INSERT);
    held = false;
    a->checkpointStep(); // settles
    EXPECT_GT(a.keeper->landHeldBack(), 0);
    a->refresh();
    EXPECT_EQ(partsOf(*a.catalog, "t").size(), 0);
    a->sweepStep();
    a->execute("default", Noop{}); // tells replay that the number is decided
    a->sweepStep();
    EXPECT_EQ(cluster.objectCount("parts/"), 0);
}

TEST_F(CatalogTest, FencedNodeCannotCommitNotEvenLate)
{
    createTable("t");
    auto b = cluster.startNode();
    bool held = true;
    b.keeper->setFaultHook([&](const KeeperRequest & request)
    {
        return held && request.ops && request.ops->size() == 4 ? KeeperFault::HoldBack : KeeperFault::None;
    });
    EXPECT_EQ(codeOf([&] { insertInto(*b.catalog, cluster, "t"); }), ErrorCode::UNKNOWN_STATUS_OF_INSERT);
    a->gcStep();
    cluster.clock.advance(a->options("default").pin_grace_ms + 1);
    a->heartbeatStep();
    EXPECT_EQ(a->gcStep().nodes_fenced, 1);
    held = false;
    EXPECT_EQ(b.keeper->landHeldBack(), 0);
    EXPECT_EQ(insertInto(*b.catalog, cluster, "t").outcome, CommitOutcome::Fenced);
    EXPECT_EQ(codeOf([&] { b->heartbeatStep(); }), ErrorCode::ABORTED);
    EXPECT_EQ(partsOf(*a.catalog, "t").size(), 0);
    a->sweepStep();
    EXPECT_EQ(cluster.objectCount("parts/"), 0);
}

TEST_F(CatalogTest, MergeReplacesItsSourcesOrNothing)
{
    createTable("t");
    for (int i = 0; i < 3; ++i)
        insertInto(*a.catalog, cluster, "t");
    EXPECT_EQ(merge(*a.catalog, "t").outcome, CommitOutcome::Committed);
    auto parts = partsOf(*a.catalog, "t");
    ASSERT_EQ(parts.size(), 1);
    EXPECT_EQ(parts[0]->name(), "all_1_3_1");
    EXPECT_EQ(parts[0]->rows, 30);

    // The loser of a race: its sources are gone by the time it commits.
    auto b = cluster.startNode();
    insertInto(*a.catalog, cluster, "t");
    b->refresh();
    EXPECT_EQ(merge(*a.catalog, "t").outcome, CommitOutcome::Committed);
    EXPECT_EQ(merge(*b.catalog, "t").outcome, CommitOutcome::Conflict);
    EXPECT_EQ(partsOf(*b.catalog, "t").size(), 1);
}

TEST_F(CatalogTest, InsertThatRacesWithANewViewIsRefused)
{
    createTable("t");
    createTable("target");
    auto before = a->snapshot("default");
    auto table = before->findTable("t");
    auto txn = a->begin("default");
    Insert insert{.targets = {targetOf(*table)}, .parts = {makePart(*a.catalog, cluster, txn, *table)}, .tokens = {}, .offsets = {}};
    auto view = makeView(*a.catalog, "v", table->schema->uuid, before->findTable("target")->schema->uuid);
    a->execute("default", CreateTables{.tables = {view}, .replaces = {}, .parts = {}});
    EXPECT_EQ(a->commit(txn, insert).outcome, CommitOutcome::Conflict);
    EXPECT_EQ(a->snapshot("default")->viewsOf(table->schema->uuid).size(), 1);
}

TEST_F(CatalogTest, OffsetsMoveOnlyFromWhereTheyAre)
{
    createTable("t");
    auto move = [&](std::optional<int64_t> from, int64_t next)
    {
        auto txn = a->begin("default");
        return a->commit(txn, Insert{.targets = {}, .parts = {}, .tokens = {}, .offsets = {{"topic", 0, from, next}}}).outcome;
    };
    EXPECT_EQ(move(std::nullopt, 5), CommitOutcome::Committed);
    EXPECT_EQ(move(std::nullopt, 5), CommitOutcome::Conflict);
    EXPECT_EQ(move(4, 9), CommitOutcome::Conflict);
    EXPECT_EQ(move(5, 9), CommitOutcome::Committed);
    EXPECT_EQ(a->nextOffset("default", "topic", 0), 9);
}

TEST_F(CatalogTest, ColumnDroppedAndAddedAgainIsANewColumn)
{
    createTable("t");
    auto alter = [&](std::vector<ColumnSchema> columns)
    {
        auto schema = *a->snapshot("default")->findTable("t")->schema;
        schema.columns = std::move(columns);
        a->execute("default", AlterTable{.from_version = schema.version, .schema = schema});
    };
    ColumnSchema x{.name = "x", .type = "UInt64"};
    ColumnSchema y{.name = "y", .type = "String"};
    alter({x, y});
    alter({x});
    alter({x, y});
    auto schema = a->snapshot("default")->findTable("t")->schema;
    EXPECT_EQ(schema->version, 4);
    EXPECT_EQ(schema->findColumn("x")->added_in_version, 1);
    EXPECT_EQ(schema->findColumn("y")->added_in_version, 4);
}

TEST_F(CatalogTest, CheckpointCarriesEverythingToAJoiner)
{
    createTable("t");
    for (int i = 0; i < 5; ++i)
        insertInto(*a.catalog, cluster, "t", "token" + std::to_string(i), i % 2 ? "p1" : "p2");
    cluster.clock.advance(100'000);
    EXPECT_TRUE(a->checkpointStep());
    EXPECT_FALSE(a->checkpointStep());
    auto manifests = cluster.objectCount("meta/");
    insertInto(*a.catalog, cluster, "t", "late", "p1");
    cluster.clock.advance(100'000);
    EXPECT_TRUE(a->checkpointStep());
    EXPECT_EQ(cluster.objectCount("meta/"), manifests + 2); // the changed partition's and the root

    auto b = cluster.startNode();
    EXPECT_EQ(partsOf(*b.catalog, "t").size(), 6);
    EXPECT_EQ(insertInto(*b.catalog, cluster, "t", "token3").outcome, CommitOutcome::Duplicate);
    b->sweepStep();
    auto c = cluster.startNode();
    EXPECT_EQ(partsOf(*c.catalog, "t").size(), 6);
}

TEST_F(CatalogTest, LaggardLoadsTheCheckpointThatTookItsEntries)
{
    CatalogSettings settings;
    settings.checkpoint_entries = 10;
    settings.truncation_slack = 0;
    auto b = cluster.startNode(settings);
    createTable("t");
    auto c = cluster.startNode(settings);
    b->refresh();
    for (int round = 0; round < 3; ++round)
    {
        for (int i = 0; i < 12; ++i)
            insertInto(*b.catalog, cluster, "t");
        EXPECT_TRUE(b->checkpointStep());
    }
    EXPECT_TRUE(c->refresh());
    EXPECT_EQ(partsOf(*c.catalog, "t").size(), 36);
    EXPECT_EQ(insertInto(*c.catalog, cluster, "t").outcome, CommitOutcome::Committed);
}

TEST_F(CatalogTest, GenerationRollsUnderTheWriters)
{
    CatalogSettings settings;
    settings.generation_roll_count = 7;
    settings.checkpoint_entries = 5;
    settings.truncation_slack = 0;
    auto b = cluster.startNode(settings);
    createTable("t");
    b->refresh();
    for (int i = 0; i < 40; ++i)
    {
        EXPECT_EQ(insertInto(i % 2 ? *a.catalog : *b.catalog, cluster, "t").outcome, CommitOutcome::Committed);
        b->checkpointStep();
    }
    a->refresh();
    b->refresh();
    EXPECT_EQ(partsOf(*a.catalog, "t").size(), 40);
    EXPECT_EQ(partsOf(*b.catalog, "t").size(), 40);
    auto c = cluster.startNode();
    EXPECT_EQ(partsOf(*c.catalog, "t").size(), 40);
}

TEST_F(CatalogTest, NodeAtTheEndOfARemovedGenerationGoesOn)
{
    CatalogSettings settings;
    settings.generation_roll_count = 5;
    auto b = cluster.startNode(settings);
    createTable("t");
    b->refresh();
    for (int i = 0; i < 6; ++i)
        insertInto(*b.catalog, cluster, "t");
    a->refresh();
    b->checkpointStep(); // rolls
    b->refresh();
    cluster.clock.advance(100'000);
    EXPECT_TRUE(b->checkpointStep()); // at the same LSN, and removes the first generation
    a->refresh();
    EXPECT_EQ(insertInto(*a.catalog, cluster, "t").outcome, CommitOutcome::Committed);
    EXPECT_EQ(partsOf(*a.catalog, "t").size(), 7);
}

TEST_F(CatalogTest, LargeEntriesSpillAndAreSweptAfterTheCheckpoint)
{
    CatalogSettings settings;
    settings.entry_spill_bytes = 10;
    createTable("t");
    auto b = cluster.startNode(settings);
    auto spilled = [&]
    {
        size_t count = 0;
        for (const auto & object : cluster.objects->list("meta/", "", ObjectStore::list_limit_max).objects)
            count += keyComponent(object.key, 2) == "spill";
        return count;
    };
    insertInto(*b.catalog, cluster, "t");
    EXPECT_EQ(spilled(), 1);
    a->refresh();
    EXPECT_EQ(partsOf(*a.catalog, "t").size(), 1);
    b->sweepStep();
    EXPECT_EQ(spilled(), 1);
    insertInto(*b.catalog, cluster, "t"); // decides that the first number is behind
    cluster.clock.advance(100'000);
    EXPECT_TRUE(b->checkpointStep());
    b->sweepStep();
    EXPECT_EQ(spilled(), 0);
    auto c = cluster.startNode();
    EXPECT_EQ(partsOf(*c.catalog, "t").size(), 2);
}

TEST_F(CatalogTest, PinnedPartsOutliveTheirRemoval)
{
    createTable("t");
    insertInto(*a.catalog, cluster, "t");
    auto b = cluster.startNode();
    auto reader = b->snapshot("default");
    auto key = partsOf(*b.catalog, "t")[0]->object_key;
    a->execute("default", DropTables{.tables = {reader->findTable("t")->schema->uuid}});
    auto collect = [&]
    {
        b->refresh();
        b->heartbeatStep();
        a->heartbeatStep();
        a->gcStep();
        cluster.clock.advance(a->options("default").gc_grace_ms + 1);
        b->heartbeatStep();
        a->heartbeatStep();
        a->gcStep();
    };
    collect();
    EXPECT_TRUE(cluster.objects->head(key));
    reader->checkUsable();
    reader.reset();
    collect();
    EXPECT_FALSE(cluster.objects->head(key));
    EXPECT_EQ(a->outdatedCount("default"), 0);
}

TEST_F(CatalogTest, ReaderExpiresBeforeItsPinDoes)
{
    createTable("t");
    auto b = cluster.startNode();
    auto reader = b->snapshot("default");
    cluster.clock.advance(a->options("default").pin_valid_ms + 1);
    EXPECT_EQ(codeOf([&] { reader->checkUsable(); }), ErrorCode::SNAPSHOT_EXPIRED);
    b->heartbeatStep();
    reader->checkUsable();
}

TEST_F(CatalogTest, RolledBackKeeperStopsTheNode)
{
    createTable("t");
    auto old = cluster.server->snapshot();
    insertInto(*a.catalog, cluster, "t");
    insertInto(*a.catalog, cluster, "t");
    a->logCopyStep();
    cluster.server->restore(old);
    a.keeper->newSession();
    EXPECT_EQ(codeOf([&] { a->refresh(); }), ErrorCode::TABLE_IS_READ_ONLY);
    EXPECT_EQ(codeOf([&] { (void)a->snapshot("default"); }), ErrorCode::TABLE_IS_READ_ONLY);
    EXPECT_EQ(codeOf([&] { cluster.startNode(); }), ErrorCode::TABLE_IS_READ_ONLY); // the bucket knows more
}

TEST_F(CatalogTest, KeeperThatTookAnotherWayStopsTheNode)
{
    createTable("t");
    auto b = cluster.startNode();
    insertInto(*a.catalog, cluster, "t");
    auto old = cluster.server->snapshot();
    insertInto(*a.catalog, cluster, "t");
    cluster.server->restore(old);
    a.keeper->newSession();
    b.keeper->newSession();
    b->refresh();
    insertInto(*b.catalog, cluster, "t");
    insertInto(*b.catalog, cluster, "t");
    EXPECT_EQ(codeOf([&] { a->refresh(); }), ErrorCode::TABLE_IS_READ_ONLY);
}

TEST_F(CatalogTest, DatabasesComeAndGoOnAllNodes)
{
    auto b = cluster.startNode();
    a->createDatabase("läger/1");
    EXPECT_EQ(codeOf([&] { b->createDatabase("läger/1"); }), ErrorCode::DATABASE_ALREADY_EXISTS);
    b->refresh();
    EXPECT_EQ(b->databases(), (std::vector<std::string>{"default", "läger/1"}));
    b->execute("läger/1", CreateTables{.tables = {makeTable(*b.catalog, "t")}, .replaces = {}, .parts = {}});
    a->refresh();
    a->dropDatabase("läger/1");
    b->refresh();
    EXPECT_EQ(b->databases(), (std::vector<std::string>{"default"}));
    a->createDatabase("läger/1");
    EXPECT_EQ(a->snapshot("läger/1")->tables().size(), 0);
    a->gcStep();
    a->refresh();
    b->refresh();
    EXPECT_EQ(b->snapshot("läger/1")->tables().size(), 0);
}

TEST_F(CatalogTest, ExclusiveStartFencesTheKilledPredecessorAtOnce)
{
    createTable("t");
    CatalogSettings settings;
    settings.exclusive = true;
    auto b = cluster.startNode(settings);
    EXPECT_EQ(insertInto(*a.catalog, cluster, "t").outcome, CommitOutcome::Fenced);
    EXPECT_EQ(b->nodes().size(), 1);
    b->gcStep(); // forgets the epoch
    EXPECT_EQ(insertInto(*b.catalog, cluster, "t").outcome, CommitOutcome::Committed);
}
