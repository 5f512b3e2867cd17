#pragma once
// Formats by name, as in FORMAT x and default_format. Names are ClickHouse's, aliases included, case-insensitive.
// UNKNOWN_FORMAT (73) names similar ones; formats that exist in ClickHouse but not here are NOT_IMPLEMENTED (48).

#include "formats/InputFormat.h"
#include "formats/OutputFormat.h"

#include <memory>
#include <string_view>

namespace mangrove
{

struct OutputOptions
{
    /// Native: the client's protocol revision (client_protocol_version); 0 for none.
    uint64_t revision = 0;
};

/// `in` must outlive the format. The header is the columns to fill, in any order.
std::unique_ptr<InputFormat> makeInputFormat(
    std::string_view name, ReadBuffer & in, NamesAndTypes header, const FormatSettings & settings = {}, const InputOptions & options = {});
/// `out` must outlive the format.
std::unique_ptr<OutputFormat> makeOutputFormat(
    std::string_view name, WriteBuffer & out, NamesAndTypes header, const FormatSettings & settings = {}, const OutputOptions & options = {});

bool isInputFormat(std::string_view name);
bool isOutputFormat(std::string_view name);
/// The name as ClickHouse spells it: for the X-ClickHouse-Format header.
std::string canonicalFormatName(std::string_view name);
/// For the Content-Type header of HTTP.
std::string_view contentTypeOfFormat(std::string_view name);

struct FormatDescription
{
    std::string name;
    bool is_input = false;
    bool is_output = false;
};
/// For system.formats.
std::vector<FormatDescription> listFormats();

}
