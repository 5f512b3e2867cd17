#include "sql/AstPrinter.h"
#include "sql/Parser.h"

#include "base/Exception.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace mangrove;

namespace
{

template <typename F>
Exception caught(F && function)
{
    try
    {
        function();
    }
    catch (const Exception & e)
    {
        return e;
    }
    ADD_FAILURE() << "no exception";
    return Exception(ErrorCode::OK, "none");
}

std::string syntaxError(std::string_view sql)
{
    Exception e = caught([&] { parseStatement(sql); });
    EXPECT_EQ(e.code(), ErrorCode::SYNTAX_ERROR) << sql << ": " << e.message();
    return e.message();
}

const SelectQuery & selectOf(const Statement & statement)
{
    return *(*statement.as<SelectPtr>())->select;
}

}

TEST(ParserErrors, positions)
{
    EXPECT_TRUE(syntaxError("SELECT 1 FORM t").starts_with("Syntax error: failed at position 15 (t): t. Expected one "
    "of: ")) << syntaxError("SELECT 1 FORM t");
    EXPECT_TRUE(syntaxError("SELECT 1\nFORM t a").starts_with("Syntax error: failed at position 15 (t) (line 2, col "
    "6): t a. Expected one of: "));
    std::string end = syntaxError("SELECT 1 AS");
    EXPECT_EQ(end, "Syntax error: failed at position 12 (end of query): . Expected one of: identifier");
    EXPECT_EQ(syntaxError("SELECT (1,"), "Syntax error: failed at position 8 ((): (1,. Unmatched parentheses: (");
    EXPECT_EQ(syntaxError("SELECT (1 + 2 FROM t"), "Syntax error: failed at position 8 ((): (1 + 2 FROM t. Unmatched "
    "parentheses: (");
    EXPECT_EQ(syntaxError("SELECT [1,2)"), "Syntax error: failed at position 8 ([): [1,2). Unmatched parentheses: [)");
    EXPECT_TRUE(syntaxError("SELECT 'abc").starts_with("Single quoted string is not closed: Syntax error: failed at "
    "position 8 ('abc): 'abc. "));
    EXPECT_TRUE(syntaxError("SELEC 1").starts_with("Syntax error: failed at position 1 (SELEC): SELEC 1. Expected one "
    "of: "));
    std::string expected = syntaxError("SELECT a b c");
    EXPECT_TRUE(expected.starts_with("Syntax error: failed at position 12 (c): c. ")) << expected;
    for (const char * word : {"Comma", "FROM", "WHERE", "GROUP BY", "ORDER BY", "LIMIT", "UNION", "FORMAT",
        "end of query"})
        EXPECT_NE(expected.find(word), std::string::npos) << word << " in " << expected;
}

TEST(ParserErrors, longQueryIsCut)
{
    std::string message = syntaxError("SELECT ) " + std::string(1000, 'x'));
    EXPECT_LT(message.size(), 300u);
    EXPECT_NE(message.find("xxx..."), std::string::npos);
}

TEST(ParserErrors, rubbish)
{
    for (const char * sql : {"", ";", "SELECT", "SELECT $", "SELECT a FROM", "SELECT a WHERE", "SELECT 1;SELECT 2",
        "CREATE TABLE", "INSERT INTO t",
             "SELECT f(", "SELECT CASE 1 END", "SELECT x -> ", "SELECT (1, x) -> 1", "SELECT a.", "SELECT 1 AS",
             "ALTER TABLE t", "SELECT /* a",
             "DROP x", "SELECT * FROM t JOIN u", "SELECT 1 LIMIT", "SHOW", "SYSTEM", "SELECT {x}", "SELECT {x:}",
             "SELECT ``", "SELECT 1.5abc",
             "SELECT a::", "CREATE TABLE t (a UInt8", "SELECT INTERVAL 1", "SELECT x'4g'", "SELECT DATE_ADD(DAY, 1",
             "KILL QUERY"})
        syntaxError(sql);
}

TEST(ParserLimits, depth)
{
    auto nested = [](size_t depth) { return "SELECT " + std::string(depth, '(') + "1" + std::string(depth, ')'); };
    EXPECT_NO_THROW(parseStatement(nested(900)));
    auto repeat = [](std::string_view text)
    {
        std::string result;
        for (int i = 0; i < 5000; ++i)
            result += text;
        return result;
    };
    /// What the parser enters to any depth, and what it builds to any depth without.
    for (const std::string & sql : {nested(100000), "SELECT " + repeat("["), "SELECT " + repeat("- ") + "x",
             repeat("SELECT * FROM ("), "SELECT 1::" + repeat("Array("), "SELECT " + repeat("INTERVAL ("),
             "SELECT " + repeat("NOT ") + "x", "SELECT " + repeat("x -> ") + "x", "SELECT " + repeat("a ? ") + "b",
             repeat("EXPLAIN ") + "SELECT 1", "SELECT " + repeat("f(") + "x", "SET a = " + repeat("[")})
        EXPECT_EQ(caught([&] { parseStatement(sql); }).code(), ErrorCode::TOO_DEEP_RECURSION) << sql.substr(0, 60);
    for (const std::string & sql : {"SELECT 1" + repeat("+1"), "SELECT 1" + repeat(" EXCEPT SELECT 1"), "SELECT a" + repeat("[1]")})
        EXPECT_EQ(caught([&] { parseStatement(sql); }).code(), ErrorCode::TOO_DEEP_AST) << sql.substr(0, 60);
}

