#pragma once
// Which sequences of three bytes occur in the strings of a page, as bits of a hash: a search for a substring then need
// not decompress pages that cannot hold it. Written by BytesPage into pages of values without codes. Stateless.

#include <string>
#include <string_view>

namespace mangrove
{

/// A filter of a power of two of bytes, at most `bytes_max`; "" if one of that size would tell nothing.
std::string makeTrigramFilter(std::string_view chars, size_t bytes_max);

/// False: `bytes` do not occur in what the filter was made of, or (`any_case`) nothing that is equal to them when case is
/// ignored. Its size must be a power of two.
bool trigramsMayContain(std::string_view filter, std::string_view bytes, bool any_case = false);

}
