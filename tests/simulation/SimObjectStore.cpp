#include "SimObjectStore.h"

#include "catalog/CheckpointCodec.h"
#include "catalog/EntryCodec.h"
#include "catalog/KeeperPaths.h"

namespace mangrove::sim
{

namespace
{
constexpr int64_t list_ms_max = 60'000;
constexpr int64_t late_ms_max = 1'800'000;

[[noreturn]] void lost()
{
    throw Exception(ErrorCode::S3_ERROR, "simulated: the request failed");
}
}

void SimObjectStore::begin(int64_t longest_ms)
{
    world_.travel(longest_ms);
    if (world_.chance(world_.faults.store_fail))
    {
        world_.count("fault: bucket request failed");
        lost();
    }
}

void SimObjectStore::end()
{
    if (world_.chance(world_.faults.store_lose_reply))
    {
        world_.count("fault: bucket reply lost");
        lost();
    }
}

PutResult SimObjectStore::put(const std::string & key, std::string_view bytes, PutMode mode)
{
    begin();
    if (world_.chance(world_.faults.store_late_put))
    {
        world_.count("fault: put lands late");
        world_.scheduler.after(world_.lateness(late_ms_max),
            [bucket = world_.bucket, key, copy = std::string(bytes), mode] { bucket->put(key, copy, mode); });
        lost();
    }
    auto result = world_.bucket->put(key, bytes, mode);
    end();
    return result;
}

std::optional<ObjectBytes> SimObjectStore::get(const std::string & key)
{
    begin();
    return world_.bucket->get(key);
}

std::optional<ObjectBytes> SimObjectStore::getRange(const std::string & key, ObjectRange range)
{
    begin();
    return world_.bucket->getRange(key, range);
}

std::optional<ObjectBytes> SimObjectStore::getSuffix(const std::string & key, uint64_t length)
{
    begin();
    return world_.bucket->getSuffix(key, length);
}

std::optional<ObjectInfo> SimObjectStore::head(const std::string & key)
{
    begin();
    return world_.bucket->head(key);
}

ListPage SimObjectStore::list(const std::string & prefix, const std::string & start_after, size_t limit)
{
    // Small and, for parts, slow pages, as if there were many: a listing has other nodes' work in its middle.
    begin(prefix.starts_with("parts/") ? list_ms_max : latency_ms_max);
    return world_.bucket->list(prefix, start_after, std::min<size_t>(limit, 20));
}

/// Whether an append of the transaction may still land.
bool SimObjectStore::isUnderWay(const World::Transaction & transaction) const
{
    for (const auto & ops : world_.flying)
        for (const auto & op : ops)
            if (op.kind == KeeperOp::Kind::Create && op.path.starts_with(transaction.first + "/") && op.path.find("/entries/e-") != std::string::npos)
            {
                auto spilled = decodeSpilled(op.data);
                if ((spilled ? spilled->head : decodeEntry(op.data)).id == transaction.second)
                    return true;
            }
    return false;
}

void SimObjectStore::remove(const std::string & key)
{
    begin();
    auto upload = world_.uploading.find(key);
    if (upload != world_.uploading.end() && upload->second.second.epoch == owner_epoch && !isUnderWay(upload->second))
    {
        world_.count("insert: withdrawn");
        world_.refused.insert(upload->second);
        world_.uploading.erase(upload);
        upload = world_.uploading.end();
    }
    // Once its entry has landed, or its node is fenced, the upload may be known to be garbage.
    if (upload != world_.uploading.end() && world_.server->get(paths::node(upload->second.second.epoch))
        && !world_.landed.contains(upload->second))
        world_.violate("I5: " + key + " was deleted, and an operation under way means to commit it");
    for (const auto & ops : world_.flying)
        for (const auto & op : ops)
            if (op.kind == KeeperOp::Kind::Set && op.path.ends_with("/checkpoint") && decodePointer(op.data).root.key == key
                && world_.server->versionOf(op.path) == op.version && world_.server->get(ops.front().path))
                world_.violate("I5: " + key + " was deleted, and a checkpoint under way names it");
    world_.bucket->remove(key);
    end();
}

}
