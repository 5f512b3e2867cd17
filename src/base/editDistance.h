#pragma once
// Levenshtein's distance between two texts, in bytes: for "Maybe you meant" and the function of that name. Takes time of
// the product of their sizes, which the caller bounds.

#include <cstdint>
#include <string_view>

namespace mangrove
{

uint64_t editDistance(std::string_view a, std::string_view b);

}
