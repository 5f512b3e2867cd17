#include "query/traceSchema.h"

#include "query/executeQuery.h"

namespace mangrove
{

namespace
{

constexpr const char * attributes = "Map(LowCardinality(String), String)";
constexpr const char * attribute_types =
    "Map(LowCardinality(String), Enum8('empty'=0,'bool'=2,'int'=3,'double'=4,'array'=5,'kvlist'=6,'bytes'=7))";

std::string createSpans()
{
    return fmt::format(R"(CREATE TABLE IF NOT EXISTS default.spans
(
    trace_id String, span_id String, parent_span_id String, trace_state String, flags UInt32,
    tenant LowCardinality(String), service LowCardinality(String), name LowCardinality(String), kind LowCardinality(String),
    startTime DateTime64(9, 'UTC'), duration UInt64, status LowCardinality(String), status_message String,
    attributes {0}, attribute_types {1}, resource_attributes {0}, resource_attribute_types {1},
    scope_name LowCardinality(String), scope_version LowCardinality(String), scope_attributes {0},
    events Nested(time DateTime64(9, 'UTC'), name LowCardinality(String), attributes {0}, attribute_types {1}, dropped_attributes_count UInt32),
    links Nested(trace_id String, span_id String, trace_state String, flags UInt32, attributes {0}, attribute_types {1}, dropped_attributes_count UInt32),
    dropped_attributes_count UInt32, dropped_events_count UInt32, dropped_links_count UInt32
)
ENGINE = MergeTree PARTITION BY toDate(startTime) ORDER BY (trace_id, startTime, span_id) SETTINGS ttl_only_drop_parts = 1)",
        attributes, attribute_types);
}

constexpr const char * create_span_index = R"(CREATE TABLE IF NOT EXISTS default.span_index
(
    tenant LowCardinality(String), service LowCardinality(String), name LowCardinality(String),
    kind LowCardinality(String), status LowCardinality(String), startTime DateTime64(9, 'UTC'), duration UInt64,
    trace_id String, span_id String, parent_span_id String
)
ENGINE = MergeTree PARTITION BY toDate(startTime) ORDER BY (tenant, service, startTime) SETTINGS ttl_only_drop_parts = 1)";

constexpr const char * create_view = R"(CREATE MATERIALIZED VIEW IF NOT EXISTS default.spans_to_span_index TO default.span_index AS
SELECT tenant, service, name, kind, status, startTime, duration, trace_id, span_id, parent_span_id FROM default.spans)";

}

void createTraceSchema(Node & node)
{
    Session session;
    session.interface = 9;
    for (const auto & statement : {createSpans(), std::string(create_span_index), std::string(create_view)})
    {
        QueryRequest request;
        request.text = statement;
        WriteBuffer out;
        try
        {
            executeQuery(node, session, request, out);
        }
        catch (const Exception & exception)
        {
            // Another node was faster: that is what IF NOT EXISTS asks for.
            if (exception.code() != ErrorCode::TABLE_ALREADY_EXISTS)
                throw;
        }
    }
}

}
