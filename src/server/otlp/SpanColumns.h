#pragma once
// OTLP spans → a block of the table `spans` (query/traceSchema.h): ids as lower-case hex, attribute values as text
// beside the number of their OTLP type. A span that cannot be stored is left out and counted with its reason; the
// others go in. One object per request; not thread-safe.

#include "types/Block.h"

#include <memory>
#include <string>

namespace mangrove
{

namespace otlp
{
class ExportTraceServiceRequest;
}

struct RejectedSpans
{
    uint64_t count = 0;
    std::string first_reason;
};

/// `header`: the columns of `spans` as the table has them; columns that OTLP does not know are left out of the block.
Block makeSpanBlock(const otlp::ExportTraceServiceRequest & request, const std::string & tenant, RejectedSpans & rejected);

}
