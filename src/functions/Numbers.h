#pragma once
// Numeric columns without a switch at every use: visitNumbers() finds the element type of a ColumnVector once,
// NumberArgument<T> reads any numeric argument (constant or not) as T. Conversions follow ClickHouse's static_cast:
// integers wrap, floats are truncated; values outside the range of Int64/UInt64 give the x86 "indefinite" value.

#include "columns/ColumnConst.h"
#include "columns/ColumnVector.h"

#include <bit>
#include <cmath>

namespace mangrove
{

template <typename T>
constexpr ColumnKind kindOf();
template <> constexpr ColumnKind kindOf<uint8_t>() { return ColumnKind::UInt8; }
template <> constexpr ColumnKind kindOf<uint16_t>() { return ColumnKind::UInt16; }
template <> constexpr ColumnKind kindOf<uint32_t>() { return ColumnKind::UInt32; }
template <> constexpr ColumnKind kindOf<uint64_t>() { return ColumnKind::UInt64; }
template <> constexpr ColumnKind kindOf<UInt128>() { return ColumnKind::UInt128; }
template <> constexpr ColumnKind kindOf<int8_t>() { return ColumnKind::Int8; }
template <> constexpr ColumnKind kindOf<int16_t>() { return ColumnKind::Int16; }
template <> constexpr ColumnKind kindOf<int32_t>() { return ColumnKind::Int32; }
template <> constexpr ColumnKind kindOf<int64_t>() { return ColumnKind::Int64; }
template <> constexpr ColumnKind kindOf<float>() { return ColumnKind::Float32; }
template <> constexpr ColumnKind kindOf<double>() { return ColumnKind::Float64; }

inline bool isNumberKind(ColumnKind kind)
{
    return kind <= ColumnKind::Float64;
}

/// f(std::type_identity<T>{}) for the element type of a numeric column kind.
template <typename F>
decltype(auto) visitNumberKind(ColumnKind kind, F && f)
{
    switch (kind)
    {
        case ColumnKind::UInt8: return f(std::type_identity<uint8_t>{});
        case ColumnKind::UInt16: return f(std::type_identity<uint16_t>{});
        case ColumnKind::UInt32: return f(std::type_identity<uint32_t>{});
        case ColumnKind::UInt64: return f(std::type_identity<uint64_t>{});
        case ColumnKind::UInt128: return f(std::type_identity<UInt128>{});
        case ColumnKind::Int8: return f(std::type_identity<int8_t>{});
        case ColumnKind::Int16: return f(std::type_identity<int16_t>{});
        case ColumnKind::Int32: return f(std::type_identity<int32_t>{});
        case ColumnKind::Int64: return f(std::type_identity<int64_t>{});
        case ColumnKind::Float32: return f(std::type_identity<float>{});
        case ColumnKind::Float64: return f(std::type_identity<double>{});
        default: throw Exception(ErrorCode::ILLEGAL_COLUMN, "Expected a column of numbers");
    }
}

template <typename F>
decltype(auto) visitNumbers(const Column & column, F && f)
{
    return visitNumberKind(column.kind(), [&]<typename T>(std::type_identity<T>) -> decltype(auto)
        { return f(static_cast<const ColumnVector<T> &>(column)); });
}

/// The data of a ColumnVector<T>; wrong kinds are a broken invariant.
template <typename T>
const PodVector<T> & numbersOf(const Column & column)
{
    CHECK(column.kind() == kindOf<T>(), "column is {}", column.name());
    return static_cast<const ColumnVector<T> &>(column).data();
}

template <typename To, typename From>
To convertNumber(From x)
{
    if constexpr (std::is_floating_point_v<From> && !std::is_floating_point_v<To>)
    {
        constexpr double two_63 = 9223372036854775808.0;
        if (x >= -two_63 && x < two_63)
            return static_cast<To>(static_cast<int64_t>(x));
        if constexpr (sizeof(To) == 16)
            return x >= 0 && x < 3.4028236692093846e38 ? static_cast<To>(x) : To{};
        if (x >= two_63 && x < 2 * two_63)
            return static_cast<To>(static_cast<uint64_t>(x));
        return static_cast<To>(1ULL << 63);
    }
    else
        return static_cast<To>(x);
}

/// A numeric argument read as T: points into the column if it holds T, otherwise into a converted copy.
template <typename T>
class NumberArgument
{
public:
    explicit NumberArgument(const Column & column);
    NumberArgument(const NumberArgument &) = delete;

    bool isConst() const { return is_const_; }
    T value() const { return data_[0]; } /// of a constant
    const T * data() const { return data_; }
    T operator[](size_t row) const { return data_[is_const_ ? 0 : row]; }

private:
    PodVector<T> converted_;
    const T * data_ = nullptr;
    bool is_const_ = false;
};

extern template class NumberArgument<uint8_t>;
extern template class NumberArgument<uint16_t>;
extern template class NumberArgument<uint32_t>;
extern template class NumberArgument<uint64_t>;
extern template class NumberArgument<UInt128>;
extern template class NumberArgument<int8_t>;
extern template class NumberArgument<int16_t>;
extern template class NumberArgument<int32_t>;
extern template class NumberArgument<int64_t>;
extern template class NumberArgument<float>;
extern template class NumberArgument<double>;

/// A full column of kind `to` with the same numbers converted; `column` is a ColumnVector.
MutableColumnPtr convertNumbers(const Column & column, ColumnKind to);

}
