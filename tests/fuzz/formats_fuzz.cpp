// Input formats on any bytes. The first byte picks the format (unless MANGROVE_FUZZ_FORMAT names one), the second the
// table, the third the size of the windows that the input arrives in. What must hold: no crash, no leak, no more memory than a multiple of the input
// (libFuzzer's -rss_limit_mb), and every block that comes out is whole and can be written again.

#include "formats/FormatFactory.h"
#include "fuzz_inputs.h"
#include "types/DataTypes.h"

#include <cstdio>

using namespace mangrove;

namespace
{

struct Format
{
    std::string name;
    uint64_t revision = 0;
};

/// All that can be read, Native also as clients with a protocol revision send it.
const std::vector<Format> & formats()
{
    static const std::vector<Format> all = []
    {
        std::vector<Format> result{{"Native", 54405}, {"Native", 54460}};
        for (const auto & format : listFormats())
            if (format.is_input)
                result.push_back({format.name});
        return result;
    }();
    return all;
}

struct Table
{
    NamesAndTypes header;
    std::string rows; /// for seeds, as JSONEachRow
};

Table makeTable(const std::vector<const char *> & types, const char * rows)
{
    Table table;
    for (size_t i = 0; i < types.size(); ++i)
        table.header.push_back({std::string(1, static_cast<char>('a' + i)), parseDataType(types[i])});
    table.rows = rows;
    return table;
}

const std::vector<Table> & tables()
{
    static const std::vector<Table> all{
        makeTable({"UInt8", "String"}, R"({"a":1,"b":"x\ty\n\\'\"z"} {"a":255,"b":""})"),
        makeTable({"Map(String, String)", "Map(LowCardinality(String), String)"}, R"({"a":{"k":"v","k":"w"},"b":{}} {"a":{},"b":{"x":"","":"y"}})"),
        makeTable({"DateTime64(9, 'UTC')", "DateTime", "Date", "Float64", "UUID", "Bool", "Enum8('a' = 1, 'b' = 2)", "UInt128"},
            R"({"a":"2024-11-23 16:00:00.123456789","b":"2024-11-23 16:00:00","c":"2024-11-23","d":-1.5e300,
                "e":"61f0c404-5cb3-11e7-907b-a6006ad3dba0","f":true,"g":"b","h":"340282366920938463463374607431768211455"})"),
        makeTable({"Array(Tuple(a UInt8, b Nullable(String)))", "Map(UInt8, Map(String, Array(Int64)))", "LowCardinality(Nullable(String))"},
            R"({"a":[[1,"x"],[2,null]],"b":{"1":{"k":[-1,2]}},"c":null} {"a":[],"b":{},"c":"y"})"),
        makeTable({"Nullable(Float32)", "FixedString(3)", "Array(Array(LowCardinality(String)))", "Tuple(Int16, IntervalDay)"},
            R"({"a":null,"b":"abc","c":[["x","y"],[]],"d":[-5,7]} {"a":0.25,"b":"","c":[],"d":[0,0]})"),
    };
    return all;
}

size_t formatIndex(uint8_t choice)
{
    static const char * fixed = std::getenv("MANGROVE_FUZZ_FORMAT");
    if (!fixed)
        return choice % formats().size();
    std::vector<size_t> named; // Native is there once per revision
    for (size_t i = 0; i < formats().size(); ++i)
        if (formats()[i].name == fixed)
            named.push_back(i);
    if (named.empty())
    {
        std::fprintf(stderr, "MANGROVE_FUZZ_FORMAT=%s is none of the formats that are fuzzed\n", fixed);
        std::exit(2);
    }
    return named[choice % named.size()];
}

std::string toFormat(const Format & format, const Table & table)
{
    ReadBuffer in(table.rows);
    auto block = makeInputFormat("JSONEachRow", in, table.header)->read();
    WriteBuffer out;
    auto writer = makeOutputFormat(format.name, out, table.header, {}, {.revision = format.revision});
    writer->writePrefix();
    writer->write(block);
    writer->finalize({});
    return out.take();
}

}

extern "C" int LLVMFuzzerInitialize(int * argc, char *** argv)
{
    SeedWriter seeds(*argc, *argv);
    if (!seeds.wanted())
        return 0;
    for (uint8_t i = 0; i < formats().size(); ++i)
        for (uint8_t j = 0; isOutputFormat(formats()[i].name) && j < tables().size(); ++j)
            seeds.write(std::string{static_cast<char>(i), static_cast<char>(j), '\x20'} + toFormat(formats()[i], tables()[j]));
    std::exit(0);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t * data, size_t size)
{
    if (size < 3)
        return 0;
    const auto & [format, revision] = formats()[formatIndex(data[0])];
    const auto & header = tables()[data[1] % tables().size()].header;
    WindowedBuffer in({reinterpret_cast<const char *>(data) + 3, size - 3}, windowBytes(data[2]));
    FormatSettings settings;
    settings.array_elements_max = 1 << 20;
    settings.text_value_bytes_max = 1 << 20;
    try
    {
        auto reader = makeInputFormat(format, in, header, settings, {.block_rows_max = 100, .revision = revision});
        while (true)
        {
            Block block = reader->read();
            if (block.empty())
                break;
            WriteBuffer out;
            auto writer = makeOutputFormat("JSONEachRow", out, header, settings);
            writer->write(block);
        }
    }
    catch (const Exception & e)
    {
        if (e.code() == ErrorCode::LOGICAL_ERROR) // a check of ours that input must never reach
        {
            std::fprintf(stderr, "%s\n", e.message().c_str());
            __builtin_trap();
        }
    }
    return 0;
}
