#pragma once
// A Keeper in memory, for tests and the simulation: one MemoryKeeperServer is the ensemble, each MemoryKeeper one
// session with it. Deterministic: no threads, time only from the Clock given; waitForChange() looks and sleeps on
// the Clock by turns. Thread-safe.
//
// What a network does to a session is decided by a hook, request by request: nothing, never arrives, arrives but
// the reply is lost, or is held back and lands when the test says so (a paused node's append that wakes up late).

#include "base/Clock.h"
#include "keeper/ZnodeTree.h"

#include <atomic>
#include <deque>
#include <functional>
#include <mutex>

namespace mangrove
{

class MemoryKeeperServer
{
public:
    explicit MemoryKeeperServer(const Clock & clock = SystemClock::instance()) : clock_(clock) {}

    int64_t openSession();
    bool isOpen(int64_t session) const;
    /// As a session timeout: its ephemeral nodes go, what it still sends is refused.
    void expireSession(int64_t session);

    KeeperResult apply(int64_t session, const std::vector<KeeperOp> & ops);
    std::optional<KeeperNode> get(const std::string & path) const;
    std::optional<std::vector<std::string>> children(const std::string & path) const;
    int32_t versionOf(const std::string & path) const;
    size_t nodeCount() const;

    /// The whole state, to bring an older one back later: a Keeper restored from an old snapshot.
    ZnodeTree snapshot() const;
    void restore(ZnodeTree tree);

private:
    const Clock & clock_;
    mutable std::mutex mutex_;
    ZnodeTree tree_;
};

enum class KeeperFault
{
    None,
    FailBefore, /// the server never sees it
    LoseReply,  /// it is done; the caller does not learn of it
    HoldBack,   /// writes: it is done by landHeldBack(), if the session lives then; reads: as FailBefore
};

struct KeeperRequest
{
    std::string path;                          /// of a read; empty for a multi
    const std::vector<KeeperOp> * ops = nullptr; /// of a multi
};

using KeeperFaultHook = std::function<KeeperFault(const KeeperRequest &)>;

class MemoryKeeper final : public Keeper
{
public:
    MemoryKeeper(std::shared_ptr<MemoryKeeperServer> server, Clock & clock);
    ~MemoryKeeper() override;

    std::optional<KeeperNode> get(const std::string & path) override;
    std::optional<std::vector<std::string>> children(const std::string & path) override;
    KeeperResult multi(const std::vector<KeeperOp> & ops) override;
    WaitResult waitForChange(
        const std::string & path, int32_t last_seen_version, std::chrono::milliseconds timeout,
        std::stop_token stop) override;
    void sync(const std::string & path) override;
    /// As a real client, learns of it by the first request that reaches the server afterwards.
    bool sessionExpired() const override { return expired_; }
    void newSession() override;
    std::string describe() const override { return "memory"; }

    /// The hook may be called from several threads when the keeper is.
    void setFaultHook(KeeperFaultHook hook);
    /// Sends the writes held back, in order. Returns how many the server committed.
    size_t landHeldBack();
    /// Forgets them: the node that sent them died before they left it.
    void dropHeldBack();
    int64_t session() const { return session_; }

private:
    struct HeldBack
    {
        int64_t session;
        std::vector<KeeperOp> ops;
    };

    KeeperFault faultOf(const KeeperRequest & request);
    /// Throws if the request does not arrive, or its reply is lost, or the session has ended.
    void beginRead(const std::string & path);

    const std::shared_ptr<MemoryKeeperServer> server_;
    Clock & clock_;
    std::atomic<int64_t> session_;
    std::atomic<bool> expired_{false};
    std::mutex mutex_;
    KeeperFaultHook hook_;
    std::deque<HeldBack> held_back_;
};

}
