#include "keeper/ZooKeeperSession.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

#include <zookeeper/zookeeper.h>

namespace mangrove
{

namespace
{

/// A sequence number is ten digits; a chroot is not used.
constexpr size_t created_path_slack = 16;

/// A call under way: what the request points into, and the reply.
struct Call
{
    std::mutex mutex;
    std::condition_variable finished;
    bool done = false;
    ZooKeeperReply reply;

    std::vector<KeeperOp> request;
    std::vector<zoo_op_t> ops;
    std::vector<zoo_op_result_t> results;
    std::vector<std::string> created_paths;
    std::vector<Stat> stats;

    void finish(int code)
    {
        std::lock_guard lock(mutex);
        reply.code = code;
        done = true;
        finished.notify_all();
    }
};

using CallPtr = std::shared_ptr<Call>;

/// Takes back the share that startCall() gave to the completion.
CallPtr takeCall(const void * data)
{
    const std::unique_ptr<CallPtr> share(const_cast<CallPtr *>(static_cast<const CallPtr *>(data)));
    return *share;
}

template <typename Start>
ZooKeeperReply
runCall(zhandle_t * handle, const CallPtr & call, ZooKeeperSession::TimePoint deadline, Start && start)
{
    auto share = std::make_unique<CallPtr>(call);
    const int code = start(share.get());
    if (code != ZOK)
    {
        const bool ended = code == ZINVALIDSTATE || is_unrecoverable(handle) != ZOK;
        call->reply.code = ended ? ZooKeeperReply::not_sent : code;
        return call->reply;
    }
    share.release();
    std::unique_lock lock(call->mutex);
    if (call->finished.wait_until(lock, deadline, [&] { return call->done; }))
        return std::move(call->reply);
    return ZooKeeperReply{};
}

void fillStat(ZooKeeperReply & reply, const Stat * stat)
{
    reply.version = stat->version;
    reply.mtime_ms = stat->mtime;
}

void onData(int code, const char * value, int length, const Stat * stat, const void * data)
{
    const CallPtr call = takeCall(data);
    if (code == ZOK)
    {
        if (value && length > 0) /// -1: null data
            call->reply.data.assign(value, static_cast<size_t>(length));
        fillStat(call->reply, stat);
    }
    call->finish(code);
}

void onStat(int code, const Stat * stat, const void * data)
{
    const CallPtr call = takeCall(data);
    if (code == ZOK)
        fillStat(call->reply, stat);
    call->finish(code);
}

void onStrings(int code, const String_vector * strings, const void * data)
{
    const CallPtr call = takeCall(data);
    if (code == ZOK)
        call->reply.names.assign(strings->data, strings->data + strings->count);
    call->finish(code);
}

void onString(int code, const char *, const void * data)
{
    takeCall(data)->finish(code);
}

void onMulti(int code, const void * data)
{
    const CallPtr call = takeCall(data);
    for (size_t i = 0; i < call->request.size(); ++i)
    {
        const KeeperOp & op = call->request[i];
        KeeperOpResult result;
        if (code == ZOK && op.kind == KeeperOp::Kind::Create)
            result = {call->created_paths[i].c_str(), 0};
        else if (code == ZOK && op.kind == KeeperOp::Kind::Set)
            result = {op.path, call->stats[i].version};
        call->reply.ops.push_back(std::move(result));
        call->reply.op_codes.push_back(call->results[i].err);
    }
    call->finish(code);
}

/// Errors reach the caller as codes; libzookeeper's own log would go to stderr.
void dropLogLine(const char *)
{
}

}

struct ZooKeeperSession::State
{
    std::mutex mutex;
    std::condition_variable_any changed;
    bool connected = false;
    bool expired = false;
    uint64_t session_events = 0;
    std::map<std::string, uint64_t> watch_events; /// by path

    static void onEvent(zhandle_t *, int type, int state, const char * path, void * context)
    {
        auto & self = *static_cast<State *>(context);
        std::lock_guard lock(self.mutex);
        if (type == ZOO_SESSION_EVENT)
        {
            self.connected = state == ZOO_CONNECTED_STATE;
            self.expired = self.expired || state == ZOO_EXPIRED_SESSION_STATE || state == ZOO_AUTH_FAILED_STATE;
            ++self.session_events;
        }
        else if (path)
            ++self.watch_events[path];
        self.changed.notify_all();
    }

