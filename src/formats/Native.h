#pragma once
// Blocks as the native protocol and FORMAT Native carry them: [BlockInfo when revision > 0] columns, rows, then per
// column name, type, [a zero byte from revision 54454 on: no custom serialization], data in bulk.
// HTTP goes through NativeReader/Writer.

#include "formats/InputFormat.h"
#include "formats/OutputFormat.h"

#include <optional>

namespace mangrove
{

constexpr uint64_t revision_with_custom_serialization = 54454;

/// Whether the keys of this map of the sender's may be read as codes: see InputOptions::coded_maps.
using CodesKeys = std::function<bool(const std::string & name, const DataType & type)>;
void writeNativeBlock(const Block & block, WriteBuffer & out, uint64_t revision);

/// The block's columns in the order and types of the header; fills `missing` as InputFormat::missing().
Block alignToHeader(
    const Block & block,
    const NamesAndTypes & header,
    const FormatSettings & settings,
    const InputOptions & options,
    std::vector<Filter> & missing);

/// Reads blocks that follow each other into the same columns, as long as their names and types are the same: what
/// collects them needs no copy. With the types the sender used.
class NativeBlocks
{
public:
    NativeBlocks(uint64_t revision, const FormatSettings & settings, CodesKeys codes_keys)
        : revision_(revision), settings_(settings), codes_keys_(std::move(codes_keys))
    {
    }

    /// Reads one block; answers it if it could not be appended.
    std::optional<Block> append(ReadBuffer & in);
    size_t rows() const { return rows_; }
    size_t byteSize() const;
    /// Room for `factor` times what is there.
    void reserve(double factor);
    Block take();

private:
    struct Received
    {
        std::string name;
        std::string type_name;
        DataTypePtr type;
        DataTypePtr type_read; /// may have coded keys
        MutableColumnPtr values;
    };
    /// The first columns have got the last rows of a block that turned out to be another.
    void takeBack(size_t columns, size_t rows, std::vector<Received> & to);
    static Block blockOf(std::vector<Received> columns);

    uint64_t revision_;
    const FormatSettings & settings_;
    CodesKeys codes_keys_;
    std::vector<Received> columns_;
    size_t rows_ = 0;
};

class NativeReader final : public InputFormat
{
public:
    NativeReader(ReadBuffer & in, NamesAndTypes header, const FormatSettings & settings, const InputOptions & options);
    Block read() override;

private:
    Block readAlike();
    void reserveForRest(uint64_t block_bytes);

    ReadBuffer & in_;
    const FormatSettings settings_;
    const InputOptions options_;
    NativeBlocks blocks_;
    std::optional<Block> other_; /// came after those that readAlike() answered, and is not like them
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
