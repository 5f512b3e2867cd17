#include "parts/LeafWriters.h"

#include "columns/ColumnFixedString.h"
#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnVector.h"
#include "parts/NumberKinds.h"
#include "types/DataTypes.h"

#include <algorithm>

namespace mangrove
{

NumberWriter::NumberWriter(size_t width, bool flip_sign, const CompressionChoice & compression, bool swap_halves)
    : width_(width), flip_sign_(flip_sign), swap_halves_(swap_halves), codec_(compression.forced.text()), encoder_(compression)
{
}

template <typename T>
void NumberWriter::writeValues(std::span<const T> values)
{
    std::string page;
    if (flip_sign_)
    {
        PodVector<T> flipped(values.begin(), values.end());
        for (T & value : flipped)
            value = static_cast<T>(value ^ (T(1) << (sizeof(T) * 8 - 1)));
        encoder_.encode(std::span<const T>(flipped), page);
    }
    else
        encoder_.encode(values, page);
    stream_.add(page, values.size());
}

template void NumberWriter::writeValues(std::span<const uint8_t>);
template void NumberWriter::writeValues(std::span<const uint16_t>);
template void NumberWriter::writeValues(std::span<const uint32_t>);
template void NumberWriter::writeValues(std::span<const uint64_t>);

void NumberWriter::writePage(const ColumnPtr & column, size_t begin, size_t end)
{
    ColumnPtr full = column->materialize();
    withNumberArray(*full, [&]<typename T>(const PodVector<T> & values)
    {
        CHECK(sizeof(T) == width_, "column {} where values of {} bytes are stored", full->name(), width_);
        using Bits = UnsignedOfWidth<sizeof(T)>;
        auto bits = reinterpret_cast<const Bits *>(values.data());
        if constexpr (std::is_same_v<T, UInt128>)
            if (swap_halves_)
            {
                PodVector<UInt128> swapped(bits + begin, bits + end);
                std::transform(swapped.begin(), swapped.end(), swapped.begin(), swapUuidHalves);
                return writeValues(std::span<const UInt128>(swapped));
            }
        writeValues(std::span<const Bits>(bits + begin, end - begin));
    });
}

void NumberWriter::writeHeader(WriteBuffer & out) const
{
    out.writeByte(static_cast<char>(NodeKind::Number));
    out.writeByte(static_cast<char>(width_));
    out.writeByte(flip_sign_ ? 1 : 0);
    out.writeString(codec_);
    stream_.location().write(out);
}

BytesWriter::BytesWriter(size_t fixed_length, const CompressionChoice & compression, bool searchable)
    : fixed_length_(fixed_length), encoder_(compression, searchable)
{
}

void BytesWriter::writePage(const ColumnPtr & column, size_t begin, size_t end)
{
    ColumnPtr full = column->materialize();
    std::string page;
    if (auto * strings = tryColumnAs<ColumnString>(*full))
    {
        CHECK(fixed_length_ == 0, "column {} where a FixedString is stored", full->name());
        encoder_.encode(strings->chars().data(), strings->offsets().data(), begin, end, page);
    }
    else
    {
        const auto & fixed = columnAs<ColumnFixedString>(*full);
        CHECK(
            fixed.length() == fixed_length_, "column {} where FixedString({}) is stored", full->name(), fixed_length_);
        Offsets ends(end);
        for (size_t row = 0; row < end; ++row)
            ends[row] = (row + 1) * fixed_length_;
        encoder_.encode(fixed.chars().data(), ends.data(), begin, end, page);
    }
    stream_.add(page, end - begin);
}

void BytesWriter::writeHeader(WriteBuffer & out) const
{
    out.writeByte(static_cast<char>(NodeKind::Bytes));
    out.writeVarUInt(fixed_length_);
    stream_.location().write(out);
}

}
