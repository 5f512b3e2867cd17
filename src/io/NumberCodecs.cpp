#include "io/NumberCodecs.h"

#include "base/Exception.h"
#include "io/ReadBuffer.h"
#include "io/WriteBuffer.h"

#include <bit>
#include <cstring>

namespace mangrove
{

namespace
{

template <typename T>
T load(const char * from)
{
    T value;
    std::memcpy(&value, from, sizeof(T));
    return value;
}

template <typename Callback>
std::string forWidth(size_t value_bytes, Callback && callback)
{
    switch (value_bytes)
    {
        case 1: return callback(uint8_t{});
        case 2: return callback(uint16_t{});
        case 4: return callback(uint32_t{});
        case 8: return callback(uint64_t{});
        default: throw Exception(ErrorCode::ILLEGAL_CODEC_PARAMETER, "Values of {} bytes", value_bytes);
    }
}

size_t checkedSize(ReadBuffer & in, size_t bytes_max)
{
    uint64_t size = in.readVarUInt();
    if (size > bytes_max)
        throw Exception(
            ErrorCode::TOO_LARGE_SIZE_COMPRESSED, "Decompressed size {} is above the limit {}", size, bytes_max);
    return size;
}

/// The signed distance in the width of T, as a small number when small in either direction.
template <typename T>
T zigzag(T x)
{
    using S = std::make_signed_t<T>;
    return static_cast<T>(static_cast<T>(x << 1) ^ static_cast<T>(static_cast<S>(x) >> (sizeof(T) * 8 - 1)));
}
template <typename T>
T unzigzag(T x)
{
    return static_cast<T>(static_cast<T>(x >> 1) ^ static_cast<T>(0 - (x & 1)));
}

constexpr size_t t64_rows = 64;

}

std::string encodeDelta(std::string_view bytes, size_t value_bytes)
{
    return forWidth(value_bytes, [&]<typename T>(T)
    {
        std::string out(bytes);
        T previous = 0;
        for (size_t at = 0; at + sizeof(T) <= bytes.size(); at += sizeof(T))
        {
            T value = load<T>(bytes.data() + at);
            T difference = static_cast<T>(value - previous);
            std::memcpy(out.data() + at, &difference, sizeof(T));
            previous = value;
        }
        return out;
    });
}

std::string decodeDelta(std::string_view bytes, size_t value_bytes)
{
    return forWidth(value_bytes, [&]<typename T>(T)
    {
        std::string out(bytes);
        T value = 0;
        for (size_t at = 0; at + sizeof(T) <= bytes.size(); at += sizeof(T))
        {
            value = static_cast<T>(value + load<T>(bytes.data() + at));
            std::memcpy(out.data() + at, &value, sizeof(T));
        }
        return out;
    });
}

std::string encodeDoubleDelta(std::string_view bytes, size_t value_bytes)
{
    return forWidth(value_bytes, [&]<typename T>(T)
    {
        WriteBuffer out;
        out.writeVarUInt(bytes.size());
        T previous = 0;
        T previous_delta = 0;
        size_t at = 0;
        for (; at + sizeof(T) <= bytes.size(); at += sizeof(T))
        {
            T value = load<T>(bytes.data() + at);
            T delta = static_cast<T>(value - previous);
            out.writeVarUInt(zigzag(static_cast<T>(delta - previous_delta)));
            previous = value;
            previous_delta = delta;
        }
        out.write(bytes.substr(at));
        return out.take();
    });
}

std::string decodeDoubleDelta(std::string_view bytes, size_t value_bytes, size_t bytes_max)
{
    return forWidth(value_bytes, [&]<typename T>(T)
    {
        ReadBuffer in(bytes);
        std::string out(checkedSize(in, bytes_max), '\0');
        T value = 0;
        T delta = 0;
        size_t at = 0;
        for (; at + sizeof(T) <= out.size(); at += sizeof(T))
        {
            delta = static_cast<T>(delta + unzigzag(static_cast<T>(in.readVarUInt())));
            value = static_cast<T>(value + delta);
            std::memcpy(out.data() + at, &value, sizeof(T));
        }
        in.readExactly(out.data() + at, out.size() - at);
        return out;
    });
}

std::string encodeT64(std::string_view bytes, size_t value_bytes)
{
    return forWidth(value_bytes, [&]<typename T>(T)
    {
        WriteBuffer out;
        out.writeVarUInt(bytes.size());
        size_t count = bytes.size() / sizeof(T);
        for (size_t begin = 0; begin < count; begin += t64_rows)
        {
            size_t rows = std::min(t64_rows, count - begin);
            T values[t64_rows];
            std::memcpy(values, bytes.data() + begin * sizeof(T), rows * sizeof(T));
            T least = values[0];
            T greatest = values[0];
            for (size_t i = 1; i < rows; ++i)
            {
                least = std::min(least, values[i]);
                greatest = std::max(greatest, values[i]);
            }
            unsigned bits = std::bit_width(static_cast<T>(greatest - least));
            out.writePod(least);
            out.writeByte(static_cast<char>(bits));
            for (unsigned bit = 0; bit < bits; ++bit)
            {
                uint64_t word = 0;
                for (size_t i = 0; i < rows; ++i)
                    word |= static_cast<uint64_t>((static_cast<T>(values[i] - least) >> bit) & 1) << i;
                out.writePod(word);
            }
        }
        out.write(bytes.substr(count * sizeof(T)));
        return out.take();
    });
}

std::string decodeT64(std::string_view bytes, size_t value_bytes, size_t bytes_max)
{
    return forWidth(value_bytes, [&]<typename T>(T)
    {
        ReadBuffer in(bytes);
        std::string out(checkedSize(in, bytes_max), '\0');
        size_t count = out.size() / sizeof(T);
        for (size_t begin = 0; begin < count; begin += t64_rows)
        {
            size_t rows = std::min(t64_rows, count - begin);
            T least = in.readPod<T>();
            unsigned bits = in.readPod<uint8_t>();
            if (bits > sizeof(T) * 8)
                throw Exception(
                    ErrorCode::CANNOT_DECOMPRESS, "T64 block of {} bits in values of {}", bits, sizeof(T) * 8);
            T values[t64_rows] = {};
            for (unsigned bit = 0; bit < bits; ++bit)
            {
                uint64_t word = in.readPod<uint64_t>();
                for (size_t i = 0; i < rows; ++i)
                    values[i] = static_cast<T>(values[i] | static_cast<T>(((word >> i) & 1) << bit));
            }
            for (size_t i = 0; i < rows; ++i)
                values[i] = static_cast<T>(values[i] + least);
            std::memcpy(out.data() + begin * sizeof(T), values, rows * sizeof(T));
        }
        size_t tail = out.size() - count * sizeof(T);
        in.readExactly(out.data() + count * sizeof(T), tail);
        return out;
    });
}

}
