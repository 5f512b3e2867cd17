#include "functions/scalar/compareNumbers.h"

namespace mangrove
{

namespace
{

template <typename T>
ColumnPtr compareSameType(Comparison op, const T * a, const T * b, size_t rows)
{
    auto result = ColumnUInt8::create(rows);
    uint8_t * out = result->data().data();
    if (op == Comparison::Greater || op == Comparison::GreaterOrEquals)
    {
        std::swap(a, b);
        op = swapped(op);
    }
    visitComparison(op, [&](auto compare)
    {
        for (size_t i = 0; i < rows; ++i)
            out[i] = compare(a[i], b[i]);
    });
    return result;
}

template <typename T>
ColumnPtr compareWithConstant(Comparison op, const T * a, T b, size_t rows)
{
    auto result = ColumnUInt8::create(rows);
    uint8_t * out = result->data().data();
    visitComparison(op, [&](auto compare)
    {
        for (size_t i = 0; i < rows; ++i)
            out[i] = compare(a[i], b);
    });
    return result;
}

/// An 80-bit float holds every 64-bit integer and every double exactly.
PodVector<long double> exactNumbers(const Column & column)
{
    return visitNumbers(fullOf(column), []<typename T>(const ColumnVector<T> & numbers)
    {
        PodVector<long double> result(numbers.size());
        for (size_t i = 0; i < result.size(); ++i)
            result[i] = static_cast<long double>(numbers.data()[i]);
        return result;
    });
}

ColumnPtr compareExact(Comparison op, const Column & a, const Column & b, size_t rows)
{
    PodVector<long double> x = exactNumbers(a);
    PodVector<long double> y = exactNumbers(b);
    size_t x_step = isConst(a) ? 0 : 1;
    size_t y_step = isConst(b) ? 0 : 1;
    auto result = ColumnUInt8::create(rows);
    for (size_t i = 0; i < rows; ++i)
        result->data()[i] = compareValues(op, x[i * x_step], y[i * y_step]);
    return result;
}

/// The constant as T, if T holds it exactly.
template <typename T>
std::optional<T> exactly(const Column & constant)
{
    return visitNumbers(constant, []<typename From>(const ColumnVector<From> & numbers) -> std::optional<T>
    {
        From x = numbers.data()[0];
        if constexpr (std::is_same_v<From, T>)
            return x;
        T y = convertNumber<T>(x);
        bool same = static_cast<long double>(y) == static_cast<long double>(x);
        return same ? std::optional<T>(y) : std::nullopt;
    });
}

/// The narrowest element kind that holds all values of both, if there is one.
std::optional<ColumnKind> commonKind(ColumnKind a, ColumnKind b)
{
    if (a == b)
        return a;
    auto isUnsigned = [](ColumnKind kind) { return kind <= ColumnKind::UInt128; };
    auto isSigned = [](ColumnKind kind) { return kind >= ColumnKind::Int8 && kind <= ColumnKind::Int64; };
    if ((isUnsigned(a) && isUnsigned(b)) || (isSigned(a) && isSigned(b)))
        return std::max(a, b);
    auto fitsInt64 = [&](ColumnKind kind) { return isSigned(kind) || kind <= ColumnKind::UInt32; };
    if (fitsInt64(a) && fitsInt64(b))
        return ColumnKind::Int64;
    auto fitsDouble = [&](ColumnKind kind)
    { return kind <= ColumnKind::UInt32 || (isSigned(kind) && kind <= ColumnKind::Int32)
        || kind >= ColumnKind::Float32; };
    if (fitsDouble(a) && fitsDouble(b))
        return ColumnKind::Float64;
    return std::nullopt;
}

}

ColumnPtr compareNumbers(Comparison op, const Column & a, const Column & b, size_t rows)
{
    if (isConst(a) && !isConst(b))
        return compareNumbers(swapped(op), b, a, rows);
    if (isConst(b) && !isConst(a))
    {
        return visitNumbers(a, [&]<typename T>(const ColumnVector<T> & numbers) -> ColumnPtr
        {
            if (std::optional<T> constant = exactly<T>(static_cast<const ColumnConst &>(b).value()))
                return compareWithConstant<T>(op, numbers.data().data(), *constant, rows);
            return compareExact(op, a, b, rows);
        });
    }
    std::optional<ColumnKind> kind = commonKind(fullOf(a).kind(), fullOf(b).kind());
    if (!kind || isConst(a))
        return compareExact(op, a, b, rows);
    return visitNumberKind(*kind, [&]<typename T>(std::type_identity<T>)
    {
        NumberArgument<T> x(a);
        NumberArgument<T> y(b);
        return compareSameType<T>(op, x.data(), y.data(), rows);
    });
}

namespace
{

std::string_view withoutZeros(std::string_view text)
{
    size_t last = text.find_last_not_of('\0');
    return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

/// FixedString(N) against a constant: padded to N once, then N bytes a row.
ColumnPtr equalsFixed(bool negate, const ColumnFixedString & column, std::string_view constant, size_t rows)
{
    auto result = ColumnUInt8::create(rows);
    uint8_t * out = result->data().data();
    const size_t length = column.length();
    constant = withoutZeros(constant);
    if (constant.size() > length)
    {
        std::fill_n(out, rows, negate);
        return result;
    }
    std::string padded(constant);
    padded.resize(length);
    const char * chars = column.chars().data();
    if (length == 16)
    {
        uint64_t high, low;
        std::memcpy(&low, padded.data(), 8);
        std::memcpy(&high, padded.data() + 8, 8);
        for (size_t i = 0; i < rows; ++i)
        {
            uint64_t x, y;
            std::memcpy(&x, chars + i * 16, 8);
            std::memcpy(&y, chars + i * 16 + 8, 8);
            out[i] = (((x ^ low) | (y ^ high)) == 0) != negate;
        }
        return result;
    }
    for (size_t i = 0; i < rows; ++i)
        out[i] = (std::memcmp(chars + i * length, padded.data(), length) == 0) != negate;
    return result;
}

}

ColumnPtr compareStrings(Comparison op, const Column & a, const Column & b, size_t rows)
{
    const bool equality = op == Comparison::Equals || op == Comparison::NotEquals;
    if (equality && isConst(a) && !isConst(b))
        return compareStrings(op, b, a, rows);
    const bool negate = op == Comparison::NotEquals;
    if (equality && isConst(b) && a.kind() == ColumnKind::FixedString)
        return equalsFixed(negate, static_cast<const ColumnFixedString &>(a), b.stringAt(0), rows);

    StringArgument x(a);
    StringArgument y(b);
    auto result = ColumnUInt8::create(rows);
    uint8_t * out = result->data().data();
    if (equality && a.kind() == ColumnKind::String && (isConst(b) || b.kind() == ColumnKind::String)
        && fullOf(b).kind() == ColumnKind::String)
    {
        for (size_t i = 0; i < rows; ++i)
            out[i] = (x[i] == y[i]) != negate;
        return result;
    }
    const bool padded = fullOf(a).kind() == ColumnKind::FixedString || fullOf(b).kind() == ColumnKind::FixedString;
    for (size_t i = 0; i < rows; ++i)
    {
        int order = padded ? withoutZeros(x[i]).compare(withoutZeros(y[i])) : x[i].compare(y[i]);
        out[i] = compareValues(op, order, 0);
    }
    return result;
}

}