TEST(ParserLimits, elements)
{
    std::string sql = "SELECT a";
    for (int i = 0; i < 60000; ++i)
        sql += ",a";
    EXPECT_EQ(caught([&] { parseStatement(sql); }).code(), ErrorCode::TOO_BIG_AST);
    std::string between = "SELECT a";
    for (int i = 0; i < 100; ++i)
        between += " BETWEEN 1 AND 2";
    EXPECT_EQ(caught([&] { parseStatement(between); }).code(), ErrorCode::TOO_BIG_AST);
    /// A list of constants is one element.
    std::string in = "SELECT a IN (1";
    for (int i = 0; i < 200000; ++i)
        in += ",-1";
    Statement statement = parseStatement(in + ")");
    EXPECT_EQ(selectOf(statement).columns[0]->args[1]->value.asTuple()->elements.size(), 200001u);
}

TEST(Parser, literals)
{
    auto value = [](std::string_view sql) { return parseExpression(sql)->value; };
    EXPECT_EQ(*value("18446744073709551615").asUInt64(), 18446744073709551615ull);
    EXPECT_EQ(*value("18446744073709551616").asFloat64(), 18446744073709551616.0);
    EXPECT_EQ(parseExpression("18446744073709551616")->literal_text, "18446744073709551616");
    EXPECT_EQ(*value("-9223372036854775808").asInt64(), INT64_MIN);
    EXPECT_EQ(*value("-9223372036854775809").asFloat64(), -9223372036854775808.0);
    EXPECT_EQ(*value("0x1p3").asFloat64(), 8.0);
    EXPECT_EQ(*value(".5").asFloat64(), 0.5);
    EXPECT_EQ(*value("0b101").asUInt64(), 5u);
    EXPECT_TRUE(std::isinf(*value("-inf").asFloat64()));
    EXPECT_TRUE(std::isnan(*value("NaN").asFloat64()));
    EXPECT_EQ(*value("'a''b\\d\\n\\x41'").asString(), "a'b\\d\nA");
    EXPECT_EQ(*value("x'4142'").asString(), "AB");
    EXPECT_EQ(value("[1, 'a', NULL]").asArray()->elements.size(), 3u);
    EXPECT_EQ(value("(1, (2, 3))").asTuple()->elements.size(), 2u);
    EXPECT_TRUE(value("NULL").isNull());
    EXPECT_TRUE(*value("true").asBool());
}

TEST(Parser, comments)
{
    EXPECT_EQ(formatAst(parseStatement("SELECT 1 -- one\n, /* two */ 2 # three\n, 3 #! four\n")), "SELECT 1, 2, 3");
    EXPECT_EQ(formatAst(parseStatement("/* a */ SELECT 1; -- end")), "SELECT 1");
}

TEST(Parser, positionsOfNodes)
{
    std::string sql = "SELECT a + f(b, 'x') AS c FROM t";
    Statement statement = parseStatement(sql);
    const Expr & sum = *selectOf(statement).columns[0];
    EXPECT_EQ(sql.substr(sum.range.begin, sum.range.end - sum.range.begin), "a + f(b, 'x')");
    const Expr & call = *sum.args[1];
    EXPECT_EQ(sql.substr(call.range.begin, call.range.end - call.range.begin), "f(b, 'x')");
}

TEST(Parser, keywordsAsNames)
{
    for (const char * sql : {"SELECT a AS references, left(s, 1), if(a, 1, 2), any(x), replace(a, b, c), format('{}', "
    "a), date, timestamp, interval, key",
             "SELECT and(a, b), or(a, b), not(a), like(a, 'x'), in(a, 1), left, index, end, start, desc, first, "
             "comment, values, type FROM t",
             "SELECT t.key, t.`from`, t.values, t.end FROM `table` AS t", "SELECT count, sum, order_by FROM final_t",
             "SELECT interval, date FROM events GROUP BY interval, date ORDER BY interval DESC"})
        EXPECT_NO_THROW(parseStatement(sql)) << sql;
    EXPECT_EQ(selectOf(parseStatement("SELECT a x, b \"y z\" FROM t u")).columns[1]->alias, "y z");
}

