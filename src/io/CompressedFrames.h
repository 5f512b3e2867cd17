#pragma once
// ClickHouse's compressed frames, the body of HTTP with compress=1 and decompress=1: 16 bytes CityHash128 (1.0.2) of
// what follows, method (0x82 LZ4, 0x90 ZSTD, 0x02 none), compressed size with these 9 bytes, raw size (both UInt32).
// Made and taken through io/Compression.h as the encoding "clickhouse". Not thread-safe.

#include "io/Compression.h"

namespace mangrove
{

/// Every write() becomes frames of at most 1 MiB at once, so that nothing waits for finish(). LZ4.
std::unique_ptr<Compressor> makeFrameCompressor(std::function<void(std::string_view)> sink);

/// CHECKSUM_DOESNT_MATCH (40), UNKNOWN_COMPRESSION_METHOD (89), TOO_LARGE_SIZE_COMPRESSED (39) above 256 MiB a frame,
/// ATTEMPT_TO_READ_AFTER_EOF (32) for a cut frame, else CANNOT_DECOMPRESS (271).
std::unique_ptr<ReadBuffer> makeFrameDecompressor(ReadBuffer & in, DecompressionLimits limits);

}
