#pragma once
// Text and names between quotes as ClickHouse prints them, in SQL, in types and in messages. Pure functions.

#include <string>
#include <string_view>

namespace mangrove
{

/// quote: ' or `.
std::string quoteName(std::string_view text, char quote);
/// Letters, digits and _, not beginning with a digit.
bool isPlainName(std::string_view name);

}
