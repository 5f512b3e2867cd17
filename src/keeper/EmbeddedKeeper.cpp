#include "keeper/EmbeddedKeeper.h"

#include "base/Failpoint.h"

namespace mangrove
{

EmbeddedKeeper::EmbeddedKeeper(const std::string & folder, const Clock & clock)
    : folder_(folder), clock_(clock), database_(folder), tree_(database_.load())
{
    session_ = tree_.openSession();
}

void EmbeddedKeeper::checkReadable(const std::string & path) const
{
    validateKeeperPath(path);
    if (broken_)
        throw Exception(
            ErrorCode::KEEPER_EXCEPTION, "The embedded Keeper in '{}' failed to write and to read: restart", folder_);
    if (sessionExpired())
        throw Exception(ErrorCode::KEEPER_EXCEPTION, "Cannot read '{}' from the Keeper: session expired", path);
}

std::optional<KeeperNode> EmbeddedKeeper::get(const std::string & path)
{
    std::shared_lock lock(tree_mutex_);
    checkReadable(path);
    return tree_.get(path);
}

std::optional<std::vector<std::string>> EmbeddedKeeper::children(const std::string & path)
{
    std::shared_lock lock(tree_mutex_);
    checkReadable(path);
    return tree_.children(path);
}

void EmbeddedKeeper::sync(const std::string & path)
{
    std::shared_lock lock(tree_mutex_);
    checkReadable(path);
}

KeeperResult EmbeddedKeeper::multi(const std::vector<KeeperOp> & ops)
{
    validateKeeperRequest(ops);
    PendingWrite write{&ops, std::nullopt};
    std::unique_lock lock(queue_mutex_);
    queue_.push_back(&write);
    queue_changed_.wait(lock, [&] { return write.result || !committing_; });
    if (write.result)
        return std::move(*write.result);

    committing_ = true;
    std::vector<PendingWrite *> batch;
    batch.swap(queue_);
    lock.unlock();
    commitBatch(batch);
    lock.lock();
    committing_ = false;
    queue_changed_.notify_all();
    return std::move(*write.result);
}

/// Does not throw: every write of the batch gets a result, or its caller would wait forever.
void EmbeddedKeeper::commitBatch(const std::vector<PendingWrite *> & batch)
{
    {
        std::unique_lock tree_lock(tree_mutex_);
        std::vector<KeeperResult> results;
        try
        {
            if (broken_)
                throw Exception(ErrorCode::KEEPER_EXCEPTION, "the embedded Keeper failed to write and to read");
            std::set<std::string> touched;
            for (const PendingWrite * write : batch)
                results.push_back(tree_.apply(session_, *write->ops, clock_.wallMs(), touched));
            if (!touched.empty())
            {
                FAILPOINT("keeper.before_save");
                database_.save(tree_, touched);
                ++transactions_;
                FAILPOINT("keeper.after_save");
            }
        }
        catch (const std::exception & error)
        {
            results.assign(batch.size(), KeeperResult::Unknown{error.what()});
            reloadAfterFailedSave();
        }
        /// The callers look at the results under queue_mutex_ only.
        std::lock_guard queue_lock(queue_mutex_);
        for (size_t i = 0; i < batch.size(); ++i)
            batch[i]->result = std::move(results[i]);
    }
    announceChange();
}

void EmbeddedKeeper::reloadAfterFailedSave()
{
    session_ = 0;
    try
    {
        tree_ = database_.load();
    }
    catch (const std::exception &)
    {
        broken_ = true;
    }
}

void EmbeddedKeeper::newSession()
{
    {
        std::unique_lock lock(tree_mutex_);
        tree_.closeSession(session_);
        session_ = tree_.openSession();
    }
    announceChange();
}

void EmbeddedKeeper::announceChange()
{
    std::lock_guard lock(change_mutex_);
    ++changes_;
    changed_.notify_all();
}

WaitResult EmbeddedKeeper::waitForChange(
    const std::string & path, int32_t last_seen_version, std::chrono::milliseconds timeout, std::stop_token stop)
{
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (true)
    {
        /// Counted before looking: a change after the look then ends the wait at once.
        std::unique_lock lock(change_mutex_);
        const uint64_t seen_changes = changes_;
        lock.unlock();
        {
            std::shared_lock tree_lock(tree_mutex_);
            checkReadable(path);
            if (tree_.versionOf(path) != last_seen_version)
                return WaitResult::Changed;
        }
        lock.lock();
        if (!changed_.wait_until(lock, stop, deadline, [&] { return changes_ != seen_changes; }))
            return stop.stop_requested() ? WaitResult::Cancelled : WaitResult::TimedOut;
    }
}

}
