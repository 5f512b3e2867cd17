// Each row was asked of ClickHouse 26 as toTypeName([a, b]); "" where it gives Variant or an error.

#include "types/DataTypes.h"

#include <gtest/gtest.h>

namespace mangrove
{
namespace
{

std::string supertypeOf(const std::vector<std::string> & names)
{
    DataTypes types;
    for (const auto & name : names)
        types.push_back(parseDataType(name));
    try
    {
        return leastSupertype(types)->name();
    }
    catch (const Exception & e)
    {
        EXPECT_EQ(e.code(), ErrorCode::NO_COMMON_TYPE) << e.message();
        return "";
    }
}

struct Case
{
    std::vector<std::string> types;
    std::string expected;
};

void check(const std::vector<Case> & cases)
{
    for (const auto & [types, expected] : cases)
        EXPECT_EQ(supertypeOf(types), expected) << types.front() << ", " << types.back();
}

TEST(leastSupertype, Numbers)
{
    check({
        {{"UInt8", "Int8"}, "Int16"},
        {{"UInt8", "UInt16"}, "UInt16"},
        {{"UInt8", "UInt32", "Int8"}, "Int64"},
        {{"UInt32", "Int64"}, "Int64"},
        {{"UInt64", "UInt8"}, "UInt64"},
        {{"UInt64", "Int8"}, ""},
        {{"UInt128", "UInt64"}, "UInt128"},
        {{"UInt128", "Int64"}, ""},
        {{"UInt8", "Float64"}, "Float64"},
        {{"Float32", "UInt16"}, "Float32"},
        {{"Float32", "Int16"}, "Float32"},
        {{"Float32", "UInt32"}, "Float64"},
        {{"Float32", "Int32"}, "Float64"},
        {{"Float32", "Float64"}, "Float64"},
        {{"UInt64", "Float64"}, ""},
        {{"Int64", "Float32"}, ""},
        {{"Bool", "Bool"}, "Bool"},
        {{"Bool", "UInt8"}, "Bool"},
        {{"UInt8", "Bool"}, "UInt8"},
        {{"Bool", "Int8"}, "Int16"},
        {{"Bool", "Float64"}, "Float64"},
    });
}

TEST(leastSupertype, StringsAndEnums)
{
    check({
        {{"String", "UInt8"}, ""},
        {{"String", "FixedString(1)"}, "String"},
        {{"FixedString(2)", "FixedString(1)"}, "String"},
        {{"FixedString(2)", "FixedString(2)"}, "FixedString(2)"},
        {{"String", "UUID"}, ""},
        {{"UInt8", "UUID"}, ""},
        {{"String", "Bool"}, ""},
        {{"Enum8('a' = 1)", "Enum8('b' = 2)"}, "Int8"},
        {{"Enum8('a' = 1)", "Enum16('b' = 2000)"}, "Int16"},
        {{"Enum8('a' = 1)", "String"}, "String"},
        {{"Enum8('a' = 1)", "UInt8"}, "Int16"},
        {{"Enum8('a' = 1)", "Enum8('a' = 1)"}, "Enum8('a' = 1)"},
    });
}

TEST(leastSupertype, DatesAndIntervals)
{
    check({
        {{"Date", "DateTime"}, "DateTime"},
        {{"Date", "DateTime64(3)"}, "DateTime64(3)"},
        {{"DateTime('UTC')", "DateTime('Asia/Tokyo')"}, "DateTime('UTC')"},
        {{"DateTime('Asia/Tokyo')", "DateTime('UTC')"}, "DateTime('Asia/Tokyo')"},
        {{"DateTime", "DateTime('UTC')"}, "DateTime"},
        {{"DateTime64(3)", "DateTime64(6, 'UTC')"}, "DateTime64(6, 'UTC')"},
        {{"DateTime64(6, 'Asia/Tokyo')", "DateTime64(3, 'UTC')"}, "DateTime64(6, 'Asia/Tokyo')"},
        {{"DateTime('Asia/Tokyo')", "DateTime64(3)"}, "DateTime64(3)"},
        {{"Date", "UInt8"}, ""},
        {{"IntervalDay", "IntervalHour"}, "IntervalHour"},
        {{"IntervalMonth", "IntervalYear"}, "IntervalMonth"},
        {{"IntervalDay", "IntervalMonth"}, ""},
    });
}

TEST(leastSupertype, NullableAndLowCardinality)
{
    check({
        {{"Nullable(Nothing)", "UInt8"}, "Nullable(UInt8)"},
        {{"Nullable(UInt8)", "Int8"}, "Nullable(Int16)"},
        {{"Nullable(Nothing)", "LowCardinality(String)"}, "Nullable(String)"},
        {{"Nothing", "String"}, "String"},
        {{"Nothing", "LowCardinality(String)"}, "LowCardinality(String)"},
        {{"LowCardinality(String)", "String"}, "String"},
        {{"LowCardinality(String)", "LowCardinality(String)"}, "LowCardinality(String)"},
        {{"LowCardinality(String)", "FixedString(1)"}, "String"},
        {{"LowCardinality(UInt8)", "LowCardinality(Int8)"}, "LowCardinality(Int16)"},
        {{"LowCardinality(Nullable(String))", "String"}, "Nullable(String)"},
        {{"LowCardinality(Nullable(String))", "LowCardinality(String)"}, "LowCardinality(Nullable(String))"},
        {{"Nullable(Nothing)", "Array(UInt8)"}, ""},
        {{"Nullable(Nothing)", "Map(String, UInt8)"}, ""},
    });
}

TEST(leastSupertype, Compounds)
{
    check({
        {{"Array(Nothing)", "Array(UInt8)"}, "Array(UInt8)"},
        {{"Array(UInt8)", "Array(String)"}, ""},
        {{"Array(UInt8)", "UInt8"}, ""},
        {{"Tuple(UInt8, String)", "Tuple(Int8, String)"}, "Tuple(Int16, String)"},
        {{"Tuple(UInt8, String)", "Tuple(Nullable(Nothing), String)"}, "Tuple(Nullable(UInt8), String)"},
        {{"Tuple(UInt8)", "Tuple(UInt8, UInt8)"}, ""},
        {{"Tuple(a UInt8, b String)", "Tuple(a UInt16, b String)"}, "Tuple(a UInt16, b String)"},
        {{"Tuple(a UInt8, b String)", "Tuple(UInt16, String)"}, "Tuple(UInt16, String)"},
        {{"Tuple(a UInt8, b String)", "Tuple(c UInt16, d String)"}, "Tuple(UInt16, String)"},
        {{"Map(String, UInt8)", "Map(String, Int8)"}, "Map(String, Int16)"},
        {{"Map(String, UInt8)", "Map(Nothing, Nothing)"}, "Map(String, UInt8)"},
        {{"AggregateFunction(count)", "AggregateFunction(count)"}, "AggregateFunction(count)"},
        {{"AggregateFunction(count)", "UInt8"}, ""},
    });
    EXPECT_EQ(leastSupertype({})->name(), "Nothing");
}

}
}
