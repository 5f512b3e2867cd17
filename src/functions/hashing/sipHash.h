#pragma once
// SipHash-2-4 (Aumasson, Bernstein) with a zero key: the function sipHash64().

#include <cstdint>
#include <string_view>

namespace mangrove
{

uint64_t sipHash64(std::string_view bytes);

}
