// Texts of values in every dialect: the expected strings are ClickHouse 26's answers.

#include "types/DataTypes.h"
#include "types/Serialization.h"

#include <gtest/gtest.h>

using namespace mangrove;

namespace
{

const FormatSettings settings;

/// Hands out the input in windows of a few bytes, as a network would at its worst.
class TricklingBuffer final : public ReadBuffer
{
public:
    TricklingBuffer(std::string_view text, size_t step) : text_(text), step_(step) { }

private:
    bool refill() override
    {
        if (text_.empty())
            return false;
        window_ = text_.substr(0, step_); // a new allocation each time: stale pointers are caught by ASan
        text_.remove_prefix(window_.size());
        setWindow(window_.data(), window_.data() + window_.size());
        return true;
    }

    std::string_view text_;
    size_t step_;
    std::string window_;
};

std::string writeWith(auto method, const DataTypePtr & type, const Column & column, const FormatSettings & with = settings)
{
    WriteBuffer out;
    (serializationOf(type).get()->*method)(column, 0, out, with);
    return out.take();
}

MutableColumnPtr readText(const DataTypePtr & type, std::string_view text)
{
    auto column = type->createColumn();
    serializationOf(type)->readRaw(*column, text, settings);
    EXPECT_EQ(column->size(), 1u);
    return column;
}

struct Texts
{
    std::string type, raw, escaped, quoted, csv, json;
};

const std::vector<Texts> all_texts = {
    {"UInt8", "1", "1", "1", "1", "1"},
    {"Int64", "-9223372036854775808", "-9223372036854775808", "-9223372036854775808", "-9223372036854775808", "-9223372036854775808"},
    {"UInt64", "18446744073709551615", "18446744073709551615", "18446744073709551615", "18446744073709551615", "18446744073709551615"},
    {"UInt128", "340282366920938463463374607431768211455", "340282366920938463463374607431768211455",
     "340282366920938463463374607431768211455", "340282366920938463463374607431768211455", "340282366920938463463374607431768211455"},
    {"Float64", "1e21", "1e21", "1e21", "1e21", "1e21"},
    {"Float64", "100000000000000000000", "100000000000000000000", "100000000000000000000", "100000000000000000000", "100000000000000000000"},
    {"Float64", "1e-7", "1e-7", "1e-7", "1e-7", "1e-7"},
    {"Float64", "0.0000015", "0.0000015", "0.0000015", "0.0000015", "0.0000015"},
    {"Float64", "1.7976931348623157e308", "1.7976931348623157e308", "1.7976931348623157e308", "1.7976931348623157e308", "1.7976931348623157e308"},
    {"Float64", "5e-324", "5e-324", "5e-324", "5e-324", "5e-324"},
    {"Float64", "-0", "-0", "-0", "-0", "-0"},
    {"Float64", "123456789.125", "123456789.125", "123456789.125", "123456789.125", "123456789.125"},
    {"Float64", "nan", "nan", "nan", "nan", "null"},
    {"Float64", "-inf", "-inf", "-inf", "-inf", "null"},
    {"Float32", "0.1", "0.1", "0.1", "0.1", "0.1"},
    {"Float32", "16777216", "16777216", "16777216", "16777216", "16777216"},
    {"Bool", "true", "true", "true", "true", "true"},
    {"String", std::string("a\tb\nc'd\"e\\f\0g/h\b\f\r\x01\x7f\xff\xe2\x80\xa8", 24),
     std::string("a\\tb\\nc\\'d\"e\\\\f\\0g/h\\b\\f\\r\x01\x7f\xff\xe2\x80\xa8"),
     std::string("'a\\tb\\nc\\'d\"e\\\\f\\0g/h\\b\\f\\r\x01\x7f\xff\xe2\x80\xa8'"),
     std::string("\"a\tb\nc'd\"\"e\\f\0g/h\b\f\r\x01\x7f\xff\xe2\x80\xa8\"", 27),
     "\"a\\tb\\nc'd\\\"e\\\\f\\u0000g\\/h\\b\\f\\r\\u0001\x7f\xff\\u2028\""},
    {"FixedString(3)", std::string("x\0\0", 3), "x\\0\\0", "'x\\0\\0'", std::string("\"x\0\0\"", 5), "\"x\\u0000\\u0000\""},
    {"Date", "2024-01-02", "2024-01-02", "'2024-01-02'", "\"2024-01-02\"", "\"2024-01-02\""},
    {"DateTime('UTC')", "2024-01-02 03:04:05", "2024-01-02 03:04:05", "'2024-01-02 03:04:05'", "\"2024-01-02 03:04:05\"",
     "\"2024-01-02 03:04:05\""},
    {"DateTime64(9, 'UTC')", "2024-01-02 03:04:05.123456789", "2024-01-02 03:04:05.123456789", "'2024-01-02 03:04:05.123456789'",
     "\"2024-01-02 03:04:05.123456789\"", "\"2024-01-02 03:04:05.123456789\""},
    {"DateTime64(0, 'UTC')", "2024-01-02 03:04:05", "2024-01-02 03:04:05", "'2024-01-02 03:04:05'", "\"2024-01-02 03:04:05\"",
     "\"2024-01-02 03:04:05\""},
    {"DateTime64(1, 'UTC')", "1969-12-31 23:59:59.5", "1969-12-31 23:59:59.5", "'1969-12-31 23:59:59.5'", "\"1969-12-31 23:59:59.5\"",
     "\"1969-12-31 23:59:59.5\""},
    {"Enum8('a' = 1, 'b' = 2)", "b", "b", "'b'", "\"b\"", "\"b\""},
    {"UUID", "61f0c404-5cb3-11e7-907b-a6006ad3dba0", "61f0c404-5cb3-11e7-907b-a6006ad3dba0", "'61f0c404-5cb3-11e7-907b-a6006ad3dba0'",
     "\"61f0c404-5cb3-11e7-907b-a6006ad3dba0\"", "\"61f0c404-5cb3-11e7-907b-a6006ad3dba0\""},
    {"IntervalMinute", "5", "5", "5", "5", "5"},
    {"Nullable(UInt8)", "\\N", "\\N", "NULL", "\\N", "null"},
    {"Nullable(String)", "x", "x", "'x'", "\"x\"", "\"x\""},
    {"LowCardinality(String)", "lc", "lc", "'lc'", "\"lc\"", "\"lc\""},
    {"LowCardinality(Nullable(String))", "\\N", "\\N", "NULL", "\\N", "null"},
    {"Array(UInt8)", "[1,2]", "[1,2]", "[1,2]", "\"[1,2]\"", "[1,2]"},
    {"Array(String)", "['it\\'s']", "['it\\'s']", "['it\\'s']", "\"['it\\'s']\"", "[\"it's\"]"},
    {"Array(Nullable(UInt8))", "[NULL,1]", "[NULL,1]", "[NULL,1]", "\"[NULL,1]\"", "[null,1]"},
    {"Array(Date)", "['2024-01-02']", "['2024-01-02']", "['2024-01-02']", "\"['2024-01-02']\"", "[\"2024-01-02\"]"},
    {"Array(Bool)", "[true]", "[true]", "[true]", "\"[true]\"", "[true]"},
    {"Tuple(UInt8, String)", "(1,'x')", "(1,'x')", "(1,'x')", "1,\"x\"", "[1,\"x\"]"},
    {"Tuple(a UInt8, b String)", "(1,'y')", "(1,'y')", "(1,'y')", "1,\"y\"", "{\"a\":1,\"b\":\"y\"}"},
    {"Tuple(UInt8)", "(1)", "(1)", "(1)", "1", "[1]"},
    {"Map(String, UInt8)", "{'k':1}", "{'k':1}", "{'k':1}", "\"{'k':1}\"", "{\"k\":1}"},
    {"Map(UInt8, Array(Float64))", "{1:[nan]}", "{1:[nan]}", "{1:[nan]}", "\"{1:[nan]}\"", "{\"1\":[null]}"},
};

TEST(Serialization, WritesAsClickHouse)
{
    for (const auto & texts : all_texts)
    {
        auto type = parseDataType(texts.type);
        auto column = readText(type, texts.raw);
        EXPECT_EQ(writeWith(&Serialization::writeRaw, type, *column), texts.raw) << texts.type;
        EXPECT_EQ(writeWith(&Serialization::writeEscaped, type, *column), texts.escaped) << texts.type;
        EXPECT_EQ(writeWith(&Serialization::writeQuoted, type, *column), texts.quoted) << texts.type;
        EXPECT_EQ(writeWith(&Serialization::writeCsv, type, *column), texts.csv) << texts.type;
        EXPECT_EQ(writeWith(&Serialization::writeJson, type, *column), texts.json) << texts.type;
    }
}

TEST(Serialization, ReadsBackFromWindowsOfAnySize)
{
    for (const auto & texts : all_texts)
    {
        auto type = parseDataType(texts.type);
        auto serialization = serializationOf(type);
        auto expected = readText(type, texts.raw);
        WriteBuffer binary, bulk;
        serialization->writeBinary(*expected, 0, binary);
        serialization->writeBulk(*expected, 0, 1, bulk);
        for (size_t step : {1, 2, 3, 7, 1000})
        {
            auto column = type->createColumn();
            TricklingBuffer escaped(texts.escaped, step), quoted(texts.quoted, step), csv(texts.csv, step);
            TricklingBuffer binary_in(binary.str(), step), bulk_in(bulk.str(), step);
            serialization->readEscaped(*column, escaped, settings);
            serialization->readQuoted(*column, quoted, settings);
            serialization->readCsv(*column, csv, settings);
            serialization->readBinary(*column, binary_in, settings);
            serialization->readBulk(*column, 1, bulk_in, settings);
            ASSERT_EQ(column->size(), 5u);
            for (size_t row = 0; row < 5; ++row)
                EXPECT_EQ(column->compareAt(row, 0, *expected, 1), 0) << texts.type << ", form " << row << ", windows of " << step;
            for (auto * in : {&escaped, &quoted, &csv, &binary_in, &bulk_in})
                EXPECT_TRUE(in->eof()) << texts.type;
        }
    }
}

TEST(Serialization, RefusesTruncatedBinaryAtEveryByte)
{
    for (const auto & texts : all_texts)
    {
        auto type = parseDataType(texts.type);
        auto serialization = serializationOf(type);
        auto expected = readText(type, texts.raw);
        WriteBuffer binary, bulk;
        serialization->writeBinary(*expected, 0, binary);
        serialization->writeBulk(*expected, 0, 1, bulk);
        for (size_t length = 0; length < binary.str().size(); ++length)
        {
            ReadBuffer in(std::string_view(binary.str()).substr(0, length));
            EXPECT_THROW(serialization->readBinary(*type->createColumn(), in, settings), Exception) << texts.type << length;
        }
        for (size_t length = 0; length < bulk.str().size(); ++length)
        {
            ReadBuffer in(std::string_view(bulk.str()).substr(0, length));
            EXPECT_THROW(serialization->readBulk(*type->createColumn(), 1, in, settings), Exception) << texts.type << length;
        }
    }
}

ErrorCode errorOfRaw(const std::string & type, std::string_view text)
{
    try
    {
        auto column = parseDataType(type)->createColumn();
        serializationOf(parseDataType(type))->readRaw(*column, text, settings);
    }
    catch (const Exception & e)
    {
        return e.code();
    }
    return ErrorCode::OK;
}

TEST(Serialization, ErrorsHaveClickHouseCodes)
{
    EXPECT_EQ(errorOfRaw("UInt8", "abc"), ErrorCode::CANNOT_PARSE_TEXT);
    EXPECT_EQ(errorOfRaw("UInt8", "12x"), ErrorCode::CANNOT_PARSE_TEXT);
    EXPECT_EQ(errorOfRaw("UInt8", ""), ErrorCode::ATTEMPT_TO_READ_AFTER_EOF);
    EXPECT_EQ(errorOfRaw("UInt8", "-1"), ErrorCode::CANNOT_PARSE_NUMBER);
    EXPECT_EQ(errorOfRaw("UInt8", "256"), ErrorCode::OK); // wraps, as in ClickHouse
    EXPECT_EQ(errorOfRaw("Float64", "abc"), ErrorCode::CANNOT_PARSE_NUMBER);
    EXPECT_EQ(errorOfRaw("Float64", "1e"), ErrorCode::CANNOT_PARSE_NUMBER);
    EXPECT_EQ(errorOfRaw("Float64", "1x"), ErrorCode::CANNOT_PARSE_TEXT);
    EXPECT_EQ(errorOfRaw("Date", "abc"), ErrorCode::CANNOT_PARSE_DATE);
    EXPECT_EQ(errorOfRaw("DateTime", "abc"), ErrorCode::CANNOT_PARSE_DATETIME);
    EXPECT_EQ(errorOfRaw("DateTime", "2024-13-01 00:00:00"), ErrorCode::CANNOT_PARSE_DATETIME);
    EXPECT_EQ(errorOfRaw("DateTime", "12345"), ErrorCode::CANNOT_PARSE_DATETIME);
    EXPECT_EQ(errorOfRaw("Bool", "2"), ErrorCode::CANNOT_PARSE_BOOL);
    EXPECT_EQ(errorOfRaw("UUID", "zz"), ErrorCode::CANNOT_PARSE_UUID);
    EXPECT_EQ(errorOfRaw("Enum8('a' = 1)", "c"), ErrorCode::UNKNOWN_ELEMENT_OF_ENUM);
    EXPECT_EQ(errorOfRaw("FixedString(3)", "abcd"), ErrorCode::TOO_LARGE_STRING_SIZE);
    EXPECT_EQ(errorOfRaw("Array(UInt8)", "1"), ErrorCode::CANNOT_READ_ARRAY_FROM_TEXT);
    EXPECT_EQ(errorOfRaw("Array(UInt8)", "[1,2"), ErrorCode::CANNOT_PARSE_INPUT_ASSERTION_FAILED);
    EXPECT_EQ(errorOfRaw("Array(String)", "[a]"), ErrorCode::CANNOT_PARSE_QUOTED_STRING);
    EXPECT_EQ(errorOfRaw("Tuple(UInt8, String)", "(1)"), ErrorCode::CANNOT_PARSE_INPUT_ASSERTION_FAILED);
}

std::string parsed(const std::string & type, std::string_view text)
{
    auto data_type = parseDataType(type);
    return writeWith(&Serialization::writeRaw, data_type, *readText(data_type, text));
}

TEST(Serialization, ReadsTimesLeniently)
{
    for (const char * text :
         {"2024-11-23 16:00:00", "2024-11-23T16:00:00", "2024-11-23T16:00:00Z", "1732377600", "2024-11-23 16:00:00.123",
          "2024-11-23 16:00", "20241123160000", "2024/11/23 16:00:00", "2024-11-23 17:00:00+01:00", "2024-11-23 16:00:00 ",
          "1732377600123", "1732377600123456789"})
        EXPECT_EQ(parsed("DateTime('UTC')", text), "2024-11-23 16:00:00") << text;
    EXPECT_EQ(parsed("DateTime('UTC')", "2024-1-2 3:4:5"), "2024-01-02 03:04:05");
    EXPECT_EQ(parsed("DateTime('UTC')", "2024-11-23"), "2024-11-23 00:00:00");
    EXPECT_EQ(parsed("DateTime('UTC')", "1969-01-01 00:00:00"), "1970-01-01 00:00:00");
    EXPECT_EQ(parsed("DateTime('UTC')", "2200-01-01 00:00:00"), "2106-02-07 06:28:15");
    EXPECT_EQ(parsed("DateTime64(3, 'UTC')", "1732377600.1234567"), "2024-11-23 16:00:00.123");
    EXPECT_EQ(parsed("DateTime64(3, 'UTC')", "1732377600.5"), "2024-11-23 16:00:00.500");
    EXPECT_EQ(parsed("DateTime64(3, 'UTC')", "2024-11-23T16:00:00.1Z"), "2024-11-23 16:00:00.100");
    EXPECT_EQ(parsed("DateTime64(9, 'UTC')", "1732377600123456789"), "2024-11-23 16:00:00.123456789");
    EXPECT_EQ(parsed("DateTime('Europe/Berlin')", "2024-07-01 12:00:00"), "2024-07-01 12:00:00");
    EXPECT_EQ(parsed("Date", "20241123"), "2024-11-23");
    EXPECT_EQ(parsed("Date", "2024-1-2"), "2024-01-02");
    EXPECT_EQ(parsed("Date", "1960-01-01"), "1970-01-01");
    EXPECT_EQ(parsed("Date", "2150-01-01"), "2149-06-06");
}

TEST(Serialization, ReadsOtherSpellings)
{
    EXPECT_EQ(parsed("UInt8", "256"), "0");
    EXPECT_EQ(parsed("Int8", "128"), "-128");
    EXPECT_EQ(parsed("Int8", "+1"), "1");
    EXPECT_EQ(parsed("Float64", ".5"), "0.5");
    EXPECT_EQ(parsed("Float64", "1e400"), "inf");
    EXPECT_EQ(parsed("Float64", "Infinity"), "inf");
    EXPECT_EQ(parsed("Bool", "YES"), "true");
    EXPECT_EQ(parsed("Bool", "0"), "false");
    EXPECT_EQ(parsed("UUID", "61F0C4045CB311E7907BA6006AD3DBA0"), "61f0c404-5cb3-11e7-907b-a6006ad3dba0");
    EXPECT_EQ(parsed("Enum8('a' = 1, 'b' = 2)", "1"), "a");
    EXPECT_EQ(parsed("Array(UInt8)", "[1, 2 ,3]"), "[1,2,3]");
    EXPECT_EQ(parsed("Array(UInt8)", "[1,]"), "[1]");
    EXPECT_EQ(parsed("Array(String)", "['it''s', NULL]"), "['it\\'s','']");
    EXPECT_EQ(parsed("Tuple(UInt8, String)", "( 1 , 'a' )"), "(1,'a')");
    EXPECT_EQ(parsed("Map(String, UInt8)", "{'a' : 1 , 'b':2}"), "{'a':1,'b':2}");
    EXPECT_EQ(parsed("Nullable(UInt8)", "NULL"), "\\N");
}

TEST(Serialization, BinaryFormsAreClickHouses)
{
    auto bulk = [](const std::string & type_name, std::string_view text)
    {
        auto type = parseDataType(type_name);
        WriteBuffer out;
        serializationOf(type)->writeBulk(*readText(type, text), 0, 1, out);
        return out.take();
    };
    using namespace std::string_literals;
    EXPECT_EQ(
        bulk("UUID", "61f0c404-5cb3-11e7-907b-a6006ad3dba0"),
        "\xe7\x11\xb3\x5c\x04\xc4\xf0\x61\xa0\xdb\xd3\x6a\x00\xa6\x7b\x90"s);
    EXPECT_EQ(
        bulk("LowCardinality(String)", "ab"),
        "\1\0\0\0\0\0\0\0"s "\0\6\0\0\0\0\0\0"s "\2\0\0\0\0\0\0\0"s "\0\2ab"s "\1\0\0\0\0\0\0\0"s "\1"s);
    EXPECT_EQ(bulk("Map(String, UInt8)", "{'k':7}"), "\1\0\0\0\0\0\0\0"s "\1k"s "\7"s);
}

TEST(Serialization, RefusesHostileLengths)
{
    auto bulkOf = [](const std::string & type_name, std::string bytes, size_t rows)
    {
        auto type = parseDataType(type_name);
        ReadBuffer in(bytes);
        serializationOf(type)->readBulk(*type->createColumn(), rows, in, settings);
    };
    std::string huge("\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 9);
    EXPECT_THROW(bulkOf("String", huge, 1), Exception);
    EXPECT_THROW(bulkOf("UInt64", "12345678", size_t(1) << 60), Exception);
    EXPECT_THROW(bulkOf("String", "", size_t(1) << 60), Exception);
    EXPECT_THROW(bulkOf("Array(UInt8)", std::string(8, '\xff'), 1), Exception);
    EXPECT_THROW(bulkOf("Tuple()", "0", size_t(1) << 60), Exception);
    EXPECT_THROW(bulkOf("FixedString(1000)", "0", size_t(1) << 60), Exception);
    EXPECT_THROW(bulkOf("LowCardinality(String)", std::string("\1\0\0\0\0\0\0\0\0\6\0\0\0\0\0\0", 16) + std::string(8, '\xff'), 1), Exception);
    auto decreasing = std::string("\2\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0", 16) + "ab";
    EXPECT_THROW(bulkOf("Array(UInt8)", decreasing, 2), Exception);
}

}
