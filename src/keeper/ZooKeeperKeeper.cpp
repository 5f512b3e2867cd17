#include "keeper/ZooKeeperKeeper.h"

#include <algorithm>
#include <utility>

#include <zookeeper/zookeeper.h>

namespace mangrove
{

namespace
{

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds look_min{1000};

bool isLostConnection(int code)
{
    return code == ZooKeeperReply::timed_out || code == ZCONNECTIONLOSS || code == ZOPERATIONTIMEOUT
        || code == ZSESSIONMOVED;
}

std::optional<KeeperError> definiteError(int code)
{
    switch (code)
    {
        case ZNONODE:
            return KeeperError::NoNode;
        case ZNODEEXISTS:
            return KeeperError::NodeExists;
        case ZBADVERSION:
            return KeeperError::BadVersion;
        case ZNOTEMPTY:
            return KeeperError::NotEmpty;
        case ZNOCHILDRENFOREPHEMERALS:
            return KeeperError::NoChildrenForEphemerals;
        default:
            return std::nullopt;
    }
}

/// Refused by the server or by libzookeeper, for good: no retry mends it.
bool isRefusal(int code)
{
    return code == ZNOAUTH || code == ZBADARGUMENTS || code == ZUNIMPLEMENTED || code == ZINVALIDACL
        || code == ZAUTHFAILED || code == ZMARSHALLINGERROR;
}

}

ZooKeeperKeeper::ZooKeeperKeeper(const std::string & address, ZooKeeperOptions options) : options_(options)
{
    const size_t slash = std::min(address.find('/'), address.size());
    hosts_ = address.substr(0, slash);
    const std::string chroot = address.substr(slash);
    if (hosts_.find(':') == std::string::npos)
        throw Exception(
            ErrorCode::BAD_ARGUMENTS, "Keeper address '{}' must be embedded, or host:port,host:port,…[/chroot]",
            address);
    if (!chroot.empty() && chroot != "/")
        validateKeeperPath(chroot);
    session_ = openSession();
    if (!chroot.empty() && chroot != "/")
    {
        ensurePath(chroot);
        chroot_ = chroot;
    }
}

ZooKeeperKeeper::SessionPtr ZooKeeperKeeper::openSession() const
{
    return std::make_shared<ZooKeeperSession>(hosts_, options_.session_timeout, options_.connect_timeout);
}

ZooKeeperKeeper::SessionPtr ZooKeeperKeeper::session() const
{
    std::lock_guard lock(session_mutex_);
    return session_;
}

void ZooKeeperKeeper::newSession()
{
    SessionPtr fresh = openSession();
    {
        std::lock_guard lock(session_mutex_);
        std::swap(session_, fresh);
    }
    /// Closes the old session, unless calls under way hold a share of it: then the last of them does.
    fresh.reset();
    /// The new session may be with a server that has not seen the old one end.
    sync("/");
}

ZooKeeperSession::TimePoint ZooKeeperKeeper::operationDeadline() const
{
    return steady_clock::now() + options_.operation_timeout;
}

std::string ZooKeeperKeeper::fullPath(const std::string & path) const
{
    if (chroot_.empty())
        return path;
    return path == "/" ? chroot_ : chroot_ + path;
}

ZooKeeperReply ZooKeeperKeeper::read(ReadCall call, const std::string & path)
{
    validateKeeperPath(path);
    const SessionPtr session = this->session();
    const auto deadline = operationDeadline();
    const std::string full_path = fullPath(path);
    while (true)
    {
        ZooKeeperReply reply = (session.get()->*call)(full_path, deadline);
        if (reply.ok() || reply.code == ZNONODE)
            return reply;
        if (!isLostConnection(reply.code) || !session->waitConnected(deadline) || steady_clock::now() >= deadline)
            throw Exception(
                ErrorCode::KEEPER_EXCEPTION, "Cannot read '{}' from {}: {}", path, describe(), reply.describe());
    }
}

std::optional<KeeperNode> ZooKeeperKeeper::get(const std::string & path)
{
    ZooKeeperReply reply = read(&ZooKeeperSession::get, path);
    if (!reply.ok())
        return std::nullopt;
    return KeeperNode{std::move(reply.data), reply.version, reply.mtime_ms};
}

std::optional<std::vector<std::string>> ZooKeeperKeeper::children(const std::string & path)
{
    ZooKeeperReply reply = read(&ZooKeeperSession::children, path);
    if (!reply.ok())
        return std::nullopt;
    std::sort(reply.names.begin(), reply.names.end());
    return std::move(reply.names);
}

void ZooKeeperKeeper::sync(const std::string & path)
{
    (void)read(&ZooKeeperSession::sync, path);
}

KeeperResult ZooKeeperKeeper::multi(const std::vector<KeeperOp> & ops)
{
    validateKeeperRequest(ops);
    std::vector<KeeperOp> full_ops = ops;
    for (KeeperOp & op : full_ops)
        op.path = fullPath(op.path);
    const SessionPtr session = this->session();
    const auto deadline = operationDeadline();
    /// While no server is connected, libzookeeper would fail the write at once: wait for a failover instead.
    if (!session->waitConnected(deadline) && !session->expired())
        return KeeperResult::Unknown{"no server of the ensemble is connected"};
    return toResult(session->multi(full_ops, deadline));
}

KeeperResult ZooKeeperKeeper::toResult(ZooKeeperReply reply) const
{
    if (reply.ok())
    {
        for (KeeperOpResult & op : reply.ops)
            if (!op.path.empty())
                op.path.erase(0, chroot_.size());
        return KeeperResult::Committed{std::move(reply.ops)};
    }
    if (reply.code == ZooKeeperReply::not_sent)
        return KeeperResult::Failed{0, KeeperError::SessionExpired};
    /// The ops before the one that failed answer ZOK, those after it ZRUNTIMEINCONSISTENCY.
    if (definiteError(reply.code))
        for (size_t i = 0; i < reply.op_codes.size(); ++i)
            if (const auto error = definiteError(reply.op_codes[i]))
                return KeeperResult::Failed{i, *error};
    if (isRefusal(reply.code))
        throw Exception(ErrorCode::KEEPER_EXCEPTION, "{} refused a write: {}", describe(), reply.describe());
    return KeeperResult::Unknown{reply.describe()};
}

WaitResult ZooKeeperKeeper::waitForChange(
    const std::string & path, int32_t last_seen_version, std::chrono::milliseconds timeout, std::stop_token stop)
{
    validateKeeperPath(path);
    const SessionPtr session = this->session();
    const auto deadline = steady_clock::now() + timeout;
    const std::string full_path = fullPath(path);
    while (true)
    {
        /// Counted before looking: an event after the look then ends the wait at once.
        const uint64_t seen_events = session->eventCount(full_path);
        /// Even a wait of no time takes one look.
        const auto look_deadline = std::min(std::max(deadline, steady_clock::now() + look_min), operationDeadline());
        const ZooKeeperReply reply = session->existsAndWatch(full_path, look_deadline);
        if (reply.ok() || reply.code == ZNONODE)
        {
            if ((reply.ok() ? reply.version : no_node) != last_seen_version)
                return WaitResult::Changed;
        }
        else if (!isLostConnection(reply.code))
            throw Exception(
                ErrorCode::KEEPER_EXCEPTION, "Cannot watch '{}' in {}: {}", path, describe(), reply.describe());
        if (!session->waitForEvent(full_path, seen_events, deadline, stop))
            return stop.stop_requested() ? WaitResult::Cancelled : WaitResult::TimedOut;
    }
}

}
