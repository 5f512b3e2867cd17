// Every format that is read and written: random rows of every type come back; truncated and wrong input is refused
// with ClickHouse's codes and says where.

#include "columns/ColumnVector.h"
#include "formats/FormatFactory.h"
#include "formats/Native.h"
#include "types/DataTypes.h"

#include <gtest/gtest.h>

#include <random>

using namespace mangrove;

namespace
{

class TricklingBuffer final : public ReadBuffer
{
public:
    TricklingBuffer(std::string_view text, size_t step) : text_(text), step_(step) { }

private:
    bool refill() override
    {
        if (text_.empty())
            return false;
        window_ = text_.substr(0, step_);
        text_.remove_prefix(window_.size());
        setWindow(window_.data(), window_.data() + window_.size());
        return true;
    }

    std::string_view text_;
    size_t step_;
    std::string window_;
};

const std::vector<std::string> all_types = {
    "UInt8", "UInt16", "UInt32", "UInt64", "UInt128", "Int8", "Int16", "Int32", "Int64", "Float32", "Float64", "Bool", "String",
    "FixedString(5)", "Date", "DateTime('UTC')", "DateTime64(3, 'UTC')", "DateTime64(9, 'UTC')", "Enum8('a' = -1, 'b\\'c' = 2)",
    "Enum16('x' = 1000)", "UUID", "IntervalDay", "Nullable(String)", "Nullable(Int32)", "LowCardinality(String)",
    "LowCardinality(Nullable(String))", "LowCardinality(FixedString(2))", "Array(UInt16)", "Array(Array(Nullable(String)))",
    "Array(LowCardinality(String))", "Tuple(UInt8, String)", "Tuple(a Nullable(UInt8), `b c` Array(String))", "Map(String, String)",
    "Map(LowCardinality(String), UInt64)", "Map(UInt8, Map(String, Nullable(Float64)))", "Array(Tuple(s String, m Map(String, UInt8)))",
};

/// Random bytes for binary formats, ASCII with every special character for JSON.
std::string randomString(std::mt19937_64 & random, bool ascii)
{
    static constexpr char alphabet[] = "ab,;:\t\n\r\\'\"`/{}[]() \x01NULL\b";
    std::string text(random() % 20, 0);
    for (auto & c : text)
        c = ascii || random() % 4 ? alphabet[random() % (sizeof(alphabet) - 1)] : static_cast<char>(random());
    return text;
}

Field randomField(const DataType & type, std::mt19937_64 & random, bool ascii)
{
    switch (type.id())
    {
        case TypeId::Float32: return Field(static_cast<double>(static_cast<float>(static_cast<int64_t>(random()) * 1e-10)));
        case TypeId::Float64: return Field(static_cast<double>(static_cast<int64_t>(random())) * (random() % 2 ? 1e-12 : 1e12));
        case TypeId::Bool: return Field(uint64_t(random() % 2));
        case TypeId::UInt128:
        case TypeId::UUID: return Field(UInt128(random()) << 64 | random());
        case TypeId::String: return Field(randomString(random, ascii));
        case TypeId::FixedString:
        {
            auto text = randomString(random, ascii);
            text.resize(typeAs<DataTypeFixedString>(type).length());
            return Field(text);
        }
        case TypeId::DateTime64:
        {
            auto ticks = typeAs<DataTypeDateTime64>(type).ticksPerSecond();
            return Field(static_cast<int64_t>(random() % (4'000'000'000ULL * ticks)) - 1'000'000'000 * ticks);
        }
        case TypeId::Enum8:
        case TypeId::Enum16:
        {
            const auto & values = typeAs<DataTypeEnum>(type).values();
            return Field(int64_t(values[random() % values.size()].second));
        }
        case TypeId::Nullable:
            return random() % 3 ? randomField(*typeAs<DataTypeNullable>(type).nested(), random, ascii) : Field(Null{});
        case TypeId::LowCardinality: return randomField(*typeAs<DataTypeLowCardinality>(type).nested(), random, ascii);
        case TypeId::Array:
        {
            Array array;
            for (size_t i = random() % 4; i > 0; --i)
                array.push_back(randomField(*typeAs<DataTypeArray>(type).element(), random, ascii));
            return Field(array);
        }
        case TypeId::Tuple:
        {
            Tuple tuple;
            for (const auto & element : typeAs<DataTypeTuple>(type).elements())
                tuple.push_back(randomField(*element, random, ascii));
            return Field(tuple);
        }
        case TypeId::Map:
        {
            Array pairs;
            for (size_t i = random() % 4; i > 0; --i)
                pairs.push_back(Tuple{
                    randomField(*typeAs<DataTypeMap>(type).key(), random, ascii), randomField(*typeAs<DataTypeMap>(type).value(), random, ascii)});
            return Field(pairs);
        }
        case TypeId::Int8: return Field(int64_t(static_cast<int8_t>(random())));
        case TypeId::Int16: return Field(int64_t(static_cast<int16_t>(random())));
        case TypeId::Int32: return Field(int64_t(static_cast<int32_t>(random())));
        case TypeId::Int64:
        case TypeId::Interval: return Field(static_cast<int64_t>(random()));
        case TypeId::UInt8: return Field(uint64_t(static_cast<uint8_t>(random())));
        case TypeId::UInt16:
        case TypeId::Date: return Field(uint64_t(static_cast<uint16_t>(random())));
        case TypeId::UInt32:
        case TypeId::DateTime: return Field(uint64_t(static_cast<uint32_t>(random())));
        default: return Field(static_cast<uint64_t>(random()));
    }
}

NamesAndTypes headerOfAllTypes()
{
    NamesAndTypes header;
    for (size_t i = 0; i < all_types.size(); ++i)
        header.push_back({"c" + std::to_string(i), parseDataType(all_types[i])});
    return header;
}

Block randomBlock(const NamesAndTypes & header, size_t rows, uint64_t seed, bool ascii)
{
    std::mt19937_64 random(seed);
    std::vector<ColumnWithType> columns;
    for (const auto & [name, type] : header)
    {
        auto column = type->createColumn();
        for (size_t i = 0; i < rows; ++i)
            column->insert(randomField(*type, random, ascii));
        columns.push_back({column, type, name});
    }
    return Block(std::move(columns));
}

std::string writeBlock(const std::string & format, const Block & block, uint64_t revision = 0)
{
    WriteBuffer out;
    auto writer = makeOutputFormat(format, out, block.header(), {}, {.revision = revision});
    writer->writePrefix();
    writer->write(block);
    writer->finalize({});
    return out.take();
}

std::vector<Block> readAll(InputFormat & reader)
{
    std::vector<Block> blocks;
    while (true)
    {
        Block block = reader.read();
        if (block.empty())
            return blocks;
        blocks.push_back(std::move(block));
    }
}

void expectEqual(const Block & expected, const Block & actual, const std::string & what)
{
    ASSERT_EQ(expected.rows(), actual.rows()) << what;
    ASSERT_EQ(expected.columnCount(), actual.columnCount()) << what;
    for (size_t i = 0; i < expected.columnCount(); ++i)
        for (size_t row = 0; row < expected.rows(); ++row)
            ASSERT_EQ(expected.at(i).column->compareAt(row, row, *actual.at(i).column, 1), 0)
                << what << ", column " << expected.at(i).type->name() << ", row " << row << ": "
                << toString(expected.at(i).column->get(row)) << " became " << toString(actual.at(i).column->get(row));
}

struct RoundTrip
{
    std::string format;
    uint64_t revision = 0;
    bool ascii = false; /// bytes that are not UTF-8 cannot travel in JSON
};

const std::vector<RoundTrip> round_trips = {
    {"TabSeparated"}, {"TabSeparatedWithNames"}, {"TabSeparatedWithNamesAndTypes"}, {"CSV"}, {"CSVWithNames"},
    {"CSVWithNamesAndTypes"},
    {"JSONEachRow", 0, true}, {"JSONStringsEachRow", 0, true}, {"JSONCompactEachRow", 0, true},
    {"JSONCompactEachRowWithNamesAndTypes", 0, true}, {"Native"}, {"Native", 54405}, {"Native", 54460}, {"RowBinary"},
    {"RowBinaryWithNames"}, {"RowBinaryWithNamesAndTypes"}, {"Values"},
};

TEST(FormatInput, RandomRowsComeBack)
{
    auto header = headerOfAllTypes();
    for (const auto & [format, revision, ascii] : round_trips)
    {
        Block block = randomBlock(header, 50, 42, ascii);
        std::string bytes = writeBlock(format, block, revision);
        for (size_t step : {size_t(1) << 20, size_t(5), size_t(1)})
        {
            TricklingBuffer in(bytes, step);
            auto reader = makeInputFormat(format, in, header, {}, {.block_rows_max = 20, .revision = revision});
            std::vector<Block> blocks;
            try
            {
                blocks = readAll(*reader);
            }
            catch (const Exception & e)
            {
                FAIL() << format << ", windows of " << step << ": " << e.message();
            }
            ASSERT_FALSE(blocks.empty());
            expectEqual(block, Block::concat(blocks), format + ", windows of " + std::to_string(step));
        }
    }
}

/// Keys as codes are the same keys, in every format and wherever a window ends.
TEST(FormatInput, MapsWithCodedKeysComeBack)
{
    const NamesAndTypes header{{"m", parseDataType("Map(String, String)")}, {"n", parseDataType("Map(UInt8, String)")}};
    for (const auto & [format, revision, ascii] : round_trips)
    {
        Block block = randomBlock(header, 50, 43, ascii);
        std::string bytes = writeBlock(format, block, revision);
        for (size_t step : {size_t(1) << 20, size_t(5), size_t(1)})
        {
            TricklingBuffer in(bytes, step);
            auto reader = makeInputFormat(
                format, in, header, {}, {.block_rows_max = 20, .revision = revision, .coded_maps = {"m", "n"}});
            Block read = Block::concat(readAll(*reader));
            EXPECT_EQ(read.at(0).type->name(), "Map(LowCardinality(String), String)");
            EXPECT_EQ(read.at(1).type->name(), "Map(UInt8, String)");
            expectEqual(block, read, format + ", windows of " + std::to_string(step));
        }
    }
}

TEST(FormatInput, TruncationIsAnErrorOrWholeRows)
{
    auto header = headerOfAllTypes();
    for (const auto & [format, revision, ascii] : round_trips)
    {
        std::string bytes = writeBlock(format, randomBlock(header, 2, 7, ascii), revision);
        for (size_t length = 0; length < bytes.size(); ++length)
        {
            ReadBuffer in(std::string_view(bytes).substr(0, length));
            auto reader = makeInputFormat(format, in, header, {}, {.revision = revision});
            try
            {
                for (const auto & block : readAll(*reader))
                    EXPECT_LE(block.rows(), 2u) << format << length;
            }
            catch (const Exception & e)
            {
                EXPECT_NE(e.code(), ErrorCode::LOGICAL_ERROR) << format << " cut at " << length << ": " << e.message();
            }
        }
    }
}

NamesAndTypes columns(std::vector<std::pair<std::string, std::string>> names_and_types)
{
    NamesAndTypes header;
    for (auto & [name, type] : names_and_types)
        header.push_back({name, parseDataType(type)});
    return header;
}

/// Rows as TSV, '?' behind each value that was missing; or "code: message".
std::string parse(const std::string & format, const NamesAndTypes & header, std::string_view text, const FormatSettings & settings = {},
                  const InputOptions & options = {})
{
    try
    {
        ReadBuffer in(text);
        auto reader = makeInputFormat(format, in, header, settings, options);
        WriteBuffer out;
        while (true)
        {
            Block block = reader->read();
            if (block.empty())
                return out.take();
            for (size_t row = 0; row < block.rows(); ++row)
            {
                for (size_t i = 0; i < header.size(); ++i)
                {
                    if (i)
                        out.writeByte('\t');
                    serializationOf(header[i].type)->writeEscaped(*block.at(i).column, row, out, settings);
                    if (!reader->missing()[i].empty() && reader->missing()[i][row])
                        out.writeByte('?');
                }
                out.writeByte('\n');
            }
        }
    }
    catch (const Exception & e)
    {
        return fmt::format("{}: {}", static_cast<int>(e.code()), e.message());
    }
}

#define EXPECT_FAILS(code, part, result) \
    do \
    { \
        std::string text = (result); \
        EXPECT_TRUE(text.starts_with(#code ":") && text.find(part) != std::string::npos) << text; \
    } while (false)

TEST(FormatInput, Tsv)
{
    auto ab = columns({{"a", "UInt8"}, {"b", "String"}});
    EXPECT_EQ(parse("TSV", ab, "1\tx\n2\ty"), "1\tx\n2\ty\n");
    EXPECT_EQ(parse("TSV", ab, ""), "");
    EXPECT_EQ(parse("TSV", ab, "\\N\tx\n"), "0?\tx\n");
    EXPECT_EQ(parse("TSVWithNames", ab, "b\tzz\na\t1\nbb\t2\n"), "0?\ta\n0?\tbb\n");
    EXPECT_FAILS(27, "expected '\\t' before: '\\n'", parse("TSV", ab, "1\n"));
    EXPECT_FAILS(27, "(at row 3)", parse("TSV", ab, "1\tx\n2\ty\nabc\tz\n"));
    EXPECT_FAILS(27, "before: 'abc\\tz\\n'", parse("TSV", ab, "1\tx\n2\ty\nabc\tz\n"));
    EXPECT_FAILS(27, "expected '\\n' before: '\\tb\\n'", parse("TSV", ab, "1\ta\tb\n"));
    EXPECT_FAILS(117, "carriage return", parse("TSV", columns({{"a", "UInt8"}}), "1\r\n"));
    EXPECT_FAILS(117, "Duplicate field", parse("TSVWithNames", ab, "a\ta\n1\t2\n"));
    EXPECT_FAILS(117, "Type of 'a' must be UInt8, not String", parse("TSVWithNamesAndTypes", ab, "a\nString\n1\n"));
    EXPECT_FAILS(117, "zz", parse("TSVWithNames", ab, "zz\n1\n", {.input_format_skip_unknown_fields = false}));
}

TEST(FormatInput, Csv)
{
    auto ab = columns({{"a", "UInt8"}, {"b", "String"}});
    EXPECT_EQ(parse("CSV", ab, "1, \"x,\"\"y\"\r\n 2 ,y z\n"), "1\tx,\"y\n2\ty z\n");
    EXPECT_EQ(parse("CSV", ab, ",x\n\"3\",\\N\n"), "0?\tx\n3\t?\n");
    EXPECT_EQ(parse("CSVWithNamesAndTypes", ab, "b,a\nString,UInt8\nbb,2\n"), "2\tbb\n");
    EXPECT_EQ(parse("CSV", columns({{"a", "Array(String)"}, {"b", "Tuple(UInt8, String)"}}), "\"['x','y']\",1,\"z\"\n"), "['x','y']\t(1,'z')\n");
    EXPECT_FAILS(117, "Expected end of line", parse("CSV", ab, "1,x,3\n"));
    EXPECT_FAILS(27, "(at row 3)", parse("CSV", ab, "1,x\n2,y\n3\n"));
    EXPECT_FAILS(26, "closing quote", parse("CSV", ab, "1,\"x\n"));
}

TEST(FormatInput, JsonEachRow)
{
    auto a = columns({{"a", "UInt8"}});
    EXPECT_EQ(parse("JSONEachRow", a, "{\"a\":1}\n\n{\"a\":\"2\"} {\"a\":true}{\"a\":256}"), "1\n2\n1\n0\n");
    EXPECT_EQ(parse("JSONEachRow", a, "[{\"a\":1},\n{\"a\":2}]\n"), "1\n2\n");
    EXPECT_EQ(parse("JSONEachRow", a, "{\"a\":1},{\"a\":2}"), "1\n2\n");
    EXPECT_EQ(parse("JSONEachRow", a, "{\"b\":{\"x\":[1,\"}\"]}, \"a\":1,\"a\":2}\n{}\n{\"a\":null}"), "1\n0?\n0?\n");
    EXPECT_EQ(parse("JSONEachRow", a, ""), "");
    EXPECT_EQ(parse("JSONEachRow", a, " \n"), "");
    EXPECT_EQ(parse("JSONEachRow", a, "[]"), "");
    EXPECT_FAILS(27, "(at row 2)", parse("JSONEachRow", a, "{\"a\":1}\n{\"a\":[1]}\n"));
    EXPECT_FAILS(6, "'x'", parse("JSONEachRow", a, "{\"a\":\"x\"}\n"));
    EXPECT_FAILS(27, ".5", parse("JSONEachRow", a, "{\"a\":1.5}\n"));
    EXPECT_FAILS(33, "end of stream", parse("JSONEachRow", a, "{\"a\":1}\n{\"a\":"));
    EXPECT_FAILS(27, "", parse("JSONEachRow", a, "{\"a\":1}x"));
    EXPECT_FAILS(27, "']'", parse("JSONEachRow", a, "[{\"a\":1}"));
    EXPECT_FAILS(117, "zz", parse("JSONEachRow", a, "{\"a\":1,\"zz\":3}", {.input_format_skip_unknown_fields = false}));
    EXPECT_FAILS(117, "", parse("JSONEachRow", columns({{"a", "String"}}), "{\"a\":\"\xff\"}"));
    auto s = columns({{"s", "String"}});
    EXPECT_EQ(
        parse("JSONEachRow", s, R"({"s":"\u00e9\ud83d\ude00\n\/"}{"s":1.50}{"s":true}{"s":{"b": 1}}{"s":[1, 2]}{"s":null})"),
        "\xc3\xa9\xf0\x9f\x98\x80\\n/\n1.50\ntrue\n{\"b\": 1}\n[1, 2]\n?\n");
    auto d = columns({{"d", "DateTime('UTC')"}, {"e", "DateTime64(3, 'UTC')"}, {"f", "Date"}, {"g", "Enum8('a' = 1)"}, {"h", "Float64"}});
    EXPECT_EQ(
        parse("JSONEachRow", d, R"({"d":1732377600,"e":1732377600123,"f":19000,"g":1,"h":"inf"})"),
        "2024-11-23 16:00:00\t2024-11-23 16:00:00.123\t2022-01-08\ta\tinf\n");
    auto m = columns({{"m", "Map(String, UInt8)"}, {"t", "Tuple(p UInt8, q String)"}, {"n", "Array(Nullable(UInt8))"}});
    EXPECT_EQ(
        parse("JSONEachRow", m, R"({"m":{"k":1,"k":"2","z":null},"t":{"q":"x"},"n":[1,null]})"), "{'k':1,'k':2,'z':0}\t(0,'x')\t[1,NULL]\n");
    EXPECT_FAILS(130, "column n", parse("JSONEachRow", m, R"({"n":1})"));
    EXPECT_FAILS(27, "improper structure", parse("JSONEachRow", columns({{"a", "Tuple(p UInt8, q String)"}}), R"({"a":s})"));
}

TEST(FormatInput, JsonRowLongerThanAChunk)
{
    auto header = columns({{"s", "String"}});
    std::string big(3 << 20, 'x');
    std::string text = "{\"s\":\"a\"}\n{\"s\":\"" + big + "\"}\n{\"s\":\"b\"}\n";
    EXPECT_EQ(parse("JSONEachRow", header, text), "a\n" + big + "\nb\n");
    std::string wrapped = "[{\"s\":\"a\"},{\"s\":\"" + big + "\"},{\"s\":\"b\"}]";
    EXPECT_EQ(parse("JSONEachRow", header, wrapped), "a\n" + big + "\nb\n");
}

TEST(FormatInput, JsonCompactEachRow)
{
    auto ab = columns({{"a", "UInt8"}, {"b", "String"}});
    EXPECT_EQ(parse("JSONCompactEachRow", ab, "[1,\"x\"]\n[2,\"y\"]"), "1\tx\n2\ty\n");
    EXPECT_EQ(parse("JSONCompactEachRowWithNames", ab, "[\"b\",\"a\"]\n[\"x\",1]"), "1\tx\n");
    EXPECT_FAILS(27, "(at row 2)", parse("JSONCompactEachRow", ab, "[1,\"x\"]\n[2]"));
    EXPECT_FAILS(27, "(at row 1)", parse("JSONCompactEachRow", ab, "[1,\"x\",3]"));
}

TEST(FormatInput, Values)
{
    auto header = columns({{"a", "UInt8"}, {"b", "String"}, {"c", "DateTime('UTC')"}, {"d", "Array(UInt8)"}, {"e", "Nullable(UInt8)"}});
    EXPECT_EQ(
        parse("Values", header, "(1,'x','2024-01-02 03:04:05',[1],NULL),\n ( 256 , 'a\\'b''c' , 0 , [ ] , 4 ) ;"),
        "1\tx\t2024-01-02 03:04:05\t[1]\t\\N\n0\ta\\'b\\'c\t1970-01-01 00:00:00\t[]\t4\n");
    EXPECT_EQ(parse("Values", header, "(NULL,DEFAULT,0,[NULL],1)"), "0?\t?\t1970-01-01 00:00:00\t[0]\t1\n");
    EXPECT_FAILS(72, "column a", parse("Values", header, "(1,'x',0,[],1),(y,'x',0,[],1)"));
    EXPECT_FAILS(62, "1+1", parse("Values", header, "(1+1,'x',0,[],1)"));
    EXPECT_FAILS(27, "expected ','", parse("Values", header, "(1)"));
    EXPECT_FAILS(27, "expected ')'", parse("Values", header, "(1,'x',0,[],1,2)"));
    std::vector<std::string> asked;
    InputOptions options;
    options.evaluate = [&](std::string_view expression, const DataTypePtr &) -> Field
    {
        asked.emplace_back(expression);
        return expression.starts_with("concat") ? Field("z") : Field(uint64_t(9));
    };
    EXPECT_EQ(
        parse("Values", header, "(1 + 1, concat('x', ')', \"q\"), 0, [], 3), (3, 'y', 0, [1,2], 4)", {}, options),
        "9\tz\t1970-01-01 00:00:00\t[]\t3\n3\ty\t1970-01-01 00:00:00\t[1,2]\t4\n");
    EXPECT_EQ(asked, (std::vector<std::string>{"1 + 1", "concat('x', ')', \"q\")"}));
}

TEST(FormatInput, NativeAlignsColumns)
{
    Block sent = randomBlock(columns({{"b", "LowCardinality(String)"}, {"extra", "UInt8"}, {"a", "UInt32"}, {"n", "Nullable(UInt8)"}}), 5, 1, false);
    std::string bytes = writeBlock("Native", sent);
    auto header = columns({{"a", "UInt64"}, {"b", "String"}, {"c", "String"}, {"n", "UInt8"}});
    ReadBuffer in(bytes);
    auto reader = makeInputFormat("Native", in, header);
    Block block = reader->read();
    ASSERT_EQ(block.rows(), 5u);
    for (size_t row = 0; row < 5; ++row)
    {
        EXPECT_EQ(block.at(0).column->get(row), sent.at(2).column->get(row));
        EXPECT_EQ(block.at(1).column->get(row), sent.at(0).column->get(row));
        EXPECT_EQ(reader->missing()[2][row], 1);
        EXPECT_EQ(reader->missing()[3][row] == 1, sent.at(3).column->isNullAt(row));
    }
    EXPECT_TRUE(reader->read().empty());
}

TEST(FormatInput, NativeJoinsBlocksThatAreAlike)
{
    auto header = columns({{"a", "UInt32"}, {"b", "String"}, {"m", "Map(String, String)"}, {"l", "LowCardinality(String)"}});
    auto odd = columns({{"a", "UInt32"}, {"b", "LowCardinality(String)"}, {"m", "Map(String, String)"}, {"l", "LowCardinality(String)"}});
    std::vector<Block> sent;
    std::string bytes;
    for (uint32_t i = 0; i < 8; ++i)
    {
        sent.push_back(randomBlock(i == 3 ? odd : header, i == 4 ? 0 : 10 + i, i, false));
        bytes += writeBlock("Native", sent.back());
    }
    for (size_t step : {size_t(3), bytes.size()})
        for (uint64_t promised : {uint64_t(0), uint64_t(bytes.size()), uint64_t(1) << 60})
        {
            TricklingBuffer in(bytes, step);
            auto reader = makeInputFormat("Native", in, header, {}, {.block_rows_max = 40, .input_bytes = promised});
            std::vector<size_t> rows;
            size_t number = 0, row = 0;
            for (Block block = reader->read(); block.rows(); block = reader->read())
            {
                rows.push_back(block.rows());
                for (size_t i = 0; i < block.rows(); ++i, ++row)
                {
                    for (; row == sent[number].rows(); ++number)
                        row = 0;
                    for (size_t column = 0; column < header.size(); ++column)
                        ASSERT_EQ(block.at(column).column->get(i), sent[number].at(column).column->get(row)) << number << " " << column;
                }
            }
            EXPECT_EQ(rows, (std::vector<size_t>{33, 13, 48}));
        }
}

TEST(FormatInput, NativeCarriesBlockInfoByRevision)
{
    Block block = randomBlock(columns({{"check", "UInt8"}}), 1, 1, false);
    // What clickhouse-connect probes for: bytes 8 to 15 are 1 column, 1 row, "check".
    EXPECT_EQ(writeBlock("Native", block, 54405).substr(8, 8), std::string("\1\1\5check"));
    EXPECT_EQ(writeBlock("Native", block, 0).substr(0, 8), std::string("\1\1\5check"));
    auto with_custom_byte = writeBlock("Native", block, 54460);
    EXPECT_EQ(with_custom_byte.substr(16, 7), std::string("\5UInt8\0", 7));
    with_custom_byte[22] = 1;
    EXPECT_FAILS(48, "custom serialization", parse("Native", block.header(), with_custom_byte, {}, {.revision = 54460}));
}

TEST(FormatInput, RowBinarySkipsUnknownColumns)
{
    Block sent = randomBlock(columns({{"x", "Map(String, String)"}, {"a", "UInt8"}}), 3, 1, false);
    auto header = columns({{"a", "UInt8"}, {"z", "String"}});
    std::string expected;
    for (size_t row = 0; row < 3; ++row)
        expected += std::to_string(sent.at(1).column->get(row).get<uint64_t>()) + "\t?\n";
    EXPECT_EQ(parse("RowBinaryWithNamesAndTypes", header, writeBlock("RowBinaryWithNamesAndTypes", sent)), expected);
}

}
