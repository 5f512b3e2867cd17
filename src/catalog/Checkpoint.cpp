// CommitLog, third part: checkpoints, log copies, and keeping the Keeper's log short. See CommitLog.h.

#include "base/Exception.h"
#include "base/Failpoint.h"
#include "catalog/CommitLog.h"
#include "catalog/EntryCodec.h"
#include "catalog/KeeperPaths.h"
#include "catalog/Mutant.h"
#include "catalog/NodeSession.h"
#include "keeper/Keeper.h"

namespace mangrove
{

namespace
{
constexpr size_t removes_per_multi = 500;
constexpr int cas_attempts_max = 5;
constexpr int64_t cas_pause_ms = 100;
}

CheckpointPointer CommitLog::readPointer(int32_t * version)
{
    auto path = paths::checkpoint(database_);
    keeper_->sync(path);
    auto node = keeper_->get(path);
    if (!node)
        throw Exception(ErrorCode::UNKNOWN_DATABASE, "Database {} was dropped", name_);
    if (version)
        *version = node->version;
    return decodePointer(node->data);
}

std::optional<std::string> CommitLog::fetchChecked(const ObjectRef & ref)
{
    auto object = objects_->get(ref.key);
    if (!object)
        return std::nullopt;
    if (object->bytes.size() != ref.bytes || checksumOf(object->bytes) != ref.checksum)
        throw Exception(ErrorCode::CHECKSUM_DOESNT_MATCH, "Object {} is damaged: {} bytes, expected {}, or another checksum", ref.key,
            object->bytes.size(), ref.bytes);
    return std::move(object->bytes);
}

/// Takes the state from the checkpoint, unless the pointer has moved on and its objects are gone.
void CommitLog::loadCheckpoint(const CheckpointPointer & pointer)
{
    if (!tryLoadCheckpoint(pointer) && readPointer().root.key == pointer.root.key)
        failStop(fmt::format("the bucket lacks an object of the current checkpoint {}", pointer.root.key));
}

bool CommitLog::tryLoadCheckpoint(const CheckpointPointer & pointer)
{
    auto bytes = fetchChecked(pointer.root);
    if (!bytes)
        return false;
    auto root = decodeRoot(*bytes);
    for (const auto & [key, manifest] : root.manifests)
    {
        auto manifest_bytes = fetchChecked(manifest.object);
        if (!manifest_bytes)
            return false;
        // Nobody else holds these tables yet.
        auto & table = const_cast<TableState &>(*root.state.tables.at(key.first));
        table.partitions[key.second] = std::make_shared<PartitionState>(decodeManifest(*manifest_bytes));
    }
    if (root.state.hash() != pointer.state_hash || root.state.lsn != pointer.lsn)
        throw Exception(ErrorCode::CORRUPTED_DATA, "Checkpoint {} of {} does not have the state hash that the Keeper holds",
            pointer.root.key, name_);
    root.state.checkInvariants();
    {
        std::lock_guard lock(mutex_);
        state_ = std::move(root.state);
        position_ = pointer.position;
        last_entry_checksum_ = 0;
        published_.reset();
        uncopied_.clear();
        checkpoint_lsn_ = pointer.lsn;
        copied_lsn_ = std::max(copied_lsn_, pointer.lsn);
    }
    return true;
}

/// A bucket that knows of entries which the Keeper does not have: the Keeper was restored from an old copy. The
/// bucket is listed first: what it shows was in the Keeper before.
void CommitLog::checkNotRolledBack()
{
    uint64_t bucket_lsn = 0;
    std::string bucket_key;
    for (const char * kind : {"root/", "log/"})
    {
        auto prefix = paths::metadataPrefix(database_) + kind;
        std::string start_after;
        for (bool more = true; more;)
        {
            auto page = objects_->list(prefix, start_after, ObjectStore::list_limit_max);
            for (const auto & object : page.objects)
            {
                start_after = object.key;
                if (uint64_t lsn = std::strtoull(object.key.c_str() + prefix.size(), nullptr, 10); lsn > bucket_lsn)
                {
                    bucket_lsn = lsn;
                    bucket_key = object.key;
                }
            }
            more = page.truncated;
        }
    }
    keeper_->sync(paths::log(database_));
    auto node = keeper_->get(paths::generation(database_));
    if (!node)
        return;
    Decoder in(node->data, "log generation");
    uint32_t generation = in.u32();
    uint64_t base_lsn = in.u64();
    auto head = keeper_->get(paths::head(database_, generation));
    uint64_t keeper_lsn = std::max(readPointer().lsn, base_lsn + static_cast<uint64_t>(head ? entryCount(*head) : 0));
    if (bucket_lsn > keeper_lsn && !MUTANT("no_bucket_check"))
        failStop(fmt::format("the Keeper went back to entry {}, the bucket holds {}: repair it with mangrove fsck", keeper_lsn, bucket_key));
}

bool CommitLog::checkpointIfDue()
{
    rollGenerationIfDue();
    uint64_t behind;
    int64_t age_ms;
    {
        std::lock_guard lock(mutex_);
        behind = state_.lsn - checkpoint_lsn_;
        age_ms = clock_.monotonicMs() - checkpoint_ms_;
    }
    if (behind < settings_.checkpoint_entries && (behind == 0 || age_ms < settings_.checkpoint_interval_ms))
        return false;
    return writeCheckpoint();
}

bool CommitLog::writeCheckpoint()
{
    std::lock_guard checkpoint_lock(checkpoint_mutex_);
    int32_t version = 0;
    auto current = readPointer(&version);
    std::erase_if(unknown_checkpoints_, [&](const auto & item)
    {
        if (item.second != version)
            abandon({.epoch = node_.epoch(), .number = item.first}); // the pointer has moved: it cannot land any more
        return item.second != version;
    });
    if (current.root.key != manifests_of_)
    {
        manifests_ = readRoot(current).manifests;
        manifests_of_ = current.root.key;
    }

    auto txn = begin();
    auto suffix = fmt::format("{}-{}", txn.id().epoch, txn.id().number);
    auto manifests = manifests_;
    std::vector<std::pair<std::string, std::string>> uploads;
    CheckpointPointer next;
    std::string root;
    {
        // One critical section, so that root and manifests are of one LSN; encoding is the only work in it.
        std::lock_guard lock(mutex_);
        checkpoint_lsn_ = std::max(checkpoint_lsn_, current.lsn);
        if (current.lsn >= state_.lsn)
            return false;
        for (const auto & [uuid, table] : state_.tables)
            for (const auto & [id, partition] : table->partitions)
            {
                auto & manifest = manifests[{uuid, id}];
                if (!manifest.object.key.empty() && manifest.changed_lsn == partition->changed_lsn)
                    continue;
                auto bytes = encodeManifest(*partition);
                auto key = fmt::format("{}manifest/{:08x}-{}", paths::metadataPrefix(database_), uploads.size(), suffix);
                manifest = {.object = {.key = key, .bytes = bytes.size(), .checksum = checksumOf(bytes)}, .changed_lsn = partition->changed_lsn};
                uploads.emplace_back(std::move(key), std::move(bytes));
            }
        std::erase_if(manifests, [&](const auto & item)
        {
            auto table = state_.findTable(item.first.first);
            return !table || !table->partitions.contains(item.first.second);
        });
        root = encodeRoot(state_, position_, manifests);
        next = {.position = position_, .lsn = state_.lsn, .root = {}, .state_hash = state_.hash()};
    }
    next.root = {.key = fmt::format("{}root/{:016}-{}", paths::metadataPrefix(database_), next.lsn, suffix),
        .bytes = root.size(), .checksum = checksumOf(root)};
    for (const auto & [key, bytes] : uploads)
        putObject(key, bytes);
    FAILPOINT("checkpoint.after_manifests");
    putObject(next.root.key, root);
    FAILPOINT("checkpoint.after_root");

    if (MUTANT("truncate_before_checkpoint"))
        truncate(next);
    // From here on the pointer may come to name these objects, even if all answers are lost: the number stays
    // undecided, so that no sweep touches them, until the pointer's version shows that it cannot happen any more.
    auto number = txn.id().number;
    txn.log_ = nullptr;
    unknown_checkpoints_[number] = version;
    if (MUTANT("checkpoint_forgets_lost_cas"))
        abandon({.epoch = node_.epoch(), .number = number});
    if (!casPointer(next, version))
        return false;
    unknown_checkpoints_.erase(number);
    abandon({.epoch = node_.epoch(), .number = number});
    FAILPOINT("checkpoint.after_cas");
    manifests_ = std::move(manifests);
    manifests_of_ = next.root.key;
    {
        std::lock_guard lock(mutex_);
        checkpoint_lsn_ = next.lsn;
        checkpoint_ms_ = clock_.monotonicMs();
        forgetCopied(next.lsn);
    }
    truncate(next);
    FAILPOINT("checkpoint.after_truncate");
    return true;
}

/// True once the pointer is known to be `pointer`; false if it is not, or nobody knows.
bool CommitLog::casPointer(const CheckpointPointer & pointer, int32_t version)
{
    for (int attempt = 0; attempt < cas_attempts_max; ++attempt)
    {
        auto result = keeper_->multi({
            KeeperOp::check(paths::node(node_.epoch()), Keeper::any_version),
            KeeperOp::set(paths::checkpoint(database_), encodePointer(pointer), version)});
        if (result.committed())
            return true;
        if (result.failedWith(KeeperError::SessionExpired))
            keeper_->newSession();
        if (readPointer().root.key == pointer.root.key)
            return true;
        if (result.failed() && !result.failedWith(KeeperError::SessionExpired))
            return false;
        clock_.sleepMs(cas_pause_ms);
    }
    return false;
}

DecodedRoot CommitLog::readRoot(const CheckpointPointer & pointer)
{
    if (pointer.lsn == 0)
        return {};
    auto bytes = fetchChecked(pointer.root);
    if (!bytes)
        throw Exception(ErrorCode::KEEPER_EXCEPTION, "The checkpoint of {} was replaced while it was read", name_);
    return decodeRoot(*bytes);
}

/// Safe at any later time, by any node: what one pointer covers, every later one covers too.
void CommitLog::truncate(const CheckpointPointer & pointer)
{
    for (const auto & name : keeper_->children(paths::log(database_)).value_or(std::vector<std::string>{}))
        if (name.starts_with("g-") && paths::sequenceOf(name) < pointer.position.generation)
        {
            auto generation = static_cast<uint32_t>(paths::sequenceOf(name));
            removeEntries(generation, std::numeric_limits<int64_t>::max());
            (void)keeper_->multi({
                KeeperOp::remove(paths::entries(database_, generation), Keeper::any_version),
                KeeperOp::remove(paths::head(database_, generation), Keeper::any_version),
                KeeperOp::remove(paths::generationDir(database_, generation), Keeper::any_version)});
        }
    removeEntries(pointer.position.generation, pointer.position.last_sequence - static_cast<int64_t>(settings_.truncation_slack));
}

void CommitLog::removeEntries(uint32_t generation, int64_t up_to_sequence)
{
    std::vector<std::string> doomed;
    for (const auto & name : keeper_->children(paths::entries(database_, generation)).value_or(std::vector<std::string>{}))
        if (paths::sequenceOf(name) <= up_to_sequence)
            doomed.push_back(paths::entries(database_, generation) + "/" + name);
    for (size_t begin = 0; begin < doomed.size(); begin += removes_per_multi)
    {
        std::vector<KeeperOp> ops;
        for (size_t i = begin; i < std::min(doomed.size(), begin + removes_per_multi); ++i)
            ops.push_back(KeeperOp::remove(doomed[i], Keeper::any_version));
        if (keeper_->multi(ops).committed())
            continue;
        for (const auto & op : ops) // another node was at it too
            if (keeper_->remove(op.path).unknown())
                return;
    }
}

void CommitLog::rollGenerationIfDue()
{
    LogPosition position;
    uint64_t lsn;
    {
        std::lock_guard lock(mutex_);
        position = position_;
        lsn = state_.lsn;
    }
    auto count = static_cast<int64_t>(lsn - position.base_lsn);
    if (count < settings_.generation_roll_count)
        return;
    auto node = keeper_->get(paths::generation(database_));
    if (!node)
        return;
    Decoder in(node->data, "log generation");
    if (in.u32() != position.generation)
        return;
    Encoder next;
    next.u32(position.generation + 1);
    next.u64(lsn);
    auto dir = paths::generationDir(database_, position.generation + 1);
    // Fails if anything was appended since: then the next step tries again.
    (void)keeper_->multi({
        KeeperOp::check(paths::node(node_.epoch()), Keeper::any_version),
        KeeperOp::set(paths::head(database_, position.generation), std::string(sealed_head), static_cast<int32_t>(count)),
        KeeperOp::set(paths::generation(database_), next.take(), node->version),
        KeeperOp::create(dir, ""),
        KeeperOp::create(paths::head(database_, position.generation + 1), ""),
        KeeperOp::create(paths::entries(database_, position.generation + 1), "")});
}

/// The bucket has everything up to `lsn`. Under mutex_.
void CommitLog::forgetCopied(uint64_t lsn)
{
    copied_lsn_ = std::max(copied_lsn_, lsn);
    while (!uncopied_.empty() && uncopied_.front().lsn <= lsn)
        uncopied_.pop_front();
}

uint64_t CommitLog::copiedLsn() const
{
    std::lock_guard lock(mutex_);
    return copied_lsn_;
}

bool CommitLog::copyLog()
{
    std::unique_lock checkpoint_lock(checkpoint_mutex_);
    std::optional<uint64_t> checkpoint_lsn;
    try
    {
        checkpoint_lsn = readPointer().lsn;
    }
    catch (const Exception & e)
    {
        if (e.code() != ErrorCode::KEEPER_EXCEPTION)
            throw; // the Keeper may be lost: all the more reason to copy
    }
    std::vector<RawEntry> entries;
    bool gap = false;
    {
        std::lock_guard lock(mutex_);
        forgetCopied(checkpoint_lsn.value_or(0));
        entries.assign(uncopied_.begin(), uncopied_.end());
        gap = !entries.empty() && entries.front().lsn > copied_lsn_ + 1;
    }
    if (entries.empty())
        return false;
    if (gap && checkpoint_lsn)
    {
        // So far behind that the oldest entries are not kept any more.
        checkpoint_lock.unlock();
        return writeCheckpoint();
    }
    auto txn = begin();
    auto key = fmt::format("{}log/{:016}-{:016}-{}-{}", paths::metadataPrefix(database_), entries.back().lsn, entries.front().lsn,
        txn.id().epoch, txn.id().number);
    putObject(key, encodeLogCopy(entries));
    if (!gap)
    {
        std::lock_guard lock(mutex_);
        forgetCopied(entries.back().lsn);
    }
    return true;
}

std::vector<ObjectRef> CommitLog::checkpointObjects()
{
    auto pointer = readPointer();
    if (pointer.lsn == 0)
        return {};
    std::vector<ObjectRef> objects{pointer.root};
    for (const auto & [_, manifest] : readRoot(pointer).manifests)
        objects.push_back(manifest.object);
    return objects;
}

}
