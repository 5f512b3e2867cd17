#include "keeper/Keeper.h"

#include <algorithm>

namespace mangrove
{

std::string_view keeperErrorName(KeeperError error)
{
    switch (error)
    {
        case KeeperError::NoNode:
            return "NoNode";
        case KeeperError::NodeExists:
            return "NodeExists";
        case KeeperError::BadVersion:
            return "BadVersion";
        case KeeperError::NotEmpty:
            return "NotEmpty";
        case KeeperError::NoChildrenForEphemerals:
            return "NoChildrenForEphemerals";
        case KeeperError::SessionExpired:
            return "SessionExpired";
    }
    return "Unknown";
}

KeeperOp KeeperOp::check(std::string path, int32_t version)
{
    return {Kind::Check, std::move(path), {}, version, CreateMode::Persistent};
}

KeeperOp KeeperOp::create(std::string path, std::string data, CreateMode mode)
{
    return {Kind::Create, std::move(path), std::move(data), Keeper::any_version, mode};
}

KeeperOp KeeperOp::set(std::string path, std::string data, int32_t version)
{
    return {Kind::Set, std::move(path), std::move(data), version, CreateMode::Persistent};
}

KeeperOp KeeperOp::remove(std::string path, int32_t version)
{
    return {Kind::Remove, std::move(path), {}, version, CreateMode::Persistent};
}

const KeeperOpResult & KeeperResult::op(size_t index) const
{
    if (!committed() || index >= committed()->ops.size())
        throw Exception(ErrorCode::KEEPER_EXCEPTION, "A write to the Keeper {}", describe());
    return committed()->ops[index];
}

std::string KeeperResult::describe() const
{
    if (committed())
        return "committed";
    if (failed())
        return fmt::format("failed at op {}: {}", failed()->op, keeperErrorName(failed()->error));
    return "has an unknown outcome: " + unknown()->reason;
}

KeeperResult Keeper::create(const std::string & path, std::string data, CreateMode mode)
{
    return multi({KeeperOp::create(path, std::move(data), mode)});
}

KeeperResult Keeper::set(const std::string & path, std::string data, int32_t version)
{
    return multi({KeeperOp::set(path, std::move(data), version)});
}

KeeperResult Keeper::remove(const std::string & path, int32_t version)
{
    return multi({KeeperOp::remove(path, version)});
}

void Keeper::ensurePath(const std::string & path)
{
    validateKeeperPath(path);
    for (size_t end = 0; end != std::string::npos && end < path.size();)
    {
        end = path.find('/', end + 1);
        const std::string ancestor = path.substr(0, end);
        if (ancestor == "/" || get(ancestor))
            continue;
        const KeeperResult result = create(ancestor, "");
        if (!result.committed() && !result.failedWith(KeeperError::NodeExists) && !get(ancestor))
            throw Exception(ErrorCode::KEEPER_EXCEPTION, "Cannot create '{}': it {}", ancestor, result.describe());
    }
}

void validateKeeperPath(std::string_view path)
{
    const auto refuse = [&](const char * why)
    { throw Exception(ErrorCode::BAD_ARGUMENTS, "Keeper path '{}' {}", path.substr(0, 200), why); };
    if (!path.starts_with('/'))
        refuse("must begin with '/'");
    if (path == "/")
        return;
    if (std::any_of(path.begin(), path.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
        refuse("contains a control character");
    for (size_t begin = 1; begin <= path.size();)
    {
        const size_t end = std::min(path.find('/', begin), path.size());
        const std::string_view component = path.substr(begin, end - begin);
        if (component.empty() || component == "." || component == "..")
            refuse("has a component that is empty, . or ..");
        begin = end + 1;
    }
}

void validateKeeperRequest(const std::vector<KeeperOp> & ops)
{
    if (ops.empty() || ops.size() > Keeper::multi_ops_max)
        throw Exception(
            ErrorCode::BAD_ARGUMENTS, "A Keeper request has 1 to {} ops, not {}", Keeper::multi_ops_max, ops.size());
    size_t bytes = 0;
    for (const KeeperOp & op : ops)
    {
        validateKeeperPath(op.path);
        if (op.kind == KeeperOp::Kind::Remove && op.path == "/")
            throw Exception(ErrorCode::BAD_ARGUMENTS, "The root of the Keeper cannot be removed");
        if (op.version < Keeper::any_version)
            throw Exception(ErrorCode::BAD_ARGUMENTS, "Keeper path '{}' has no version {}", op.path, op.version);
        bytes += op.path.size() + op.data.size();
    }
    if (bytes > Keeper::request_bytes_max)
        throw Exception(
            ErrorCode::BAD_ARGUMENTS, "A Keeper request of {} bytes is larger than {}: put the data into an object",
            bytes, Keeper::request_bytes_max);
}

}
