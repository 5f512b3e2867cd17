// HTTP content encodings. The first byte picks the encoding and whether the input is compressed (it must end in an
// Exception or in bounded output) or plain (compressed and read again it must be itself); the second the size of the
// windows that it arrives in.

#include "base/Exception.h"
#include "io/Compression.h"
#include "fuzz_inputs.h"

using namespace mangrove;

namespace
{

constexpr const char * encodings[] = {"gzip", "deflate", "zstd", "lz4"};
constexpr uint64_t output_bytes_max = 4 << 20;

std::string compress(const char * encoding, std::string_view plain)
{
    std::string compressed;
    auto compressor = makeCompressor(encoding, [&](std::string_view bytes) { compressed += bytes; });
    compressor->write(plain.substr(0, plain.size() / 2));
    compressor->write(plain.substr(plain.size() / 2));
    compressor->finish();
    return compressed;
}

std::string decompress(const char * encoding, std::string_view compressed, size_t window_bytes)
{
    WindowedBuffer in(compressed, window_bytes);
    auto reader = makeDecompressor(encoding, in, {.bytes_max = output_bytes_max, .ratio_max = 2000, .ratio_free_bytes = 1 << 20});
    return reader->readAll(2 * output_bytes_max);
}

}

extern "C" int LLVMFuzzerInitialize(int * argc, char *** argv)
{
    SeedWriter seeds(*argc, *argv);
    if (!seeds.wanted())
        return 0;
    for (uint8_t i = 0; i < std::size(encodings); ++i)
        for (std::string_view text : {"", "a", "SELECT 1", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1,2,3"})
            seeds.write(std::string{static_cast<char>(i), '\x20'} + compress(encodings[i], text));
    std::exit(0);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t * data, size_t size)
{
    if (size < 2)
        return 0;
    std::string_view input(reinterpret_cast<const char *>(data) + 2, size - 2);
    const char * encoding = encodings[data[0] % 4];
    bool plain = data[0] / 4 % 2;
    try
    {
        auto out = decompress(encoding, plain ? compress(encoding, input) : std::string(input), windowBytes(data[1]));
        if (plain && out != input)
            __builtin_trap();
    }
    catch (const Exception & e)
    {
        if (plain || e.code() != ErrorCode::CANNOT_DECOMPRESS)
            __builtin_trap();
    }
    return 0;
}
