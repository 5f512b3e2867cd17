#pragma once
// The hash of a string value: XXH3 with its short-input paths inlined. Include in .cpp files only (heavy).

#include <cstdint>
#include <string_view>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace mangrove
{

inline uint64_t hashBytes(std::string_view bytes)
{
    return XXH3_64bits(bytes.data(), bytes.size());
}

}
