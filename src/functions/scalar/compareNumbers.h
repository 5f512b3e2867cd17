#pragma once
// Comparison of two columns of numbers (or of what is stored as numbers) of any widths: mathematically exact, also for
// mixed signedness and for integers against floats. NaN is not equal to, less or greater than anything.

#include "functions/FunctionSpec.h"

namespace mangrove
{

enum class Comparison : uint8_t { Equals, NotEquals, Less, Greater, LessOrEquals, GreaterOrEquals };

/// a ? b  ==  b swapped(?) a
inline Comparison swapped(Comparison op)
{
    switch (op)
    {
        case Comparison::Less: return Comparison::Greater;
        case Comparison::Greater: return Comparison::Less;
        case Comparison::LessOrEquals: return Comparison::GreaterOrEquals;
        case Comparison::GreaterOrEquals: return Comparison::LessOrEquals;
        default: return op;
    }
}

template <typename A, typename B>
bool compareValues(Comparison op, const A & a, const B & b)
{
    switch (op)
    {
        case Comparison::Equals: return a == b;
        case Comparison::NotEquals: return a != b;
        case Comparison::Less: return a < b;
        case Comparison::Greater: return a > b;
        case Comparison::LessOrEquals: return a <= b;
        case Comparison::GreaterOrEquals: return a >= b;
    }
    __builtin_unreachable();
}

/// Calls f with a comparison functor: the switch is outside of the loop.
template <typename F>
decltype(auto) visitComparison(Comparison op, F && f)
{
    switch (op)
    {
        case Comparison::Equals: return f(std::equal_to<>{});
        case Comparison::NotEquals: return f(std::not_equal_to<>{});
        case Comparison::Less: return f(std::less<>{});
        case Comparison::Greater: return f(std::greater<>{});
        case Comparison::LessOrEquals: return f(std::less_equal<>{});
        case Comparison::GreaterOrEquals: return f(std::greater_equal<>{});
    }
    __builtin_unreachable();
}

/// ColumnUInt8 of `rows` rows; one side may be ColumnConst (both: the caller unwraps).
ColumnPtr compareNumbers(Comparison op, const Column & a, const Column & b, size_t rows);
ColumnPtr compareStrings(Comparison op, const Column & a, const Column & b, size_t rows);

}
