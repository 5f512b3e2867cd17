#include "server/ServerConfig.h"

#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <functional>
#include <map>

namespace mangrove
{

namespace
{

uint64_t toNumber(const std::string & key, const std::string & value, uint64_t max)
{
    char * end = nullptr;
    auto number = std::strtoull(value.c_str(), &end, 10);
    if (value.empty() || *end || number > max)
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Setting {} must be a number up to {}, got '{}'", key, max, value);
    return number;
}

using Setter = std::function<void(ServerConfig &, const std::string & value)>;

const std::map<std::string, Setter> & setters()
{
    auto port = [](uint16_t ServerConfig::* member, const char * key) -> Setter
    { return [=](ServerConfig & config, const std::string & value) { config.*member = static_cast<uint16_t>(toNumber(key, value, 65535)); }; };
    auto text = [](std::string NodeConfig::* member) -> Setter
    { return [=](ServerConfig & config, const std::string & value) { config.node.*member = value; }; };
    auto number = [](uint64_t NodeConfig::* member, const char * key) -> Setter
    { return [=](ServerConfig & config, const std::string & value) { config.node.*member = toNumber(key, value, UINT64_MAX); }; };
    auto period = [](int64_t BackgroundPeriods::* member, const char * key) -> Setter
    { return [=](ServerConfig & config, const std::string & value) { config.periods.*member = static_cast<int64_t>(toNumber(key, value, INT32_MAX)); }; };
    static const std::map<std::string, Setter> all{
        {"http_port", port(&ServerConfig::http_port, "http_port")},
        {"tcp_port", port(&ServerConfig::tcp_port, "tcp_port")},
        {"otlp_grpc_port", port(&ServerConfig::otlp_grpc_port, "otlp_grpc_port")},
        {"otlp_http_port", port(&ServerConfig::otlp_http_port, "otlp_http_port")},
        {"interserver_port", port(&ServerConfig::interserver_port, "interserver_port")},
        {"listen_host", text(&NodeConfig::listen_host)},
        {"data_dir", text(&NodeConfig::data_dir)},
        {"object_store", text(&NodeConfig::object_store)},
        {"keeper", text(&NodeConfig::keeper)},
        {"node_name", text(&NodeConfig::node_name)},
        {"cache_bytes_max", number(&NodeConfig::cache_bytes_max, "cache_bytes_max")},
        {"memory_bytes_max", number(&NodeConfig::memory_bytes_max, "memory_bytes_max")},
        {"checkpoint_entries", [](ServerConfig & config, const std::string & value)
            { config.catalog.checkpoint_entries = toNumber("checkpoint_entries", value, UINT32_MAX); }},
        {"entry_spill_bytes", [](ServerConfig & config, const std::string & value)
            { config.catalog.entry_spill_bytes = toNumber("entry_spill_bytes", value, 1 << 20); }},
        {"gc_grace_ms", [](ServerConfig & config, const std::string & value)
            { config.gc_grace_ms = toNumber("gc_grace_ms", value, INT32_MAX); }},
        {"gc_period_ms", period(&BackgroundPeriods::gc_ms, "gc_period_ms")},
        {"sweep_period_ms", period(&BackgroundPeriods::sweep_ms, "sweep_period_ms")},
        {"users_file", [](ServerConfig &, const std::string & value)
            {
                if (!value.empty())
                    throw Exception(ErrorCode::NOT_IMPLEMENTED, "users_file is not supported yet: there is one user, default, without a password");
            }},
    };
    return all;
}

void set(ServerConfig & config, const std::string & key, const std::string & value)
{
    auto it = setters().find(key);
    if (it == setters().end())
    {
        std::string known;
        for (const auto & [name, setter] : setters())
            known += (known.empty() ? "" : ", ") + name;
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Unknown setting '{}'. Known settings: {}", key, known);
    }
    it->second(config, value);
}

void readFile(ServerConfig & config, const std::string & path)
{
    YAML::Node root;
    try
    {
        root = YAML::LoadFile(path);
    }
    catch (const YAML::Exception & exception)
    {
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Cannot read configuration file {}: {}", path, exception.what());
    }
    if (root.IsNull())
        return;
    if (!root.IsMap())
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Configuration file {} must be a list of 'key: value'", path);
    for (const auto & entry : root)
    {
        if (!entry.second.IsScalar())
            throw Exception(ErrorCode::BAD_ARGUMENTS, "Setting {} in {} must be a single value", entry.first.as<std::string>(), path);
        set(config, entry.first.as<std::string>(), entry.second.as<std::string>());
    }
}

}

ServerConfig readServerConfig(const std::vector<std::string> & arguments)
{
    ServerConfig config;
    std::vector<std::pair<std::string, std::string>> overrides;
    for (size_t i = 0; i < arguments.size(); ++i)
    {
        if (arguments[i] != "--config" && arguments[i] != "--set")
            throw Exception(ErrorCode::BAD_ARGUMENTS, "Unknown argument '{}': use --config FILE and --set key=value", arguments[i]);
        if (i + 1 == arguments.size())
            throw Exception(ErrorCode::BAD_ARGUMENTS, "{} needs a value", arguments[i]);
        const auto & value = arguments[++i];
        if (arguments[i - 1] == "--config")
        {
            readFile(config, value);
            continue;
        }
        auto equals = value.find('=');
        if (equals == std::string::npos)
            throw Exception(ErrorCode::BAD_ARGUMENTS, "--set needs key=value, got '{}'", value);
        overrides.emplace_back(value.substr(0, equals), value.substr(equals + 1));
    }
    for (const auto & [key, setter] : setters())
    {
        std::string variable = "MANGROVE_" + key;
        for (auto & c : variable)
            c = static_cast<char>(std::toupper(c));
        if (const char * value = std::getenv(variable.c_str()))
            set(config, key, value);
    }
    for (const auto & [key, value] : overrides)
        set(config, key, value);
    return config;
}

}
