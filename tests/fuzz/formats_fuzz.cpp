// Input formats on any bytes. The first byte picks the format, the second the table, the third the size of the
// windows that the input arrives in. What must hold: no crash, no leak, no more memory than a multiple of the input
// (libFuzzer's -rss_limit_mb), and every block that comes out is whole and can be written again.

#include "formats/FormatFactory.h"
#include "types/DataTypes.h"

using namespace mangrove;

namespace
{

class WindowedBuffer final : public ReadBuffer
{
public:
    WindowedBuffer(std::string_view bytes, size_t step) : bytes_(bytes), step_(step) { }

private:
    bool refill() override
    {
        if (bytes_.empty())
            return false;
        window_ = bytes_.substr(0, step_);
        bytes_.remove_prefix(window_.size());
        setWindow(window_.data(), window_.data() + window_.size());
        return true;
    }

    std::string_view bytes_;
    size_t step_;
    std::string window_;
};

struct Input
{
    const char * format;
    uint64_t revision;
};

constexpr Input inputs[] = {
    {"Native", 0}, {"Native", 54405}, {"Native", 54460}, {"RowBinary", 0}, {"RowBinaryWithNames", 0}, {"RowBinaryWithNamesAndTypes", 0},
    {"JSONEachRow", 0}, {"JSONCompactEachRow", 0}, {"JSONCompactEachRowWithNamesAndTypes", 0}, {"TSV", 0}, {"TSVWithNamesAndTypes", 0},
    {"TSVRaw", 0}, {"CSV", 0}, {"CSVWithNamesAndTypes", 0}, {"Values", 0},
};

const std::vector<NamesAndTypes> & tables()
{
    static const std::vector<NamesAndTypes> all = []
    {
        std::vector<NamesAndTypes> result;
        for (std::vector<const char *> types : std::vector<std::vector<const char *>>{
                 {"UInt8", "String"},
                 {"Map(String, String)", "Map(LowCardinality(String), String)"},
                 {"DateTime64(9, 'UTC')", "DateTime", "Date", "Float64", "UUID", "Bool", "Enum8('a' = 1, 'b' = 2)", "UInt128"},
                 {"Array(Tuple(a UInt8, b Nullable(String)))", "Map(UInt8, Map(String, Array(Int64)))", "LowCardinality(Nullable(String))"},
                 {"Nullable(Float32)", "FixedString(3)", "Array(Array(LowCardinality(String)))", "Tuple(Int16, IntervalDay)"},
             })
        {
            NamesAndTypes header;
            for (size_t i = 0; i < types.size(); ++i)
                header.push_back({std::string(1, static_cast<char>('a' + i)), parseDataType(types[i])});
            result.push_back(std::move(header));
        }
        return result;
    }();
    return all;
}

}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t * data, size_t size)
{
    if (size < 3)
        return 0;
    const auto & [format, revision] = inputs[data[0] % std::size(inputs)];
    const auto & header = tables()[data[1] % tables().size()];
    size_t step = data[2] < 16 ? data[2] + 1 : 1 << 20;
    WindowedBuffer in({reinterpret_cast<const char *>(data) + 3, size - 3}, step);
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
        if (e.code() == ErrorCode::LOGICAL_ERROR)
            __builtin_trap();
    }
    return 0;
}
