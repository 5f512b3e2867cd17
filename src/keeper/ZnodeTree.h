#pragma once
// The nodes of a Keeper and the rules of writes to them, as ZooKeeper has them: a pure, deterministic state machine.
// The core of MemoryKeeper and EmbeddedKeeper. Not thread-safe: the owner locks.

#include "keeper/Keeper.h"

#include <map>
#include <set>

namespace mangrove
{

struct Znode
{
    std::string data;
    int32_t version = 0;
    int32_t next_sequence = 0; /// children ever created: the number a sequential child gets
    int64_t mtime_ms = 0;
    int64_t session = 0; /// of an ephemeral node; 0: persistent
};

class ZnodeTree
{
public:
    ZnodeTree() { nodes_["/"]; }

    int64_t openSession();
    bool isOpen(int64_t session) const { return sessions_.contains(session); }
    /// Removes the ephemeral nodes of the session. Returns whether there were any.
    bool closeSession(int64_t session);

    /// Applies all of `ops` or nothing; answers Committed or Failed. `ops` were validated. Paths of nodes that were
    /// created, changed or removed are added to `touched`.
    KeeperResult
    apply(int64_t session, const std::vector<KeeperOp> & ops, int64_t now_ms, std::set<std::string> & touched);

    const Znode * find(const std::string & path) const;
    std::optional<KeeperNode> get(const std::string & path) const;
    std::optional<std::vector<std::string>> children(const std::string & path) const;
    /// Keeper::no_node when it is not there: what waitForChange compares.
    int32_t versionOf(const std::string & path) const;

    /// For loading: sets a node without any rule.
    void restore(const std::string & path, Znode node) { nodes_[path] = std::move(node); }
    size_t size() const { return nodes_.size(); }

private:
    struct Undo
    {
        std::string path;
        std::optional<Znode> before;
    };

    std::optional<KeeperError> applyOne(
        int64_t session, const KeeperOp & op, int64_t now_ms, std::vector<Undo> & undo, KeeperOpResult & result);
    std::optional<KeeperError> createNode(
        int64_t session, const KeeperOp & op, int64_t now_ms, std::vector<Undo> & undo, KeeperOpResult & result);
    bool hasChildren(const std::string & path) const;
    void remember(const std::string & path, std::vector<Undo> & undo) const;

    /// By path. The children of a node are found by range, so that a node stays small and cheap to undo.
    std::map<std::string, Znode> nodes_;
    std::set<int64_t> sessions_;
    int64_t last_session_ = 0;
};

}
