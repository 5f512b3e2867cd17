#pragma once
// Which words cannot stand where a name is expected. ClickHouse has no reserved words as such: each place
// refuses the few that would be misread there, and so do we. Pure functions; case does not matter.

#include <string_view>

namespace mangrove
{

/// Cannot start an expression as a column name: FROM, WHERE, AND, … (AND( can: a function.)
bool isReservedInExpression(std::string_view word);
/// Cannot be an alias without AS: FROM, JOIN, FORMAT, …
bool isReservedAsAlias(std::string_view word);
/// Must be in quotes to be read as a name everywhere the printer writes one.
bool mustQuoteIdentifier(std::string_view word);
/// SECOND, MINUTES, …: the singular in ClickHouse's spelling ("Second"); empty if it is no unit.
std::string_view intervalUnit(std::string_view word);
bool equalsIgnoreCase(std::string_view a, std::string_view b);

}
