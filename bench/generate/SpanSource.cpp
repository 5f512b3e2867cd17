#include "SpanSource.h"

#include <algorithm>

namespace mangrove::bench
{

namespace
{

constexpr int64_t DAY_START_NS = 1793491200ll * 1'000'000'000; // 2026-11-01 00:00:00 UTC
constexpr double DAY_NS = 86'000e9; // a little less than a day, so that the last spans stay within it
constexpr double SPANS_PER_TRACE = 16.5;

uint64_t fromMilliseconds(double milliseconds)
{
    return static_cast<uint64_t>(std::clamp(milliseconds, 0.001, 60'000.0) * 1e6);
}

}

SpanSource::SpanSource(const World & world, uint64_t seed, uint64_t rows)
    : world_(world), random_(seed ^ 0x5eed), rows_left_(rows), trace_start_ns_(DAY_START_NS),
      trace_gap_ns_(DAY_NS / (static_cast<double>(std::max<uint64_t>(rows, 1)) / SPANS_PER_TRACE))
{
}

std::optional<Span> SpanSource::next()
{
    if (rows_left_ == 0)
        return std::nullopt;
    --rows_left_;
    // A trace that has not started yet cannot yield a span that arrives before its start.
    while (in_flight_.empty() || in_flight_.top().arrival_ns >= trace_start_ns_)
        startTrace();
    const Span span = in_flight_.top();
    in_flight_.pop();
    return span;
}

void SpanSource::startTrace()
{
    const uint64_t high = random_.next();
    const uint64_t low = random_.next();
    // 5 + a skewed draw up to 35: mean 16.5, few large traces.
    const auto size = static_cast<size_t>(5 + 36 * std::pow(random_.uniform(), 2.0));

    trace_.clear();
    Span root{};
    root.trace_high = high;
    root.trace_low = low;
    root.service = static_cast<uint16_t>(world_.popularity.draw(random_));
    const Service & service = world_.services[root.service];
    root.operation = service.servers[random_.below(static_cast<uint32_t>(service.servers.size()))];
    root.host = service.hosts[random_.below(static_cast<uint32_t>(service.hosts.size()))];
    root.start_ns = trace_start_ns_;
    root.duration_ns = fromMilliseconds(random_.logNormal(4 * world_.operations[root.operation].median_ms, 1.0));
    finish(root);
    trace_.push_back(root);
    while (trace_.size() < size)
    {
        // Mostly children of recent spans: traces are deeper than they are wide.
        const size_t count = trace_.size();
        const size_t back = std::min<size_t>(count - 1, static_cast<size_t>(random_.exponential(2.5)));
        trace_.push_back(child(trace_[count - 1 - back], high, low));
    }
    for (const Span & span : trace_)
        in_flight_.push(span);
    trace_start_ns_ += static_cast<int64_t>(random_.exponential(trace_gap_ns_)) + 1;
}

Span SpanSource::child(const Span & parent, uint64_t trace_high, uint64_t trace_low)
{
    Span span{};
    span.trace_high = trace_high;
    span.trace_low = trace_low;
    span.parent_id = parent.id;
    const Operation & calling = world_.operations[parent.operation];
    const Service & caller = world_.services[parent.service];
    if (calling.type == Operation::Type::HTTP_CLIENT)
    {
        // The other side of a call: the callee's server span.
        const auto client = std::find(caller.clients.begin(), caller.clients.end(), parent.operation);
        span.service = caller.callees[static_cast<size_t>(client - caller.clients.begin())];
        const Service & callee = world_.services[span.service];
        span.operation = callee.servers[random_.below(static_cast<uint32_t>(callee.servers.size()))];
        span.host = callee.hosts[random_.below(static_cast<uint32_t>(callee.hosts.size()))];
    }
    else
    {
        span.service = parent.service;
        span.host = parent.host;
        if (random_.chance(0.48))
            span.operation = caller.clients[random_.below(static_cast<uint32_t>(caller.clients.size()))];
        else
            span.operation = caller.inner[random_.below(static_cast<uint32_t>(caller.inner.size()))];
    }
    const double offset = random_.uniform() * 0.6;
    span.start_ns = parent.start_ns + static_cast<int64_t>(offset * static_cast<double>(parent.duration_ns));
    span.duration_ns = std::min(
        fromMilliseconds(random_.logNormal(world_.operations[span.operation].median_ms, 0.9)),
        std::max<uint64_t>(1000, static_cast<uint64_t>((1.0 - offset) * static_cast<double>(parent.duration_ns))));
    finish(span);
    return span;
}

void SpanSource::finish(Span & span)
{
    span.id = random_.next();
    const double luck = random_.uniform();
    const auto type = world_.operations[span.operation].type;
    const bool http = type == Operation::Type::HTTP_SERVER || type == Operation::Type::HTTP_CLIENT;
    if (luck < 0.0096)
        span.status = 2;
    else if (luck > 0.9)
        span.status = 1;
    if (http)
        span.http_status = span.status == 2 ? (luck < 0.006 ? 500 : 503) : luck < 0.04 ? 404 : luck < 0.1 ? 201 : 200;
    const int64_t end_ns = span.start_ns + static_cast<int64_t>(span.duration_ns);
    span.arrival_ns = end_ns + static_cast<int64_t>(random_.exponential(1e9));
}

}
