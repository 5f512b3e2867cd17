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

std::string nodePrefix()
{
    return fmt::format("{}/n-", nodes);
}

std::string node(uint64_t epoch)
{
    return fmt::format("{}{:010}", nodePrefix(), epoch);
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
