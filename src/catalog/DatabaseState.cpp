#include "catalog/DatabaseState.h"

#include "base/Exception.h"
#include "catalog/CheckpointCodec.h"
#include "catalog/Mutant.h"
#include "catalog/StateChange.h"

namespace mangrove
{

namespace
{

/// Tokens that no entry can meet any more are dropped now and then, at places that the log decides.
constexpr uint64_t token_cleanup_lsn_period = 256;

void dropOldTokens(DatabaseState & state)
{
    std::erase_if(state.tokens, [&](const auto & item)
    {
        return state.time_ms - item.second.time_ms > 2 * state.options.token_window_ms;
    });
}

}

uint64_t TableState::partCount() const
{
    uint64_t count = 0;
    for (const auto & [_, partition] : partitions)
        count += partition->parts.size();
    return count;
}

uint64_t TableState::rowCount() const
{
    uint64_t rows = 0;
    for (const auto & [_, partition] : partitions)
        for (const auto & part : partition->parts)
            rows += part->rows;
    return rows;
}

const ColumnSchema * TableSchema::findColumn(std::string_view column) const
{
    for (const auto & candidate : columns)
        if (candidate.name == column)
            return &candidate;
    return nullptr;
}

std::string PartInfo::name() const
{
    return fmt::format("{}_{}_{}_{}", partition_id, min_block, max_block, level);
}

std::string_view entryKindName(size_t kind)
{
    constexpr std::array<std::string_view, std::variant_size_v<EntryBody>> names{
        "Noop", "CreateTables", "DropTables", "RenameTables", "AlterTable", "Insert", "Merge", "DropRanges", "Purged",
        "FenceEpoch", "SetOptions", "DropDatabase"};
    return kind < names.size() ? names[kind] : "unknown";
}

std::string_view LogEntry::kindName() const
{
    return entryKindName(body.index());
}

bool isStructural(const EntryBody & body)
{
    return !std::holds_alternative<Insert>(body) && !std::holds_alternative<Merge>(body) && !std::holds_alternative<Noop>(body)
        && !std::holds_alternative<Purged>(body) && !std::holds_alternative<FenceEpoch>(body);
}

const PartInfo * carrierOf(const EntryBody & body)
{
    if (const auto * insert = std::get_if<Insert>(&body))
        return insert->parts.empty() ? nullptr : &insert->parts.back();
    if (const auto * merge = std::get_if<Merge>(&body))
        return merge->result ? &*merge->result : nullptr;
    return nullptr;
}

ApplyResult DatabaseState::apply(const LogEntry & entry)
{
    ++lsn;
    time_ms = std::max(time_ms, entry.time_ms);
    if (lsn % token_cleanup_lsn_period == 0)
        dropOldTokens(*this);

    auto & epoch = epochs[entry.id.epoch];
    ApplyResult result;
    if (auto it = epoch.decisions.find(entry.id.number); it != epoch.decisions.end() && !MUTANT("apply_repeats"))
    {
        result.verdict = it->second.verdict;
        result.lsn = it->second.lsn;
        result.repeated = true;
    }
    else if (entry.id.number < epoch.oldest_undecided)
    {
        // Decided so long ago that its node has learnt how; a copy of the append was under way until now.
        result.verdict = Verdict::Conflict;
        result.code = ErrorCode::ABORTED;
        result.reason = "The transaction was decided before";
        result.repeated = true;
    }
    else
    {
        result = StateChange(*this, entry).run();
        if (result.lsn == 0)
            result.lsn = lsn;
        epochs[entry.id.epoch].decisions[entry.id.number] = {result.verdict, result.lsn};
    }
    auto & after = epochs[entry.id.epoch];
    after.oldest_undecided = std::max(after.oldest_undecided, std::min(entry.oldest_undecided, entry.id.number));
    after.decisions.erase(after.decisions.begin(), after.decisions.lower_bound(after.oldest_undecided));
    return result;
}

bool DatabaseState::isDecided(TxnId id) const
{
    auto it = epochs.find(id.epoch);
    return it != epochs.end() && (id.number < it->second.oldest_undecided || it->second.decisions.contains(id.number));
}

const Decision * DatabaseState::findDecision(TxnId id) const
{
    auto epoch = epochs.find(id.epoch);
    if (epoch == epochs.end())
        return nullptr;
    auto it = epoch->second.decisions.find(id.number);
    return it == epoch->second.decisions.end() ? nullptr : &it->second;
}

TablePtr DatabaseState::findTable(const Uuid & uuid) const
{
    auto it = tables.find(uuid);
    return it == tables.end() ? nullptr : it->second;
}

TablePtr DatabaseState::findTable(const std::string & name) const
{
    auto it = names.find(name);
    return it == names.end() ? nullptr : findTable(it->second);
}

std::set<std::string> DatabaseState::partKeys() const
{
    std::set<std::string> keys;
    for (const auto & [_, table] : tables)
        for (const auto & [id, partition] : table->partitions)
            for (const auto & part : partition->parts)
                keys.insert(part->object_key);
    for (const auto & [uuid, part] : outdated)
        keys.insert(part.object_key);
    return keys;
}

bool DatabaseState::hasToken(const Uuid & table, const std::string & token, int64_t entry_time_ms) const
{
    auto it = tokens.find({table, token});
    return it != tokens.end() && entry_time_ms - it->second.time_ms <= options.token_window_ms;
}

std::string DatabaseState::hash() const
{
    return hashState(*this);
}

void DatabaseState::checkInvariants() const
{
    CHECK(names.size() == tables.size(), "{} names for {} tables", names.size(), tables.size());
    for (const auto & [name, uuid] : names)
        CHECK(tables.contains(uuid) && tables.at(uuid)->schema->name == name, "name {} leads elsewhere", name);
    for (const auto & [uuid, table] : tables)
        for (const auto & [id, partition] : table->partitions)
        {
            int64_t previous = 0;
            for (const auto & part : partition->parts)
            {
                CHECK(part->table == uuid && part->partition_id == id, "part {} is in partition {}", part->name(), id);
                CHECK(previous < part->min_block && part->min_block <= part->max_block, "part {} overlaps another", part->name());
                CHECK(!outdated.contains(part->uuid), "part {} is active and outdated", part->name());
                previous = part->max_block;
            }
            CHECK(previous < partition->next_block, "partition {} gives block {} twice", id, previous);
        }
}

}
