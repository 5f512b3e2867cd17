// Statements that real clients send: each must parse, and its print must parse back to the same print and to
// the same names of columns.

#include "sql/AstPrinter.h"
#include "sql/Parser.h"

#include "base/Exception.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace mangrove;

namespace
{

/// Every expression by its function form, which does not depend on brackets or on how an operator was written.
std::string shape(const Statement & statement)
{
    const auto * select = statement.as<SelectPtr>();
    if (!select || !(*select)->select)
        return {};
    std::string result;
    forEachExpr(*(*select)->select, [&](ExprPtr & expr) { result += columnName(*expr) + "\n"; });
    return result;
}

void roundTrip(std::string_view sql)
{
    SCOPED_TRACE(sql);
    Statement first;
    ASSERT_NO_THROW(first = parseStatement(sql));
    std::string printed = formatAst(first);
    Statement second;
    try
    {
        second = parseStatement(printed);
    }
    catch (const Exception & e)
    {
        FAIL() << "printed as " << printed << ": " << e.message();
    }
    EXPECT_EQ(formatAst(second), printed);
    EXPECT_EQ(shape(second), shape(first));
    if (const auto * create = first.as<CreateQuery>())
    {
        EXPECT_EQ(formatAst(parseStatement(prettyCreate(*create))), printed);
    }
}

std::string readShared(const std::string & path)
{
    std::filesystem::path root = std::filesystem::current_path();
    while (!std::filesystem::exists(root / "CMakePresets.json") && root.has_relative_path())
        root = root.parent_path();
    std::ifstream in(root / "../shared" / path);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

}

TEST(ParserCorpus, selects)
{
    for (const char * sql : {
             "SELECT hex(trace_id),span_id,duration FROM span_index WHERE service='svc-17' AND "
             "start_time>='2026-11-01 12:00:00' ORDER BY duration DESC LIMIT 30",
             "SELECT service,toStartOfMinute(start_time) AS "
             "m,count(),countIf(status=2),quantiles(0.5,0.95,0.99)(duration) FROM span_index GROUP BY service,m",
             "SELECT avg(duration),count() FROM span_index WHERE attributes['http.route']='/api/v1/alerts/:id/lock'",
             "SELECT p.service,c.service,count(),avg(c.duration) FROM (SELECT a FROM s WHERE b>='x') AS c INNER JOIN "
             "(SELECT a FROM s) AS p ON c.parent_span_id=p.span_id AND c.trace_id=p.trace_id GROUP BY 1, 2",
             "SELECT count() FROM span_index WHERE arrayExists(x -> x LIKE '%checkout%',mapValues(attributes))",
             "SELECT TraceID FROM boutique WHERE service = 'frontend' AND startTime BETWEEN '2022-08-22 03:53:00' AND "
             "'2022-08-22 04:04:00' ORDER BY Duration DESC, SpanID LIMIT 0, 30",
             "SELECT OperationName, argMax(TraceID, (Duration, SpanID)) AS slowest FROM boutique GROUP BY "
             "OperationName HAVING count() > 1000",
             "WITH roots AS (SELECT TraceID, Duration FROM boutique WHERE ParentID = 'root') SELECT intDiv(Duration, "
             "100000) AS bucket, count() FROM roots GROUP BY bucket",
             "SELECT row_number() OVER (PARTITION BY service ORDER BY Duration DESC, SpanID) AS r, service FROM "
             "boutique QUALIFY r <= 2 ORDER BY service, r",
             "SELECT trace_id FROM span_index WHERE service='a' AND startTime BETWEEN 1 AND 2 ORDER BY duration DESC "
             "LIMIT 0, 30 SETTINGS max_threads=16, allow_experimental_parallel_reading_from_replicas=1",
             "SELECT service FROM boutique ORDER BY service, Duration DESC LIMIT 2 BY service",
             /// Grafana
             "SHOW DATABASES", "SHOW TABLES FROM \"db\"", "DESC TABLE \"db\".\"t\"",
             "SELECT DISTINCT arrayJoin(mapKeys(c)) FROM (SELECT c FROM t LIMIT 1000) LIMIT 1000",
             "SELECT name, type, table FROM system.columns WHERE database = 'a' AND table IN ('b', 'c')",
             R"(WITH 'abc' as __gf_trace_id, (SELECT min(Start) FROM "db"."t_trace_id_ts" WHERE TraceId =
                __gf_trace_id) as __gf_trace_start,
                (SELECT max(End) + 1 FROM "db"."t_trace_id_ts" WHERE TraceId = __gf_trace_id) as __gf_trace_end
                SELECT "TraceId" as traceID, multiply(toUnixTimestamp64Nano("Timestamp"),0.000001) as startTime,
                arrayMap(key -> map('key',key,'value',"SpanAttributes"[key]), mapKeys("SpanAttributes")) as tags,
                arrayMap((name,timestamp,attributes) -> tuple(name, toString(timestamp), arrayMap(key -> map('key',
                key, 'value', attributes[key]), mapKeys(attributes)))::Tuple(name String, timestamp String, fields
                Array(Map(String,String))),
                "Events".Name, "Events".Timestamp, "Events".Attributes) AS logs,
                arrayMap((traceID, spanID, attributes) -> tuple(traceID, spanID)::Tuple(traceID String, spanID String),
                Links.TraceId, Links.SpanId, Links.Attributes) AS references
                FROM "db"."t" WHERE traceID = __gf_trace_id AND "Timestamp" >= __gf_trace_start AND "Timestamp" <=
                __gf_trace_end)",
             R"(SELECT "TraceId" as traceID, "Timestamp" as startTime, multiply("Duration", 0.000001) as duration
                FROM "t" WHERE ( Timestamp >= fromUnixTimestamp64Milli(1) AND Timestamp <= fromUnixTimestamp64Milli(2)
                ) AND ( ParentSpanId = '' ) ORDER BY Timestamp DESC, Duration DESC LIMIT 20)",
             "SELECT toStartOfInterval(\"Timestamp\", INTERVAL 5 SECOND) as time, "
             "sum(multiSearchAny(toString(\"SeverityText\"), ['err', 'ERR'])) AS errors FROM t GROUP BY time ORDER BY "
             "time ASC",
             /// Jaeger
             "SELECT DISTINCT s.trace_id FROM spans s WHERE 1=1 AND arrayExists(x -> arrayExists((key,value) -> key = "
             "'a' AND value = 'b', x.str_attributes.key, x.str_attributes.value), s.events) LIMIT 5",
             "SELECT toStartOfInterval(start_time, toIntervalSecond(60)) AS t, quantile(0.95)(duration)/1e6, "
             "countIf(status='x')/count(*) FROM s GROUP BY t",
             "TRUNCATE TABLE IF EXISTS spans",
             /// Drivers
             "SELECT displayName(), version(), revision(), timezone()", "SELECT 1 AS check FORMAT Native",
             "SELECT name, value, readonly FROM system.settings LIMIT 10000",
             "SELECT currentUser() AS user, timezone() AS timezone LIMIT 1",
             "EXISTS system.zookeeper", "SHOW CLUSTERS", "EXPLAIN ESTIMATE SELECT 1 FROM t",
             "SET max_threads = 1, param_x = 'a'",
             "KILL QUERY WHERE query_id = 'x' SYNC", "OPTIMIZE TABLE t PARTITION ID '20200101' FINAL DEDUPLICATE BY "
             "a, b",
             "SYSTEM FLUSH ASYNC INSERT QUEUE db.t", "SYSTEM RELOAD CONFIG", "SYSTEM STOP MERGES logs",
             "SHOW CREATE TABLE a.b", "SHOW PROCESSLIST",
             "SHOW FULL COLUMNS FROM t FROM db LIKE '%'", "SHOW SETTINGS ILIKE '%max%'", "SHOW FUNCTIONS",
             "SHOW CREATE DATABASE x", "USE otel",
             "DESCRIBE (SELECT 1)", "DESCRIBE TABLE numbers(10)", "EXCHANGE TABLES a AND b",
             "RENAME TABLE a.b TO c.d, e TO f", "DROP DATABASE IF EXISTS x SYNC",
             "DETACH TABLE t PERMANENTLY", "ATTACH TABLE t", "CHECK TABLE t", "DELETE FROM t WHERE a = 1",
             "UPDATE t SET a = 1 WHERE b",
             /// Syntax of every kind
             "SELECT * FROM a LEFT JOIN b ON a.x = b.x, c ASOF JOIN d USING x PASTE JOIN e GLOBAL ANY RIGHT OUTER "
             "JOIN f ON 1 SEMI LEFT JOIN g ON 2 LEFT ANTI JOIN h ON 3",
             "SELECT a FROM t GROUP BY ROLLUP(a, b)", "SELECT a FROM t GROUP BY GROUPING SETS ((a), (a, b), ())",
             "SELECT a GROUP BY ALL ORDER BY ALL",
             "SELECT d, c FROM t ORDER BY d WITH FILL FROM 1 TO 10 STEP 1 INTERPOLATE (c AS c + 1)",
             "SELECT * EXCEPT a EXCEPT SELECT 1",
             "SELECT * APPLY(quantile(0.9)), t.* APPLY(x -> x + 1), COLUMNS('a') EXCEPT 'b', COLUMNS(a, b)",
             "SELECT a FROM t AS u(x, y) FINAL",
             "SELECT (SELECT 1) + 1, exists(SELECT 1), x = ANY (SELECT 1), x != ALL (SELECT 2), a IN t, a NOT IN "
             "(SELECT 1), a IN (1, b)",
             "SELECT f(a AS b), (a AS c).1, [a AS d][1], (a, b) -> 1, x -> y -> x + y, () -> 1, 1 IN [1, 2], (1,), "
             "((1, 2), (3, 4)), [(1, 'a')]",
             "SELECT {'a': 1, 'b': 2}, {x:Array(UInt8)}, @@version, $$it's$$, `a``b`, \"c\\\"d\", 'tab\\there', "
             "1e-10, inf, -inf, nan, 0.1, 1., 1e300",
             "SELECT a ? b : c ? d : e, NOT a IS NULL, -a::Int8, (-1)::Int8, (1)::Int8, -x.1, a.b.1.2, f(x).name, "
             "f(x).1, - (-(1)), a - -1, not(not(a))",
             "SELECT INTERVAL '1 day 2 hours', INTERVAL -1 DAY, EXTRACT(DAY FROM d), TRIM(LEADING 'x' FROM y), "
             "DATE_ADD(d, INTERVAL 1 DAY), a AT TIME ZONE 'UTC'",
             "SELECT CASE WHEN a THEN 1 WHEN b THEN 2 ELSE 3 END, CASE x WHEN 1 THEN 'a' END, CAST(a AS "
             "Nullable(Decimal(10, 2))), CAST(a, 'Int8')",
             "SELECT sum(a) FILTER (WHERE b > 1), any(x) IGNORE NULLS, count(DISTINCT a, b), f()(x), lag(a) OVER w, "
             "sum(a) OVER (w ORDER BY b RANGE BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING) FROM t WINDOW w AS "
             "(PARTITION BY c)",
             "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 10) SELECT * FROM t",
             "FROM t SELECT a, b,",
             "SELECT a, FROM t", "SELECT DISTINCT ON (a, b) c FROM t ORDER BY c COLLATE 'de'",
             "SELECT 1 INTO OUTFILE 'x' FORMAT CSV SETTINGS a = 1",
             "((SELECT 1) UNION ALL (SELECT 2 LIMIT 1)) INTERSECT SELECT 3 EXCEPT DISTINCT SELECT 4",
             "EXPLAIN AST SELECT 1", "EXPLAIN `is` = 1 SELECT 1 FORMAT JSON",
             "EXPLAIN indexes = 1, actions = 1 SELECT 1",
         })
        roundTrip(sql);
}

