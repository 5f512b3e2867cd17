// OTLP bodies on any bytes. The first byte picks protobuf or JSON, the rest is the body. What must hold: an Exception
// with INCORRECT_DATA or spans; a block of whole rows that can be written out again; no more memory than a multiple of
// the input.

#include "base/Exception.h"
#include "formats/FormatFactory.h"
#include "server/otlp/SpanColumns.h"
#include "server/otlp/parseOtlpJson.h"
#include "server/otlp/trace.pb.h"

using namespace mangrove;

namespace
{

uint64_t countSpans(const otlp::ExportTraceServiceRequest & request)
{
    uint64_t count = 0;
    for (const auto & resource : request.resource_spans())
        for (const auto & scope : resource.scope_spans())
            count += scope.spans_size();
    return count;
}

}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t * data, size_t size)
{
    if (size == 0)
        return 0;
    std::string body(reinterpret_cast<const char *>(data) + 1, size - 1);
    try
    {
        otlp::ExportTraceServiceRequest request;
        if (data[0] % 2)
            parseOtlpJson(body, request);
        else if (!request.ParseFromString(body))
            return 0;
        RejectedSpans rejected;
        Block block = makeSpanBlock(request, "tenant", rejected);
        if (block.rows() + rejected.count != countSpans(request))
            __builtin_trap();
        WriteBuffer out;
        makeOutputFormat("JSONEachRow", out, block.header())->write(block);
    }
    catch (const Exception & e)
    {
        if (e.code() != ErrorCode::INCORRECT_DATA)
            __builtin_trap();
    }
    return 0;
}
