#include "server/ServerConfig.h"

#include "base/Memory.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <functional>
#include <map>

#include <unistd.h>

namespace mangrove
{

namespace
{

uint64_t toNumber(const std::string & key, const std::string & value, uint64_t max)
{
    uint64_t number = 0;
    auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size() || number > max)
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
    auto option = [](const char * key) -> Setter
    {
        return [=](ServerConfig & config, const std::string & value)
        { config.database_options[key] = static_cast<int64_t>(toNumber(key, value, INT32_MAX)); };
    };
    auto unspoken = [](const char * key, const char * protocol) -> Setter
    {
        return [=](ServerConfig & config, const std::string & value)
        {
            toNumber(key, value, 65535);
            config.warnings.push_back(fmt::format("{} has no effect: {} is not spoken yet, nothing listens there", key, protocol));
        };
    };
    static const std::map<std::string, Setter> all{
        {"http_port", port(&ServerConfig::http_port, "http_port")},
        {"tcp_port", unspoken("tcp_port", "ClickHouse's native protocol")},
        {"otlp_grpc_port", unspoken("otlp_grpc_port", "OTLP over gRPC")},
        {"otlp_http_port", port(&ServerConfig::otlp_http_port, "otlp_http_port")},
        {"interserver_port", unspoken("interserver_port", "the protocol between nodes")},
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
        {"gc_grace_ms", option("gc_grace_ms")},
        {"pin_grace_ms", option("pin_grace_ms")},
        {"pin_valid_ms", option("pin_valid_ms")},
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
        if (!entry.first.IsScalar() || !(entry.second.IsScalar() || entry.second.IsNull()))
            throw Exception(ErrorCode::BAD_ARGUMENTS, "Setting {} in {} must be a single value", entry.first.as<std::string>("?"), path);
        set(config, entry.first.as<std::string>(), entry.second.IsNull() ? "" : entry.second.as<std::string>());
    }
}

}

namespace
{

void readEnvironment(ServerConfig & config)
{
    constexpr std::string_view prefix = "MANGROVE_";
    for (char ** variable = environ; *variable; ++variable)
    {
        std::string_view text(*variable);
        auto equals = text.find('=');
        if (!text.starts_with(prefix) || equals == std::string_view::npos)
            continue;
        std::string key;
        for (char c : text.substr(prefix.size(), equals - prefix.size()))
            key += static_cast<char>(std::tolower(c));
        if (setters().contains(key))
            set(config, key, std::string(text.substr(equals + 1)));
        // Not an error: Kubernetes puts MANGROVE_SERVICE_HOST and the like there for a service of that name.
        else if (key != "failpoints")
            config.warnings.push_back(fmt::format("the environment variable {} has no effect: there is no such setting", text.substr(0, equals)));
    }
}

bool isLoopback(const std::string & host)
{
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

void complete(ServerConfig & config)
{
    auto & node = config.node;
    if (node.data_dir.empty())
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Setting data_dir must not be empty");
    constexpr size_t name_bytes_max = 128;
    if (node.node_name.empty() || node.node_name.size() > name_bytes_max
        || !std::all_of(node.node_name.begin(), node.node_name.end(), [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '-' || c == '_'; }))
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Setting node_name must be 1 to {} letters, digits, '.', '-' or '_', got '{}'", name_bytes_max, node.node_name);

    constexpr uint64_t memory_bytes_min = 128 << 20;
    if (node.memory_bytes_max == 0)
        node.memory_bytes_max = std::max(NodeMemory::availableBytes() / 5 * 4, memory_bytes_min);
    if (node.memory_bytes_max < memory_bytes_min)
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Setting memory_bytes_max must be at least {}, got {}", memory_bytes_min, node.memory_bytes_max);
    if (node.cache_bytes_max > node.memory_bytes_max / 2)
    {
        node.cache_bytes_max = node.memory_bytes_max / 2;
        config.warnings.push_back(fmt::format("cache_bytes_max is lowered to {}, half of memory_bytes_max", node.cache_bytes_max));
    }
    if (!isLoopback(node.listen_host))
        config.warnings.push_back(fmt::format(
            "LISTENING ON {} WITHOUT USERS AND PASSWORDS: whoever reaches this address can read, change and drop everything. Users are not supported "
            "yet (users_file); let only a proxy that authenticates, or a private network, reach it", node.listen_host));
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
    readEnvironment(config);
    for (const auto & [key, value] : overrides)
        set(config, key, value);
    complete(config);
    return config;
}

}