    uint64_t eventsOf(const std::string & path) const
    {
        const auto it = watch_events.find(path);
        return session_events + (it == watch_events.end() ? 0 : it->second);
    }
};

std::string ZooKeeperReply::describe() const
{
    switch (code)
    {
        case timed_out:
            return "no reply in time";
        case not_sent:
            return "the session has ended";
        default:
            return zerror(code);
    }
}

ZooKeeperSession::ZooKeeperSession(
    const std::string & hosts, std::chrono::milliseconds session_timeout, std::chrono::milliseconds connect_timeout)
    : hosts_(hosts), state_(std::make_unique<State>())
{
    const TimePoint deadline = std::chrono::steady_clock::now() + connect_timeout;
    zoo_set_debug_level(ZOO_LOG_LEVEL_ERROR);
    handle_ = zookeeper_init2(
        hosts.c_str(), State::onEvent, static_cast<int>(session_timeout.count()), nullptr, state_.get(),
        ZOO_NO_LOG_CLIENTENV, dropLogLine);
    if (!handle_)
        throw Exception(
            ErrorCode::KEEPER_EXCEPTION, "Cannot start a ZooKeeper client for '{}': {}", hosts, std::strerror(errno));
    if (!waitConnected(deadline))
    {
        zookeeper_close(handle_);
        throw Exception(
            ErrorCode::KEEPER_EXCEPTION, "No ZooKeeper server of '{}' answered within {} ms", hosts,
            connect_timeout.count());
    }
}

ZooKeeperSession::~ZooKeeperSession()
{
    zookeeper_close(handle_); /// joins libzookeeper's threads; completes what is under way with ZCLOSING
}

void ZooKeeperSession::endOnServers(std::chrono::milliseconds connect_timeout)
{
    State state;
    zhandle_t * twin = zookeeper_init2(
        hosts_.c_str(), State::onEvent, zoo_recv_timeout(handle_), zoo_client_id(handle_), &state,
        ZOO_NO_LOG_CLIENTENV, dropLogLine);
    if (!twin)
        throw Exception(ErrorCode::KEEPER_EXCEPTION, "Cannot start a ZooKeeper client: {}", std::strerror(errno));
    {
        std::unique_lock lock(state.mutex);
        state.changed.wait_for(lock, connect_timeout, [&] { return state.connected || state.expired; });
    }
    zookeeper_close(twin);
}

bool ZooKeeperSession::waitConnected(TimePoint deadline)
{
    std::unique_lock lock(state_->mutex);
    state_->changed.wait_until(lock, deadline, [&] { return state_->connected || state_->expired; });
    return state_->connected && !state_->expired;
}

bool ZooKeeperSession::expired() const
{
    /// The handle knows a little before the event arrives.
    if (is_unrecoverable(handle_) != ZOK)
        return true;
    std::lock_guard lock(state_->mutex);
    return state_->expired;
}

ZooKeeperReply ZooKeeperSession::get(const std::string & path, TimePoint deadline)
{
    const auto call = std::make_shared<Call>();
    return runCall(
        handle_, call, deadline, [&](void * share) { return zoo_aget(handle_, path.c_str(), 0, onData, share); });
}

ZooKeeperReply ZooKeeperSession::children(const std::string & path, TimePoint deadline)
{
    const auto call = std::make_shared<Call>();
    return runCall(
        handle_, call, deadline,
        [&](void * share) { return zoo_aget_children(handle_, path.c_str(), 0, onStrings, share); });
}

ZooKeeperReply ZooKeeperSession::sync(const std::string & path, TimePoint deadline)
{
    const auto call = std::make_shared<Call>();
    return runCall(
        handle_, call, deadline, [&](void * share) { return zoo_async(handle_, path.c_str(), onString, share); });
}

ZooKeeperReply ZooKeeperSession::multi(const std::vector<KeeperOp> & ops, TimePoint deadline)
{
    const auto call = std::make_shared<Call>();
    call->request = ops;
    call->ops.resize(ops.size());
    call->results.resize(ops.size());
    call->stats.resize(ops.size());
    for (const KeeperOp & op : ops)
        call->created_paths.emplace_back(
            op.kind == KeeperOp::Kind::Create ? op.path.size() + created_path_slack : 0, '\0');
    for (size_t i = 0; i < ops.size(); ++i)
    {
        const KeeperOp & op = call->request[i];
        switch (op.kind)
        {
            case KeeperOp::Kind::Check:
                zoo_check_op_init(&call->ops[i], op.path.c_str(), op.version);
                break;
            case KeeperOp::Kind::Create:
            {
                const int flags = op.mode == CreateMode::Ephemeral ? ZOO_EPHEMERAL
                    : op.mode == CreateMode::PersistentSequential  ? ZOO_PERSISTENT_SEQUENTIAL
                                                                   : ZOO_PERSISTENT;
                zoo_create_op_init(
                    &call->ops[i], op.path.c_str(), op.data.data(), static_cast<int>(op.data.size()),
                    &ZOO_OPEN_ACL_UNSAFE, flags, call->created_paths[i].data(),
                    static_cast<int>(call->created_paths[i].size()));
                break;
            }
            case KeeperOp::Kind::Set:
                zoo_set_op_init(
                    &call->ops[i], op.path.c_str(), op.data.data(), static_cast<int>(op.data.size()), op.version,
                    &call->stats[i]);
                break;
            case KeeperOp::Kind::Remove:
                zoo_delete_op_init(&call->ops[i], op.path.c_str(), op.version);
                break;
        }
    }
    return runCall(
        handle_, call, deadline,
        [&](void * share)
        {
            /// On a session that has ended zoo_amulti (3.8) frees paths of ours. A connected one ends only after it has
            /// lost its connection and a server has refused it: not within this call.
            if (zoo_state(handle_) != ZOO_CONNECTED_STATE)
                return static_cast<int>(ZCONNECTIONLOSS);
            return zoo_amulti(
                handle_, static_cast<int>(call->ops.size()), call->ops.data(), call->results.data(), onMulti, share);
        });
}

ZooKeeperReply ZooKeeperSession::existsAndWatch(const std::string & path, TimePoint deadline)
{
    const auto call = std::make_shared<Call>();
    return runCall(
        handle_, call, deadline,
        [&](void * share)
        { return zoo_awexists(handle_, path.c_str(), State::onEvent, state_.get(), onStat, share); });
}

uint64_t ZooKeeperSession::eventCount(const std::string & path)
{
    std::lock_guard lock(state_->mutex);
    return state_->eventsOf(path);
}

bool ZooKeeperSession::waitForEvent(
    const std::string & path, uint64_t seen, TimePoint deadline, std::stop_token stop)
{
    std::unique_lock lock(state_->mutex);
    return state_->changed.wait_until(lock, stop, deadline, [&] { return state_->eventsOf(path) != seen; });
}

}
