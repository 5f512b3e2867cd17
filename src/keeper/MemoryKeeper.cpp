#include "keeper/MemoryKeeper.h"

#include <algorithm>

namespace mangrove
{

namespace
{

/// How often waitForChange looks: on a simulated clock, how coarse its turns are.
constexpr int64_t poll_ms = 5;

}

int64_t MemoryKeeperServer::openSession()
{
    std::lock_guard lock(mutex_);
    return tree_.openSession();
}

bool MemoryKeeperServer::isOpen(int64_t session) const
{
    std::lock_guard lock(mutex_);
    return tree_.isOpen(session);
}

void MemoryKeeperServer::expireSession(int64_t session)
{
    std::lock_guard lock(mutex_);
    tree_.closeSession(session);
}

KeeperResult MemoryKeeperServer::apply(int64_t session, const std::vector<KeeperOp> & ops)
{
    std::set<std::string> touched;
    std::lock_guard lock(mutex_);
    return tree_.apply(session, ops, clock_.wallMs(), touched);
}

std::optional<KeeperNode> MemoryKeeperServer::get(const std::string & path) const
{
    std::lock_guard lock(mutex_);
    return tree_.get(path);
}

std::optional<std::vector<std::string>> MemoryKeeperServer::children(const std::string & path) const
{
    std::lock_guard lock(mutex_);
    return tree_.children(path);
}

int32_t MemoryKeeperServer::versionOf(const std::string & path) const
{
    std::lock_guard lock(mutex_);
    return tree_.versionOf(path);
}

size_t MemoryKeeperServer::nodeCount() const
{
    std::lock_guard lock(mutex_);
    return tree_.size();
}

ZnodeTree MemoryKeeperServer::snapshot() const
{
    std::lock_guard lock(mutex_);
    return tree_;
}

void MemoryKeeperServer::restore(ZnodeTree tree)
{
    std::lock_guard lock(mutex_);
    tree_ = std::move(tree);
}

MemoryKeeper::MemoryKeeper(std::shared_ptr<MemoryKeeperServer> server, Clock & clock)
    : server_(std::move(server)), clock_(clock), session_(server_->openSession())
{
}

MemoryKeeper::~MemoryKeeper()
{
    server_->expireSession(session_);
}

void MemoryKeeper::newSession()
{
    server_->expireSession(session_);
    session_ = server_->openSession();
    expired_ = false;
}

void MemoryKeeper::setFaultHook(KeeperFaultHook hook)
{
    std::lock_guard lock(mutex_);
    hook_ = std::move(hook);
}

KeeperFault MemoryKeeper::faultOf(const KeeperRequest & request)
{
    KeeperFaultHook hook;
    {
        std::lock_guard lock(mutex_);
        hook = hook_;
    }
    return hook ? hook(request) : KeeperFault::None;
}

void MemoryKeeper::beginRead(const std::string & path)
{
    validateKeeperPath(path);
    const KeeperFault fault = faultOf({path, nullptr});
    if (fault == KeeperFault::FailBefore || fault == KeeperFault::HoldBack)
        throw Exception(ErrorCode::KEEPER_EXCEPTION, "Cannot read '{}' from the Keeper: connection lost", path);
    if (!server_->isOpen(session_))
    {
        expired_ = true;
        throw Exception(ErrorCode::KEEPER_EXCEPTION, "Cannot read '{}' from the Keeper: session expired", path);
    }
    if (fault == KeeperFault::LoseReply)
        throw Exception(ErrorCode::KEEPER_EXCEPTION, "Cannot read '{}' from the Keeper: reply lost", path);
}

std::optional<KeeperNode> MemoryKeeper::get(const std::string & path)
{
    beginRead(path);
    return server_->get(path);
}

std::optional<std::vector<std::string>> MemoryKeeper::children(const std::string & path)
{
    beginRead(path);
    return server_->children(path);
}

void MemoryKeeper::sync(const std::string & path)
{
    beginRead(path);
}

KeeperResult MemoryKeeper::multi(const std::vector<KeeperOp> & ops)
{
    validateKeeperRequest(ops);
    if (expired_)
        return KeeperResult::Failed{0, KeeperError::SessionExpired};
    const KeeperFault fault = faultOf({"", &ops});
    if (fault == KeeperFault::FailBefore)
        return KeeperResult::Unknown{"connection lost"};
    if (fault == KeeperFault::HoldBack)
    {
        std::lock_guard lock(mutex_);
        held_back_.push_back({session_, ops});
        return KeeperResult::Unknown{"operation timed out"};
    }
    KeeperResult result = server_->apply(session_, ops);
    if (fault == KeeperFault::LoseReply)
        return KeeperResult::Unknown{"reply lost"};
    if (result.failedWith(KeeperError::SessionExpired))
        expired_ = true;
    return result;
}

size_t MemoryKeeper::landHeldBack()
{
    std::deque<HeldBack> landing;
    {
        std::lock_guard lock(mutex_);
        landing.swap(held_back_);
    }
    return static_cast<size_t>(std::count_if(
        landing.begin(), landing.end(),
        [&](const HeldBack & held) { return server_->apply(held.session, held.ops).committed() != nullptr; }));
}

void MemoryKeeper::dropHeldBack()
{
    std::lock_guard lock(mutex_);
    held_back_.clear();
}

WaitResult MemoryKeeper::waitForChange(
    const std::string & path, int32_t last_seen_version, std::chrono::milliseconds timeout, std::stop_token stop)
{
    beginRead(path);
    const int64_t deadline_ms = clock_.monotonicMs() + timeout.count();
    while (true)
    {
        if (server_->versionOf(path) != last_seen_version)
            return WaitResult::Changed;
        if (stop.stop_requested())
            return WaitResult::Cancelled;
        const int64_t left_ms = deadline_ms - clock_.monotonicMs();
        if (left_ms <= 0)
            return WaitResult::TimedOut;
        clock_.sleepMs(std::min(left_ms, poll_ms));
    }
}

}
