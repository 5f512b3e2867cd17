#pragma once
// Names of tuple elements inside type names, as ClickHouse prints them.

#include <string>
#include <string_view>

namespace mangrove
{

/// The name itself if it is a plain identifier, else in back quotes.
std::string backQuoteIfNeeded(std::string_view name);

}
