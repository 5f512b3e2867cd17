#include "server/demo/ShopTraces.h"

#include "server/otlp/trace.pb.h"

#include <fmt/core.h>

#include <array>
#include <cmath>
#include <cstring>
#include <map>
#include <vector>

namespace mangrove
{

namespace
{

/// What a service's operation does: takes some time itself and calls others.
struct Call
{
    const char * service;
    const char * operation;
    int kind; /// OTLP: 2 server, 3 client, 4 producer, 5 consumer
    double own_ms;
    double error_rate;
    std::vector<size_t> calls; /// indexes into the list of calls
};

const std::vector<Call> & shop()
{
    static const std::vector<Call> calls{
        /* 0 */ {"gateway", "GET /", 2, 2, 0.001, {5, 6, 9}},
        /* 1 */ {"gateway", "GET /product/:id", 2, 2, 0.002, {5, 7, 8, 9, 10}},
        /* 2 */ {"gateway", "POST /cart", 2, 2, 0.002, {11, 5}},
        /* 3 */ {"gateway", "POST /checkout", 2, 3, 0.004, {12}},
        /* 4 */ {"gateway", "GET /search", 2, 2, 0.002, {13, 5}},
        /* 5 */ {"session", "load", 2, 1, 0.001, {20}},
        /* 6 */ {"catalog", "listProducts", 2, 4, 0.002, {21, 20}},
        /* 7 */ {"catalog", "getProduct", 2, 2, 0.002, {20, 22}},
        /* 8 */ {"recommendation", "list", 2, 12, 0.006, {7, 23}},
        /* 9 */ {"ads", "pick", 2, 6, 0.01, {24}},
        /* 10 */ {"review", "top", 2, 4, 0.003, {25}},
        /* 11 */ {"cart", "add", 2, 2, 0.002, {20, 7}},
        /* 12 */ {"order", "place", 2, 5, 0.006, {26, 14, 15, 16, 17, 27, 28}},
        /* 13 */ {"search", "query", 2, 18, 0.004, {29}},
        /* 14 */ {"payment", "charge", 2, 40, 0.02, {30, 31}},
        /* 15 */ {"inventory", "reserve", 2, 3, 0.008, {32, 32}},
        /* 16 */ {"shipping", "quote", 2, 7, 0.004, {33}},
        /* 17 */ {"pricing", "total", 2, 2, 0.001, {34, 35}},
        /* 18 */ {"fulfilment", "handle order.placed", 5, 9, 0.004, {36, 19}},
        /* 19 */ {"notification", "email", 3, 25, 0.01, {37}},
        /* 20 */ {"redis", "GET", 3, 0.4, 0.0005, {}},
        /* 21 */ {"catalog-db", "SELECT products", 3, 3, 0.001, {}},
        /* 22 */ {"catalog-db", "SELECT product", 3, 1.5, 0.001, {}},
        /* 23 */ {"feature-store", "lookup", 2, 5, 0.004, {}},
        /* 24 */ {"ads-db", "SELECT ads", 3, 2, 0.002, {}},
        /* 25 */ {"review-db", "SELECT reviews", 3, 3, 0.002, {}},
        /* 26 */ {"user", "get", 2, 2, 0.002, {38}},
        /* 27 */ {"order-db", "INSERT orders", 3, 4, 0.002, {}},
        /* 28 */ {"queue", "order.placed publish", 4, 1, 0.001, {18}},
        /* 29 */ {"search-index", "match", 3, 15, 0.002, {}},
        /* 30 */ {"fraud", "score", 2, 30, 0.004, {23}},
        /* 31 */ {"bank", "POST /charges", 3, 80, 0.01, {}},
        /* 32 */ {"inventory-db", "UPDATE stock", 3, 2, 0.003, {}},
        /* 33 */ {"carrier", "GET /rates", 3, 60, 0.008, {}},
        /* 34 */ {"tax", "rate", 2, 1, 0.001, {}},
        /* 35 */ {"promotion", "apply", 2, 2, 0.002, {20}},
        /* 36 */ {"order-db", "UPDATE orders", 3, 3, 0.002, {}},
        /* 37 */ {"mail", "SMTP send", 3, 45, 0.015, {}},
        /* 38 */ {"user-db", "SELECT users", 3, 1.5, 0.001, {}},
    };
    return calls;
}

void setText(otlp::KeyValue * pair, const char * key, const std::string & value)
{
    pair->set_key(key);
    pair->mutable_value()->set_string_value(value);
}

void setInt(otlp::KeyValue * pair, const char * key, int64_t value)
{
    pair->set_key(key);
    pair->mutable_value()->set_int_value(value);
}

class Builder
{
public:
    explicit Builder(Random & random) : random_(random) { }

    uint64_t trace(uint64_t start_ns)
    {
        uint64_t words[2] = {random_.next() | 1, random_.next()};
        trace_id_.assign(reinterpret_cast<const char *>(words), 16);
        user_ = random_.below(5000);
        customer_ = fmt::format("cust-{}", user_);
        static constexpr std::array<size_t, 10> entries{0, 0, 0, 1, 1, 1, 1, 2, 4, 3};
        slow_ = random_.chance(0.02) ? 8 : 1;
        spans_ = 0;
        call(entries[random_.below(entries.size())], start_ns, "", 0);
        return spans_;
    }

