#include "Attributes.h"

#include <stdexcept>

namespace mangrove::bench
{

namespace
{

constexpr std::array<std::string_view, 8> USER_AGENTS{
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605",
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "ShopApp/5.12.1 (Android 14; Pixel 9)",
    "ShopApp/5.13.0 (iOS 18.5; iPhone17,2)",
    "okhttp/4.12.0",
    "Go-http-client/2.0",
    "python-requests/2.32.3"};
constexpr std::array<std::string_view, 3> DATABASES{"postgresql", "mysql", "redis"};

std::string hex(uint64_t value, size_t digits)
{
    std::string text(digits, '0');
    for (size_t i = 0; i < digits; ++i)
        text[i] = "0123456789abcdef"[(value >> (4 * (i % 16))) & 15];
    return text;
}

std::string address(Random & random)
{
    return "10." + std::to_string(random.below(32)) + "." + std::to_string(random.below(256)) + "."
        + std::to_string(1 + random.below(254));
}

/// The route with its parameter filled in: /api/v1/orders/:id/lock -> /api/v1/orders/83610244/lock.
std::string pathOf(const std::string & route, Random & random)
{
    std::string path = route;
    if (const size_t at = path.find(":id"); at != std::string::npos)
        path.replace(at, 3, std::to_string(10'000'000 + random.below(90'000'000)));
    return path;
}

std::string_view statusText(uint16_t status)
{
    switch (status)
    {
        case 200: return "200";
        case 201: return "201";
        case 404: return "404";
        case 500: return "500";
        default: return "503";
    }
}

}

std::string_view Attributes::keep(const std::string & text)
{
    if (scratch_.size() + text.size() > SCRATCH_BYTES)
        throw std::logic_error("the attributes of one span exceed the scratch space");
    const size_t at = scratch_.size();
    scratch_ += text;
    return std::string_view(scratch_).substr(at);
}

std::span<const Attributes::Pair> Attributes::fill(const Span & span)
{
    pairs_.clear();
    scratch_.clear();
    Random random(span.id);
    const Operation & operation = world_.operations[span.operation];
    const Service & service = world_.services[span.service];
    if (random.chance(0.9))
        add("service.version", service.version);
    switch (operation.type)
    {
        case Operation::Type::HTTP_SERVER: addHttpServer(span, operation, random); break;
        case Operation::Type::HTTP_CLIENT: addHttpClient(span, operation, random); break;
        case Operation::Type::DATABASE: addDatabase(operation, random); break;
        case Operation::Type::MESSAGE: addMessage(operation, random); break;
        case Operation::Type::INTERNAL:
            add("code.namespace", operation.detail);
            add("code.function.name", operation.method);
            add("thread.name", keep("worker-" + std::to_string(random.below(16))));
            break;
    }
    if (random.chance(0.4))
        add("k8s.pod.name", keep(service.name + "-7d9f8b6c54-" + hex(span.host * 0x9e3779b97f4a7c15ull >> 40, 5)));
    if (random.chance(0.35))
        add("tenant.id", keep("tenant-" + std::to_string(random.below(400))));
    if (random.chance(0.4))
        add("enduser.id", keep(hex(span.trace_low, 8) + "-" + hex(span.trace_high, 4)));
    if (span.status == 2)
    {
        add("exception.type", span.http_status == 503 ? "ConnectionRefusedError" : "TimeoutError");
        add("exception.message", keep("no answer within " + std::to_string(span.duration_ns / 1'000'000) + " ms"));
    }
    return pairs_;
}

void Attributes::addHttpServer(const Span & span, const Operation & operation, Random & random)
{
    add("http.request.method", operation.method);
    add("http.route", operation.detail);
    add("url.path", keep(pathOf(operation.detail, random)));
    if (random.chance(0.5))
        add("http.response.status_code", statusText(span.http_status));
    if (random.chance(0.62))
        add("user_agent.original", USER_AGENTS[random.below(USER_AGENTS.size())]);
    if (random.chance(0.7))
        add("client.address", keep(address(random)));
}

void Attributes::addHttpClient(const Span & span, const Operation & operation, Random & random)
{
    add("http.request.method", operation.method);
    const std::string query = random.chance(0.3) ? "?request=" + hex(random.next(), 16) : "";
    const std::string host = operation.detail + ".shop.svc.cluster.local";
    const std::string id = std::to_string(random.below(1'000'000));
    add("url.full", keep("http://" + host + ":8080/internal/" + operation.detail + "/" + id + query));
    if (random.chance(0.5))
        add("http.response.status_code", statusText(span.http_status));
    add("server.address", keep(host));
}

void Attributes::addDatabase(const Operation & operation, Random & random)
{
    add("db.system.name", DATABASES[operation.name.size() % DATABASES.size()]);
    add("db.query.text", operation.detail);
    add("db.operation.name", operation.method);
    if (random.chance(0.6))
        add("db.response.returned_rows", keep(std::to_string(random.below(random.chance(0.8) ? 3 : 51))));
}

void Attributes::addMessage(const Operation & operation, Random & random)
{
    add("messaging.system", "kafka");
    add("messaging.destination.name", operation.detail);
    add("messaging.message.id", keep(hex(random.next(), 16) + hex(random.next(), 16)));
    add("messaging.kafka.offset", keep(std::to_string(1'000'000'000 + random.below(500'000'000))));
}

}
