#include "formats/FormatFactory.h"

#include "base/editDistance.h"
#include "base/lowerCase.h"
#include "formats/JsonRowReader.h"
#include "formats/JsonWriter.h"
#include "formats/Native.h"
#include "formats/PrettyWriter.h"
#include "formats/RowBinaryReader.h"
#include "formats/TextReaders.h"
#include "formats/TextWriters.h"

#include <algorithm>
#include <functional>

namespace mangrove
{

namespace
{

struct InputArguments
{
    ReadBuffer & in;
    NamesAndTypes header;
    const FormatSettings & settings;
    const InputOptions & options;
};

struct OutputArguments
{
    WriteBuffer & out;
    NamesAndTypes header;
    const FormatSettings & settings;
    const OutputOptions & options;
};

using MakeInput = std::function<std::unique_ptr<InputFormat>(InputArguments &)>;
using MakeOutput = std::function<std::unique_ptr<OutputFormat>(OutputArguments &)>;

struct Entry
{
    std::string name;
    std::vector<std::string> aliases;
    MakeInput make_input;
    MakeOutput make_output;
    std::string_view content_type = "text/plain; charset=UTF-8";
};

constexpr std::string_view content_tsv = "text/tab-separated-values; charset=UTF-8";
constexpr std::string_view content_csv = "text/csv; charset=UTF-8; header=absent";
constexpr std::string_view content_csv_header = "text/csv; charset=UTF-8; header=present";
constexpr std::string_view content_json = "application/json; charset=UTF-8";
constexpr std::string_view content_ndjson = "application/x-ndjson; charset=UTF-8";
constexpr std::string_view content_binary = "application/octet-stream";

template <typename Reader, typename... Parameters>
MakeInput input(Parameters... parameters)
{
    return [=](InputArguments & a) -> std::unique_ptr<InputFormat>
    { return std::make_unique<Reader>(a.in, std::move(a.header), a.settings, a.options, parameters...); };
}

template <typename Writer, typename... Parameters>
MakeOutput output(Parameters... parameters)
{
    return [=](OutputArguments & a) -> std::unique_ptr<OutputFormat>
    { return std::make_unique<Writer>(a.out, std::move(a.header), a.settings, parameters...); };
}

std::vector<Entry> makeEntries()
{
    using Lines = HeaderLines;
    using Rows = JsonRowReader::Rows;
    using Style = PrettyWriter::Style;
    std::vector<Entry> entries;
    auto add = [&](Entry entry) { entries.push_back(std::move(entry)); };

    constexpr std::pair<const char *, Lines> suffixes[] = {{"", Lines::None}, {"WithNames", Lines::Names}, {"WithNamesAndTypes", Lines::NamesAndTypes}};
    for (auto [suffix, lines] : suffixes)
    {
        std::string s = suffix;
        add({"TabSeparated" + s, {"TSV" + s}, input<TsvReader>(lines, false), output<TsvWriter>(lines, false), content_tsv});
        add({"TabSeparatedRaw" + s, {"TSVRaw" + s, "Raw" + s}, input<TsvReader>(lines, true), output<TsvWriter>(lines, true), content_tsv});
        add({"CSV" + s, {}, input<CsvReader>(lines), output<CsvWriter>(lines), lines == Lines::None ? content_csv : content_csv_header});
        add({"JSONCompactEachRow" + s, {}, input<JsonRowReader>(Rows::Arrays, lines, false), output<JsonCompactEachRowWriter>(lines, false), content_ndjson});
        add({"JSONCompactStringsEachRow" + s, {}, input<JsonRowReader>(Rows::Arrays, lines, true), output<JsonCompactEachRowWriter>(lines, true), content_ndjson});
        add({"RowBinary" + s, {}, input<RowBinaryReader>(lines), output<RowBinaryWriter>(lines), content_binary});
    }
    add({"JSONEachRow", {"JSONLines", "NDJSON"}, input<JsonRowReader>(Rows::Objects, Lines::None, false), output<JsonEachRowWriter>(false), content_ndjson});
    add({"JSONStringsEachRow", {}, input<JsonRowReader>(Rows::Objects, Lines::None, true), output<JsonEachRowWriter>(true), content_ndjson});
    add({"JSON", {}, {}, output<JsonWriter>(false, false), content_json});
    add({"JSONStrings", {}, {}, output<JsonWriter>(false, true), content_json});
    add({"JSONCompact", {}, {}, output<JsonWriter>(true, false), content_json});
    add({"JSONCompactStrings", {}, {}, output<JsonWriter>(true, true), content_json});
    add({"Values", {}, input<ValuesReader>(), output<ValuesWriter>()});
    add({"TSKV", {}, {}, output<TskvWriter>()});
    add({"Vertical", {}, {}, output<VerticalWriter>()});
    add({"Markdown", {"MD"}, {}, output<MarkdownWriter>()});
    add({"Null", {}, {}, output<NullWriter>()});
    add({"Native", {}, input<NativeReader>(),
         [](OutputArguments & a) -> std::unique_ptr<OutputFormat>
         { return std::make_unique<NativeWriter>(a.out, std::move(a.header), a.options.revision); },
         content_binary});
    for (std::string variant : {"", "NoEscapes", "MonoBlock", "NoEscapesMonoBlock"})
    {
        add({"Pretty" + variant, {}, {}, output<PrettyWriter>(Style::Full)});
        add({"PrettyCompact" + variant, {}, {}, output<PrettyWriter>(Style::Compact)});
        add({"PrettySpace" + variant, {}, {}, output<PrettyWriter>(Style::Space)});
    }
    return entries;
}

/// ClickHouse has them; a clear refusal beats "unknown".
constexpr std::string_view refused[]
    = {"Parquet", "Arrow", "ArrowStream", "ORC", "Avro", "AvroConfluent", "Protobuf", "ProtobufSingle", "ProtobufList", "CapnProto",
       "MsgPack", "BSONEachRow", "XML", "SQLInsert", "Template", "CustomSeparated", "Regexp", "LineAsString", "RawBLOB", "Npy", "Prometheus",
       "JSONColumns", "JSONColumnsWithMetadata", "JSONCompactColumns", "JSONObjectEachRow", "JSONAsString", "JSONAsObject",
       "JSONEachRowWithProgress", "PrettyJSONEachRow", "MySQLDump", "DWARF", "One", "Form", "Hash"};

const std::vector<Entry> & entries()
{
    static const std::vector<Entry> all = makeEntries();
    return all;
}

const Entry * tryFind(std::string_view name)
{
    std::string lower = lowerCase(name);
    for (const auto & entry : entries())
    {
        if (lowerCase(entry.name) == lower)
            return &entry;
        for (const auto & alias : entry.aliases)
            if (lowerCase(alias) == lower)
                return &entry;
    }
    return nullptr;
}

const Entry & find(std::string_view name)
{
    if (const auto * entry = tryFind(name))
        return *entry;
    std::string lower = lowerCase(name.substr(0, 64));
    for (auto known : refused)
        if (lowerCase(known) == lower)
            throw Exception(ErrorCode::NOT_IMPLEMENTED, "Format {} is not supported; use Native, RowBinary, JSONEachRow or a text format", known);
    std::string similar;
    for (const auto & entry : entries())
        if (editDistance(lowerCase(entry.name), lower) <= 2)
            similar += (similar.empty() ? "'" : ", '") + entry.name + "'";
    throw Exception(
        ErrorCode::UNKNOWN_FORMAT, "Unknown format {}{}", name.substr(0, 64), similar.empty() ? "" : ". Maybe you meant: [" + similar + "]");
}

}

std::unique_ptr<InputFormat> makeInputFormat(
    std::string_view name, ReadBuffer & in, NamesAndTypes header, const FormatSettings & settings, const InputOptions & options)
{
    const auto & entry = find(name);
    if (!entry.make_input)
        throw Exception(ErrorCode::FORMAT_IS_NOT_SUITABLE_FOR_INPUT, "Format {} is not suitable for input", entry.name);
    InputArguments arguments{in, std::move(header), settings, options};
    return entry.make_input(arguments);
}

std::unique_ptr<OutputFormat> makeOutputFormat(
    std::string_view name, WriteBuffer & out, NamesAndTypes header, const FormatSettings & settings, const OutputOptions & options)
{
    const auto & entry = find(name);
    OutputArguments arguments{out, std::move(header), settings, options};
    return entry.make_output(arguments);
}

bool isInputFormat(std::string_view name)
{
    const auto * entry = tryFind(name);
    return entry && entry->make_input;
}

bool isOutputFormat(std::string_view name)
{
    return tryFind(name) != nullptr;
}

std::string canonicalFormatName(std::string_view name)
{
    return find(name).name;
}

std::string_view contentTypeOfFormat(std::string_view name)
{
    return find(name).content_type;
}

std::vector<FormatDescription> listFormats()
{
    std::vector<FormatDescription> formats;
    for (const auto & entry : entries())
    {
        formats.push_back({entry.name, static_cast<bool>(entry.make_input), true});
        for (const auto & alias : entry.aliases)
            formats.push_back({alias, static_cast<bool>(entry.make_input), true});
    }
    return formats;
}

}
