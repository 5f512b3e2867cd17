#pragma once
// From a column's kind to its C++ type: calls a template with the typed array of a ColumnVector. For parts' .cpp files.

#include "columns/ColumnVector.h"

namespace mangrove
{

template <size_t width>
using UnsignedOfWidth = std::conditional_t<width == 1, uint8_t,
    std::conditional_t<width == 2, uint16_t,
        std::conditional_t<width == 4, uint32_t, std::conditional_t<width == 8, uint64_t, UInt128>>>>;

inline bool isNumberKind(ColumnKind kind)
{
    return kind <= ColumnKind::Float64;
}

/// C is Column or const Column. ILLEGAL_COLUMN (44) if it is no ColumnVector.
template <typename C, typename Callback>
decltype(auto) withNumberArray(C & column, Callback && callback)
{
    auto call = [&]<typename T>(T *) -> decltype(auto)
    {
        using Vector = std::conditional_t<std::is_const_v<C>, const ColumnVector<T>, ColumnVector<T>>;
        return callback(static_cast<Vector &>(column).data());
    };
    switch (column.kind())
    {
        case ColumnKind::UInt8: return call(static_cast<uint8_t *>(nullptr));
        case ColumnKind::UInt16: return call(static_cast<uint16_t *>(nullptr));
        case ColumnKind::UInt32: return call(static_cast<uint32_t *>(nullptr));
        case ColumnKind::UInt64: return call(static_cast<uint64_t *>(nullptr));
        case ColumnKind::UInt128: return call(static_cast<UInt128 *>(nullptr));
        case ColumnKind::Int8: return call(static_cast<int8_t *>(nullptr));
        case ColumnKind::Int16: return call(static_cast<int16_t *>(nullptr));
        case ColumnKind::Int32: return call(static_cast<int32_t *>(nullptr));
        case ColumnKind::Int64: return call(static_cast<int64_t *>(nullptr));
        case ColumnKind::Float32: return call(static_cast<float *>(nullptr));
        case ColumnKind::Float64: return call(static_cast<double *>(nullptr));
        default: throw Exception(ErrorCode::ILLEGAL_COLUMN, "Column {} where a numeric one is needed", column.name());
    }
}

}
