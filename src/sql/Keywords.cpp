#include "sql/Keywords.h"

#include <algorithm>
#include <iterator>

namespace mangrove
{

namespace
{

constexpr std::string_view reserved_in_expression[] = {
    "AND", "AS", "BETWEEN", "BY", "ELSE", "FROM", "GROUP", "HAVING", "ILIKE", "IN", "IS", "JOIN", "LIKE", "ON", "OR",
    "ORDER", "PREWHERE", "QUALIFY", "REGEXP", "SELECT", "SETTINGS", "THEN", "UNION", "USING", "WHEN", "WHERE",
};

constexpr std::string_view reserved_as_alias[] = {
    "ALL", "AND", "ANTI", "ANY", "ARRAY", "AS", "ASC", "ASCENDING", "ASOF", "AT", "BETWEEN", "COLLATE", "CROSS",
    "DESC", "DESCENDING", "DIV", "ELSE", "END", "EXCEPT", "FETCH", "FINAL", "FORMAT", "FROM", "FULL", "GLOBAL",
    "GROUP", "HAVING", "ILIKE", "IN", "INNER", "INTERPOLATE", "INTERSECT", "INTO", "IS", "JOIN", "LEFT", "LIKE",
    "LIMIT", "LOCAL", "MOD", "NOT", "NULLS", "OFFSET", "ON", "OR", "ORDER", "PASTE", "PREWHERE", "QUALIFY", "REGEXP",
    "RIGHT", "SAMPLE", "SELECT", "SEMI", "SETTINGS", "THEN", "UNION", "USING", "WHEN", "WHERE", "WINDOW", "WITH",
};

/// Read as something else where an expression starts or a list begins.
constexpr std::string_view other_quoted[] = {
    "ALL", "CASE", "CAST", "DISTINCT", "EXCEPT", "FALSE", "FINAL", "FORMAT", "INF", "INFINITY", "INTERSECT",
    "INTERVAL", "LIMIT", "NAN", "NOT", "NULL", "OFFSET", "TABLE", "TOP", "TRUE", "VALUES", "WITH", "WINDOW", "ARRAY",
    "LEFT", "INNER", "RECURSIVE", "PRIMARY", "INDEX", "PROJECTION", "CONSTRAINT", "PARTITION", "ROWS", "RANGE",
    "GROUPS",
};

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

template <size_t N>
bool contains(const std::string_view (&words)[N], std::string_view word)
{
    return std::any_of(std::begin(words), std::end(words),
        [&](std::string_view w) { return equalsIgnoreCase(w, word); });
}

struct Unit
{
    std::string_view word;
    std::string_view name;
};

constexpr Unit units[] = {
    {"NANOSECOND", "Nanosecond"}, {"NANOSECONDS", "Nanosecond"}, {"NS", "Nanosecond"}, {"MICROSECOND", "Microsecond"},
    {"MICROSECONDS", "Microsecond"}, {"US", "Microsecond"}, {"MILLISECOND", "Millisecond"},
    {"MILLISECONDS", "Millisecond"}, {"MS", "Millisecond"}, {"SECOND", "Second"}, {"SECONDS", "Second"},
    {"SS", "Second"}, {"S", "Second"}, {"SQL_TSI_SECOND", "Second"}, {"MINUTE", "Minute"}, {"MINUTES", "Minute"},
    {"MI", "Minute"}, {"N", "Minute"}, {"SQL_TSI_MINUTE", "Minute"}, {"HOUR", "Hour"}, {"HOURS", "Hour"},
    {"HH", "Hour"}, {"H", "Hour"}, {"SQL_TSI_HOUR", "Hour"}, {"DAY", "Day"}, {"DAYS", "Day"}, {"DD", "Day"},
    {"D", "Day"}, {"SQL_TSI_DAY", "Day"}, {"WEEK", "Week"}, {"WEEKS", "Week"}, {"WK", "Week"}, {"WW", "Week"},
    {"SQL_TSI_WEEK", "Week"}, {"MONTH", "Month"}, {"MONTHS", "Month"}, {"MM", "Month"}, {"M", "Month"},
    {"SQL_TSI_MONTH", "Month"}, {"QUARTER", "Quarter"}, {"QUARTERS", "Quarter"}, {"QQ", "Quarter"}, {"Q", "Quarter"},
    {"SQL_TSI_QUARTER", "Quarter"}, {"YEAR", "Year"}, {"YEARS", "Year"}, {"YYYY", "Year"}, {"YY", "Year"},
    {"SQL_TSI_YEAR", "Year"},
};

}

bool equalsIgnoreCase(std::string_view a, std::string_view b)
{
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
        [](char x, char y) { return upper(x) == upper(y); });
}

bool isReservedInExpression(std::string_view word)
{
    return contains(reserved_in_expression, word);
}

bool isReservedAsAlias(std::string_view word)
{
    return contains(reserved_as_alias, word);
}

bool mustQuoteIdentifier(std::string_view word)
{
    return contains(reserved_in_expression, word) || contains(other_quoted, word);
}

std::string_view intervalUnit(std::string_view word)
{
    for (const Unit & unit : units)
        if (equalsIgnoreCase(unit.word, word))
            return unit.name;
    return {};
}

}
