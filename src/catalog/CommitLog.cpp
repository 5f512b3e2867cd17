#include "catalog/CommitLog.h"

#include "base/Exception.h"
#include "base/Failpoint.h"
#include "catalog/EntryCodec.h"
#include "catalog/KeeperPaths.h"
#include "catalog/Mutant.h"
#include "catalog/NodeSession.h"
#include "keeper/Keeper.h"

namespace mangrove
{

namespace
{
constexpr int64_t pause_ms_min = 20;
constexpr int64_t pause_ms_max = 1000;
constexpr int64_t settle_timeout_ms = 2000;

bool isKeeperTrouble(const Exception & e)
{
    return e.code() == ErrorCode::KEEPER_EXCEPTION || e.code() == ErrorCode::S3_ERROR;
}
}

CommitLog::CommitLog(std::string name, Uuid database, ObjectStorePtr objects, std::shared_ptr<Keeper> keeper,
    Clock & clock, NodeSession & node, const CatalogSettings & settings)
    : name_(std::move(name)), database_(database), objects_(std::move(objects)), keeper_(std::move(keeper)), clock_(clock),
      node_(node), settings_(settings)
{
}

CommitLog::~CommitLog() = default;

Transaction CommitLog::begin()
{
    std::lock_guard lock(mutex_);
    uint64_t number = next_number_++;
    undecided_.insert(number);
    return Transaction(*this, {.epoch = node_.epoch(), .number = number}, node_.keeperTimeMs(), database_.toString());
}

void CommitLog::abandon(TxnId id)
{
    std::lock_guard lock(mutex_);
    undecided_.erase(id.number);
    own_results_.erase(id.number);
}

CommitResult CommitLog::commit(Transaction & txn, EntryBody body)
{
    CHECK(txn.log_ == this, "a transaction is committed once, in its own database");
    LogEntry entry;
    entry.id = txn.id();
    entry.time_ms = txn.begun_ms_;
    entry.body = std::move(body);
    auto number = entry.id.number;
    const auto * carrier = std::holds_alternative<Insert>(entry.body) ? carrierOf(entry.body) : nullptr;
    std::string carrier_key = carrier ? carrier->object_key : "";
    CommitResult result{.outcome = CommitOutcome::Fenced};
    std::exception_ptr error;
    try
    {
        result = commitEntry(std::move(entry), settings_.commit_timeout_ms);
        txn.log_ = nullptr;
        abandon({.epoch = node_.epoch(), .number = number});
    }
    catch (const Exception & e)
    {
        if (e.code() == ErrorCode::UNKNOWN_STATUS_OF_INSERT)
        {
            // It may still land, so its number stays undecided, and its objects stay.
            txn.log_ = nullptr;
            std::lock_guard lock(mutex_);
            unsettled_.insert(number);
            throw;
        }
        error = std::current_exception();
    }
    if (result.outcome != CommitOutcome::Committed)
        withdraw(carrier_key);
    if (error)
        std::rethrow_exception(error);
    if (result.outcome != CommitOutcome::Fenced)
        secureStructure();
    return result;
}

/// Before an insert is refused: the record of a commit that did not happen must not be found by a rebuild. The entry
/// has not landed and cannot land any more, so the object is garbage already.
void CommitLog::withdraw(const std::string & carrier_key)
{
    if (carrier_key.empty() || MUTANT("refused_insert_keeps_record"))
        return;
    try
    {
        objects_->remove(carrier_key);
    }
    catch (const Exception & e)
    {
        throw Exception(ErrorCode::UNKNOWN_STATUS_OF_INSERT,
            "Nothing was committed, but object {} stays and would be taken for a commit if the Keeper were lost: {}", carrier_key, e.message());
    }
}

void CommitLog::secureStructure()
{
    constexpr int attempts_max = 5;
    for (int attempt = 0; attempt < attempts_max; ++attempt)
    {
        {
            std::lock_guard lock(mutex_);
            if (structure_lsn_ <= copied_lsn_ || MUTANT("ack_before_log_copy"))
                return;
        }
        try
        {
            copyLog();
        }
        catch (const Exception & e)
        {
            throw Exception(ErrorCode::UNKNOWN_STATUS_OF_INSERT, "Committed, but the log could not be copied to {}: {}",
                objects_->describe(), e.message());
        }
    }
    throw Exception(ErrorCode::UNKNOWN_STATUS_OF_INSERT, "Committed, but the log of {} grows faster than it can be copied", name_);
}

/// Appends until the entry is decided, whatever happens to the answers on the way.
CommitResult CommitLog::commitEntry(LogEntry entry, int64_t timeout_ms)
{
    {
        std::lock_guard lock(mutex_);
        if (node_.isFenced())
            return {.outcome = CommitOutcome::Fenced, .lsn = 0, .code = ErrorCode::ABORTED, .reason = "This node was fenced"};
        entry.oldest_undecided = undecided_.empty() ? entry.id.number : std::min(entry.id.number, *undecided_.begin());
        checkAlive();
    }
    auto data = entryData(entry);
    FAILPOINT("commit.before_append");

    int64_t deadline_ms = clock_.monotonicMs() + timeout_ms;
    bool may_have_landed = false;
    for (int64_t pause_ms = pause_ms_min;; pause_ms = std::min(pause_ms * 2, pause_ms_max))
    {
        auto append = Append::Retry;
        try
        {
            append = appendOnce(data);
        }
        catch (const Exception & e)
        {
            if (!isKeeperTrouble(e) && !may_have_landed)
                throw;
        }
        FAILPOINT("commit.after_append");
        may_have_landed |= append == Append::Landed || append == Append::Unknown;
        if (append == Append::Fenced)
        {
            node_.markFenced();
            if (!may_have_landed)
                return {.outcome = CommitOutcome::Fenced, .code = ErrorCode::ABORTED, .reason = "This node was fenced"};
        }
        if (append == Append::Unknown && MUTANT("lost_reply_means_failed"))
            return {.outcome = CommitOutcome::Conflict, .code = ErrorCode::ABORTED, .reason = "mutant"};
        if (may_have_landed)
            try
            {
                // Once fenced nothing of this node can land any more: a linearizable look decides.
                if (auto result = refreshAndFind(entry.id, append == Append::Fenced || append == Append::Landed))
                    return *result;
                if (append == Append::Fenced)
                    return {.outcome = CommitOutcome::Fenced, .code = ErrorCode::ABORTED, .reason = "This node was fenced"};
            }
            catch (const Exception & e)
            {
                if (!isKeeperTrouble(e))
                    throw Exception(ErrorCode::UNKNOWN_STATUS_OF_INSERT, "The commit may have happened: {}", e.message());
            }
        if (clock_.monotonicMs() >= deadline_ms)
            break;
        clock_.sleepMs(pause_ms);
        if (append == Append::Unknown && MUTANT("retry_with_new_number"))
        {
            std::lock_guard lock(mutex_);
            entry.id.number = next_number_++;
            data = encodeEntry(entry);
        }
    }
    if (!may_have_landed)
        throw Exception(ErrorCode::NO_ZOOKEEPER, "Nothing was committed to {}: {} does not answer", name_, keeper_->describe());
    throw Exception(ErrorCode::UNKNOWN_STATUS_OF_INSERT,
        "The commit to {} may have happened: {} did not answer for {} ms. Retry with the same insert_deduplication_token", name_,
        keeper_->describe(), timeout_ms);
}

CommitLog::Append CommitLog::appendOnce(const std::string & data)
{
    uint32_t generation;
    int32_t generation_version;
    {
        std::lock_guard lock(mutex_);
        generation = append_generation_;
        generation_version = append_generation_version_;
    }
    std::vector<KeeperOp> ops{
        KeeperOp::check(paths::generation(database_), generation_version),
        KeeperOp::check(MUTANT("append_without_epoch_check") ? std::string(paths::nodes) : paths::node(node_.epoch()), Keeper::any_version),
        KeeperOp::create(paths::entryPrefix(database_, generation), data, CreateMode::PersistentSequential),
        KeeperOp::set(paths::head(database_, generation), "", Keeper::any_version)};
    auto result = keeper_->multi(ops);
    if (result.committed())
        return Append::Landed;
    if (result.unknown())
        return Append::Unknown;
    if (result.failedWith(KeeperError::SessionExpired))
        keeper_->newSession();
    else if (result.failed()->op == 1)
        return Append::Fenced;
    else
        reloadGeneration();
    return Append::Retry;
}

void CommitLog::reloadGeneration()
{
    auto node = keeper_->get(paths::generation(database_));
    if (!node)
        throw Exception(ErrorCode::UNKNOWN_DATABASE, "Database {} was dropped", name_);
    Decoder in(node->data, "log generation");
    std::lock_guard lock(mutex_);
    append_generation_ = in.u32();
    append_generation_version_ = node->version;
}

void CommitLog::putObject(const std::string & key, std::string_view bytes)
{
    ++put_count;
    objects_->put(key, bytes, PutMode::Overwrite);
}

/// What the znode will hold: the entry, or where it is if it is large.
std::string CommitLog::entryData(const LogEntry & entry)
{
    auto bytes = encodeEntry(entry);
    if (bytes.size() <= settings_.entry_spill_bytes)
        return bytes;
    if (bytes.size() > entry_bytes_max)
        throw Exception(ErrorCode::TOO_LARGE_STRING_SIZE, "One statement makes a log entry of {} bytes, at most {} are allowed",
            bytes.size(), entry_bytes_max);
    SpilledEntry spilled{
        .head = {.id = entry.id, .oldest_undecided = entry.oldest_undecided, .time_ms = entry.time_ms, .body = {}},
        .object_key = fmt::format("{}spill/{}-{}", paths::metadataPrefix(database_), entry.id.epoch, entry.id.number),
        .bytes = bytes.size(),
        .checksum = checksumOf(bytes)};
    putObject(spilled.object_key, bytes);
    FAILPOINT("commit.after_spill");
    return encodeSpilled(spilled);
}

std::optional<CommitResult> CommitLog::refreshAndFind(TxnId id, bool synced)
{
    if (auto result = findResult(id))
        return result;
    refresh(false);
    if (auto result = findResult(id); result || !synced)
        return result;
    refresh(true);
    return findResult(id);
}

std::optional<CommitResult> CommitLog::findResult(TxnId id)
{
    std::lock_guard lock(mutex_);
    ApplyResult found;
    if (auto own = own_results_.find(id.number); own != own_results_.end())
        found = own->second;
    else if (const auto * decision = state_.findDecision(id))
        // A checkpoint was loaded over it, which does not say why.
        found = {.verdict = decision->verdict, .code = ErrorCode::ABORTED, .reason = "The state has moved on", .lsn = decision->lsn};
    else
        return std::nullopt;
    CommitResult result{.lsn = found.lsn, .code = found.code, .reason = found.reason};
    switch (found.verdict)
    {
        case Verdict::Applied:
            result.outcome = CommitOutcome::Committed;
            result.code = ErrorCode::OK;
            break;
        case Verdict::Duplicate:
            result.outcome = CommitOutcome::Duplicate;
            break;
        case Verdict::Conflict:
            result.outcome = CommitOutcome::Conflict;
            break;
    }
    return result;
}

void CommitLog::settleUnknown()
{
    std::set<uint64_t> numbers;
    {
        std::lock_guard lock(mutex_);
        numbers = unsettled_;
    }
    for (uint64_t number : numbers)
    {
        TxnId id{.epoch = node_.epoch(), .number = number};
        LogEntry entry;
        entry.id = id;
        entry.time_ms = node_.keeperTimeMs();
        // If the lost entry landed, this one is the repetition; if it lands later, that one is.
        if (!refreshAndFind(id, true) && commitEntry(std::move(entry), settle_timeout_ms).outcome == CommitOutcome::Fenced)
            return;
        abandon(id);
        std::lock_guard lock(mutex_);
        unsettled_.erase(number);
    }
}

SnapshotPtr CommitLog::snapshot()
{
    std::lock_guard lock(mutex_);
    checkAlive();
    if (!published_ || published_->lsn != state_.lsn)
    {
        auto data = std::make_shared<SnapshotData>();
        data->database = name_;
        data->lsn = state_.lsn;
        data->tables = state_.tables;
        data->names = state_.names;
        state_.seal();
        published_ = std::move(data);
    }
    pins_->add(published_->lsn);
    int64_t valid_ms = state_.options.pin_valid_ms;
    return std::make_shared<const Snapshot>(
        published_, [&node = node_, valid_ms] { return node.heartbeatAgeMs() > valid_ms; },
        [pins = pins_, lsn = published_->lsn] { pins->remove(lsn); });
}

uint64_t CommitLog::appliedLsn() const
{
    std::lock_guard lock(mutex_);
    return state_.lsn;
}

uint64_t CommitLog::oldestPin() const
{
    std::lock_guard lock(mutex_);
    return pins_->oldest(state_.lsn);
}

}
