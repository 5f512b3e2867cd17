#include "types/DataTypes.h"

#include <gtest/gtest.h>

#include <random>

namespace mangrove
{
namespace
{

ErrorCode errorOf(std::string_view text)
{
    try
    {
        parseDataType(text);
    }
    catch (const Exception & e)
    {
        return e.code();
    }
    return ErrorCode::OK;
}

std::string canonical(std::string_view text)
{
    return parseDataType(text)->name();
}

TEST(parseDataType, NamesReadBack)
{
    for (const char * name :
         {"UInt8", "UInt16", "UInt32", "UInt64", "UInt128", "Int8", "Int16", "Int32", "Int64", "Float32", "Float64", "Bool",
          "String", "FixedString(16)", "Date", "DateTime", "DateTime('UTC')", "DateTime64(9)", "DateTime64(9, 'UTC')",
          "DateTime64(0, 'Europe/Berlin')", "Enum8('a' = 1, 'b' = 2)", "Enum8('it\\'s' = -128, '\\t\\\\' = 127)",
          "Enum16('x' = -300, 'y' = 300)", "UUID", "IntervalDay", "IntervalNanosecond", "Nullable(String)",
          "Nullable(Nothing)", "LowCardinality(String)", "LowCardinality(Nullable(FixedString(4)))", "LowCardinality(UUID)",
          "Array(Nothing)", "Array(Array(UInt8))", "Tuple()", "Tuple(UInt8, String)", "Tuple(a UInt8, `b c` Array(String))",
          "Tuple(`null` String, `a\\`b` Nullable(Int8))", "Map(LowCardinality(String), String)",
          "Map(String, Array(Tuple(Float64, Map(UInt8, Date))))", "AggregateFunction(count)",
          "AggregateFunction(quantiles(0.5, 0.9), UInt64)", "AggregateFunction(topK(10, 'x', -1), String, UInt8)"})
    {
        auto type = parseDataType(name);
        EXPECT_EQ(type->name(), name);
        auto column = type->createColumn();
        column->insertDefault();
        column->insert(type->defaultValue());
        EXPECT_EQ(column->size(), 2u) << name;
        EXPECT_TRUE(type->equals(*parseDataType(name)));
    }
}

TEST(parseDataType, OtherSpellings)
{
    EXPECT_EQ(canonical(" Array ( \n LowCardinality(String)\t) "), "Array(LowCardinality(String))");
    EXPECT_EQ(canonical("int"), "Int32");
    EXPECT_EQ(canonical("INT(11)"), "Int32");
    EXPECT_EQ(canonical("bigint unsigned"), "UInt64");
    EXPECT_EQ(canonical("BIGINT \n UNSIGNED"), "UInt64");
    EXPECT_EQ(canonical("double precision"), "Float64");
    EXPECT_EQ(canonical("national character large object"), "String");
    EXPECT_EQ(canonical("varchar(255)"), "String");
    EXPECT_EQ(canonical("bytea"), "String");
    EXPECT_EQ(canonical("binary(3)"), "FixedString(3)");
    EXPECT_EQ(canonical("boolean"), "Bool");
    EXPECT_EQ(canonical("timestamp"), "DateTime");
    EXPECT_EQ(canonical("datetime64"), "DateTime64(3)");
    EXPECT_EQ(canonical("DateTime(3)"), "DateTime64(3)");
    EXPECT_EQ(canonical("DateTime(3, 'UTC')"), "DateTime64(3, 'UTC')");
    EXPECT_EQ(canonical("Enum('a', 'b')"), "Enum8('a' = 1, 'b' = 2)");
    EXPECT_EQ(canonical("Enum('a' = 500, 'b')"), "Enum16('a' = 500, 'b' = 501)");
    EXPECT_EQ(canonical("Enum8('b' = 2, 'a' = -1)"), "Enum8('a' = -1, 'b' = 2)");
    EXPECT_EQ(canonical("Tuple(double precision, int unsigned)"), "Tuple(Float64, UInt32)");
    EXPECT_EQ(canonical("Tuple(\"x y\" int, double UInt8)"), "Tuple(`x y` Int32, double UInt8)");
    EXPECT_EQ(canonical("SimpleAggregateFunction(sum, UInt64)"), "UInt64");
    EXPECT_EQ(canonical("SimpleAggregateFunction(groupArrayArray(10), Array(String))"), "Array(String)");
}

/// The codes are those of ClickHouse 26, except for types that only we lack.
TEST(parseDataType, RefusesWithClickHousesCodes)
{
    EXPECT_EQ(errorOf("Foo"), ErrorCode::UNKNOWN_TYPE);
    EXPECT_EQ(errorOf("string"), ErrorCode::UNKNOWN_TYPE);
    EXPECT_EQ(errorOf("Uint8"), ErrorCode::UNKNOWN_TYPE);
    EXPECT_EQ(errorOf("Decimal(10, 2)"), ErrorCode::NOT_IMPLEMENTED);
    EXPECT_EQ(errorOf("Array(IPv4)"), ErrorCode::NOT_IMPLEMENTED);
    EXPECT_EQ(errorOf("Nested(a UInt8)"), ErrorCode::NOT_IMPLEMENTED);
    EXPECT_EQ(errorOf("Array"), ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH);
    EXPECT_EQ(errorOf("FixedString"), ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH);
    EXPECT_EQ(errorOf("FixedString(0)"), ErrorCode::UNEXPECTED_AST_STRUCTURE);
    EXPECT_EQ(errorOf("FixedString(-1)"), ErrorCode::UNEXPECTED_AST_STRUCTURE);
    EXPECT_EQ(errorOf("FixedString(20000000)"), ErrorCode::ARGUMENT_OUT_OF_BOUND);
    EXPECT_EQ(errorOf("FixedString(99999999999999999999)"), ErrorCode::UNEXPECTED_AST_STRUCTURE);
    EXPECT_EQ(errorOf("DateTime64(10)"), ErrorCode::ARGUMENT_OUT_OF_BOUND);
    EXPECT_EQ(errorOf("DateTime64(4294967296)"), ErrorCode::ARGUMENT_OUT_OF_BOUND);
    EXPECT_EQ(errorOf("DateTime64('UTC')"), ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT);
    EXPECT_EQ(errorOf("DateTime('Foo/Bar')"), ErrorCode::BAD_ARGUMENTS);
    EXPECT_EQ(errorOf("Nullable(Array(UInt8))"), ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT);
    EXPECT_EQ(errorOf("Nullable(Nullable(UInt8))"), ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT);
    EXPECT_EQ(errorOf("Nullable(LowCardinality(String))"), ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT);
    EXPECT_EQ(errorOf("LowCardinality(Array(UInt8))"), ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT);
    EXPECT_EQ(errorOf("LowCardinality(DateTime64(3))"), ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT);
    EXPECT_EQ(errorOf("Map(Nullable(String), String)"), ErrorCode::BAD_ARGUMENTS);
    EXPECT_EQ(errorOf("Map(LowCardinality(Nullable(String)), String)"), ErrorCode::BAD_ARGUMENTS);
    EXPECT_EQ(errorOf("Tuple(a UInt8, UInt8)"), ErrorCode::BAD_ARGUMENTS);
    EXPECT_EQ(errorOf("Tuple(a UInt8, a UInt8)"), ErrorCode::DUPLICATE_COLUMN);
    EXPECT_EQ(errorOf("Enum8()"), ErrorCode::EMPTY_DATA_PASSED);
    EXPECT_EQ(errorOf("Enum8('a', 'a')"), ErrorCode::SYNTAX_ERROR);
    EXPECT_EQ(errorOf("Enum8('a' = 1, 'b' = 1)"), ErrorCode::SYNTAX_ERROR);
    EXPECT_EQ(errorOf("Enum8('a' = 128)"), ErrorCode::ARGUMENT_OUT_OF_BOUND);
    EXPECT_EQ(errorOf("Enum16('a' = 32768)"), ErrorCode::ARGUMENT_OUT_OF_BOUND);
    EXPECT_EQ(errorOf("Date('UTC')"), ErrorCode::DATA_TYPE_CANNOT_HAVE_ARGUMENTS);
}

TEST(parseDataType, RefusesHostileText)
{
    for (const char * text :
         {"", " ", "(", ")", "Array(", "Array(UInt8", "Array(UInt8))", "Array()x", "UInt8 UInt8", "Array(UInt8,UInt8)", "Tuple(",
          "Tuple(a", "Tuple(,)", "Tuple(`a UInt8)", "Map(String)", "Map(String,)", "Enum8('a)", "Enum8('a' = )", "Enum8(a)",
          "DateTime('UTC", "DateTime(", "DateTime64(3,)", "AggregateFunction(", "AggregateFunction(sum(,", "String(", "\\", "'",
          "Array(UInt8\xff)", "FixedString(16"})
        EXPECT_NE(errorOf(text), ErrorCode::OK) << text;

    auto nested = [](size_t depth)
    {
        std::string text;
        for (size_t i = 0; i < depth; ++i)
            text += "Array(";
        return text + "UInt8" + std::string(depth, ')');
    };
    EXPECT_EQ(errorOf(nested(50)), ErrorCode::OK);
    EXPECT_EQ(errorOf(nested(100000)), ErrorCode::TOO_DEEP_AST);
    EXPECT_EQ(errorOf(std::string(2 << 20, ' ') + "UInt8"), ErrorCode::TOO_BIG_AST);
    std::string wide = "Tuple(UInt8";
    for (size_t i = 0; i < 20000; ++i)
        wide += ",UInt8";
    EXPECT_EQ(errorOf(wide + ")"), ErrorCode::TOO_BIG_AST);
    // Every prefix of a valid text is refused, except the empty tuple.
    std::string valid = "Tuple(a Enum8('x' = -1), `b` Map(String, DateTime64(3, 'UTC')), c AggregateFunction(q(0.5), UInt8))";
    for (size_t length = 0; length < valid.size(); ++length)
        EXPECT_EQ(errorOf(valid.substr(0, length)) == ErrorCode::OK, valid.substr(0, length) == "Tuple") << length;
    EXPECT_EQ(errorOf(valid), ErrorCode::OK);
}

TEST(parseDataType, AnyTextIsRefusedOrReadsBack)
{
    const std::string seeds[] = {
        "Tuple(a Enum8('x' = -1, 'y'), `b` Map(String, DateTime64(3, 'UTC')), c AggregateFunction(q(0.5), UInt8))",
        "Array(Tuple(LowCardinality(Nullable(FixedString(8))), double precision, SimpleAggregateFunction(max, Date)))",
    };
    const std::string_view pieces[] = {"(", ")", ",", "'", "`", "\\", " ", "=", "-", "1", "a", "Nullable(", "UInt8", "\xff", "String", "Tuple(", "0.5"};
    std::mt19937_64 random(1);
    size_t accepted = 0;
    for (int i = 0; i < 20000; ++i)
    {
        std::string text = seeds[random() % 2];
        for (size_t change = 0, changes = 1 + random() % 4; change < changes; ++change)
        {
            size_t at = random() % text.size();
            text.replace(at, random() % std::min<size_t>(3, text.size() - at + 1), pieces[random() % std::size(pieces)]);
            if (text.empty())
                text = "a";
        }
        try
        {
            std::string name = parseDataType(text)->name();
            ++accepted;
            ASSERT_EQ(parseDataType(name)->name(), name) << text;
        }
        catch (const Exception & e)
        {
            ASSERT_NE(e.code(), ErrorCode::LOGICAL_ERROR) << text;
        }
    }
    EXPECT_GT(accepted, 100u);
}

TEST(flattenNested, OneArrayPerElement)
{
    using Columns = std::vector<std::pair<std::string, std::string>>;
    EXPECT_EQ(flattenNested("n", "String"), (Columns{{"n", "String"}}));
    EXPECT_EQ(flattenNested("n", "Array(Nested(a UInt8))"), (Columns{{"n", "Array(Nested(a UInt8))"}}));
    EXPECT_EQ(
        flattenNested("Events", "Nested(Timestamp DateTime64(9, 'UTC'), `Na,me` Enum8('a)' = 1, 'b,' = 2),Attributes Map(String, String))"),
        (Columns{
            {"Events.Timestamp", "Array(DateTime64(9, 'UTC'))"},
            {"Events.Na,me", "Array(Enum8('a)' = 1, 'b,' = 2))"},
            {"Events.Attributes", "Array(Map(String, String))"}}));
    EXPECT_THROW(flattenNested("n", "Nested(a UInt8"), Exception);
    EXPECT_THROW(flattenNested("n", "Nested(a UInt8) x"), Exception);
    EXPECT_THROW(flattenNested("n", "Nested()"), Exception);
    EXPECT_THROW(flattenNested("n", "Nested"), Exception);
}

}
}
