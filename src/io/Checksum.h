#pragma once
// Checksums of stored and transferred bytes: XXH3 (xxHash library) inside our files, CRC-32C (RFC 3720, the
// Castagnoli polynomial, as S3's x-amz-checksum-crc32c) for object stores. Stateless, thread-safe.

#include "base/Types.h"

#include <string_view>

namespace mangrove
{

uint64_t xxh3(std::string_view bytes);
UInt128 xxh3_128(std::string_view bytes);

/// `previous`: the checksum of the bytes before, to continue it.
uint32_t crc32c(std::string_view bytes, uint32_t previous = 0);

}
