// ClickHouse's compressed frames (compress=1, decompress=1). The first byte says what the rest is: frames as they come, or
// frames without checksums, which get the right ones (behind a wrong one nothing is reached), both of which must end in
// an Exception or in bounded output; or a plain text, which must come back. The second is the size of the windows that
// the frames arrive in.

#include "base/Exception.h"
#include "fuzz_inputs.h"
#include "io/CityHash.h"
#include "io/Codecs.h"
#include "io/CompressedFrames.h"

#include <algorithm>
#include <cstring>

using namespace mangrove;

namespace
{

enum Input : uint8_t
{
    Frames,
    Unsigned,
    Plain,
    inputs
};

constexpr size_t checksum_bytes = 16, header_bytes = 9;
constexpr uint64_t output_bytes_max = 4 << 20;

std::string withChecksum(std::string_view body)
{
    auto [low, high] = cityHash128(body);
    std::string frame(checksum_bytes, '\0');
    std::memcpy(frame.data(), &low, sizeof(low));
    std::memcpy(frame.data() + sizeof(low), &high, sizeof(high));
    return frame.append(body);
}

/// Each body says itself how long it is.
std::string withChecksums(std::string_view bodies)
{
    std::string frames;
    while (!bodies.empty())
    {
        uint32_t size = 0;
        if (bodies.size() >= header_bytes)
            std::memcpy(&size, bodies.data() + 1, sizeof(size));
        auto body = bodies.substr(0, std::max<size_t>(size, header_bytes));
        frames += withChecksum(body);
        bodies.remove_prefix(body.size());
    }
    return frames;
}

std::string compress(std::string_view plain)
{
    std::string frames;
    auto compressor = makeFrameCompressor([&](std::string_view bytes) { frames += bytes; });
    compressor->write(plain.substr(0, plain.size() / 2));
    compressor->write(plain.substr(plain.size() / 2));
    compressor->finish();
    return frames;
}

std::string decompress(std::string_view frames, size_t window_bytes)
{
    WindowedBuffer in(frames, window_bytes);
    return makeFrameDecompressor(in, {.bytes_max = output_bytes_max, .ratio_max = 2000, .ratio_free_bytes = 1 << 20})->readAll(2 * output_bytes_max);
}

std::string bodyOf(uint8_t method, std::string_view payload, uint32_t raw_size)
{
    auto size = static_cast<uint32_t>(header_bytes + payload.size());
    std::string body(1, static_cast<char>(method));
    body.append(reinterpret_cast<const char *>(&size), sizeof(size)).append(reinterpret_cast<const char *>(&raw_size), sizeof(raw_size));
    return body.append(payload);
}

}

extern "C" int LLVMFuzzerInitialize(int * argc, char *** argv)
{
    SeedWriter seeds(*argc, *argv);
    if (!seeds.wanted())
        return 0;
    for (std::string_view text : {"", "a", "SELECT 1", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1,2,3"})
    {
        const auto raw_size = static_cast<uint32_t>(text.size());
        std::string lz4, zstd;
        compressLz4(text, lz4);
        compressZstd(text, 1, zstd);
        const std::string bodies = bodyOf(0x82, lz4, raw_size) + bodyOf(0x90, zstd, raw_size) + bodyOf(0x02, text, raw_size);
        seeds.write(std::string{Frames, '\x20'} + withChecksums(bodies));
        seeds.write(std::string{Unsigned, '\x20'} + bodies);
        seeds.write(std::string{Plain, '\x05'}.append(text));
    }
    std::exit(0);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t * data, size_t size)
{
    if (size < 2)
        return 0;
    std::string_view input(reinterpret_cast<const char *>(data) + 2, size - 2);
    const uint8_t kind = data[0] % inputs;
    try
    {
        auto out = decompress(kind == Plain ? compress(input) : kind == Unsigned ? withChecksums(input) : std::string(input), windowBytes(data[1]));
        if (kind == Plain && out != input)
            __builtin_trap();
    }
    catch (const Exception & e)
    {
        constexpr ErrorCode expected[] = {ErrorCode::CHECKSUM_DOESNT_MATCH, ErrorCode::UNKNOWN_COMPRESSION_METHOD,
            ErrorCode::TOO_LARGE_SIZE_COMPRESSED, ErrorCode::ATTEMPT_TO_READ_AFTER_EOF, ErrorCode::CANNOT_DECOMPRESS};
        // A text may be larger than what is taken back.
        if ((kind == Plain && input.size() <= output_bytes_max) || std::ranges::find(expected, e.code()) == std::end(expected))
            __builtin_trap();
    }
    return 0;
}
