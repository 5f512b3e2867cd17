#include "catalog/StateChange.h"

#include "catalog/Mutant.h"

#include <algorithm>

#include <fmt/format.h>

namespace mangrove
{

namespace
{

template <typename... Args>
ApplyResult conflict(ErrorCode code, fmt::format_string<Args...> format, Args &&... args)
{
    return {.verdict = Verdict::Conflict, .code = code, .reason = fmt::format(format, std::forward<Args>(args)...)};
}

bool ok(const ApplyResult & result) { return result.verdict == Verdict::Applied; }

/// Position of `uuid` among the parts, or their count.
size_t indexOf(const std::vector<PartPtr> & parts, const Uuid & uuid)
{
    return std::find_if(parts.begin(), parts.end(), [&](const auto & part) { return part->uuid == uuid; }) - parts.begin();
}

const PartitionState * findPartitionOf(const TableState & table, const Uuid & part)
{
    for (const auto & [_, partition] : table.partitions)
        if (indexOf(partition->parts, part) < partition->parts.size())
            return partition.get();
    return nullptr;
}

}

ApplyResult StateChange::run()
{
    bool housekeeping = std::holds_alternative<Noop>(entry_.body) || std::holds_alternative<Purged>(entry_.body)
        || std::holds_alternative<FenceEpoch>(entry_.body);
    ApplyResult result = state_.dropped && !housekeeping
        ? conflict(ErrorCode::UNKNOWN_DATABASE, "The database was dropped")
        : std::visit([&](const auto & body) { return on(body); }, entry_.body);
    if (!ok(result))
        addRejectedObjects();
    return result;
}

ApplyResult StateChange::on(const Noop &)
{
    return {};
}

/// The object of a part must be its transaction's own: then no key can come a second time, in whatever entry.
ApplyResult StateChange::checkParts(const std::vector<PartInfo> & parts) const
{
    auto suffix = fmt::format("-{}-{}.part", entry_.id.epoch, entry_.id.number);
    std::set<Uuid> seen;
    for (const auto & part : parts)
        if (!part.object_key.ends_with(suffix) || !part.uuid || !seen.insert(part.uuid).second || part.partition_id.empty())
            return conflict(ErrorCode::INCORRECT_DATA, "Part {} of partition '{}' has the key {}, which is not of transaction {}-{}",
                part.uuid.toString(), part.partition_id, part.object_key, entry_.id.epoch, entry_.id.number);
    return {};
}

ApplyResult StateChange::on(const CreateTables & body)
{
    std::set<Uuid> replaced(body.replaces.begin(), body.replaces.end());
    for (const auto & uuid : replaced)
        if (!state_.tables.contains(uuid))
            return conflict(ErrorCode::UNKNOWN_TABLE, "The table to replace, {}, is gone", uuid.toString());
    std::set<std::string> names;
    std::set<Uuid> uuids;
    for (const auto & schema : body.tables)
    {
        auto it = state_.names.find(schema.name);
        if (!names.insert(schema.name).second || (it != state_.names.end() && !replaced.contains(it->second)))
            return conflict(ErrorCode::TABLE_ALREADY_EXISTS, "Table {} already exists", schema.name);
        if (!schema.uuid || !uuids.insert(schema.uuid).second || state_.tables.contains(schema.uuid))
            return conflict(ErrorCode::TABLE_ALREADY_EXISTS, "A table with the uuid {} already exists", schema.uuid.toString());
    }
    for (const auto & schema : body.tables)
        for (const auto & uuid : {schema.view_source, schema.view_target})
            if (uuid && !uuids.contains(uuid) && (!state_.tables.contains(uuid) || replaced.contains(uuid)))
                return conflict(ErrorCode::UNKNOWN_TABLE, "View {} refers to a table that is gone", schema.name);
    if (auto result = checkParts(body.parts); !ok(result))
        return result;
    for (const auto & part : body.parts)
        if (!uuids.contains(part.table))
            return conflict(ErrorCode::INCORRECT_DATA, "A part belongs to no table of its CREATE");

    for (const auto & uuid : replaced)
        dropTable(uuid);
    for (const auto & schema : body.tables)
    {
        auto stored = std::make_shared<TableSchema>(schema);
        stored->version = 1;
        for (auto & column : stored->columns)
            column.added_in_version = 1;
        auto table = std::make_shared<TableState>();
        table->schema = std::move(stored);
        table->batch = state_.batch_;
        state_.names[schema.name] = schema.uuid;
        state_.tables[schema.uuid] = std::move(table);
    }
    for (const auto & schema : body.tables)
        touchViews(schema);
    for (const auto & part : body.parts)
        addPart(part);
    return {};
}

ApplyResult StateChange::on(const DropTables & body)
{
    for (const auto & uuid : body.tables)
        if (!state_.tables.contains(uuid))
            return conflict(ErrorCode::UNKNOWN_TABLE, "Table {} does not exist", uuid.toString());
    for (const auto & uuid : body.tables)
        dropTable(uuid);
    return {};
}

ApplyResult StateChange::on(const RenameTables & body)
{
    auto names = state_.names;
    for (const auto & rename : body.renames)
    {
        auto table = state_.findTable(rename.table);
        if (!table)
            return conflict(ErrorCode::UNKNOWN_TABLE, "Table {} does not exist", rename.table.toString());
        names.erase(table->schema->name);
    }
    for (const auto & rename : body.renames)
        if (!names.emplace(rename.name, rename.table).second)
            return conflict(ErrorCode::TABLE_ALREADY_EXISTS, "Table {} already exists", rename.name);
    if (names.size() != state_.tables.size())
        return conflict(ErrorCode::BAD_ARGUMENTS, "A table is renamed twice");

    for (const auto & rename : body.renames)
    {
        auto & table = mutableTable(rename.table);
        auto schema = std::make_shared<TableSchema>(*table.schema);
        schema->name = rename.name;
        table.schema = std::move(schema);
    }
    state_.names = std::move(names);
    return {};
}

ApplyResult StateChange::on(const AlterTable & body)
{
    auto old = state_.findTable(body.schema.uuid);
    if (!old)
        return conflict(ErrorCode::UNKNOWN_TABLE, "Table {} does not exist", body.schema.name);
    if (old->schema->version != body.from_version || old->schema->name != body.schema.name)
        return conflict(ErrorCode::ABORTED, "Table {} was altered by somebody else at the same time", body.schema.name);
    auto schema = std::make_shared<TableSchema>(body.schema);
    schema->version = body.from_version + 1;
    for (auto & column : schema->columns)
    {
        const auto * before = old->schema->findColumn(column.name);
        column.added_in_version = before ? before->added_in_version : schema->version;
    }
    mutableTable(schema->uuid).schema = schema;
    touchViews(*schema);
    return {};
}

ApplyResult StateChange::checkTokens(const Insert & body) const
{
    if (!body.tokens.empty() && state_.time_ms - entry_.time_ms > state_.options.token_window_ms && !MUTANT("token_age_at_landing"))
        return conflict(ErrorCode::ABORTED, "The insert took longer than its token is remembered, {} ms", state_.options.token_window_ms);
    size_t known = 0;
    ApplyResult result;
    for (const auto & [table, token] : body.tokens)
    {
        if (!state_.hasToken(table, token, MUTANT("token_age_at_landing") ? state_.time_ms : entry_.time_ms))
            continue;
        ++known;
        result.reason = token;
        result.lsn = state_.tokens.at({table, token}).lsn;
    }
    if (known == 0 || MUTANT("ignore_tokens"))
        return {};
    if (known < body.tokens.size())
        return conflict(ErrorCode::ABORTED, "A batch holds an insert that is in already, with token '{}'", result.reason);
    result.verdict = Verdict::Duplicate;
    return result;
}

ApplyResult StateChange::checkTargets(const Insert & body) const
{
    for (const auto & target : body.targets)
    {
        auto table = state_.findTable(target.table);
        if (!table)
            return conflict(ErrorCode::UNKNOWN_TABLE, "Table {} was dropped during the insert", target.table.toString());
        if (MUTANT("insert_ignores_views"))
            continue;
        if (table->schema->version != target.schema_version || table->views_version != target.views_version)
            return conflict(ErrorCode::ABORTED, "Table {} was altered during the insert", table->schema->name);
    }
    for (const auto & part : body.parts)
    {
        auto target = std::find_if(body.targets.begin(), body.targets.end(), [&](const auto & t) { return t.table == part.table; });
        if (target == body.targets.end() || target->schema_version != part.schema_version)
            return conflict(ErrorCode::INCORRECT_DATA, "A part belongs to no target of its insert");
    }
    return {};
}

ApplyResult StateChange::on(const Insert & body)
{
    if (auto result = checkTokens(body); !ok(result))
        return result;
    if (auto result = checkParts(body.parts); !ok(result))
        return result;
    if (auto result = checkTargets(body); !ok(result))
        return result;
    for (const auto & move : body.offsets)
    {
        auto it = state_.offsets.find({move.stream, move.partition});
        auto current = it == state_.offsets.end() ? std::nullopt : std::optional(it->second);
        if (current != move.from && !MUTANT("ignore_offsets"))
            return conflict(ErrorCode::ABORTED, "Stream {} partition {} is at offset {}, not {}", move.stream, move.partition,
                current.value_or(-1), move.from.value_or(-1));
    }

    for (const auto & part : body.parts)
        addPart(part);
    for (const auto & move : body.offsets)
        state_.offsets[{move.stream, move.partition}] = move.next;
    for (const auto & [table, token] : body.tokens)
    {
        TokenState stored{.time_ms = entry_.time_ms, .lsn = state_.lsn, .partition_ids = {}};
        std::set<std::string> ids;
        for (const auto & part : body.parts)
            if (part.table == table)
                ids.insert(part.partition_id);
        stored.partition_ids.assign(ids.begin(), ids.end());
        state_.tokens[{table, token}] = std::move(stored);
    }
    return {};
}

ApplyResult StateChange::on(const Merge & body)
{
    auto table = state_.findTable(body.table);
    if (!table)
        return conflict(ErrorCode::UNKNOWN_TABLE, "Table {} was dropped during the merge", body.table.toString());
    const auto * partition = body.sources.empty() ? nullptr : findPartitionOf(*table, body.sources.front());
    if (!partition)
        return conflict(ErrorCode::NO_SUCH_DATA_PART, "A source of the merge is no longer active");
    size_t begin = indexOf(partition->parts, body.sources.front());
    size_t matching = 0;
    while (matching < body.sources.size() && begin + matching < partition->parts.size()
        && partition->parts[begin + matching]->uuid == body.sources[matching])
        ++matching;
    if (matching < body.sources.size() && !MUTANT("merge_ignores_sources"))
        return conflict(ErrorCode::NO_SUCH_DATA_PART, "The sources of the merge are no longer neighbours");
    if (body.result)
    {
        if (auto result = checkParts({*body.result}); !ok(result))
            return result;
        if (body.result->table != body.table || body.result->partition_id != partition->id)
            return conflict(ErrorCode::INCORRECT_DATA, "The result of the merge is of another partition");
        if (body.result->schema_version != table->schema->version)
            return conflict(ErrorCode::ABORTED, "Table {} was altered during the merge", table->schema->name);
    }

    auto & target = mutablePartition(mutableTable(body.table), partition->id, partition->value);
    auto first = target.parts.begin() + begin;
    auto last = first + matching;
    std::vector<PartPtr> sources(first, last);
    target.parts.erase(first, last);
    if (body.result)
    {
        auto part = std::make_shared<PartInfo>(*body.result);
        part->min_block = sources.front()->min_block;
        part->max_block = sources.back()->max_block;
        part->level = 0;
        for (const auto & source : sources)
            part->level = std::max(part->level, source->level + 1);
        part->added_lsn = state_.lsn;
        part->added_time_ms = state_.time_ms;
        target.parts.insert(target.parts.begin() + begin, std::move(part));
    }
    for (const auto & source : sources)
        outdate(*source);
    return {};
}

ApplyResult StateChange::on(const DropRanges & body)
{
    for (const auto & range : body.ranges)
    {
        auto table = state_.findTable(range.table);
        if (!table)
            return conflict(ErrorCode::UNKNOWN_TABLE, "Table {} does not exist", range.table.toString());
        for (const auto & part : range.parts)
            if (!findPartitionOf(*table, part))
                return conflict(ErrorCode::NO_SUCH_DATA_PART, "Part {} of table {} is not active", part.toString(), table->schema->name);
    }
    for (const auto & range : body.ranges)
    {
        auto & table = mutableTable(range.table);
        if (range.scope == DropRange::Scope::Parts)
        {
            for (const auto & uuid : range.parts)
                if (const auto * found = findPartitionOf(table, uuid))
                {
                    auto & partition = mutablePartition(table, found->id, found->value);
                    size_t index = indexOf(partition.parts, uuid);
                    outdate(*partition.parts[index]);
                    partition.parts.erase(partition.parts.begin() + index);
                }
            continue;
        }
        std::set<std::string> ids(range.partition_ids.begin(), range.partition_ids.end());
        bool all = range.scope == DropRange::Scope::Table;
        if (all)
            for (const auto & [id, _] : table.partitions)
                ids.insert(id);
        for (const auto & id : ids)
            if (table.partitions.contains(id))
                outdateParts(table, id);
        forgetTokens(range.table, ids, all);
    }
    return {};
}

ApplyResult StateChange::on(const Purged & body)
{
    for (const auto & part : body.parts)
        state_.outdated.erase(part);
    return {};
}

ApplyResult StateChange::on(const FenceEpoch & body)
{
    state_.epochs.erase(body.epoch);
    return {};
}

ApplyResult StateChange::on(const SetOptions & body)
{
    DatabaseOptions options = state_.options;
    const std::map<std::string_view, int64_t *> known{
        {"token_window_ms", &options.token_window_ms}, {"gc_grace_ms", &options.gc_grace_ms},
        {"pin_grace_ms", &options.pin_grace_ms}, {"pin_valid_ms", &options.pin_valid_ms},
        {"replay_version", &options.replay_version}};
    for (const auto & [name, value] : body.options)
    {
        auto it = known.find(name);
        if (it == known.end() || value < 0)
            return conflict(ErrorCode::UNKNOWN_SETTING, "There is no option {} with the value {}", name, value);
        *it->second = value;
    }
    if (options.pin_valid_ms >= options.pin_grace_ms)
        return conflict(ErrorCode::INVALID_SETTING_VALUE, "pin_valid_ms must be less than pin_grace_ms");
    if (options.replay_version < state_.options.replay_version)
        return conflict(ErrorCode::INVALID_SETTING_VALUE, "replay_version cannot go back");
    state_.options = options;
    return {};
}

ApplyResult StateChange::on(const DropDatabase &)
{
    while (!state_.tables.empty())
        dropTable(state_.tables.begin()->first);
    state_.offsets.clear();
    state_.dropped = true;
    return {};
}

TableState & StateChange::mutableTable(const Uuid & uuid)
{
    auto & table = state_.tables.at(uuid);
    if (table->batch != state_.batch_)
    {
        auto copy = std::make_shared<TableState>(*table);
        copy->batch = state_.batch_;
        table = std::move(copy);
    }
    return const_cast<TableState &>(*table);
}

PartitionState & StateChange::mutablePartition(TableState & table, const std::string & id, const std::string & value)
{
    auto & partition = table.partitions[id];
    if (!partition || partition->batch != state_.batch_)
    {
        auto copy = partition ? std::make_shared<PartitionState>(*partition) : std::make_shared<PartitionState>();
        copy->id = id;
        copy->value = value;
        copy->batch = state_.batch_;
        partition = std::move(copy);
    }
    auto & result = const_cast<PartitionState &>(*partition);
    result.changed_lsn = state_.lsn;
    return result;
}

void StateChange::addPart(const PartInfo & part)
{
    auto & partition = mutablePartition(mutableTable(part.table), part.partition_id, part.partition_value);
    auto stored = std::make_shared<PartInfo>(part);
    stored->min_block = stored->max_block = partition.next_block++;
    stored->level = 0;
    stored->added_lsn = state_.lsn;
    stored->added_time_ms = state_.time_ms;
    partition.parts.push_back(std::move(stored));
}

void StateChange::outdate(const PartInfo & part)
{
    state_.outdated[part.uuid] = {.object_key = part.object_key, .removed_lsn = state_.lsn};
}

void StateChange::outdateParts(TableState & table, const std::string & partition_id)
{
    auto & partition = mutablePartition(table, partition_id, table.partitions.at(partition_id)->value);
    for (const auto & part : partition.parts)
        outdate(*part);
    partition.parts.clear();
}

void StateChange::dropTable(const Uuid & uuid)
{
    auto it = state_.tables.find(uuid);
    if (it == state_.tables.end())
        return;
    auto table = it->second;
    for (const auto & [_, partition] : table->partitions)
        for (const auto & part : partition->parts)
            outdate(*part);
    forgetTokens(uuid, {}, true);
    state_.names.erase(table->schema->name);
    state_.tables.erase(it);
    touchViews(*table->schema);
}

/// Rows that were dropped may be inserted again, so their tokens go with them, as in ClickHouse.
void StateChange::forgetTokens(const Uuid & table, const std::set<std::string> & partition_ids, bool all)
{
    auto it = state_.tokens.lower_bound({table, std::string{}});
    while (it != state_.tokens.end() && it->first.first == table)
    {
        const auto & ids = it->second.partition_ids;
        bool dropped = all || (!ids.empty() && std::all_of(ids.begin(), ids.end(), [&](const auto & id) { return partition_ids.contains(id); }));
        it = dropped ? state_.tokens.erase(it) : std::next(it);
    }
}

/// An insert in flight has fed the old set of views: it must not commit under the new one.
void StateChange::touchViews(const TableSchema & view)
{
    if (view.view_source && state_.tables.contains(view.view_source))
        ++mutableTable(view.view_source).views_version;
}

/// What a rejected entry uploaded is garbage from here on, and known by name.
void StateChange::addRejectedObjects()
{
    auto suffix = fmt::format("-{}-{}.part", entry_.id.epoch, entry_.id.number);
    auto add = [&](const PartInfo & part)
    {
        if (part.object_key.ends_with(suffix))
            outdate(part);
    };
    if (const auto * insert = std::get_if<Insert>(&entry_.body))
        std::for_each(insert->parts.begin(), insert->parts.end(), add);
    else if (const auto * create = std::get_if<CreateTables>(&entry_.body))
        std::for_each(create->parts.begin(), create->parts.end(), add);
    else if (const auto * merge = std::get_if<Merge>(&entry_.body); merge && merge->result)
        add(*merge->result);
}

}