TEST(Parser, insertData)
{
    auto offset = [](std::string_view sql)
    {
        Statement statement = parseStatement(sql);
        return std::string(sql.substr(*statement.as<InsertQuery>()->data_offset));
    };
    EXPECT_EQ(offset("INSERT INTO t VALUES (1, 'a;b'), (2, $$)"), "(1, 'a;b'), (2, $$)");
    EXPECT_EQ(offset("INSERT INTO t (a, b.c) FORMAT JSONEachRow\n{\"a\":1}"), "{\"a\":1}");
    EXPECT_EQ(offset("INSERT INTO t FORMAT JSONEachRow {\"a\":1}"), "{\"a\":1}");
    EXPECT_EQ(offset("INSERT INTO t SETTINGS async_insert=1, wait_for_async_insert=1 FORMAT TSV\r\n\n1"), "\n1");
    EXPECT_EQ(offset("INSERT INTO t FORMAT Native"), "");
    EXPECT_EQ(offset("INSERT INTO t VALUES"), "");
    Statement statement = parseStatement("INSERT INTO \"otel\".\"otel_traces\" (Timestamp, `Events.Timestamp`, "
    "Events.Name, * EXCEPT (x)) FORMAT Native");
    const auto & insert = *statement.as<InsertQuery>();
    EXPECT_EQ(insert.table, (QualifiedName{"otel", "otel_traces"}));
    EXPECT_EQ(insert.columns[1]->fullName(), "Events.Timestamp");
    EXPECT_EQ(insert.columns[2]->fullName(), "Events.Name");
    EXPECT_EQ(insert.columns[3]->kind, ExprKind::Asterisk);
    EXPECT_EQ(insert.format, "Native");
    EXPECT_TRUE(parseStatement("INSERT INTO t (SELECT 1)").as<InsertQuery>()->select);
    EXPECT_TRUE(parseStatement("INSERT INTO t WITH 1 AS x SELECT x").as<InsertQuery>()->select);
}

TEST(Parser, queryParameters)
{
    std::map<std::string, std::string> parameters = {{"db", "a b"}, {"t", "x"}, {"c", "id"}};
    ParserLimits limits;
    limits.parameters = &parameters;
    EXPECT_EQ(formatAst(parseStatement("SELECT {c:Identifier} FROM {db:Identifier}.{t:Identifier} WHERE a = "
    "{v:Array(String)}", limits)),
        "SELECT id FROM `a b`.x WHERE a = {v:Array(String)}");
    EXPECT_EQ(caught([] { parseStatement("SELECT 1 FROM {t:Identifier}"); }).code(),
        ErrorCode::UNKNOWN_QUERY_PARAMETER);
}

TEST(Parser, sampleIsRefused)
{
    EXPECT_EQ(caught([] { parseStatement("SELECT 1 FROM t SAMPLE 1/10"); }).code(), ErrorCode::SAMPLING_NOT_SUPPORTED);
    EXPECT_EQ(parseStatement("GRANT SELECT ON *.* TO x; ").as<RefusedQuery>()->name, "GRANT");
}

TEST(Parser, splitStatements)
{
    std::vector<std::string_view> expected = {"SELECT ';'", "INSERT INTO t VALUES (1, ';')", "SELECT 2 -- ;\n",
        "INSERT INTO t FORMAT TSV\n1;2\n", "SELECT 3"};
    EXPECT_EQ(splitStatements("SELECT ';'; ;INSERT INTO t VALUES (1, ';');\n/* ; */SELECT 2 -- ;\n;INSERT INTO t "
    "FORMAT TSV\n1;2\n\nSELECT 3"), expected);
    EXPECT_TRUE(splitStatements(" -- nothing\n;;").empty());
    // It does not check syntax, so it does not throw: what cannot be read is the last statement.
    for (std::string_view broken : {"INSERT INTO t FORMAT \xc8(", "INSERT INTO t VALUES 'x", "SELECT 'x", "INSERT INTO t FORMAT 'x"})
        EXPECT_EQ(splitStatements(broken), std::vector<std::string_view>{broken});
}

TEST(Parser, limitForms)
{
    EXPECT_EQ(formatAst(parseStatement("SELECT 1 LIMIT 5 OFFSET 2")), "SELECT 1 LIMIT 2, 5");
    EXPECT_EQ(formatAst(parseStatement("SELECT a LIMIT 2 BY a LIMIT 5")), "SELECT a LIMIT 2 BY a LIMIT 5");
    EXPECT_EQ(formatAst(parseStatement("SELECT a ORDER BY a OFFSET 1 ROW FETCH FIRST 3 ROWS WITH TIES")),
        "SELECT a ORDER BY a ASC LIMIT 1, 3 WITH TIES");
    EXPECT_EQ(formatAst(parseStatement("SELECT TOP 3 a FROM t")), "SELECT a FROM t LIMIT 3");
}
