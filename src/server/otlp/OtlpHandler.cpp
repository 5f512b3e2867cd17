#include "server/otlp/OtlpHandler.h"

#include "base/Log.h"
#include "io/Checksum.h"
#include "query/insertBlocks.h"
#include "server/otlp/SpanColumns.h"
#include "server/otlp/attributeText.h"
#include "server/otlp/parseOtlpJson.h"
#include "server/otlp/trace.pb.h"

#include <google/protobuf/arena.h>
#include <google/protobuf/io/coded_stream.h>

namespace mangrove
{

namespace
{

constexpr uint64_t body_bytes_max = 256ULL << 20;
constexpr int recursion_max = 100;

/// Codes of google.rpc.Code.
constexpr int rpc_invalid_argument = 3, rpc_unavailable = 14;

void writeStatus(HttpResponse & response, bool json, int status, int rpc_code, const std::string & message)
{
    response.status = status;
    response.setHeader("Content-Type", json ? "application/json" : "application/x-protobuf");
    std::string body;
    if (json)
    {
        body = fmt::format(R"({{"code":{},"message":)", rpc_code);
        appendJsonString(message, body);
        body += "}";
    }
    else
    {
        otlp::RpcStatus reply;
        reply.set_code(rpc_code);
        reply.set_message(message);
        reply.SerializeToString(&body);
    }
    response.write(body);
}

}

OtlpHandler::OtlpHandler(Node & node)
    : batcher_([&node](auto blocks, auto tokens)
          { return insertBlocks(node, "default", "spans", std::move(blocks), std::move(tokens), "OTLP"); }, {})
{
}

void OtlpHandler::handle(const HttpRequest & request, HttpResponse & response)
{
    auto type = request.header("Content-Type").value_or("");
    bool json = type.starts_with("application/json");
    if (request.path != "/v1/traces")
        return writeStatus(response, json, 404, rpc_invalid_argument, "Only /v1/traces is served here, not " + request.path);
    if (request.method != "POST")
        return writeStatus(response, json, 405, rpc_invalid_argument, "Use POST");
    if (!json && !type.starts_with("application/x-protobuf"))
        return writeStatus(response, json, 415, rpc_invalid_argument, "Content-Type must be application/x-protobuf or application/json");
    try
    {
        exportTraces(request, response, json);
    }
    catch (const Exception & exception)
    {
        bool bad_input = exception.code() == ErrorCode::INCORRECT_DATA || exception.code() == ErrorCode::CANNOT_DECOMPRESS
            || exception.code() == ErrorCode::UNKNOWN_COMPRESSION_METHOD || exception.code() == ErrorCode::TOO_LARGE_STRING_SIZE;
        logDebug("otlp", "{}", exception.message());
        if (response.started())
            return response.abort();
        // 400 tells the sender to drop the batch, 503 to send it again.
        if (bad_input)
            writeStatus(response, json, 400, rpc_invalid_argument, exception.message());
        else
        {
            response.setHeader("Retry-After", "1");
            writeStatus(response, json, 503, rpc_unavailable, exception.message());
        }
    }
}

void OtlpHandler::exportTraces(const HttpRequest & request, HttpResponse & response, bool json)
{
    auto body = request.body->readAll(body_bytes_max);
    google::protobuf::Arena arena;
    auto * message = google::protobuf::Arena::CreateMessage<otlp::ExportTraceServiceRequest>(&arena);
    if (json)
        parseOtlpJson(body, *message);
    else
    {
        google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t *>(body.data()), static_cast<int>(body.size()));
        in.SetRecursionLimit(recursion_max);
        if (!message->ParseFromCodedStream(&in) || !in.ConsumedEntireMessage())
            throw Exception(ErrorCode::INCORRECT_DATA, "The body of {} bytes is not an OTLP ExportTraceServiceRequest in protobuf", body.size());
    }
    RejectedSpans rejected;
    auto tenant = request.header("X-Scope-OrgID").value_or("");
    auto block = makeSpanBlock(*message, tenant, rejected);
    if (block.rows())
    {
        auto hash = xxh3_128(body + "\n" + tenant);
        batcher_.insert(std::move(block), fmt::format("otlp-{:016x}{:016x}", static_cast<uint64_t>(hash >> 64), static_cast<uint64_t>(hash)));
    }
    std::string reply;
    auto reason = rejected.count ? fmt::format("{} spans were rejected; the first: {}", rejected.count, rejected.first_reason) : "";
    if (json)
    {
        reply = "{";
        if (rejected.count)
        {
            reply += fmt::format(R"("partialSuccess":{{"rejectedSpans":"{}","errorMessage":)", rejected.count);
            appendJsonString(reason, reply);
            reply += "}";
        }
        reply += "}";
    }
    else
    {
        otlp::ExportTraceServiceResponse answer;
        if (rejected.count)
        {
            answer.mutable_partial_success()->set_rejected_spans(static_cast<int64_t>(rejected.count));
            answer.mutable_partial_success()->set_error_message(reason);
        }
        answer.SerializeToString(&reply);
    }
    response.setHeader("Content-Type", json ? "application/json" : "application/x-protobuf");
    response.write(reply);
}

}
