#include "World.h"

#include <set>
#include <string_view>

namespace mangrove::bench
{

namespace
{

constexpr std::array<std::string_view, 40> NOUNS{
    "alerts", "orders", "users", "carts", "products", "prices", "payments", "refunds", "invoices", "shipments",
    "checkout", "sessions", "tokens", "reviews", "ratings", "coupons", "stock", "warehouses", "carriers", "labels",
    "returns", "messages", "mails", "devices", "events", "reports", "exports", "imports", "rules", "segments",
    "campaigns", "clicks", "searches", "suggestions", "images", "videos", "accounts", "limits", "quotas", "audits"};
constexpr std::array<std::string_view, 12> VERBS{
    "lock", "unlock", "cancel", "confirm", "status", "history", "items", "summary", "preview", "assign", "merge",
    "verify"};
constexpr std::array<std::string_view, 4> METHODS{"GET", "GET", "POST", "PUT"};
constexpr std::array<std::string_view, 4> SQL_VERBS{"SELECT", "SELECT", "INSERT", "UPDATE"};

template <size_t N>
std::string pick(Random & random, const std::array<std::string_view, N> & words)
{
    return std::string(words[random.below(N)]);
}

Operation serverOperation(Random & random)
{
    const std::string noun = pick(random, NOUNS);
    std::string route = "/api/v" + std::to_string(1 + random.below(3)) + "/" + noun;
    if (random.chance(0.7))
        route += "/:id";
    if (random.chance(0.7))
        route += "/" + pick(random, VERBS);
    const std::string method = pick(random, METHODS);
    const double median_ms = 5.0 + random.below(60);
    return {method + " " + route, route, method, Operation::Type::HTTP_SERVER, Kind::SERVER, median_ms};
}

Operation databaseOperation(Random & random)
{
    const std::string table = pick(random, NOUNS) + "_" + pick(random, VERBS);
    const std::string verb = pick(random, SQL_VERBS);
    std::string statement;
    if (verb == "SELECT")
        statement = "SELECT id, state, updated_at, payload FROM " + table + " WHERE id = $1 AND tenant = $2 LIMIT 50";
    else if (verb == "INSERT")
        statement = "INSERT INTO " + table + " (id, tenant, state, payload) VALUES ($1, $2, $3, $4)";
    else
        statement = "UPDATE " + table + " SET state = $1, updated_at = now() WHERE id = $2 AND version = $3";
    const double median_ms = 0.5 + random.below(8);
    return {verb + " " + table, statement, verb, Operation::Type::DATABASE, Kind::CLIENT, median_ms};
}

Operation internalOperation(Random & random)
{
    std::string function = pick(random, VERBS) + "_" + pick(random, NOUNS);
    function += "_" + std::to_string(random.below(9));
    const std::string scope = "com.shop." + pick(random, NOUNS) + ".Service";
    const double median_ms = 0.2 + random.below(4);
    return {function, scope, function, Operation::Type::INTERNAL, Kind::INTERNAL, median_ms};
}

Operation messageOperation(Random & random)
{
    const std::string topic = pick(random, NOUNS) + "." + pick(random, VERBS);
    const bool publishes = random.chance(0.5);
    const std::string verb = publishes ? "publish" : "process";
    return {topic + " " + verb, topic, verb, Operation::Type::MESSAGE, publishes ? Kind::PRODUCER : Kind::CONSUMER,
        1.0 + random.below(5)};
}

}

World::World(uint64_t seed)
{
    Random random(seed);
    for (size_t host = 0; host < HOSTS; ++host)
    {
        const std::string rack = std::to_string(host / 50);
        hosts.push_back("node-" + rack + "-" + std::to_string(host % 50) + ".eu-central-1.internal");
    }

    auto add = [&](Operation operation)
    {
        operations.push_back(std::move(operation));
        return static_cast<uint32_t>(operations.size() - 1);
    };
    for (size_t number = 0; number < SERVICES; ++number)
    {
        Service service;
        service.name = "svc-" + std::to_string(number);
        service.version = std::to_string(1 + random.below(4)) + "." + std::to_string(random.below(30)) + "."
            + std::to_string(random.below(10));
        for (size_t i = 0; i < 8; ++i)
            service.servers.push_back(add(serverOperation(random)));
        for (size_t i = 0; i < 4; ++i)
            service.inner.push_back(add(databaseOperation(random)));
        for (size_t i = 0; i < 3; ++i)
            service.inner.push_back(add(internalOperation(random)));
        for (size_t i = 0; i < 2; ++i)
            service.inner.push_back(add(messageOperation(random)));

        std::set<uint16_t> callees;
        while (callees.size() < 6)
            if (const auto callee = static_cast<uint16_t>(popularity.draw(random)); callee != number)
                callees.insert(callee);
        for (const uint16_t callee : callees)
        {
            const std::string method = pick(random, METHODS);
            const std::string peer = "svc-" + std::to_string(callee);
            service.callees.push_back(callee);
            service.clients.push_back(add({"HTTP " + method + " " + peer, peer, method, Operation::Type::HTTP_CLIENT,
                Kind::CLIENT, 10.0}));
        }

        const size_t host_count = 2 + random.below(12);
        for (size_t i = 0; i < host_count; ++i)
            service.hosts.push_back(static_cast<uint16_t>(random.below(HOSTS)));
        services.push_back(std::move(service));
    }
}

}
