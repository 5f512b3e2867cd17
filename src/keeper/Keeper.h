#pragma once
// What we need of ZooKeeper: a small tree of versioned nodes with atomic multi-writes, sessions and change
// notification. It decides the order of commits and holds membership and leases, nothing large. Only catalog uses
// it. Thread-safe; every call is bounded in time by the implementation's operation timeout.
//
// A write answers one of three things, and the commit log relies on telling them apart: Committed; Failed (nothing
// of it happened, and nothing will); Unknown (the reply was lost: it may have happened, or happen later).
// Reads have no such doubt: they answer, or throw Exception(KEEPER_EXCEPTION).

#include "base/Exception.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mangrove
{

enum class CreateMode
{
    Persistent,
    Ephemeral,            /// removed when the session that created it ends
    PersistentSequential, /// ten digits are appended to the name: the parent's counter
};

/// Why a write certainly did not happen.
enum class KeeperError
{
    NoNode,                  /// the node, or for a create its parent, is not there
    NodeExists,
    BadVersion,
    NotEmpty,                /// a node with children cannot be removed
    NoChildrenForEphemerals,
    SessionExpired,          /// the session had already ended when the call was made
};

std::string_view keeperErrorName(KeeperError error);

struct KeeperNode
{
    std::string data;
    int32_t version = 0;  /// 0 when created, +1 with each set
    int64_t mtime_ms = 0; /// of the last set, by the Keeper's clock
};

struct KeeperOp
{
    enum class Kind
    {
        Check,
        Create,
        Set,
        Remove,
    };

    Kind kind = Kind::Check;
    std::string path;
    std::string data;
    int32_t version = -1; /// expected version for Check, Set, Remove; any_version: the node need only exist
    CreateMode mode = CreateMode::Persistent;

    static KeeperOp check(std::string path, int32_t version);
    static KeeperOp create(std::string path, std::string data, CreateMode mode = CreateMode::Persistent);
    static KeeperOp set(std::string path, std::string data, int32_t version);
    static KeeperOp remove(std::string path, int32_t version);
};

/// What one op of a committed multi did.
struct KeeperOpResult
{
    std::string path;     /// Create: the path made, with its sequence number
    int32_t version = -1; /// Set: the version after it; Create: 0
};

/// The answer of a write: exactly one of the three.
class [[nodiscard]] KeeperResult
{
public:
    struct Committed
    {
        std::vector<KeeperOpResult> ops; /// one per op, in order
    };
    struct Failed
    {
        size_t op = 0; /// index of the first op that could not be applied
        KeeperError error = KeeperError::NoNode;
    };
    struct Unknown
    {
        std::string reason;
    };

    KeeperResult(Committed value) : value_(std::move(value)) {}
    KeeperResult(Failed value) : value_(value) {}
    KeeperResult(Unknown value) : value_(std::move(value)) {}

    /// Null unless that is the outcome.
    const Committed * committed() const { return std::get_if<Committed>(&value_); }
    const Failed * failed() const { return std::get_if<Failed>(&value_); }
    const Unknown * unknown() const { return std::get_if<Unknown>(&value_); }

    bool failedWith(KeeperError error) const { return failed() && failed()->error == error; }

    /// Of op `index` of a committed write; throws KEEPER_EXCEPTION naming the outcome otherwise.
    const KeeperOpResult & op(size_t index = 0) const;

    /// "committed", "failed at op 1: BadVersion", "unknown: connection lost".
    std::string describe() const;

private:
    std::variant<Committed, Failed, Unknown> value_;
};

enum class WaitResult
{
    Changed,
    TimedOut,
    Cancelled,
};

class Keeper
{
public:
    static constexpr int32_t any_version = -1;
    static constexpr int32_t no_node = -2; /// as `last_seen_version`: the node was not there
    static constexpr size_t request_bytes_max = 1'000'000; /// of all paths and data of one multi
    static constexpr size_t multi_ops_max = 1000;

    virtual ~Keeper() = default;

    virtual std::optional<KeeperNode> get(const std::string & path) = 0;

    /// Names (not paths) in ascending order; nullopt when the node is not there.
    virtual std::optional<std::vector<std::string>> children(const std::string & path) = 0;

    /// All of `ops`, in order, or none.
    virtual KeeperResult multi(const std::vector<KeeperOp> & ops) = 0;

    KeeperResult create(const std::string & path, std::string data, CreateMode mode = CreateMode::Persistent);
    KeeperResult set(const std::string & path, std::string data, int32_t version = any_version);
    KeeperResult remove(const std::string & path, int32_t version = any_version);

    /// Creates `path` and its missing parents, empty and persistent. Throws unless the node is there at the end.
    void ensurePath(const std::string & path);

    /// Blocks until the node's version is not `last_seen_version`, i.e. also until it appears or goes. Returns at
    /// once when that is so already. May answer Changed without need (after a reconnect); the caller looks again.
    virtual WaitResult waitForChange(
        const std::string & path, int32_t last_seen_version, std::chrono::milliseconds timeout, std::stop_token stop)
        = 0;

    /// After it, reads of this session see every write that was acknowledged to anyone before the call.
    virtual void sync(const std::string & path) = 0;

    /// True once the session has ended: its ephemeral nodes are gone, writes answer Failed(SessionExpired), reads
    /// throw, until newSession().
    virtual bool sessionExpired() const = 0;

    /// Ends the session, if it has not ended yet, and begins another one.
    virtual void newSession() = 0;

    /// For messages: "embedded /data/keeper", "zookeeper host:2181,…".
    virtual std::string describe() const = 0;
};

using KeeperPtr = std::shared_ptr<Keeper>;

/// Throws BAD_ARGUMENTS for a path that ZooKeeper would refuse: it begins with '/', has no empty, "." or ".."
/// component, no control characters, no '/' at the end except for the root.
void validateKeeperPath(std::string_view path);

/// validateKeeperPath for each op, and the limits above.
void validateKeeperRequest(const std::vector<KeeperOp> & ops);

/// "embedded" (kept in `data_dir`, which is created), or "host:port,host:port,…[/chroot]" for ZooKeeper or
/// ClickHouse Keeper.
KeeperPtr makeKeeper(const std::string & address, const std::string & data_dir);

}
