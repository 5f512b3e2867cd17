#pragma once
// Made-up traces of a shop of twenty services, as OTLP request bodies in protobuf: for `mangrove demo`. Call trees with
// slow paths, errors, database and queue spans, events and links. Deterministic by seed. Not thread-safe.

#include "base/Random.h"

#include <cstdint>
#include <string>

namespace mangrove
{

class ShopTraces
{
public:
    /// Traces start between begin_ns and end_ns, in order.
    ShopTraces(uint64_t seed, uint64_t begin_ns, uint64_t end_ns, uint64_t spans_total);

    /// About `spans` spans of whole traces, as one ExportTraceServiceRequest; `made` is how many.
    std::string nextRequest(uint64_t spans, uint64_t & made);

private:
    Random random_;
    uint64_t begin_ns_, end_ns_, spans_total_;
    uint64_t spans_made_ = 0;
};

}
