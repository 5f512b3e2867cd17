#pragma once
// The Keeper of a single node: a ZnodeTree in memory, each committed write in a ZnodeDatabase before its reply.
// Thread-safe. Concurrent writers share a transaction (group commit): the first one that finds nobody committing
// applies and saves everything that is queued. Readers see only what is durable.
//
// If a save fails (disk full), the writes in it answer Unknown, the tree is loaded again from the file, and the
// session ends, since the ephemeral nodes are lost; newSession() goes on.

#include "base/Clock.h"
#include "keeper/ZnodeDatabase.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>

namespace mangrove
{

class EmbeddedKeeper final : public Keeper
{
public:
    EmbeddedKeeper(const std::string & folder, const Clock & clock);

    std::optional<KeeperNode> get(const std::string & path) override;
    std::optional<std::vector<std::string>> children(const std::string & path) override;
    KeeperResult multi(const std::vector<KeeperOp> & ops) override;
    WaitResult waitForChange(
        const std::string & path, int32_t last_seen_version, std::chrono::milliseconds timeout,
        std::stop_token stop) override;
    void sync(const std::string & path) override;
    bool sessionExpired() const override { return session_ == 0; }
    void newSession() override;
    std::string describe() const override { return "embedded " + folder_; }

    uint64_t transactionCount() const { return transactions_; }

private:
    struct PendingWrite
    {
        const std::vector<KeeperOp> * ops;
        std::optional<KeeperResult> result;
    };

    void checkReadable(const std::string & path) const;
    void commitBatch(const std::vector<PendingWrite *> & batch);
    void reloadAfterFailedSave();
    void announceChange();

    const std::string folder_;
    const Clock & clock_;

    std::mutex queue_mutex_;
    std::condition_variable queue_changed_;
    std::vector<PendingWrite *> queue_;
    bool committing_ = false;

    mutable std::shared_mutex tree_mutex_; /// exclusive from apply until the save is durable
    ZnodeDatabase database_;
    ZnodeTree tree_;
    std::atomic<bool> broken_{false}; /// the file could not be read again after a failed save
    std::atomic<int64_t> session_{0};
    std::atomic<uint64_t> transactions_{0};

    std::mutex change_mutex_;
    std::condition_variable_any changed_;
    uint64_t changes_ = 0;
};

}
