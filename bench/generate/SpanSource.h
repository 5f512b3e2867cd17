#pragma once

// Yields the generated spans in the order in which a collector would receive them: end time plus an exponential delay
// of one second. Traces start evenly over 24 hours; 5-40 spans each. Deterministic for (seed, rows). The number of
// rows is a target: next() ends exactly there, cutting the last traces of the day. Not thread-safe.

#include "World.h"

#include <optional>
#include <queue>

namespace mangrove::bench
{

struct Span
{
    uint64_t trace_high;
    uint64_t trace_low;
    uint64_t id;
    uint64_t parent_id;
    int64_t start_ns;
    uint64_t duration_ns;
    int64_t arrival_ns;
    uint32_t operation;
    uint16_t service;
    uint16_t host;
    uint16_t http_status;
    uint8_t status; ///< 0 unset, 1 ok, 2 error
};

class SpanSource
{
public:
    SpanSource(const World & world, uint64_t seed, uint64_t rows);

    std::optional<Span> next();

private:
    struct Later
    {
        bool operator()(const Span & a, const Span & b) const
        {
            return a.arrival_ns != b.arrival_ns ? a.arrival_ns > b.arrival_ns : a.id > b.id;
        }
    };

    void startTrace();
    Span child(const Span & parent, uint64_t trace_high, uint64_t trace_low);
    void finish(Span & span);

    const World & world_;
    Random random_;
    uint64_t rows_left_;
    int64_t trace_start_ns_;
    double trace_gap_ns_;
    std::priority_queue<Span, std::vector<Span>, Later> in_flight_;
    std::vector<Span> trace_;
};

}