TEST(ParserCorpus, definitions)
{
    for (const char * sql : {
             "CREATE DATABASE IF NOT EXISTS otel ON CLUSTER 'x' ENGINE = Atomic COMMENT 'c'",
             R"(CREATE TABLE IF NOT EXISTS "otel"."otel_traces" ON CLUSTER c (
                Timestamp DateTime64(9) CODEC(Delta, ZSTD(1)), TraceId String CODEC(ZSTD(1)), ServiceName
                LowCardinality(String) CODEC(ZSTD(1)),
                ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)), Duration UInt64 CODEC(ZSTD(1)),
                Events Nested (Timestamp DateTime64(9), Name LowCardinality(String), Attributes
                Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
                `__hdx` LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.pod.name'] CODEC(ZSTD(1)),
                INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1,
                INDEX idx_res mapKeys(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
                INDEX idx_text Body TYPE text(tokenizer = splitByNonAlpha) GRANULARITY 64,
                INDEX idx_tok Body TYPE tokenbf_v1(32768, 3, 0) GRANULARITY 8, INDEX idx_duration Duration TYPE minmax
                GRANULARITY 1
             ) ENGINE = MergeTree() PARTITION BY toDate(Timestamp) ORDER BY (ServiceName, SpanName,
                toDateTime(Timestamp)) TTL toDate(Timestamp) + toIntervalDay(3)
             SETTINGS index_granularity=8192, ttl_only_drop_parts = 1)",
             "CREATE TABLE t_trace_id_ts (TraceId String, Start SimpleAggregateFunction(min, DateTime), End "
             "SimpleAggregateFunction(max, DateTime)) ENGINE = AggregatingMergeTree PARTITION BY toStartOfWeek(Start) "
             "ORDER BY (TraceId)",
             "CREATE MATERIALIZED VIEW IF NOT EXISTS otel.t_trace_id_ts_mv TO otel.t_trace_id_ts AS SELECT TraceId, "
             "min(Timestamp) as Start, max(Timestamp) as End FROM otel.t WHERE TraceId != '' GROUP BY TraceId",
             "CREATE MATERIALIZED VIEW spans_to_span_index TO span_index AS SELECT tenant, service FROM spans",
             R"(CREATE TABLE spans (trace_id String, attribute_types Map(LowCardinality(String),
                Enum8('empty'=0,'bool'=2,'int'=-3)), duration UInt64 /* ns */,
                events Nested(time DateTime64(9, 'UTC'), name LowCardinality(String)), dropped_links_count UInt32)
                ENGINE = MergeTree PARTITION BY toDate(startTime) ORDER BY (trace_id, startTime, span_id) SETTINGS
                ttl_only_drop_parts = 1)",
             "CREATE TABLE t (a UInt8 NULL DEFAULT 1 + 2 COMMENT 'x' TTL d + INTERVAL 1 DAY, b String NOT NULL ALIAS "
             "concat(a, 'x'), c EPHEMERAL, e DEFAULT now(), "
             "`events.time` Array(DateTime), index UInt8, PROJECTION p (SELECT a, count() GROUP BY a), CONSTRAINT k "
             "CHECK a > 1, PRIMARY KEY (a, b)) ENGINE = ReplacingMergeTree(v) ORDER BY ()",
             "CREATE TABLE t (d DateTime, j JSON(max_dynamic_paths=8, a.b UInt32, SKIP x.y, SKIP REGEXP 'r')) ENGINE "
             "MergeTree ORDER BY d TTL d + INTERVAL 1 DAY DELETE WHERE a = 1, d + toIntervalWeek(1) TO VOLUME 'cold', "
             "d RECOMPRESS CODEC(ZSTD(9)), d GROUP BY a SET b = max(b)",
             "CREATE OR REPLACE TABLE a AS b", "CREATE TABLE a AS numbers(10)",
             "CREATE TABLE a ENGINE = Memory AS SELECT 1", "CREATE TABLE a EMPTY AS SELECT 1",
             "CREATE VIEW v AS SELECT a FROM t COMMENT 'view'",
             "CREATE MATERIALIZED VIEW v (a UInt8) ENGINE = MergeTree ORDER BY a POPULATE AS SELECT a FROM x",
             "CREATE TEMPORARY TABLE x (a UInt8)", "CREATE FUNCTION f AS (x, y) -> x + y",
             "CREATE TABLE t UUID '00000000-0000-0000-0000-000000000001' (a Tuple(UInt8, `b c` String)) ENGINE = Null",
             "CREATE MATERIALIZED VIEW v REFRESH EVERY 1 HOUR TO x AS SELECT 1",
             "ALTER TABLE db.t ON CLUSTER c ADD COLUMN IF NOT EXISTS a UInt8 DEFAULT 1 AFTER b, DROP COLUMN IF EXISTS "
             "c, MODIFY COLUMN d String CODEC(ZSTD(1)), MODIFY COLUMN e REMOVE DEFAULT, RENAME COLUMN x TO y, COMMENT "
             "COLUMN z 'text', CLEAR COLUMN q IN PARTITION 1",
             "ALTER TABLE t ADD INDEX IF NOT EXISTS i a TYPE minmax GRANULARITY 1 FIRST, DROP INDEX i, MATERIALIZE "
             "INDEX i IN PARTITION ID 'x', ADD PROJECTION p (SELECT a ORDER BY a), ADD CONSTRAINT c CHECK a, MODIFY "
             "ORDER BY (a, b), RESET SETTING a, b",
             "ALTER TABLE t MODIFY TTL d + INTERVAL 3 DAY", "ALTER TABLE t MODIFY SETTING a = 1, b = 'x'",
             "ALTER TABLE t MODIFY QUERY SELECT 1 UNION ALL SELECT 2",
             "ALTER TABLE t DROP PARTITION '2020-01-01', DETACH PARTITION tuple(), DROP PART 'all_1_1_0', ATTACH "
             "PARTITION 1 FROM u, REPLACE PARTITION 1 FROM u, MOVE PARTITION 1 TO TABLE x.y, FREEZE PARTITION 1 WITH "
             "NAME 'b', DROP DETACHED PARTITION ALL",
             "ALTER TABLE t UPDATE a = a + 1, b = 'x' IN PARTITION '2020' WHERE c, DELETE WHERE d = 1",
             "ALTER TABLE t MATERIALIZE TTL, REMOVE TTL, MODIFY COMMENT 'x', APPLY DELETED MASK",
         })
        roundTrip(sql);
}

TEST(ParserCorpus, sharedQueries)
{
    std::string bench = readShared("bench/queries_ch26.tsv");
    std::string boutique = readShared("data/onlineboutique/queries.sql");
    if (bench.empty() || boutique.empty())
        GTEST_SKIP() << "the shared queries are not here";
    std::istringstream lines(bench);
    size_t count = 0;
    for (std::string line; std::getline(lines, line); ++count)
        roundTrip(std::string_view(line).substr(line.find('\t') + 1));
    for (std::string_view sql : splitStatements(boutique))
    {
        roundTrip(sql);
        ++count;
    }
    EXPECT_GE(count, 29u);
}
