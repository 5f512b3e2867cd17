#include "catalog/ObjectKeys.h"

#include "catalog/KeeperPaths.h"

#include <charconv>

#include <fmt/format.h>

namespace mangrove
{

std::optional<TxnId> transactionOf(std::string_view key)
{
    if (key.ends_with(".part"))
        key.remove_suffix(5);
    TxnId id;
    for (uint64_t * field : {&id.number, &id.epoch})
    {
        auto separator = key.find_last_of("-/");
        if (separator == std::string_view::npos)
            return std::nullopt;
        auto digits = key.substr(separator + 1);
        auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), *field);
        if (error != std::errc{} || end != digits.data() + digits.size())
            return std::nullopt;
        key = key.substr(0, separator);
    }
    return id;
}

std::string_view keyComponent(std::string_view key, int index)
{
    for (; index > 0; --index)
    {
        auto slash = key.find('/');
        if (slash == std::string_view::npos)
            return {};
        key.remove_prefix(slash + 1);
    }
    return key.substr(0, key.find('/'));
}

uint64_t lsnOfKey(std::string_view key)
{
    uint64_t lsn = 0;
    auto name = keyComponent(key, 3);
    std::from_chars(name.data(), name.data() + name.size(), lsn);
    return lsn;
}

std::string databaseNameKey(const Uuid & database)
{
    return paths::metadataPrefix(database) + "name";
}

std::string rebuildKey(uint64_t incarnation)
{
    return fmt::format("{}{:010}", rebuild_prefix, incarnation);
}

}
