#pragma once
// One session with a ZooKeeper (or ClickHouse Keeper) ensemble over libzookeeper-mt: its handle, its state, its
// watches, and calls that wait a bounded time for their completion. Used by ZooKeeperKeeper only. Thread-safe.
// libzookeeper reconnects by itself; an expired session stays expired. Every completion is called exactly once,
// also when the handle is closed, and owns a share of the call it completes: a caller may stop waiting.

#include "keeper/Keeper.h"

#include <condition_variable>
#include <mutex>

typedef struct _zhandle zhandle_t;

namespace mangrove
{

/// How a call ended: one of ZooKeeper's codes, or not at all in time.
struct ZooKeeperReply
{
    static constexpr int timed_out = 1; /// libzookeeper's codes are ≤ 0
    static constexpr int not_sent = 2;  /// the session has ended: the request never left

    int code = timed_out;
    std::string data;
    std::vector<std::string> names;
    int32_t version = 0;
    int64_t mtime_ms = 0;
    /// Of a multi.
    std::vector<int> op_codes;
    std::vector<KeeperOpResult> ops;

    bool ok() const { return code == 0; }
    std::string describe() const;
};

class ZooKeeperSession
{
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// Throws KEEPER_EXCEPTION when no server answers until `connect_timeout` is over.
    ZooKeeperSession(
        const std::string & hosts, std::chrono::milliseconds session_timeout,
        std::chrono::milliseconds connect_timeout);
    ~ZooKeeperSession();
    ZooKeeperSession(const ZooKeeperSession &) = delete;

    ZooKeeperReply get(const std::string & path, TimePoint deadline);
    ZooKeeperReply children(const std::string & path, TimePoint deadline);
    ZooKeeperReply sync(const std::string & path, TimePoint deadline);
    ZooKeeperReply multi(const std::vector<KeeperOp> & ops, TimePoint deadline);

    /// Reads the node's state and leaves a watch on it. libzookeeper keeps one watch per path, however often asked.
    ZooKeeperReply existsAndWatch(const std::string & path, TimePoint deadline);
    /// Counts the events of the watch on `path`, and the changes of the session's state.
    uint64_t eventCount(const std::string & path);
    /// Until eventCount is not `seen`. False: the time is over or `stop` was requested.
    bool waitForEvent(const std::string & path, uint64_t seen, TimePoint deadline, std::stop_token stop);

    bool waitConnected(TimePoint deadline);
    bool expired() const;

    /// Makes the servers end this session, as if it had timed out: a second client takes it over and closes it.
    void endOnServers(std::chrono::milliseconds connect_timeout);

private:
    struct State; /// what libzookeeper's threads touch

    const std::string hosts_;
    std::unique_ptr<State> state_;
    zhandle_t * handle_ = nullptr;
};

}
