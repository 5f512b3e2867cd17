#pragma once

// The fixed part of the generated system: 200 services with their operations, callees and hosts, made once from the
// seed. Read by SpanSource (which spans happen) and Attributes (what they carry). Immutable, so safe to share.

#include "Random.h"

#include <array>
#include <string>
#include <vector>

namespace mangrove::bench
{

/// OTLP's numbers, as the bench's `kind` column stores them.
enum class Kind : uint8_t
{
    INTERNAL = 1,
    SERVER = 2,
    CLIENT = 3,
    PRODUCER = 4,
    CONSUMER = 5,
};

struct Operation
{
    enum class Type : uint8_t
    {
        HTTP_SERVER,
        HTTP_CLIENT,
        DATABASE,
        INTERNAL,
        MESSAGE,
    };

    std::string name; ///< the span name
    std::string detail; ///< route, statement, function or topic
    std::string method; ///< HTTP method, SQL verb or "publish" / "process"
    Type type;
    Kind kind;
    double median_ms;
};

struct Service
{
    std::string name;
    std::string version;
    std::vector<uint32_t> servers; ///< indexes into World::operations
    std::vector<uint32_t> inner; ///< database, internal and message operations
    std::vector<uint32_t> clients; ///< one per callee
    std::vector<uint16_t> callees; ///< indexes into World::services
    std::vector<uint16_t> hosts;
};

struct World
{
    static constexpr size_t SERVICES = 200;
    static constexpr size_t HOSTS = 500;

    explicit World(uint64_t seed);

    std::vector<Service> services;
    std::vector<Operation> operations;
    std::vector<std::string> hosts;
    Zipf popularity{SERVICES};
};

}
