CREATE TABLE {table}
(
    trace_id FixedString(16) CODEC(ZSTD(3)),
    span_id UInt64 CODEC(NONE),
    parent_span_id UInt64 CODEC(ZSTD(3)),
    service LowCardinality(String) CODEC(ZSTD(3)),
    name LowCardinality(String) CODEC(ZSTD(3)),
    kind UInt8 CODEC(ZSTD(3)),
    status UInt8 CODEC(ZSTD(3)),
    start_time DateTime64(9) CODEC(Delta(8), ZSTD(3)),
    duration UInt64 CODEC(T64, ZSTD(3)),
    http_status UInt16 CODEC(T64, ZSTD(3)),
    host LowCardinality(String) CODEC(ZSTD(3)),
    attributes Map(LowCardinality(String), String) CODEC(ZSTD(3)),
    attribute_items Array(String)
        ALIAS arrayMap(kv -> concat(kv.1, '=', kv.2), CAST(attributes, 'Array(Tuple(String, String))')),
    INDEX idx_trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_items attribute_items TYPE text(tokenizer = 'array')
)
ENGINE = MergeTree
PARTITION BY toDate(start_time)
ORDER BY (service, start_time)
SETTINGS string_serialization_version = 'single_stream'
