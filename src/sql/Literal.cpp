#include "sql/Literal.h"

#include "base/quoteName.h"
#include "sql/Keywords.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace mangrove
{

namespace
{

/// Shortest digits that read back, laid out as ClickHouse does: 0.000001 .. 1e20 without an exponent.
std::string formatDouble(double value, bool trailing_dot)
{
    if (std::isnan(value))
        return "nan";
    if (std::isinf(value))
        return value < 0 ? "-inf" : "inf";
    char buffer[64];
    auto result = std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::scientific);
    std::string_view scientific(buffer, static_cast<size_t>(result.ptr - buffer));
    bool negative = scientific.front() == '-';
    if (negative)
        scientific.remove_prefix(1);
    size_t e = scientific.find('e');
    std::string digits(scientific.substr(0, e));
    digits.erase(std::remove(digits.begin(), digits.end(), '.'), digits.end());
    int exponent = 0;
    std::string_view exponent_text = scientific.substr(e + 1);
    if (exponent_text.front() == '+')
        exponent_text.remove_prefix(1);
    std::from_chars(exponent_text.data(), exponent_text.data() + exponent_text.size(), exponent);

    std::string text;
    int count = static_cast<int>(digits.size());
    if (exponent < -6 || exponent >= 21)
        text = digits.substr(0, 1) + (count > 1 ? "." + digits.substr(1) : "") + "e" + std::to_string(exponent);
    else if (exponent < 0)
        text = "0." + std::string(static_cast<size_t>(-exponent - 1), '0') + digits;
    else if (exponent + 1 >= count)
        text = digits + std::string(static_cast<size_t>(exponent + 1 - count), '0') + (trailing_dot ? "." : "");
    else
    {
        size_t whole = static_cast<size_t>(exponent) + 1;
        text = digits.substr(0, whole) + "." + digits.substr(whole);
    }
    return negative ? "-" + text : text;
}

std::string joinLiterals(const std::vector<Literal> & elements)
{
    std::string out;
    for (const Literal & element : elements)
        out += (out.empty() ? "" : ", ") + toSql(element);
    return out;
}

struct Printer
{
    bool quoted;

    std::string operator()(LiteralNull) const { return "NULL"; }
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(uint64_t value) const { return std::to_string(value); }
    std::string operator()(int64_t value) const { return std::to_string(value); }
    std::string operator()(double value) const { return formatDouble(value, quoted); }
    std::string operator()(const std::string & value) const { return quoted ? quoteString(value) : value; }
    std::string operator()(const LiteralArray & value) const { return "[" + joinLiterals(value.elements) + "]"; }
    std::string operator()(const LiteralTuple & value) const
    {
        std::string out = "(";
        for (size_t i = 0; i < value.elements.size(); ++i)
            out += (i ? ", " : "") + toSql(value.elements[i]);
        /// (1) would read back as a number.
        return out + (value.elements.size() == 1 ? ",)" : ")");
    }
    std::string operator()(const LiteralMap & value) const
    {
        std::string out = "{";
        for (size_t i = 0; i + 1 < value.keys_and_values.size(); i += 2)
            out += (i ? ", " : "") + toSql(value.keys_and_values[i]) + ": " + toSql(value.keys_and_values[i + 1]);
        return out + "}";
    }
};

}

std::string toSql(const Literal & literal)
{
    return std::visit(Printer{true}, literal.value);
}

std::string toPlainText(const Literal & literal)
{
    return std::visit(Printer{false}, literal.value);
}

std::string quoteString(std::string_view text)
{
    return quoteName(text, '\'');
}

std::string quoteIdentifier(std::string_view name)
{
    return quoteName(name, '`');
}

std::string quoteIdentifierIfNeeded(std::string_view name)
{
    return isPlainName(name) && !mustQuoteIdentifier(name) ? std::string(name) : quoteIdentifier(name);
}

}
