#pragma once
// The byte transformations of our own behind CodecChain: Delta, DoubleDelta and T64 over little-endian integers of
// 1, 2, 4 or 8 bytes. A tail shorter than a value is kept as it is. Stateless, thread-safe; decoding checks bounds.
//
//   Delta        the first value, then differences; same size as the input
//   DoubleDelta  VarUInt size; first value, then zig-zag VarUInts of the differences of differences
//   T64          VarUInt size; per 64 values: least value, bit count b, then b words, one per bit (transposed)

#include <string>
#include <string_view>

namespace mangrove
{

std::string encodeDelta(std::string_view bytes, size_t value_bytes);
std::string decodeDelta(std::string_view bytes, size_t value_bytes);
std::string encodeDoubleDelta(std::string_view bytes, size_t value_bytes);
std::string decodeDoubleDelta(std::string_view bytes, size_t value_bytes, size_t bytes_max);
std::string encodeT64(std::string_view bytes, size_t value_bytes);
std::string decodeT64(std::string_view bytes, size_t value_bytes, size_t bytes_max);

}
