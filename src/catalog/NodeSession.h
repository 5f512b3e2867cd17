#pragma once
// This incarnation of the node, as the others see it: one persistent znode, nodes/n-EPOCH, made at start. Every
// commit checks that it is there, so removing it shuts the incarnation out of every log at once (fencing), and a
// delayed append cannot land. Its data holds the node's pins; each heartbeat rewrites it, which raises its
// version: whoever wants to fence removes it at the version that did not move for the whole grace, so a
// heartbeat in between saves the node. No ephemeral node decides anything: a lost session loses nothing.
// Until its first heartbeat the node pins everything. Used by Catalog and CommitLog. Thread-safe.

#include "base/Clock.h"
#include "base/Uuid.h"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace mangrove
{

class Keeper;

/// The data of nodes/n-EPOCH.
struct NodeRecord
{
    std::string name;
    std::string address;
    Uuid incarnation;
    std::map<Uuid, uint64_t> pins; /// database → smallest LSN in use; a database that is missing: 0
    bool operator==(const NodeRecord &) const = default;
};

std::string encodeNode(const NodeRecord & node);
NodeRecord decodeNode(std::string_view bytes);

struct LiveNode
{
    uint64_t epoch = 0;
    int32_t version = 0; /// moves with each heartbeat
    NodeRecord record;
};

/// All that are registered, by epoch, as of a moment after the call began.
std::vector<LiveNode> listNodes(Keeper & keeper);

class NodeSession
{
public:
    NodeSession(std::shared_ptr<Keeper> keeper, Clock & clock, NodeRecord record);

    /// Registers. After a lost answer it looks for what the lost attempt made; an attempt that lands later still
    /// leaves a registration that nobody uses, which is fenced after the grace like any dead node.
    void start();
    /// Removes the registration, and with it the pins.
    void stop();

    /// Publishes the pins. Finds out about being fenced. Throws when the Keeper cannot be reached.
    void heartbeat(std::map<Uuid, uint64_t> pins);

    uint64_t epoch() const { return epoch_; }
    /// How often the catalog was rebuilt before this Keeper. The first reads it, linearizably.
    uint32_t readIncarnation();
    uint32_t incarnation() const { return static_cast<uint32_t>(epoch_ >> 32); }
    bool isFenced() const { return fenced_; }
    void markFenced() { fenced_ = true; }

    /// The Keeper's clock, estimated from the last heartbeat: all nodes stamp entries with one clock.
    int64_t keeperTimeMs() const { return clock_.monotonicMs() + keeper_time_offset_ms_; }

    /// Milliseconds since a heartbeat that is known to have reached the Keeper began.
    int64_t heartbeatAgeMs() const { return clock_.monotonicMs() - last_heartbeat_ms_; }

    /// Whether this node holds, or just took, the lease. Only a hint of who should work: nothing relies on it.
    bool holdsLease(std::string_view what);

private:
    void registerIncarnation();
    bool adoptRegistration();
    void learnKeeperTime(int64_t begun_ms);

    std::shared_ptr<Keeper> keeper_;
    Clock & clock_;
    NodeRecord record_;
    mutable std::mutex mutex_;
    std::atomic<uint64_t> epoch_{0};
    std::atomic<bool> fenced_{false};
    std::atomic<int64_t> keeper_time_offset_ms_{0};
    std::atomic<int64_t> last_heartbeat_ms_{0};
};

}
