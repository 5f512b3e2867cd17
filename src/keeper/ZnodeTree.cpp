#include "keeper/ZnodeTree.h"

#include <algorithm>
#include <limits>

namespace mangrove
{

namespace
{

std::string parentOf(const std::string & path)
{
    const size_t slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
}

/// What the paths of the children begin with.
std::string childPrefix(const std::string & path)
{
    return path == "/" ? path : path + "/";
}

int32_t nextOf(int32_t counter)
{
    CHECK(counter < std::numeric_limits<int32_t>::max(), "a counter of a Keeper node is used up");
    return counter + 1;
}

}

int64_t ZnodeTree::openSession()
{
    sessions_.insert(++last_session_);
    return last_session_;
}

bool ZnodeTree::closeSession(int64_t session)
{
    sessions_.erase(session);
    return std::erase_if(nodes_, [&](const auto & entry) { return entry.second.session == session && session != 0; })
        > 0;
}

const Znode * ZnodeTree::find(const std::string & path) const
{
    const auto it = nodes_.find(path);
    return it == nodes_.end() ? nullptr : &it->second;
}

std::optional<KeeperNode> ZnodeTree::get(const std::string & path) const
{
    const Znode * node = find(path);
    return node ? std::optional(KeeperNode{node->data, node->version, node->mtime_ms}) : std::nullopt;
}

int32_t ZnodeTree::versionOf(const std::string & path) const
{
    const Znode * node = find(path);
    return node ? node->version : Keeper::no_node;
}

std::optional<std::vector<std::string>> ZnodeTree::children(const std::string & path) const
{
    if (!find(path))
        return std::nullopt;
    const std::string prefix = childPrefix(path);
    std::vector<std::string> names;
    auto it = nodes_.upper_bound(prefix);
    while (it != nodes_.end() && it->first.starts_with(prefix))
    {
        const size_t slash = it->first.find('/', prefix.size());
        if (slash == std::string::npos)
        {
            names.push_back(it->first.substr(prefix.size()));
            ++it;
        }
        else /// a grandchild: skip the subtree, which ends before the character after '/'
            it = nodes_.lower_bound(it->first.substr(0, slash) + static_cast<char>('/' + 1));
    }
    return names;
}

bool ZnodeTree::hasChildren(const std::string & path) const
{
    const std::string prefix = childPrefix(path);
    const auto it = nodes_.upper_bound(prefix);
    return it != nodes_.end() && it->first.starts_with(prefix);
}

void ZnodeTree::remember(const std::string & path, std::vector<Undo> & undo) const
{
    const Znode * node = find(path);
    undo.push_back({path, node ? std::optional(*node) : std::nullopt});
}

KeeperResult ZnodeTree::apply(
    int64_t session, const std::vector<KeeperOp> & ops, int64_t now_ms, std::set<std::string> & touched)
{
    if (!isOpen(session))
        return KeeperResult::Failed{0, KeeperError::SessionExpired};
    KeeperResult::Committed committed;
    committed.ops.resize(ops.size());
    std::vector<Undo> undo;
    for (size_t i = 0; i < ops.size(); ++i)
    {
        const auto error = applyOne(session, ops[i], now_ms, undo, committed.ops[i]);
        if (!error)
            continue;
        for (auto it = undo.rbegin(); it != undo.rend(); ++it)
        {
            if (it->before)
                nodes_[it->path] = std::move(*it->before);
            else
                nodes_.erase(it->path);
        }
        return KeeperResult::Failed{i, *error};
    }
    for (const Undo & change : undo)
        touched.insert(change.path);
    return committed;
}

std::optional<KeeperError> ZnodeTree::applyOne(
    int64_t session, const KeeperOp & op, int64_t now_ms, std::vector<Undo> & undo, KeeperOpResult & result)
{
    if (op.kind == KeeperOp::Kind::Create)
        return createNode(session, op, now_ms, undo, result);

    const auto it = nodes_.find(op.path);
    if (it == nodes_.end())
        return KeeperError::NoNode;
    Znode & node = it->second;
    if (op.version != Keeper::any_version && op.version != node.version)
        return KeeperError::BadVersion;
    if (op.kind == KeeperOp::Kind::Set)
    {
        remember(op.path, undo);
        node.data = op.data;
        node.version = nextOf(node.version);
        node.mtime_ms = now_ms;
        result = {op.path, node.version};
    }
    else if (op.kind == KeeperOp::Kind::Remove)
    {
        if (hasChildren(op.path))
            return KeeperError::NotEmpty;
        remember(op.path, undo);
        nodes_.erase(it);
    }
    return std::nullopt;
}

std::optional<KeeperError> ZnodeTree::createNode(
    int64_t session, const KeeperOp & op, int64_t now_ms, std::vector<Undo> & undo, KeeperOpResult & result)
{
    if (op.path == "/")
        return KeeperError::NodeExists;
    const std::string parent_path = parentOf(op.path);
    const auto parent = nodes_.find(parent_path);
    if (parent == nodes_.end())
        return KeeperError::NoNode;
    if (parent->second.session != 0)
        return KeeperError::NoChildrenForEphemerals;
    std::string path = op.path;
    if (op.mode == CreateMode::PersistentSequential)
        path += fmt::format("{:010}", parent->second.next_sequence);
    if (nodes_.contains(path))
        return KeeperError::NodeExists;

    remember(parent_path, undo);
    parent->second.next_sequence = nextOf(parent->second.next_sequence);
    remember(path, undo);
    Znode & node = nodes_[path];
    node.data = op.data;
    node.mtime_ms = now_ms;
    node.session = op.mode == CreateMode::Ephemeral ? session : 0;
    result = {path, 0};
    return std::nullopt;
}

}
