#include "types/typeNames.h"

#include <boost/algorithm/string/case_conv.hpp>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

namespace mangrove
{

namespace
{

/// As system.data_type_families of ClickHouse 26 has them.
const std::unordered_map<std::string_view, std::string_view> & aliases()
{
    static const std::unordered_map<std::string_view, std::string_view> result{
        {"BOOL", "Bool"}, {"BOOLEAN", "Bool"},
        {"DATE", "Date"}, {"DATE32", "Date32"}, {"TIME", "Time"}, {"TIME64", "Time64"}, {"JSON", "JSON"},
        {"DATETIME", "DateTime"}, {"DATETIME32", "DateTime"}, {"TIMESTAMP", "DateTime"}, {"DATETIME64", "DateTime64"},
        {"DECIMAL", "Decimal"}, {"DECIMAL32", "Decimal32"}, {"DECIMAL64", "Decimal64"}, {"DECIMAL128", "Decimal128"},
        {"DECIMAL256", "Decimal256"}, {"DEC", "Decimal"}, {"FIXED", "Decimal"}, {"NUMERIC", "Decimal"},
        {"ENUM", "Enum"}, {"BINARY", "FixedString"}, {"GEOMETRY", "Geometry"}, {"INET4", "IPv4"}, {"INET6", "IPv6"},
        {"FLOAT", "Float32"}, {"REAL", "Float32"}, {"SINGLE", "Float32"},
        {"DOUBLE", "Float64"}, {"DOUBLE PRECISION", "Float64"},
        {"BYTE", "Int8"}, {"INT1", "Int8"}, {"INT1 SIGNED", "Int8"}, {"TINYINT", "Int8"}, {"TINYINT SIGNED", "Int8"},
        {"SMALLINT", "Int16"}, {"SMALLINT SIGNED", "Int16"},
        {"INT", "Int32"}, {"INT SIGNED", "Int32"}, {"INTEGER", "Int32"}, {"INTEGER SIGNED", "Int32"},
        {"MEDIUMINT", "Int32"}, {"MEDIUMINT SIGNED", "Int32"},
        {"BIGINT", "Int64"}, {"BIGINT SIGNED", "Int64"}, {"SIGNED", "Int64"},
        {"INT1 UNSIGNED", "UInt8"}, {"TINYINT UNSIGNED", "UInt8"}, {"SMALLINT UNSIGNED", "UInt16"}, {"YEAR", "UInt16"},
        {"INT UNSIGNED", "UInt32"}, {"INTEGER UNSIGNED", "UInt32"}, {"MEDIUMINT UNSIGNED", "UInt32"},
        {"BIGINT UNSIGNED", "UInt64"}, {"BIT", "UInt64"}, {"SET", "UInt64"}, {"UNSIGNED", "UInt64"},
        {"BINARY LARGE OBJECT", "String"}, {"BINARY VARYING", "String"}, {"BLOB", "String"}, {"BYTEA", "String"},
        {"CHAR", "String"}, {"CHAR LARGE OBJECT", "String"}, {"CHAR VARYING", "String"}, {"CHARACTER", "String"},
        {"CHARACTER LARGE OBJECT", "String"}, {"CHARACTER VARYING", "String"}, {"CLOB", "String"},
        {"LONGBLOB", "String"}, {"LONGTEXT", "String"}, {"MEDIUMBLOB", "String"}, {"MEDIUMTEXT", "String"},
        {"NATIONAL CHAR", "String"}, {"NATIONAL CHAR VARYING", "String"}, {"NATIONAL CHARACTER", "String"},
        {"NATIONAL CHARACTER LARGE OBJECT", "String"}, {"NATIONAL CHARACTER VARYING", "String"}, {"NCHAR", "String"},
        {"NCHAR LARGE OBJECT", "String"}, {"NCHAR VARYING", "String"}, {"NVARCHAR", "String"}, {"TEXT", "String"},
        {"TINYBLOB", "String"}, {"TINYTEXT", "String"}, {"VARBINARY", "String"}, {"VARCHAR", "String"},
        {"VARCHAR2", "String"},
    };
    return result;
}

}

std::string canonicalTypeName(std::string_view name)
{
    std::string upper(name);
    std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) { return c >= 'a' && c <= 'z' ? c - 32 : c; });
    auto found = aliases().find(upper);
    return std::string(found == aliases().end() ? name : found->second);
}

bool isUnsupportedTypeName(std::string_view canonical_name)
{
    static const std::unordered_set<std::string_view> names{
        "Decimal", "Decimal32", "Decimal64", "Decimal128", "Decimal256", "Date32", "Time", "Time64", "IPv4", "IPv6",
        "Int128", "Int256", "UInt256", "BFloat16", "JSON", "Object", "Variant", "Dynamic", "Nested", "Geometry", "Point",
        "Ring", "Polygon", "MultiPolygon", "LineString", "MultiLineString", "QBit",
    };
    return names.contains(canonical_name);
}

std::vector<DataTypeFamily> listDataTypeFamilies()
{
    std::vector<DataTypeFamily> families;
    for (const char * name :
         {"AggregateFunction", "Array", "Bool", "Date", "DateTime", "DateTime64", "Enum", "Enum16", "Enum8", "FixedString", "Float32",
          "Float64", "Int16", "Int32", "Int64", "Int8", "IntervalDay", "IntervalHour", "IntervalMicrosecond", "IntervalMillisecond",
          "IntervalMinute", "IntervalMonth", "IntervalNanosecond", "IntervalQuarter", "IntervalSecond", "IntervalWeek", "IntervalYear",
          "LowCardinality", "Map", "Nested", "Nothing", "Nullable", "SimpleAggregateFunction", "String", "Tuple", "UInt128", "UInt16",
          "UInt32", "UInt64", "UInt8", "UUID"})
        families.push_back({name, canonicalTypeName(name) == name && aliases().contains(boost::to_upper_copy(std::string(name))), ""});
    for (auto [alias, name] : aliases())
        if (!isUnsupportedTypeName(name) && alias != boost::to_upper_copy(std::string(name)))
            families.push_back({std::string(alias), true, std::string(name)});
    return families;
}

}
