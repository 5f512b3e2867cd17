#pragma once
// A constant as the parser reads it: the value, not its text. Depends on nothing, so that sql stays a low
// layer; the analyzer turns it into a column value with ClickHouse's rule (the smallest type that holds it).
// Immutable by convention. Non-negative integers are UInt64, negative ones Int64; an integer beyond 64 bits
// is Float64, as in ClickHouse (its digits stay in Expr::literal_text for x::UInt256).

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mangrove
{

struct Literal;

struct LiteralNull
{
};
struct LiteralArray
{
    std::vector<Literal> elements;
};
struct LiteralTuple
{
    std::vector<Literal> elements;
};
/// Only in settings and VALUES-like places: {'a': 1}. In expressions a map is the function map().
struct LiteralMap
{
    std::vector<Literal> keys_and_values;
};

struct Literal
{
    using Value = std::variant<
        LiteralNull, bool, uint64_t, int64_t, double, std::string, LiteralArray, LiteralTuple, LiteralMap>;
    Value value;

    bool isNull() const { return std::holds_alternative<LiteralNull>(value); }
    bool isString() const { return std::holds_alternative<std::string>(value); }
    const bool * asBool() const { return std::get_if<bool>(&value); }
    const uint64_t * asUInt64() const { return std::get_if<uint64_t>(&value); }
    const int64_t * asInt64() const { return std::get_if<int64_t>(&value); }
    const double * asFloat64() const { return std::get_if<double>(&value); }
    const std::string * asString() const { return std::get_if<std::string>(&value); }
    const LiteralArray * asArray() const { return std::get_if<LiteralArray>(&value); }
    const LiteralTuple * asTuple() const { return std::get_if<LiteralTuple>(&value); }
    const LiteralMap * asMap() const { return std::get_if<LiteralMap>(&value); }
};

/// As SQL text: 'it\'s', 1.5, [1, 2], (1, 'a'), NULL, true.
std::string toSql(const Literal & literal);
/// As the value of a setting: 'abc' without quotes, numbers as they print.
std::string toPlainText(const Literal & literal);
/// 'text' with ClickHouse's escapes.
std::string quoteString(std::string_view text);
/// `name`
std::string quoteIdentifier(std::string_view name);
/// name, or `name` where it is not a plain identifier or is a keyword that would be misread.
std::string quoteIdentifierIfNeeded(std::string_view name);

}
