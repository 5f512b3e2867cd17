#pragma once
// Blocks as the native protocol and FORMAT Native carry them: [BlockInfo when revision > 0] columns, rows, then per
// column name, type, [a zero byte from revision 54454 on: no custom serialization], data in bulk.
// The native server calls readNativeBlock()/writeNativeBlock() per packet; HTTP goes through NativeReader/Writer.

#include "formats/InputFormat.h"
#include "formats/OutputFormat.h"

namespace mangrove
{

constexpr uint64_t revision_with_custom_serialization = 54454;

/// Whether the keys of this map of the sender's may be read as codes: see InputOptions::coded_maps.
using CodesKeys = std::function<bool(const std::string & name, const DataType & type)>;
/// With the types the sender used; no columns for the block that ends a stream.
Block readNativeBlock(ReadBuffer & in, uint64_t revision, const FormatSettings & settings, const CodesKeys & codes_keys = {});
void writeNativeBlock(const Block & block, WriteBuffer & out, uint64_t revision);

/// The block's columns in the order and types of the header; fills `missing` as InputFormat::missing().
Block alignToHeader(
    const Block & block,
    const NamesAndTypes & header,
    const FormatSettings & settings,
    const InputOptions & options,
    std::vector<Filter> & missing);

class NativeReader final : public InputFormat
{
public:
    NativeReader(ReadBuffer & in, NamesAndTypes header, const FormatSettings & settings, const InputOptions & options)
        : InputFormat(std::move(header)), in_(in), settings_(settings), options_(options)
    {
    }
    Block read() override;

private:
    ReadBuffer & in_;
    const FormatSettings settings_;
    const InputOptions options_;
};

class NativeWriter final : public OutputFormat
{
public:
    NativeWriter(WriteBuffer & out, NamesAndTypes header, uint64_t revision)
        : OutputFormat(out, std::move(header), {}), revision_(revision)
    {
    }
    void write(const Block & block) override { writeNativeBlock(block, out_, revision_); }
    void finalize(const OutputStatistics &) override { }

private:
    uint64_t revision_;
};

}
