// Writes the bench's span table to a file: generate --rows N --format Native --out FILE [--seed S] [--no-attributes]
// [--block-rows 100000] [--batch-rows 400000]. Beside FILE it writes FILE.batches, one line `offset bytes rows` per
// batch, so that a client can send batches without parsing the data. A block never crosses a batch.

#include "RowWriters.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <stdexcept>

namespace
{

using namespace mangrove::bench;

struct Arguments
{
    uint64_t rows = 0;
    uint64_t seed = 1;
    uint64_t block_rows = 100'000;
    uint64_t batch_rows = 400'000;
    bool attributes = true;
    std::string format = "Native";
    std::string out;
};

Arguments parse(int argc, char ** argv)
{
    Arguments arguments;
    for (int i = 1; i < argc; ++i)
    {
        const std::string name = argv[i];
        if (name == "--no-attributes")
        {
            arguments.attributes = false;
            continue;
        }
        if (++i == argc)
            throw std::invalid_argument(name + " needs a value");
        const std::string value = argv[i];
        if (name == "--rows")
            arguments.rows = std::stoull(value);
        else if (name == "--seed")
            arguments.seed = std::stoull(value);
        else if (name == "--block-rows")
            arguments.block_rows = std::stoull(value);
        else if (name == "--batch-rows")
            arguments.batch_rows = std::stoull(value);
        else if (name == "--format")
            arguments.format = value;
        else if (name == "--out")
            arguments.out = value;
        else
            throw std::invalid_argument("unknown option " + name);
    }
    if (arguments.rows == 0 || arguments.out.empty() || arguments.block_rows == 0 || arguments.batch_rows == 0)
        throw std::invalid_argument("--rows and --out are needed; sizes must not be 0");
    return arguments;
}

void run(const Arguments & arguments)
{
    const World world(arguments.seed);
    SpanSource source(world, arguments.seed, arguments.rows);
    Attributes attributes(world);
    const auto writer = makeRowWriter(arguments.format, world, arguments.attributes);

    std::ofstream data(arguments.out, std::ios::binary);
    std::ofstream batches(arguments.out + ".batches");
    std::string buffer;
    uint64_t offset = 0;
    uint64_t batch_bytes = 0;
    uint64_t batch_rows = 0;
    uint64_t block_rows = 0;
    const auto endBlock = [&]
    {
        writer->endBlock(buffer);
        data.write(buffer.data(), static_cast<std::streamsize>(buffer.size()));
        batch_bytes += buffer.size();
        buffer.clear();
        block_rows = 0;
    };
    const auto endBatch = [&]
    {
        batches << offset << ' ' << batch_bytes << ' ' << batch_rows << '\n';
        offset += batch_bytes;
        batch_bytes = batch_rows = 0;
    };
    while (const auto span = source.next())
    {
        writer->add(*span, arguments.attributes ? attributes.fill(*span) : std::span<const Attributes::Pair>{});
        ++block_rows;
        ++batch_rows;
        if (block_rows == arguments.block_rows || batch_rows == arguments.batch_rows)
            endBlock();
        if (batch_rows == arguments.batch_rows)
            endBatch();
    }
    if (block_rows != 0)
        endBlock();
    if (batch_rows != 0)
        endBatch();
    if (!data.flush() || !batches.flush())
        throw std::runtime_error("cannot write " + arguments.out);
}

}

int main(int argc, char ** argv)
{
    try
    {
        run(parse(argc, argv));
        return EXIT_SUCCESS;
    }
    catch (const std::exception & error)
    {
        std::cerr << "generate: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
}
