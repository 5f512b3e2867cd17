#include "functions/Numbers.h"

#include <algorithm>

namespace mangrove
{

template <typename T>
NumberArgument<T>::NumberArgument(const Column & column)
{
    const Column * full = &column;
    if (column.kind() == ColumnKind::Const)
    {
        is_const_ = true;
        full = &static_cast<const ColumnConst &>(column).value();
    }
    visitNumbers(*full, [&]<typename From>(const ColumnVector<From> & from)
    {
        if constexpr (std::is_same_v<From, T>)
            data_ = from.data().data();
        else
        {
            const size_t rows = from.size();
            converted_.resize(rows);
            for (size_t i = 0; i < rows; ++i)
                converted_[i] = convertNumber<T>(from.data()[i]);
            data_ = converted_.data();
        }
    });
}

template class NumberArgument<uint8_t>;
template class NumberArgument<uint16_t>;
template class NumberArgument<uint32_t>;
template class NumberArgument<uint64_t>;
template class NumberArgument<UInt128>;
template class NumberArgument<int8_t>;
template class NumberArgument<int16_t>;
template class NumberArgument<int32_t>;
template class NumberArgument<int64_t>;
template class NumberArgument<float>;
template class NumberArgument<double>;

MutableColumnPtr convertNumbers(const Column & column, ColumnKind to)
{
    return visitNumberKind(to, [&]<typename T>(std::type_identity<T>) -> MutableColumnPtr
    {
        NumberArgument<T> from(column);
        auto result = ColumnVector<T>::create(column.size());
        std::copy_n(from.data(), column.size(), result->data().data());
        return result;
    });
}

}
