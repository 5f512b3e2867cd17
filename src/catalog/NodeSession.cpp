#include "catalog/NodeSession.h"

#include "base/Exception.h"
#include "catalog/EntryCodec.h"
#include "catalog/KeeperPaths.h"
#include "catalog/Mutant.h"
#include "keeper/Keeper.h"

namespace mangrove
{

namespace
{
constexpr uint8_t node_format_version = 1;
constexpr int registration_attempts_max = 20;
constexpr int64_t retry_pause_ms = 200;
constexpr int64_t keeper_time_error_ms_max = 5000;
}

std::string encodeNode(const NodeRecord & node)
{
    Encoder out;
    out.u8(node_format_version);
    out.string(node.name);
    out.string(node.address);
    out.uuid(node.incarnation);
    out.count(node.pins.size());
    for (const auto & [database, lsn] : node.pins)
    {
        out.uuid(database);
        out.u64(lsn);
    }
    return out.take();
}

NodeRecord decodeNode(std::string_view bytes)
{
    Decoder in(bytes, "node record");
    if (in.u8() != node_format_version)
        in.fail("unknown format version");
    NodeRecord node;
    node.name = in.string();
    node.address = in.string();
    node.incarnation = in.uuid();
    for (size_t left = in.count(24); left > 0; --left)
    {
        auto database = in.uuid();
        node.pins[database] = in.u64();
    }
    in.expectEnd();
    return node;
}

std::vector<LiveNode> listNodes(Keeper & keeper)
{
    std::string dir(paths::nodes);
    if (!MUTANT("list_nodes_without_sync"))
        keeper.sync(dir);
    std::vector<LiveNode> result;
    for (const auto & name : keeper.children(dir).value_or(std::vector<std::string>{}))
        if (auto node = keeper.get(dir + "/" + name))
            result.push_back({.epoch = paths::epochOf(name), .version = node->version, .record = decodeNode(node->data)});
    return result;
}

NodeSession::NodeSession(std::shared_ptr<Keeper> keeper, Clock & clock, NodeRecord record)
    : keeper_(std::move(keeper)), clock_(clock), record_(std::move(record))
{
}

void NodeSession::start()
{
    for (auto dir : {paths::nodes, paths::databases, paths::logs, paths::leases})
        keeper_->ensurePath(std::string(dir));
    registerIncarnation();
    for (int attempt = 0; keeper_time_offset_ms_ == 0; ++attempt)
    {
        if (attempt == registration_attempts_max)
            throw Exception(ErrorCode::NO_ZOOKEEPER, "{} answers too slowly to tell the time", keeper_->describe());
        heartbeat({}); // no pins: everything is pinned
    }
}

void NodeSession::registerIncarnation()
{
    auto data = encodeNode(record_);
    auto prefix = paths::nodePrefix(readIncarnation());
    for (int attempt = 0; attempt < registration_attempts_max; ++attempt)
    {
        auto result = keeper_->create(prefix, data, CreateMode::PersistentSequential);
        if (result.committed())
        {
            epoch_ = paths::epochOf(result.op().path);
            return;
        }
        if (result.failedWith(KeeperError::SessionExpired))
            keeper_->newSession();
        else if (result.failed())
            throw Exception(ErrorCode::KEEPER_EXCEPTION, "Cannot register node {}: {}", record_.name, result.describe());
        clock_.sleepMs(retry_pause_ms);
        if (adoptRegistration())
            return;
    }
    throw Exception(ErrorCode::NO_ZOOKEEPER, "Cannot register node {}: {} does not answer", record_.name, keeper_->describe());
}

uint32_t NodeSession::readIncarnation()
{
    std::string path(paths::nodes);
    keeper_->sync(path);
    auto node = keeper_->get(path);
    return paths::parseIncarnation(node ? node->data : "");
}

bool NodeSession::adoptRegistration()
{
    try
    {
        for (const auto & node : listNodes(*keeper_))
            if (node.record.incarnation == record_.incarnation)
            {
                epoch_ = node.epoch;
                return true;
            }
    }
    catch (const Exception & e)
    {
        if (e.code() != ErrorCode::KEEPER_EXCEPTION)
            throw;
    }
    return false;
}

void NodeSession::stop()
{
    auto result = keeper_->remove(paths::node(epoch_));
    fenced_ = true;
    if (result.unknown())
        throw Exception(ErrorCode::KEEPER_EXCEPTION, "Node {} may still be registered: {}", record_.name, result.describe());
}

void NodeSession::heartbeat(std::map<Uuid, uint64_t> pins)
{
    std::lock_guard lock(mutex_);
    record_.pins = std::move(pins);
    int64_t begun_ms = clock_.monotonicMs();
    if (keeper_->sessionExpired())
        keeper_->newSession();
    auto result = keeper_->set(paths::node(epoch_), encodeNode(record_));
    if (result.failedWith(KeeperError::NoNode))
    {
        fenced_ = true;
        throw Exception(ErrorCode::ABORTED, "Node {} (epoch {}) was fenced: the others had not heard of it for too long; restart it",
            record_.name, epoch());
    }
    if (!result.committed())
        throw Exception(ErrorCode::KEEPER_EXCEPTION, "Heartbeat of node {}: {}", record_.name, result.describe());
    last_heartbeat_ms_ = begun_ms;
    learnKeeperTime(begun_ms);
}

/// Our record was set between `begun_ms` and now. A pause in between makes the answer worthless.
void NodeSession::learnKeeperTime(int64_t begun_ms)
{
    auto node = keeper_->get(paths::node(epoch_));
    int64_t now_ms = clock_.monotonicMs();
    if (!node || now_ms - begun_ms > keeper_time_error_ms_max)
        return;
    keeper_time_offset_ms_ = MUTANT("stamp_with_own_clock") ? clock_.wallMs() - now_ms : node->mtime_ms - begun_ms;
}

bool NodeSession::holdsLease(std::string_view what)
{
    auto path = paths::lease(what);
    auto mine = fmt::format("{}", epoch());
    if (auto node = keeper_->get(path))
        return node->data == mine;
    return keeper_->create(path, mine, CreateMode::Ephemeral).committed() != nullptr;
}

}
