#pragma once
// OTLP over HTTP (4318): POST /v1/traces with protobuf or JSON, gzip or zstd; acknowledged when durable; requests that
// arrive together are stored together. A request that
// is sent again is not stored again: its token is the hash of the decoded body. Thread-safe.
// Source: OpenTelemetry protocol specification 1.5, OTLP/HTTP.

#include "ingest/InsertBatcher.h"
#include "query/Node.h"
#include "server/http/HttpExchange.h"

namespace mangrove
{

class OtlpHandler
{
public:
    explicit OtlpHandler(Node & node);
    void handle(const HttpRequest & request, HttpResponse & response);

private:
    void exportTraces(const HttpRequest & request, HttpResponse & response, bool json);

    InsertBatcher batcher_;
};

}
