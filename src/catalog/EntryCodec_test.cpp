// Round trips, hostile bytes, and the golden files: what is written now must be read for ever.
// MANGROVE_WRITE_GOLDEN=1 writes golden files that are missing (never over existing ones).

#include "catalog/CheckpointCodec.h"
#include "catalog/EntryCodec.h"

#include "base/Exception.h"
#include "base/Random.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace mangrove;

namespace
{

PartInfo somePart()
{
    PartInfo part;
    part.uuid = {1, 2};
    part.table = {3, 4};
    part.object_key = "parts/02/db/table/part-7-9.part";
    part.partition_id = "202611";
    part.partition_value = "202611";
    part.rows = 1000;
    part.bytes = 4096;
    part.uncompressed_bytes = 100'000;
    part.footer_offset = 3000;
    part.footer_bytes = 1096;
    part.checksum = 0x1122334455667788;
    part.ranges = {{.column = "time", .min = "a", .max = std::string("b\0c", 3)}};
    part.primary_key_first = "first";
    part.primary_key_last = "last";
    part.schema_version = 3;
    part.ttl_min_ms = 5;
    part.ttl_max_ms = 6;
    part.min_block = 1;
    part.max_block = 4;
    part.level = 2;
    part.added_lsn = 77;
    part.added_time_ms = -1;
    return part;
}

TableSchema someSchema()
{
    TableSchema schema;
    schema.uuid = {3, 4};
    schema.name = "spans";
    schema.engine = "SharedReplacingMergeTree";
    schema.engine_arguments = "ver";
    schema.columns = {{.name = "time", .type = "DateTime64(9)", .default_kind = DefaultKind::Default, .default_expression = "now()",
        .codec = "Delta, ZSTD(1)", .ttl = "time + 1", .comment = "when", .added_in_version = 2}};
    schema.indexes = {{.name = "i", .expression = "trace_id", .type = "bloom_filter(0.01)", .granularity = 4}};
    schema.partition_by = "toYYYYMM(time)";
    schema.order_by = "(service, time)";
    schema.primary_key = "service";
    schema.sample_by = "s";
    schema.ttl = "time + INTERVAL 30 DAY";
    schema.settings = {{"index_granularity", "8192"}};
    schema.comment = "c";
    schema.select_query = "SELECT 1";
    schema.view_source = {5, 6};
    schema.view_target = {7, 8};
    schema.create_query = "CREATE TABLE spans …";
    schema.version = 3;
    return schema;
}

std::vector<EntryBody> someBodies()
{
    return {
        Noop{},
        CreateTables{.tables = {someSchema()}, .replaces = {{9, 9}}, .parts = {somePart()}},
        DropTables{.tables = {{3, 4}}},
        RenameTables{.renames = {{{3, 4}, "other"}}},
        AlterTable{.from_version = 2, .schema = someSchema()},
        Insert{.targets = {{{3, 4}, 3, 1}}, .parts = {somePart()}, .tokens = {{{3, 4}, "token"}}, .offsets = {{"topic", -1, std::nullopt, 5}, {"topic", 2, 5, 9}}},
        Merge{.table = {3, 4}, .sources = {{1, 2}, {1, 3}}, .result = somePart()},
        DropRanges{.ranges = {{.table = {3, 4}, .scope = DropRange::Scope::Parts, .partition_ids = {"p"}, .parts = {{1, 2}}}}},
        Purged{.parts = {{1, 2}}},
        FenceEpoch{.epoch = 6},
        SetOptions{.options = {{"gc_grace_ms", 5}}},
        DropDatabase{}};
}

LogEntry entryOf(EntryBody body)
{
    return {.id = {.epoch = 7, .number = 9}, .oldest_undecided = 8, .time_ms = 1'790'000'000'000, .body = std::move(body)};
}

DatabaseState someState()
{
    DatabaseState state;
    state.apply(entryOf(CreateTables{.tables = {someSchema()}, .replaces = {}, .parts = {}}));
    auto create = entryOf(CreateTables{.tables = {}, .replaces = {}, .parts = {}});
    auto schema = someSchema();
    schema.view_source = schema.view_target = {};
    create.id.number = 10;
    create.body = CreateTables{.tables = {schema}, .replaces = {}, .parts = {}};
    state.apply(create);
    auto insert = entryOf({});
    insert.id.number = 11;
    auto part = somePart();
    part.object_key = "parts/02/db/table/part-7-11.part";
    part.schema_version = 1;
    insert.body = Insert{.targets = {{{3, 4}, 1, 1}}, .parts = {part}, .tokens = {{{3, 4}, "token"}}, .offsets = {{"topic", 2, std::nullopt, 9}}};
    state.apply(insert);
    return state;
}

/// By name: every kind of thing that is written.
std::map<std::string, std::string> samples()
{
    std::map<std::string, std::string> result;
    for (const auto & body : someBodies())
        result["entry_" + std::string(entryOf(body).kindName())] = encodeEntry(entryOf(body));
    result["spilled"] = encodeSpilled({.head = entryOf({}), .object_key = "meta/db/spill/7-9", .bytes = 5, .checksum = 6});
    auto state = someState();
    ManifestMap manifests;
    for (const auto & [id, partition] : state.tables.at({3, 4})->partitions)
    {
        result["manifest"] = encodeManifest(*partition);
        manifests[{{3, 4}, id}] = {.object = {.key = "meta/db/manifest/1", .bytes = 2, .checksum = 3}, .changed_lsn = partition->changed_lsn};
    }
    result["root"] = encodeRoot(state, {.generation = 2, .base_lsn = 5, .last_sequence = 6}, manifests);
    result["pointer"] = encodePointer({.position = {.generation = 2, .base_lsn = 5, .last_sequence = 6}, .lsn = 7,
        .root = {.key = "meta/db/root/7", .bytes = 8, .checksum = 9}, .state_hash = "hash"});
    result["log_copy"] = encodeLogCopy({{.lsn = 7, .bytes = "an entry"}, {.lsn = 8, .bytes = "another"}});
    result["name"] = encodeDatabaseName("läger/1");
    return result;
}

/// Decodes as the name says and encodes again.
std::string reencode(const std::string & name, const std::string & bytes)
{
    if (name.starts_with("entry_"))
        return encodeEntry(decodeEntry(bytes));
    if (name == "spilled")
        return encodeSpilled(decodeSpilled(bytes).value());
    if (name == "manifest")
        return encodeManifest(decodeManifest(bytes));
    if (name == "log_copy")
        return encodeLogCopy(decodeLogCopy(bytes));
    if (name == "name")
        return encodeDatabaseName(decodeDatabaseName(bytes));
    if (name == "pointer")
        return encodePointer(decodePointer(bytes));
    auto root = decodeRoot(bytes);
    // Partitions are in the manifests: put placeholders where the root refers to one.
    for (const auto & [key, manifest] : root.manifests)
        const_cast<TableState &>(*root.state.tables.at(key.first)).partitions[key.second] = std::make_shared<PartitionState>();
    return encodeRoot(root.state, root.position, root.manifests);
}

/// Upwards from the working directory: tests run in the build directory, below the repository's root.
std::filesystem::path goldenDir()
{
    for (auto dir = std::filesystem::current_path(); dir.has_relative_path(); dir = dir.parent_path())
        if (std::filesystem::exists(dir / "tests/golden/log"))
            return dir / "tests/golden/log";
    return "tests/golden/log";
}

}

