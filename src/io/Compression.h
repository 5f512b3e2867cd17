#pragma once
// HTTP content encodings as streams: gzip, deflate (zlib), zstd, lz4 (frames). Input is hostile: a decompressor stops
// with CANNOT_DECOMPRESS (271) on garbage, a cut stream, or output beyond `bytes_max` or `ratio_max` times the input.
// Not thread-safe.

#include "io/ReadBuffer.h"

#include <functional>
#include <memory>
#include <string_view>

namespace mangrove
{

/// Not a content encoding of HTTP but asked for by parameters of the URL: see io/CompressedFrames.h.
inline constexpr std::string_view clickhouse_frames = "clickhouse";

class Compressor
{
public:
    virtual ~Compressor() = default;
    virtual void write(std::string_view bytes) = 0;
    /// Ends the stream; nothing may be written after it.
    virtual void finish() = 0;
};

/// `encoding`: gzip, deflate, zstd, lz4, clickhouse_frames. UNKNOWN_COMPRESSION_METHOD (89) otherwise.
std::unique_ptr<Compressor> makeCompressor(std::string_view encoding, std::function<void(std::string_view)> sink);

struct DecompressionLimits
{
    uint64_t bytes_max = 64ULL << 30;
    uint64_t ratio_max = 2000;              /// output per input byte, once past ratio_free_bytes
    uint64_t ratio_free_bytes = 64ULL << 20;

    void check(uint64_t bytes_in, uint64_t bytes_out) const; /// CANNOT_DECOMPRESS
};

/// Reads from `in`, which must outlive it. UNKNOWN_COMPRESSION_METHOD (89) for another encoding.
std::unique_ptr<ReadBuffer> makeDecompressor(std::string_view encoding, ReadBuffer & in, DecompressionLimits limits = {});

/// The first encoding of Accept-Encoding that we can write; "" if none.
std::string chooseEncoding(std::string_view accept_encoding);

}
