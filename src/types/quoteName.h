#pragma once
// Quoting inside type names, as ClickHouse prints them: 'enum value', `tuple element`.

#include <string>
#include <string_view>

namespace mangrove
{

/// quote: ' or `.
std::string quoteName(std::string_view text, char quote);
/// The name itself if it is a plain identifier, else in back quotes.
std::string backQuoteIfNeeded(std::string_view name);

}