TEST(EntryCodec, RoundTrips)
{
    for (const auto & body : someBodies())
        EXPECT_EQ(decodeEntry(encodeEntry(entryOf(body))), entryOf(body)) << entryOf(body).kindName();
    for (const auto & [name, bytes] : samples())
        EXPECT_EQ(reencode(name, bytes), bytes) << name;
}

TEST(EntryCodec, GoldenFilesStayReadable)
{
    for (const auto & [name, bytes] : samples())
    {
        auto path = goldenDir() / (name + ".v1.bin");
        if (!std::filesystem::exists(path) && std::getenv("MANGROVE_WRITE_GOLDEN"))
            std::ofstream(path, std::ios::binary) << bytes;
        std::ifstream file(path, std::ios::binary);
        ASSERT_TRUE(file) << path;
        std::stringstream golden;
        golden << file.rdbuf();
        EXPECT_EQ(golden.str(), bytes) << name << ": the writer changed; a new version needs a new golden file";
        EXPECT_EQ(reencode(name, golden.str()), golden.str()) << name;
    }
}

TEST(EntryCodec, DamageIsRefused)
{
    for (const auto & [name, bytes] : samples())
    {
        if (name == "spilled")
            continue; // without its first byte it is no spilled entry, which is an answer
        for (size_t length = 0; length < bytes.size(); ++length)
            EXPECT_THROW(reencode(name, bytes.substr(0, length)), Exception) << name << " cut at " << length;
        for (size_t i = 0; i < bytes.size(); ++i)
        {
            auto damaged = bytes;
            damaged[i] ^= 0x40;
            EXPECT_THROW(reencode(name, damaged), Exception) << name << " byte " << i;
        }
    }
}

