#pragma once
// SipHash-2-4 (Aumasson, Bernstein) with a zero key: the functions sipHash64() and sipHash128(). The latter is ClickHouse's:
// the four words of the final state of the 64-bit hash in two, not the 128-bit variant that was published later.

#include "base/Types.h"

#include <cstdint>
#include <string_view>

namespace mangrove
{

uint64_t sipHash64(std::string_view bytes);
UInt128 sipHash128(std::string_view bytes);

}
