#include "SimNode.h"

#include "catalog/KeeperPaths.h"
#include "parts/PartCommit.h"

#include <algorithm>

#include <fmt/format.h>

namespace mangrove::sim
{

uint64_t SimNode::operations_left = 0;

namespace
{

constexpr int64_t heartbeat_period_ms = 15'000;
constexpr int64_t think_ms_max = 60'000;
constexpr int64_t statement_ms_max = 300'000;
constexpr int64_t boot_pause_ms = 5'000;
constexpr int boot_failures_max = 20; /// in a row, without any fault
constexpr int64_t retry_within_ms = 600'000;   /// a client retries within half of the token window
constexpr int64_t skew_ms_max = 7'200'000;     /// of a node's wall clock, either way
constexpr int64_t landing_ms = 7'200'000;      /// after it nothing that was sent is still under way

/// What a node's loops survive; anything else is a broken invariant.
bool isExpected(ErrorCode code)
{
    switch (code)
    {
        case ErrorCode::KEEPER_EXCEPTION:
        case ErrorCode::S3_ERROR:
        case ErrorCode::NO_ZOOKEEPER:
        case ErrorCode::UNKNOWN_STATUS_OF_INSERT:
        case ErrorCode::ABORTED:
        case ErrorCode::UNKNOWN_TABLE:
        case ErrorCode::UNKNOWN_DATABASE:
        case ErrorCode::TABLE_ALREADY_EXISTS:
        case ErrorCode::DATABASE_ALREADY_EXISTS:
        case ErrorCode::NO_SUCH_DATA_PART:
        case ErrorCode::SNAPSHOT_EXPIRED:
            return true;
        default:
            return false;
    }
}

InsertTarget targetOf(const TablePtr & table)
{
    return {.table = table->schema->uuid, .schema_version = table->schema->version, .views_version = table->views_version};
}

}

bool SimNode::boot(bool insist)
{
    held.reset();
    endUploads(); // of an operation that a crash cut short
    catalog.reset();
    bool started = false;
    int failures = 0;
    while (!started && (insist || operations_left > 0))
    {
        keeper = std::make_shared<SimKeeper>(world_);
        keeper->setPartitioned(partitioned);
        store_ = std::make_shared<SimObjectStore>(world_);
        clock_ = std::make_unique<NodeClock>(world_.scheduler, static_cast<int64_t>(world_.random().below(2 * skew_ms_max)) - skew_ms_max);
        CatalogSettings settings;
        settings.node_name = fmt::format("node{}", number_);
        settings.leases = false;
        settings.checkpoint_entries = 15;
        settings.truncation_slack = world_.random().below(5);
        settings.entry_spill_bytes = world_.chance(0.3) ? 400 : 100'000;
        settings.generation_roll_count = 60;
        catalog = std::make_unique<Catalog>(store_, keeper, *clock_, world_.random().next(), settings);
        try
        {
            catalog->start();
            store_->owner_epoch = catalog->epoch();
            heartbeat_due_ms_ = world_.scheduler.nowMs() + heartbeat_period_ms;
            started = true;
        }
        catch (const Exception & e)
        {
            if (!isExpected(e.code()) || (insist && ++failures == boot_failures_max))
                world_.violate("boot: " + e.message());
        }
        if (!world_.violation.empty())
            return false;
        if (!started)
            world_.scheduler.pause(boot_pause_ms);
    }
    world_.count("boot");
    return started;
}

void SimNode::live()
{
    bool running = boot(false);
    while (running && operations_left > 0 && world_.violation.empty())
    {
        --operations_left;
        operate();
        world_.scheduler.pause(static_cast<int64_t>(world_.random().below(think_ms_max)));
        if (catalog->isFenced())
            running = boot(false);
    }
}

void SimNode::operate()
{
    std::string trouble;
    try
    {
        if (world_.scheduler.nowMs() >= heartbeat_due_ms_)
        {
            heartbeat_due_ms_ = world_.scheduler.nowMs() + heartbeat_period_ms;
            catalog->heartbeatStep();
        }
        operation();
        observe();
    }
    catch (const Exception & e)
    {
        if (!isExpected(e.code()))
            trouble = e.message();
    }
    endUploads();
    if (!trouble.empty())
        world_.violate(fmt::format("node {}: {}", number_, trouble));
}

void SimNode::observe()
{
    auto digest = catalog->digest("default");
    checker_.onState(number_, digest.lsn, digest.hash);
}

void SimNode::endUploads()
{
    for (const auto & key : uploads_)
        world_.uploading.erase(key);
    uploads_.clear();
}

/// Each seed has its own mixture (main.cpp draws it): rare meetings need operations that come in crowds.
void SimNode::operation()
{
    using Operation = void (SimNode::*)();
    constexpr Operation operations[] = {&SimNode::insertNew, &SimNode::retryOld, &SimNode::insertFromStream, &SimNode::merge,
        &SimNode::dropPartition, &SimNode::alter, &SimNode::recreateView, &SimNode::read, &SimNode::setUp, &SimNode::follow,
        &SimNode::checkpoint, &SimNode::copyLog, &SimNode::collect, &SimNode::sweep};
    uint64_t total = 0;
    for (uint64_t weight : world_.weights)
        total += weight;
    uint64_t dice = world_.random().below(total);
    size_t chosen = 0;
    for (; dice >= world_.weights[chosen]; ++chosen)
        dice -= world_.weights[chosen];
    (this->*operations[chosen])();
}

void SimNode::follow()
{
    catalog->refresh();
}

void SimNode::checkpoint()
{
    world_.count(catalog->checkpointStep() ? "step: checkpoint written" : "step: no checkpoint");
}

void SimNode::copyLog()
{
    catalog->logCopyStep();
}

void SimNode::collect()
{
    auto report = catalog->gcStep();
    world_.counters["gc: parts deleted"] += report.parts_deleted;
    world_.counters["gc: nodes fenced"] += report.nodes_fenced;
}

void SimNode::sweep()
{
    auto report = catalog->sweepStep();
    world_.counters["sweep: orphans deleted"] += report.orphans_deleted;
    world_.counters["sweep: metadata deleted"] += report.metadata_deleted;
}

PartInfo SimNode::makePart(const Transaction & txn, const TablePtr & table, const std::string & partition, const std::vector<uint64_t> & rows)
{
    PartInfo part;
    part.uuid = catalog->newUuid();
    part.table = table->schema->uuid;
    part.object_key = txn.partKey(part.table, part.uuid);
    part.partition_id = partition;
    part.rows = rows.size();
    part.schema_version = table->schema->version;
    return part;
}

void SimNode::upload(PartInfo & part, const Transaction & txn, const std::vector<uint64_t> & rows, const std::string & record)
{
    auto bytes = encodeRows(rows);
    attachCommit(bytes, record);
    part.bytes = bytes.size();
    uploads_.push_back(part.object_key);
    constexpr std::string_view before = "parts/00/"; // the database
    world_.uploading[part.object_key] = {paths::log(Uuid::parse(part.object_key.substr(before.size(), 36)).value()), txn.id()};
    if (store_->put(part.object_key, bytes, PutMode::IfAbsent) != PutResult::Created)
        world_.violate("a part's key was there already: " + part.object_key);
}

void SimNode::addParts(Insert & insert, const Transaction & txn, const SnapshotPtr & snapshot, const std::vector<const char *> & tables,
    const std::string & partition, const std::vector<uint64_t> & rows)
{
    for (const char * table : tables)
    {
        auto state = snapshot->findTable(table);
        insert.targets.push_back(targetOf(state));
        insert.parts.push_back(makePart(txn, state, partition, rows));
        if (insert.parts.size() < tables.size())
            upload(insert.parts.back(), txn, rows, "");
    }
    upload(insert.parts.back(), txn, rows, txn.commitRecord(insert));
}

void SimNode::insert(Request & request)
{
    auto snapshot = catalog->snapshot("default");
    auto txn = catalog->begin("default");
    ++request.open_attempts;
    Insert body;
    body.tokens = {{.table = snapshot->findTable("t")->schema->uuid, .token = request.token}};
    addParts(body, txn, snapshot, {"t", "u"}, request.partition, {request.row});
    if (world_.chance(0.2)) // a long statement: what it has uploaded waits for the rest
        world_.scheduler.pause(static_cast<int64_t>(world_.random().below(statement_ms_max)));
    auto result = catalog->commit(txn, std::move(body));
    --request.open_attempts;
    if (result.outcome != CommitOutcome::Committed && result.outcome != CommitOutcome::Duplicate)
        return;
    world_.count(result.outcome == CommitOutcome::Committed ? "insert: committed" : "insert: duplicate");
    if (!request.acked)
    {
        request.acked = true;
        request.lsn = result.lsn;
    }
    request.lsn = std::max(request.lsn, result.lsn);
    if (catalog->snapshot("default")->lsn() < result.lsn)
        world_.violate("I7: a node does not see its own write");
}

void SimNode::insertNew()
{
    auto row = checker_.next_row++;
    auto & request = checker_.requests[row];
    request.row = row;
    request.table = "t";
    request.partition = fmt::format("p{}", world_.random().below(2));
    request.token = fmt::format("token{}", row);
    request.begun_ms = world_.scheduler.nowMs();
    insert(request);
}

/// A client that had no answer, or a bad one, asks again, of any node; sometimes one that had a good one, too.
void SimNode::retryOld()
{
    std::vector<Request *> candidates;
    for (auto & [_, request] : checker_.requests)
        if (world_.scheduler.nowMs() - request.begun_ms < retry_within_ms && (!request.acked || world_.chance(0.3)))
            candidates.push_back(&request);
    if (candidates.empty())
        return insertNew();
    auto & request = *candidates[world_.random().below(candidates.size())];
    // A drop forgets the tokens of its rows: a repetition after it is another insert, which no client sends.
    if (!request.acked || !checker_.maybeDropped(request))
        insert(request);
}

void SimNode::insertFromStream()
{
    auto snapshot = catalog->snapshotAtHead("default");
    auto from = catalog->nextOffset("default", "stream", 0);
    auto txn = catalog->begin("default");
    Insert body;
    std::vector<uint64_t> rows;
    for (uint64_t i = 0; i < 1 + world_.random().below(3); ++i)
        rows.push_back(static_cast<uint64_t>(from.value_or(0)) + i);
    body.offsets = {{.stream = "stream", .partition = 0, .from = from, .next = from.value_or(0) + static_cast<int64_t>(rows.size())}};
    addParts(body, txn, snapshot, {"s"}, "all", rows);
    (void)catalog->commit(txn, std::move(body));
}

void SimNode::merge()
{
    auto snapshot = catalog->snapshot("default");
    const char * names[] = {"t", "u", "s"};
    auto table = snapshot->findTable(names[world_.random().below(3)]);
    std::vector<std::shared_ptr<const PartitionState>> mergeable;
    for (const auto & [_, partition] : table->partitions)
        if (partition->parts.size() >= 2)
            mergeable.push_back(partition);
    if (mergeable.empty())
        return;
    auto partition = mergeable[world_.random().below(mergeable.size())];
    size_t count = 2 + world_.random().below(std::min<size_t>(3, partition->parts.size() - 1));
    count = std::min(count, partition->parts.size());
    size_t begin = world_.random().below(partition->parts.size() - count + 1);

    auto txn = catalog->begin("default");
    Merge body{.table = table->schema->uuid, .sources = {}, .result = {}};
    std::vector<uint64_t> rows;
    for (size_t i = begin; i < begin + count; ++i)
    {
        const auto & part = partition->parts[i];
        auto object = store_->get(part->object_key);
        snapshot->checkUsable();
        if (!object)
            return world_.violate(fmt::format("I5: {} is gone, and a merge with a snapshot at {} reads it", part->object_key, snapshot->lsn()));
        auto content = decodeRows(object->bytes);
        rows.insert(rows.end(), content.begin(), content.end());
        body.sources.push_back(part->uuid);
    }
    body.result = makePart(txn, table, partition->id, rows);
    upload(*body.result, txn, rows, txn.commitRecord(body));
    auto result = catalog->commit(txn, std::move(body));
    world_.count(result.outcome == CommitOutcome::Committed ? "merge: committed" : "merge: refused");
}

void SimNode::dropPartition()
{
    auto snapshot = catalog->snapshot("default");
    auto partition = fmt::format("p{}", world_.random().below(2));
    DropRanges body;
    for (const char * name : {"t", "u"})
        body.ranges.push_back({.table = snapshot->findTable(name)->schema->uuid, .scope = DropRange::Scope::Partitions,
            .partition_ids = {partition}, .parts = {}});
    auto txn = catalog->begin("default");
    auto drop = checker_.beginDrop(partition);
    auto result = catalog->commit(txn, std::move(body));
    checker_.endDrop(drop, result.outcome == CommitOutcome::Committed ? std::optional(result.lsn) : std::nullopt);
}

void SimNode::alter()
{
    auto schema = *catalog->snapshot("default")->findTable(world_.chance(0.5) ? "t" : "u")->schema;
    schema.columns.push_back({.name = fmt::format("c{}", schema.version), .type = "String"});
    auto lsn = catalog->execute("default", AlterTable{.from_version = schema.version, .schema = schema});
    checker_.onAlter(schema.uuid, schema.version + 1, lsn);
}

void SimNode::recreateView()
{
    auto snapshot = catalog->snapshot("default");
    TableSchema view = *snapshot->findTable("v")->schema;
    CreateTables body{.tables = {}, .replaces = {view.uuid}, .parts = {}};
    view.uuid = catalog->newUuid();
    body.tables = {view};
    catalog->execute("default", std::move(body));
}

/// A reader that takes its time: it reads every object that its snapshot shows, again and again.
void SimNode::read()
{
    if (!held)
    {
        held = catalog->snapshot("default");
        return;
    }
    auto snapshot = held;
    if (world_.chance(0.4))
        held.reset();
    for (const char * name : {"t", "u", "s"})
        for (const auto & [_, partition] : snapshot->findTable(name)->partitions)
            for (const auto & part : partition->parts)
            {
                auto object = store_->get(part->object_key);
                if (object)
                    continue;
                snapshot->checkUsable();
                return world_.violate(fmt::format("I5: {} is gone, and a reader has pinned {}", part->object_key, snapshot->lsn()));
            }
    checker_.checkSchemas(snapshot);
    world_.count("read: complete");
}

/// Statements beside the main tables.
void SimNode::setUp()
{
    auto snapshot = catalog->snapshot("default");
    auto spare = snapshot->findTable("spare");
    auto renamed = snapshot->findTable("renamed");
    if (world_.chance(0.1))
        catalog->execute("default", SetOptions{.options = {{"gc_grace_ms", static_cast<int64_t>(world_.random().below(60'000))}}});
    else if (world_.chance(0.2))
    {
        auto name = fmt::format("d{}", world_.random().below(2));
        if (catalog->hasDatabase(name))
            catalog->dropDatabase(name);
        else
            catalog->createDatabase(name);
    }
    else if (renamed)
        catalog->execute("default", DropTables{.tables = {renamed->schema->uuid}});
    else if (spare)
        catalog->execute("default", RenameTables{.renames = {{spare->schema->uuid, "renamed"}}});
    else
    {
        TableSchema schema;
        schema.uuid = catalog->newUuid();
        schema.name = "spare";
        schema.engine = "SharedMergeTree";
        catalog->execute("default", CreateTables{.tables = {schema}, .replaces = {}, .parts = {}});
    }
}

void SimNode::quiesce()
{
    world_.scheduler.pause(landing_ms);
    if (!boot(true))
        return;
    try
    {
        settleEverything();
    }
    catch (const Exception & e)
    {
        world_.violate("at rest, without any fault: " + e.message());
    }
}

/// An entry of this node tells replay which of its numbers are decided. A database may be half dropped.
void SimNode::tellDecided(const std::string & database)
{
    try
    {
        catalog->execute(database, Noop{});
    }
    catch (const Exception & e)
    {
        if (e.code() != ErrorCode::UNKNOWN_DATABASE)
            throw;
    }
}

void SimNode::settleEverything()
{
    auto options = catalog->options("default");
    for (int64_t wait_ms : {int64_t{0}, options.pin_grace_ms + 1, options.gc_grace_ms + 1, options.gc_grace_ms + 1, int64_t{0}})
    {
        world_.scheduler.pause(wait_ms);
        catalog->refresh();
        catalog->heartbeatStep();
        (void)catalog->gcStep();
        catalog->heartbeatStep();
        (void)catalog->gcStep();
        world_.scheduler.pause(600'000);
        (void)catalog->checkpointStep();
        for (const auto & database : catalog->databases())
            tellDecided(database);
        world_.scheduler.pause(600'000);
        (void)catalog->checkpointStep();
        (void)catalog->sweepStep();
    }
    observe();
}

}
