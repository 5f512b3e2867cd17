#include "SimKeeper.h"

#include "catalog/CheckpointCodec.h"
#include "catalog/EntryCodec.h"
#include "catalog/KeeperPaths.h"

namespace mangrove::sim
{

namespace
{
constexpr double aimed = 6; /// how much likelier a fault is where it hurts
constexpr int64_t latency_ms_max = 20;
constexpr int64_t timeout_ms = 1000;
constexpr int64_t cut_ms_max = 1'800'000;
constexpr int64_t late_ms_max = 5'400'000; /// a write may wake up an hour and a half later

[[noreturn]] void lost()
{
    throw Exception(ErrorCode::KEEPER_EXCEPTION, "simulated: connection lost");
}
}

void SimKeeper::travel()
{
    world_.travel(latency_ms_max);
}

void SimKeeper::beginRead(double stale_factor)
{
    travel();
    if (isCut() || world_.chance(world_.faults.keeper_fail))
    {
        world_.count(isCut() ? "fault: read in a partition" : "fault: read lost");
        world_.scheduler.pause(timeout_ms);
        lost();
    }
    if (!world_.server->isOpen(session_))
        expired_ = true;
    else if (world_.chance(world_.faults.keeper_expire))
    {
        world_.count("fault: session expired");
        world_.server->expireSession(session_);
        expired_ = true;
    }
    if (expired_)
        lost();
    if (!stale_ && world_.chance(world_.faults.keeper_stale * stale_factor))
    {
        for (const auto & [time_ms, tree] : world_.past)
            if (time_ms >= last_seen_ms_)
            {
                world_.count("fault: server lags");
                stale_ = tree;
                break;
            }
    }
    if (!stale_)
        last_seen_ms_ = world_.scheduler.nowMs();
}

std::optional<KeeperNode> SimKeeper::get(const std::string & path)
{
    beginRead();
    return stale_ ? stale_->get(path) : world_.server->get(path);
}

std::optional<std::vector<std::string>> SimKeeper::children(const std::string & path)
{
    beginRead(aimed); // what a list lacks is what a decision goes wrong by
    return stale_ ? stale_->children(path) : world_.server->children(path);
}

void SimKeeper::sync(const std::string &)
{
    beginRead();
    stale_.reset();
    last_seen_ms_ = world_.scheduler.nowMs();
}

KeeperResult SimKeeper::multi(const std::vector<KeeperOp> & ops)
{
    validateKeeperRequest(ops);
    if (expired_ || !world_.server->isOpen(session_))
    {
        expired_ = true;
        return KeeperResult::Failed{0, KeeperError::SessionExpired};
    }
    travel();
    // Late checkpoints are rare and matter most.
    bool is_checkpoint = std::any_of(ops.begin(), ops.end(), [](const KeeperOp & op) { return op.path.ends_with("/checkpoint"); });
    if (world_.chance(world_.faults.keeper_late * (is_checkpoint ? aimed : 1)))
    {
        world_.count("fault: write lands late");
        auto flight = world_.flying.insert(world_.flying.end(), ops);
        world_.scheduler.after(world_.lateness(late_ms_max), [&world = world_, session = session_, flight]
        {
            auto landing = std::move(*flight);
            world.flying.erase(flight);
            if (world.server->isOpen(session))
                (void)applyAt(world, session, landing);
        });
        if (world_.chance(0.5))
            cut_until_ms_ = world_.scheduler.nowMs() + world_.lateness(cut_ms_max);
        world_.scheduler.pause(timeout_ms);
        return KeeperResult::Unknown{"simulated: late"};
    }
    if (isCut() || world_.chance(world_.faults.keeper_fail))
    {
        world_.count(isCut() ? "fault: write in a partition" : "fault: write lost");
        world_.scheduler.pause(timeout_ms);
        return KeeperResult::Unknown{"simulated: lost"};
    }
    auto result = applyAt(world_, session_, ops);
    stale_.reset();
    last_seen_ms_ = world_.scheduler.nowMs();
    if (world_.chance(world_.faults.keeper_lose_reply))
    {
        world_.count("fault: write reply lost");
        world_.scheduler.pause(timeout_ms);
        return KeeperResult::Unknown{"simulated: reply lost"};
    }
    travel();
    return result;
}

KeeperResult SimKeeper::applyAt(World & world, int64_t session, const std::vector<KeeperOp> & ops)
{
    auto result = world.server->apply(session, ops);
    world.scheduler.trace(result.committed() ? 1 : 2);
    if (result.committed())
        for (const auto & op : ops)
            judge(world, op);
    return result;
}

/// A write that has landed.
void SimKeeper::judge(World & world, const KeeperOp & op)
{
    if (op.path.starts_with(paths::nodes) && op.path != paths::nodes)
    {
        if (op.kind == KeeperOp::Kind::Set)
            world.heard_ms[op.path] = world.scheduler.nowMs();
        else if (op.kind == KeeperOp::Kind::Remove && world.heard_ms.contains(op.path)
            && world.scheduler.nowMs() - world.heard_ms[op.path] < world.pin_grace_ms)
            world.violate("I5: " + op.path + " was fenced, with its pins, soon after a heartbeat");
        return;
    }
    if (op.kind == KeeperOp::Kind::Set && op.path.ends_with("/checkpoint"))
    {
        if (!world.bucket->head(decodePointer(op.data).root.key))
            world.violate("I1: a checkpoint landed whose root is not in the bucket");
        return;
    }
    if (op.kind != KeeperOp::Kind::Create || op.path.find("/entries/e-") == std::string::npos)
        return;
    auto log = op.path.substr(0, op.path.find("/g-"));
    std::string bytes = op.data;
    auto spilled = decodeSpilled(bytes);
    auto head = spilled ? spilled->head : decodeEntry(bytes);
    if (!world.server->get(paths::node(head.id.epoch)))
        world.violate("I8: an entry of a fenced epoch was committed");
    bool repeated = !world.landed.emplace(log, head.id).second;
    if (!repeated && world.refused.contains({log, head.id}))
        world.violate("I4: an insert landed after it was refused");
    if (spilled)
    {
        world.count("entry: spilled");
        auto object = world.bucket->get(spilled->object_key);
        if (!object && !repeated)
            world.violate("I1: an entry refers to a spilled object that is not there");
        if (!object)
            return;
        bytes = object->bytes;
    }
    world.count("entry: " + std::string(decodeEntry(bytes).kindName()));
}

WaitResult SimKeeper::waitForChange(const std::string &, int32_t, std::chrono::milliseconds timeout, std::stop_token)
{
    world_.scheduler.pause(timeout.count());
    return WaitResult::TimedOut;
}

void SimKeeper::newSession()
{
    world_.server->expireSession(session_);
    session_ = world_.server->openSession();
    expired_ = false;
    stale_.reset();
    last_seen_ms_ = 0; // it may be with another server
}

}
