#pragma once
// One value of any type: literals, defaults, min/max, settings. Not for data paths: those use Columns.
// Integers are widened (Date, Enum, Bool too); UUID, UInt128 are UInt128. A Map is an array of 2-tuples.

#include "base/Types.h"

#include <compare>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mangrove
{

struct Null
{
    bool operator==(const Null &) const = default;
    auto operator<=>(const Null &) const = default;
};

struct Field;

struct Array : std::vector<Field>
{
    using std::vector<Field>::vector;
};

struct Tuple : std::vector<Field>
{
    using std::vector<Field>::vector;
};

struct Field
{
    using Value = std::variant<Null, uint64_t, int64_t, double, std::string, UInt128, Array, Tuple>;

    Field() = default;
    Field(Null) { }
    template <typename T>
        requires std::is_integral_v<T>
    Field(T x)
    {
        if constexpr (std::is_signed_v<T>)
            value = static_cast<int64_t>(x);
        else
            value = static_cast<uint64_t>(x);
    }
    Field(UInt128 x) : value(x) { }
    Field(double x) : value(x) { }
    Field(std::string x) : value(std::move(x)) { }
    Field(std::string_view x) : value(std::string(x)) { }
    Field(const char * x) : value(std::string(x)) { }
    Field(Array x) : value(std::move(x)) { }
    Field(Tuple x) : value(std::move(x)) { }

    bool isNull() const { return std::holds_alternative<Null>(value); }
    template <typename T>
    bool is() const
    {
        return std::holds_alternative<T>(value);
    }
    template <typename T>
    const T & get() const
    {
        return std::get<T>(value);
    }

    bool operator==(const Field &) const = default;

    Value value;
};

/// For messages and tests: 1, -1, 1.5, 'a\'b', [1, 2], (1, 'x'), NULL.
std::string toString(const Field & field);

}