TEST(EntryCodec, HostileBytesBehindAGoodChecksumOnlyThrow)
{
    Random random(3);
    for (const auto & [name, bytes] : samples())
        for (int round = 0; round < 2000; ++round)
        {
            auto hostile = bytes.substr(0, bytes.size() - 8);
            for (uint64_t i = 0; i < 1 + random.below(3); ++i)
                hostile[2 + random.below(hostile.size() - 2)] = static_cast<char>(random.next());
            Encoder out;
            out.raw(hostile);
            out.u64(checksumOf(hostile));
            try
            {
                if (name != "root") // its placeholders assume a consistent root
                    (void)reencode(name, out.bytes());
                else
                    (void)decodeRoot(out.bytes());
            }
            catch (const Exception & e)
            {
                EXPECT_EQ(e.code(), ErrorCode::CORRUPTED_DATA) << e.message();
            }
        }
}

TEST(DatabaseState, HashDependsOnTheEntriesOnly)
{
    EXPECT_EQ(someState().hash(), someState().hash());
    auto longer = someState();
    longer.apply(entryOf(Noop{}));
    EXPECT_NE(longer.hash(), someState().hash());
}

TEST(DatabaseState, SealedTablesAreCopiedBeforeTheyChange)
{
    auto state = someState();
    auto before = state.tables;
    state.seal();
    auto drop = entryOf(DropRanges{.ranges = {{.table = {3, 4}, .scope = DropRange::Scope::Table, .partition_ids = {}, .parts = {}}}});
    drop.id.number = 12;
    EXPECT_EQ(state.apply(drop).verdict, Verdict::Applied);
    EXPECT_EQ(before.at({3, 4})->partCount(), 1);
    EXPECT_EQ(state.tables.at({3, 4})->partCount(), 0);
    EXPECT_FALSE(state.hasToken({3, 4}, "token", 1'790'000'000'000));
}

TEST(DatabaseState, ForgottenNumberIsDecidedAndChangesNothing)
{
    auto state = someState();
    auto entry = entryOf(SetOptions{.options = {{"gc_grace_ms", 1}}});
    entry.id.number = 20;
    entry.oldest_undecided = 20;
    EXPECT_EQ(state.apply(entry).verdict, Verdict::Applied);
    EXPECT_TRUE(state.isDecided({.epoch = 7, .number = 11}));
    EXPECT_FALSE(state.isDecided({.epoch = 7, .number = 21}));
    auto late = entryOf(SetOptions{.options = {{"gc_grace_ms", 2}}});
    late.id.number = 15;
    auto result = state.apply(late);
    EXPECT_TRUE(result.repeated);
    EXPECT_EQ(state.options.gc_grace_ms, 1);
}
