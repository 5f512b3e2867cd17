// CommitLog, second half: how a node follows the log. See CommitLog.h.

#include "base/Exception.h"
#include "base/Memory.h"
#include "catalog/CommitLog.h"
#include "catalog/EntryCodec.h"
#include "catalog/KeeperPaths.h"
#include "catalog/Mutant.h"
#include "catalog/ObjectKeys.h"
#include "catalog/NodeSession.h"
#include "keeper/Keeper.h"

#include <algorithm>

namespace mangrove
{

namespace
{
/// Rounds of one refresh: a generation, a checkpoint or a lagging server cost one each.
constexpr int rounds_max = 100;
/// A node that does not make the log copies keeps a few checkpoints' worth, in case it has to.
constexpr size_t uncopied_entries_max = 4000;
}

void CommitLog::load()
{
    reloadGeneration();
    checkNotRolledBack();
    refresh(true);
    recordName();
    std::lock_guard lock(mutex_);
    checkpoint_ms_ = clock_.monotonicMs();
}

/// The name must be in the bucket before this node writes anything into the database.
void CommitLog::recordName()
{
    bool dropped = withState([](const DatabaseState & state) { return state.dropped; });
    auto key = databaseNameKey(database_);
    if (!dropped && !objects_->head(key))
        putObject(key, encodeDatabaseName(name_));
}

int64_t CommitLog::entryCount(const KeeperNode & head)
{
    return head.version - (head.data == sealed_head ? 1 : 0);
}

bool CommitLog::refresh(bool synced)
{
    std::lock_guard replay_lock(replay_mutex_);
    uint64_t before = 0;
    {
        std::lock_guard lock(mutex_);
        checkAlive();
        before = state_.lsn;
    }
    if (synced)
        keeper_->sync(paths::log(database_));
    for (int round = 0; replayTail(); ++round)
        if (round > rounds_max)
            throw Exception(ErrorCode::KEEPER_EXCEPTION, "The log of {} does not hold still: {} rounds", name_, round);
    return appliedLsn() != before;
}

/// One step towards the head; true if there may be more to do. Only the replay thread writes position_ and the
/// state, so it may read them without mutex_.
bool CommitLog::replayTail()
{
    auto head_path = paths::head(database_, position_.generation);
    auto head = keeper_->get(head_path);
    if (!head)
    {
        // The server lags, or the generation is gone because a checkpoint is past it, or the database is.
        keeper_->sync(head_path);
        if (keeper_->get(head_path))
            return true;
        auto pointer = readPointer();
        if (pointer.lsn <= state_.lsn && state_.dropped)
            throw Exception(ErrorCode::UNKNOWN_DATABASE, "Database {} was dropped", name_);
        if (pointer.lsn == state_.lsn && pointer.position.generation > position_.generation)
        {
            // We had read all of it, and somebody checkpointed before the first entry of the next.
            std::lock_guard lock(mutex_);
            position_ = pointer.position;
            last_entry_checksum_ = 0;
            return true;
        }
        if (pointer.lsn <= state_.lsn)
            failStop("the Keeper has neither the log nor a newer checkpoint");
        loadCheckpoint(pointer);
        return true;
    }
    auto applied = static_cast<int64_t>(state_.lsn - position_.base_lsn);
    if (entryCount(*head) < applied && !MUTANT("no_head_check"))
    {
        keeper_->sync(head_path);
        head = keeper_->get(head_path);
        if (head && entryCount(*head) < applied)
            failStop(fmt::format("the Keeper went back: {} entries of generation {} are applied, it holds {}", applied,
                position_.generation, entryCount(*head)));
        return true;
    }
    bool sealed = head->data == sealed_head;
    if (entryCount(*head) <= applied)
    {
        if (sealed)
            enterGeneration(position_.generation + 1);
        return sealed;
    }
    verifyLastApplied();
    while (static_cast<int64_t>(state_.lsn - position_.base_lsn) < entryCount(*head))
        if (!applyOne(position_.last_sequence + 1))
            return applyListed();
    return sealed;
}

/// The next number does not exist: the Keeper skipped it, or a checkpoint has taken its entry's place.
bool CommitLog::applyListed()
{
    auto dir = paths::entries(database_, position_.generation);
    auto names = keeper_->children(dir);
    // Entries go only after a checkpoint has come: so the pointer, read later, tells whether the list has a gap
    // in front. readPointer() syncs, so "later" holds even if the session moved to a server that lags.
    auto pointer = readPointer();
    if (pointer.lsn > state_.lsn && !MUTANT("list_without_checkpoint_check"))
    {
        loadCheckpoint(pointer);
        return true;
    }
    if (!names)
        return true;
    std::vector<int64_t> sequences;
    for (const auto & name : *names)
        if (int64_t sequence = paths::sequenceOf(name); sequence > position_.last_sequence)
            sequences.push_back(sequence);
    std::sort(sequences.begin(), sequences.end());
    for (int64_t sequence : sequences)
        if (!applyOne(sequence))
            return true;
    return true;
}

/// False if the entry, or the object it was spilled to, is not there.
bool CommitLog::applyOne(int64_t sequence)
{
    NeverRefused memory; // half an entry applied would be another state than all other nodes have
    auto node = keeper_->get(paths::entry(database_, position_.generation, sequence));
    if (!node)
        return false;
    std::string bytes = node->data;
    if (auto spilled = decodeSpilled(bytes))
    {
        // A copy that lands late, when its object may be swept: replay needs no more than its head.
        bool repeated = withState([&](const DatabaseState & state) { return state.isDecided(spilled->head.id); });
        auto fetched = repeated ? std::optional(encodeEntry(spilled->head))
                                : fetchChecked({.key = spilled->object_key, .bytes = spilled->bytes, .checksum = spilled->checksum});
        if (!fetched)
            return false;
        bytes = std::move(*fetched);
    }
    auto entry = decodeEntry(bytes);

    std::lock_guard lock(mutex_);
    auto result = state_.apply(entry);
    position_.last_sequence = sequence;
    last_entry_checksum_ = checksumOf(node->data);
    if (entry.id.epoch == node_.epoch() && undecided_.contains(entry.id.number) && !result.repeated)
        own_results_[entry.id.number] = result;
    if (isStructural(entry.body) && result.verdict == Verdict::Applied)
        structure_lsn_ = state_.lsn;
    uncopied_.push_back({.lsn = state_.lsn, .bytes = std::move(bytes)});
    if (uncopied_.size() > uncopied_entries_max)
        uncopied_.pop_front();
    if (state_.options.replay_version > DatabaseOptions::replay_version_max)
        failStop(fmt::format("the log asks for replay version {}, this program has {}: upgrade it",
            state_.options.replay_version, DatabaseOptions::replay_version_max));
    return true;
}

/// A Keeper that went back and then grew again past our position shows another entry where our last one was.
void CommitLog::verifyLastApplied()
{
    if (position_.last_sequence < 0 || last_entry_checksum_ == 0)
        return;
    auto node = keeper_->get(paths::entry(database_, position_.generation, position_.last_sequence));
    if (node && checksumOf(node->data) != last_entry_checksum_)
        failStop(fmt::format("the Keeper went back and took another way: entry {} is not the one applied", position_.last_sequence));
}

void CommitLog::enterGeneration(uint32_t generation)
{
    std::lock_guard lock(mutex_);
    position_ = {.generation = generation, .base_lsn = state_.lsn, .last_sequence = -1};
    last_entry_checksum_ = 0;
}

void CommitLog::failStop(const std::string & why)
{
    if (!is_stopped_)
        stopped_why_ = why;
    is_stopped_ = true;
    checkAlive();
    std::abort();
}

void CommitLog::checkAlive() const
{
    if (is_stopped_)
        throw Exception(ErrorCode::TABLE_IS_READ_ONLY, "Database {} stopped on this node: {}", name_, stopped_why_);
}

void CommitLog::waitForChange(int64_t timeout_ms, std::stop_token stop)
{
    LogPosition position;
    uint64_t lsn;
    {
        std::lock_guard lock(mutex_);
        position = position_;
        lsn = state_.lsn;
    }
    (void)keeper_->waitForChange(paths::head(database_, position.generation), static_cast<int32_t>(lsn - position.base_lsn),
        std::chrono::milliseconds(timeout_ms), stop);
}

}
