#pragma once
// One entry of a database's commit log: one statement, one verdict for everything in it. The verdict is not in
// the entry: each node finds it by replay (DatabaseState::apply), and all find the same one.
// Plain data; encoded by EntryCodec.h (docs/format/log.md).

#include "catalog/PartInfo.h"
#include "catalog/TableSchema.h"

#include <optional>
#include <variant>

namespace mangrove
{

/// Who commits: the incarnation of a node, and a number that it uses once. Two entries with one id are one
/// transaction (the answer to the first append was lost); replay decides the first and ignores the others.
struct TxnId
{
    uint64_t epoch = 0;
    uint64_t number = 0;

    auto operator<=>(const TxnId &) const = default;
};

/// Decides a transaction number whose own entry may or may not have landed.
struct Noop
{
    bool operator==(const Noop &) const = default;
};

struct CreateTables
{
    std::vector<TableSchema> tables;
    std::vector<Uuid> replaces; /// CREATE OR REPLACE: tables dropped in the same moment
    std::vector<PartInfo> parts; /// CREATE … AS SELECT: rows of the new tables
    bool operator==(const CreateTables &) const = default;
};

struct DropTables
{
    std::vector<Uuid> tables;
    bool operator==(const DropTables &) const = default;
};

/// RENAME and EXCHANGE: all renames happen at once.
struct RenameTables
{
    struct Rename
    {
        Uuid table;
        std::string name;
        bool operator==(const Rename &) const = default;
    };
    std::vector<Rename> renames;
    bool operator==(const RenameTables &) const = default;
};

struct AlterTable
{
    uint32_t from_version = 0; /// Conflict unless the table still has it
    TableSchema schema;
    bool operator==(const AlterTable &) const = default;
};

/// A table that an insert writes or whose views it fed. The schema and the set of views must still be these.
struct InsertTarget
{
    Uuid table;
    uint32_t schema_version = 0;
    uint64_t views_version = 0;
    bool operator==(const InsertTarget &) const = default;
};

struct InsertToken
{
    Uuid table;
    std::string token; /// ≤ 256 bytes; the client's, or a hash of the rows
    bool operator==(const InsertToken &) const = default;
};

/// Moves a consumer's position: valid iff the state's next offset is `from` (nullopt: it has none yet).
struct OffsetMove
{
    std::string stream; /// topic and consumer, as ingest names them
    int32_t partition = 0;
    std::optional<int64_t> from;
    int64_t next = 0;
    bool operator==(const OffsetMove &) const = default;
};

/// Rows into any number of tables of the database: the table, its views' targets, several tables of one OTLP batch.
struct Insert
{
    std::vector<InsertTarget> targets;
    std::vector<PartInfo> parts;
    std::vector<InsertToken> tokens;
    std::vector<OffsetMove> offsets;
    bool operator==(const Insert &) const = default;
};

/// Replaces neighbouring parts of one partition by one part, or by none when no row is left.
struct Merge
{
    Uuid table;
    std::vector<Uuid> sources; /// in block order
    std::optional<PartInfo> result;
    bool operator==(const Merge &) const = default;
};

/// TRUNCATE, DROP PARTITION, DROP PART, TTL: removes what is active at this place in the log; later inserts live.
struct DropRange
{
    enum class Scope : uint8_t { Table = 0, Partitions = 1, Parts = 2 };

    Uuid table;
    Scope scope = Scope::Table;
    std::vector<std::string> partition_ids;
    std::vector<Uuid> parts; /// Conflict unless all are active
    bool operator==(const DropRange &) const = default;
};

struct DropRanges
{
    std::vector<DropRange> ranges;
    bool operator==(const DropRanges &) const = default;
};

/// GC deleted the objects of these outdated parts.
struct Purged
{
    std::vector<Uuid> parts;
    bool operator==(const Purged &) const = default;
};

/// The epoch's znode is gone, so nothing of it can follow: what replay remembers about it may go.
struct FenceEpoch
{
    uint64_t epoch = 0;
    bool operator==(const FenceEpoch &) const = default;
};

/// Settings that all nodes must agree on (DatabaseOptions), by name.
struct SetOptions
{
    std::map<std::string, int64_t> options;
    bool operator==(const SetOptions &) const = default;
};

struct DropDatabase
{
    bool operator==(const DropDatabase &) const = default;
};

/// The index in this list is the kind's number in the format: append only.
using EntryBody = std::variant<
    Noop, CreateTables, DropTables, RenameTables, AlterTable, Insert, Merge, DropRanges, Purged, FenceEpoch, SetOptions,
    DropDatabase>;

struct LogEntry
{
    TxnId id;
    uint64_t oldest_undecided = 0; /// every number of this epoch below it is decided: replay may forget them
    int64_t time_ms = 0;           /// when it began, by the Keeper's clock as the appender knew it; ages tokens
    EntryBody body;

    std::string_view kindName() const;
    bool operator==(const LogEntry &) const = default;
};

std::string_view entryKindName(size_t kind);

/// Whether the entry changes what later statements are made for, or takes away what earlier ones wrote. Such an entry
/// is copied to the bucket before it, or anything that follows it, is acknowledged (CommitLog::secureStructure).
bool isStructural(const EntryBody & body);

/// The part that carries the record of the commit, uploaded last; null if none does.
const PartInfo * carrierOf(const EntryBody & body);

}
