CREATE TABLE {table}
(
    trace_id FixedString(16),
    span_id UInt64,
    parent_span_id UInt64,
    service LowCardinality(String),
    name LowCardinality(String),
    kind UInt8,
    status UInt8,
    start_time DateTime64(9),
    duration UInt64,
    http_status UInt16,
    host LowCardinality(String)
)
ENGINE = MergeTree
PARTITION BY toDate(start_time)
ORDER BY (service, start_time)
