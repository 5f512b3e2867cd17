#include "catalog/KeeperPaths.h"

#include "base/Exception.h"

#include <charconv>

namespace mangrove::paths
{

namespace
{

bool isPlain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}

std::string nodePrefix(uint32_t incarnation)
{
    return incarnation ? fmt::format("{}/r{}-", nodes, incarnation) : fmt::format("{}/n-", nodes);
}

std::string node(uint64_t epoch)
{
    return fmt::format("{}{:010}", nodePrefix(incarnationOf(epoch)), static_cast<uint32_t>(epoch));
}

uint64_t epochOf(std::string_view name)
{
    name.remove_prefix(name.find_last_of('/') == std::string_view::npos ? 0 : name.find_last_of('/') + 1);
    auto sequence = static_cast<uint64_t>(sequenceOf(name));
    if (name.starts_with("r"))
        return uint64_t{parseIncarnation(name.substr(1, name.find('-') - 1))} << 32 | sequence;
    return sequence;
}

uint32_t parseIncarnation(std::string_view data)
{
    uint32_t incarnation = 0;
    auto [end, error] = std::from_chars(data.data(), data.data() + data.size(), incarnation);
    if (!data.empty() && (error != std::errc{} || end != data.data() + data.size()))
        throw Exception(ErrorCode::CORRUPTED_DATA, "'{}' in the Keeper is not the number of a rebuild", data);
    return incarnation;
}

std::string database(const std::string & name)
{
    std::string result = fmt::format("{}/", databases);
    for (char c : name)
        if (isPlain(c))
            result += c;
        else
            result += fmt::format("%{:02x}", static_cast<uint8_t>(c));
    return result;
}

std::string databaseName(std::string_view znode)
{
    std::string result;
    for (size_t i = 0; i < znode.size(); ++i)
    {
        uint8_t byte = 0;
        if (znode[i] == '%' && i + 2 < znode.size()
            && std::from_chars(znode.data() + i + 1, znode.data() + i + 3, byte, 16).ptr == znode.data() + i + 3)
        {
            result += static_cast<char>(byte);
            i += 2;
        }
        else
            result += znode[i];
    }
    return result;
}

std::string lease(std::string_view what)
{
    return fmt::format("{}/{}", leases, what);
}

std::string log(const Uuid & database)
{
    return fmt::format("{}/{}", logs, database.toString());
}

std::string generation(const Uuid & database)
{
    return log(database) + "/generation";
}

std::string checkpoint(const Uuid & database)
{
    return log(database) + "/checkpoint";
}

std::string generationDir(const Uuid & database, uint32_t generation)
{
    return fmt::format("{}/g-{:010}", log(database), generation);
}

std::string head(const Uuid & database, uint32_t generation)
{
    return generationDir(database, generation) + "/head";
}

std::string entries(const Uuid & database, uint32_t generation)
{
    return generationDir(database, generation) + "/entries";
}

std::string entryPrefix(const Uuid & database, uint32_t generation)
{
    return entries(database, generation) + "/e-";
}

std::string entry(const Uuid & database, uint32_t generation, int64_t sequence)
{
    return fmt::format("{}{:010}", entryPrefix(database, generation), sequence);
}

int64_t sequenceOf(std::string_view name)
{
    int64_t sequence = -1;
    if (name.size() >= 10)
    {
        const char * begin = name.data() + name.size() - 10;
        auto [end, error] = std::from_chars(begin, begin + 10, sequence);
        if (error == std::errc{} && end == begin + 10)
            return sequence;
    }
    throw Exception(ErrorCode::CORRUPTED_DATA, "The Keeper's node '{}' does not end in a sequence number", name);
}

std::string metadataPrefix(const Uuid & database)
{
    return fmt::format("meta/{}/", database.toString());
}

std::string partPrefix()
{
    return "parts/";
}

}
