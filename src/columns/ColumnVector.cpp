#include "columns/ColumnVector.h"

#include "columns/FilterMask.h"

#include <cmath>
#include <cstring>
#include <limits>

namespace mangrove
{

namespace
{

template <typename T>
constexpr ColumnKind kind_of = ColumnKind::UInt8;
template <> constexpr ColumnKind kind_of<uint16_t> = ColumnKind::UInt16;
template <> constexpr ColumnKind kind_of<uint32_t> = ColumnKind::UInt32;
template <> constexpr ColumnKind kind_of<uint64_t> = ColumnKind::UInt64;
template <> constexpr ColumnKind kind_of<UInt128> = ColumnKind::UInt128;
template <> constexpr ColumnKind kind_of<int8_t> = ColumnKind::Int8;
template <> constexpr ColumnKind kind_of<int16_t> = ColumnKind::Int16;
template <> constexpr ColumnKind kind_of<int32_t> = ColumnKind::Int32;
template <> constexpr ColumnKind kind_of<int64_t> = ColumnKind::Int64;
template <> constexpr ColumnKind kind_of<float> = ColumnKind::Float32;
template <> constexpr ColumnKind kind_of<double> = ColumnKind::Float64;

constexpr const char * kind_names[]
    = {"UInt8", "UInt16", "UInt32", "UInt64", "UInt128", "Int8", "Int16", "Int32", "Int64", "Float32", "Float64"};

template <typename T>
uint64_t hashOf(T value)
{
    if constexpr (std::is_same_v<T, UInt128>)
        return combineHash(static_cast<uint64_t>(value >> 64), static_cast<uint64_t>(value));
    else if constexpr (std::is_same_v<T, float>)
        return std::bit_cast<uint32_t>(value);
    else if constexpr (std::is_same_v<T, double>)
        return std::bit_cast<uint64_t>(value);
    else
        return static_cast<uint64_t>(value);
}

/// false where static_cast would be undefined.
template <typename T>
bool canCastDouble(double value)
{
    if constexpr (std::is_floating_point_v<T>)
        return true;
    else
    {
        constexpr int bits = sizeof(T) * 8 - (std::is_signed_v<T> ? 1 : 0);
        double limit = std::ldexp(1.0, bits); /// one above the maximum
        double truncated = std::trunc(value);
        return truncated < limit && truncated >= (std::is_signed_v<T> ? -limit : 0.0);
    }
}

}

template <typename T>
ColumnKind ColumnVector<T>::kind() const
{
    return kind_of<T>;
}

template <typename T>
std::string ColumnVector<T>::name() const
{
    return kind_names[static_cast<size_t>(kind_of<T>)];
}

template <typename T>
Field ColumnVector<T>::get(size_t row) const
{
    if constexpr (std::is_floating_point_v<T>)
        return Field(static_cast<double>(data_[row]));
    else
        return Field(data_[row]);
}

template <typename T>
void ColumnVector<T>::insert(const Field & field)
{
    if (field.is<uint64_t>())
        data_.push_back(static_cast<T>(field.get<uint64_t>()));
    else if (field.is<int64_t>())
        data_.push_back(static_cast<T>(field.get<int64_t>()));
    else if (field.is<UInt128>())
        data_.push_back(static_cast<T>(field.get<UInt128>()));
    else if (field.is<double>() && canCastDouble<T>(field.get<double>()))
        data_.push_back(static_cast<T>(field.get<double>()));
    else
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Cannot insert {} into a column {}", toString(field), name());
}

template <typename T>
void ColumnVector<T>::insertFrom(const Column & source, size_t row)
{
    if (source.kind() != kind()) [[unlikely]]
        return insertRangeUnwrapped(source, row, 1);
    data_.push_back(static_cast<const ColumnVector &>(source).data_[row]);
}

template <typename T>
void ColumnVector<T>::insertRangeFrom(const Column & source, size_t start, size_t count)
{
    if (source.kind() != kind()) [[unlikely]]
        return insertRangeUnwrapped(source, start, count);
    const auto & from = static_cast<const ColumnVector &>(source).data_;
    CHECK(start <= from.size() && count <= from.size() - start, "rows {}+{} of {}", start, count, from.size());
    size_t old_size = data_.size();
    data_.resize(old_size + count);
    std::copy_n(from.data() + start, count, data_.data() + old_size);
}

template <typename T>
ColumnPtr ColumnVector<T>::filter(const Filter & filter, size_t) const
{
    return std::make_shared<ColumnVector>(filterVector(data_, filter));
}

template <typename T>
ColumnPtr ColumnVector<T>::gather(std::span<const uint32_t> rows) const
{
    auto result = create(rows.size());
    T * out = result->data_.data();
    const T * in = data_.data();
    for (size_t i = 0; i < rows.size(); ++i)
        out[i] = in[rows[i]];
    return result;
}

template <typename T>
ColumnPtr ColumnVector<T>::replicate(const Offsets & offsets) const
{
    CHECK(offsets.size() == data_.size(), "{} offsets for {} rows", offsets.size(), data_.size());
    auto result = create(offsets.empty() ? 0 : offsets.back());
    T * out = result->data_.data();
    uint64_t begin = 0;
    for (size_t i = 0; i < offsets.size(); ++i)
    {
        std::fill(out + begin, out + offsets[i], data_[i]);
        begin = offsets[i];
    }
    return result;
}

template <typename T>
int ColumnVector<T>::compareAt(size_t row, size_t other_row, const Column & other, int nan_direction) const
{
    if (other.kind() != kind()) [[unlikely]]
        return compareUnwrapped(row, other_row, other, nan_direction);
    T a = data_[row];
    T b = static_cast<const ColumnVector &>(other).data_[other_row];
    if constexpr (std::is_floating_point_v<T>)
    {
        bool a_nan = std::isnan(a);
        bool b_nan = std::isnan(b);
        if (a_nan || b_nan) [[unlikely]]
            return a_nan == b_nan ? 0 : a_nan ? nan_direction : -nan_direction;
    }
    return a < b ? -1 : a > b;
}

template <typename T>
void ColumnVector<T>::updateHashes(std::span<uint64_t> hashes) const
{
    CHECK(hashes.size() == data_.size(), "{} hashes for {} rows", hashes.size(), data_.size());
    for (size_t i = 0; i < hashes.size(); ++i)
        hashes[i] = combineHash(hashes[i], hashOf(data_[i]));
}

template <typename T>
void ColumnVector<T>::hashValues(std::span<uint64_t> out) const
{
    CHECK(out.size() == data_.size(), "{} hashes for {} rows", out.size(), data_.size());
    for (size_t i = 0; i < out.size(); ++i)
        out[i] = hashOf(data_[i]);
}

template <typename T>
void ColumnVector<T>::serializeKey(size_t row, std::string & out) const
{
    out.append(reinterpret_cast<const char *>(data_.data() + row), sizeof(T));
}

template <typename T>
const char * ColumnVector<T>::deserializeKey(const char * position)
{
    T value;
    std::memcpy(&value, position, sizeof(T));
    data_.push_back(value);
    return position + sizeof(T);
}

template class ColumnVector<uint8_t>;
template class ColumnVector<uint16_t>;
template class ColumnVector<uint32_t>;
template class ColumnVector<uint64_t>;
template class ColumnVector<UInt128>;
template class ColumnVector<int8_t>;
template class ColumnVector<int16_t>;
template class ColumnVector<int32_t>;
template class ColumnVector<int64_t>;
template class ColumnVector<float>;
template class ColumnVector<double>;

}