    std::string serialize()
    {
        otlp::ExportTraceServiceRequest request;
        for (auto & [service, spans] : by_service_)
        {
            auto * resource = request.add_resource_spans();
            setText(resource->mutable_resource()->add_attributes(), "service.name", service);
            setText(resource->mutable_resource()->add_attributes(), "service.version", "1.4." + std::to_string(service.size()));
            setText(resource->mutable_resource()->add_attributes(), "deployment.environment", "demo");
            setText(resource->mutable_resource()->add_attributes(), "host.name", service + "-0");
            auto * scope = resource->add_scope_spans();
            scope->mutable_scope()->set_name("shop");
            scope->mutable_scope()->set_version("1.0");
            for (auto & span : spans)
                *scope->add_spans() = std::move(span);
        }
        return request.SerializeAsString();
    }

private:
    /// Returns when the call ends, and whether it failed.
    std::pair<uint64_t, bool> call(size_t number, uint64_t start_ns, const std::string & parent, int depth)
    {
        const auto & what = shop()[number];
        ++spans_;
        uint64_t word = random_.next() | 1;
        std::string id(reinterpret_cast<const char *>(&word), 8);
        // Log-normal: the median is own_ms, some are many times slower.
        double normal = 0;
        for (int i = 0; i < 6; ++i)
            normal += static_cast<double>(random_.below(1'000'000)) / 1e6;
        double ms = what.own_ms * std::exp((normal - 3) * 0.9) * slow_;
        auto now = start_ns + static_cast<uint64_t>(ms * 0.3e6);
        bool failed = random_.chance(what.error_rate * (slow_ > 1 ? 10 : 1));
        for (auto next : what.calls)
        {
            if (depth > 12 || failed || (depth > 0 && random_.chance(0.1)))
                continue;
            auto [ended, child_failed] = call(next, now, id, depth + 1);
            now = ended + 20'000;
            failed = failed || (child_failed && random_.chance(0.5));
        }
        now += static_cast<uint64_t>(ms * 0.7e6);

        auto & span = by_service_[what.service].emplace_back();
        span.set_trace_id(trace_id_);
        span.set_span_id(id);
        span.set_parent_span_id(parent);
        span.set_name(what.operation);
        span.set_kind(what.kind);
        span.set_start_time_unix_nano(start_ns);
        span.set_end_time_unix_nano(now);
        addAttributes(span, what, failed);
        if (failed)
        {
            span.mutable_status()->set_code(2);
            span.mutable_status()->set_message(std::string(what.service) + " failed");
            auto * event = span.add_events();
            event->set_time_unix_nano(now);
            event->set_name("exception");
            setText(event->add_attributes(), "exception.type", "TimeoutError");
            setText(event->add_attributes(), "exception.message", fmt::format("{} did not answer in time", what.operation));
        }
        if (what.kind == 5)
        {
            auto * link = span.add_links();
            link->set_trace_id(trace_id_);
            link->set_span_id(parent);
        }
        return {now, failed};
    }

    void addAttributes(otlp::Span & span, const Call & what, bool failed)
    {
        std::string operation = what.operation, service = what.service;
        if (auto space = operation.find(" /"); space != std::string::npos)
        {
            setText(span.add_attributes(), "http.request.method", operation.substr(0, space));
            setText(span.add_attributes(), "http.route", operation.substr(space + 1));
            setInt(span.add_attributes(), "http.response.status_code", failed ? 500 : 200);
            setText(span.add_attributes(), "customer.id", customer_);
        }
        else if (service.ends_with("-db"))
        {
            setText(span.add_attributes(), "db.system", "postgresql");
            setText(span.add_attributes(), "db.statement", operation + " WHERE id = $1");
            setInt(span.add_attributes(), "db.rows", static_cast<int64_t>(random_.below(50)));
        }
        else if (service == "redis")
        {
            setText(span.add_attributes(), "db.system", "redis");
            setText(span.add_attributes(), "db.statement", fmt::format("GET session:{}", user_));
        }
        else if (service == "queue")
        {
            setText(span.add_attributes(), "messaging.system", "kafka");
            setText(span.add_attributes(), "messaging.destination.name", "order.placed");
        }
        else
        {
            setText(span.add_attributes(), "rpc.system", "grpc");
            setText(span.add_attributes(), "rpc.method", operation);
        }
    }

    Random & random_;
    std::map<std::string, std::vector<otlp::Span>> by_service_;
    std::string trace_id_, customer_;
    uint64_t user_ = 0, spans_ = 0;
    double slow_ = 1;
};

}

ShopTraces::ShopTraces(uint64_t seed, uint64_t begin_ns, uint64_t end_ns, uint64_t spans_total)
    : random_(seed), begin_ns_(begin_ns), end_ns_(end_ns), spans_total_(spans_total)
{
}

std::string ShopTraces::nextRequest(uint64_t spans, uint64_t & made)
{
    Builder builder(random_);
    made = 0;
    while (made < spans)
    {
        double share = std::min(1.0, static_cast<double>(spans_made_) / static_cast<double>(spans_total_));
        auto added = builder.trace(begin_ns_ + static_cast<uint64_t>(share * static_cast<double>(end_ns_ - begin_ns_)));
        made += added;
        spans_made_ += added;
    }
    return builder.serialize();
}

}
