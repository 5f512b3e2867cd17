#pragma once
// Numbers as text, byte for byte as ClickHouse prints and reads them. Used by the serializations and by casts.
// Integers wrap on overflow, as in ClickHouse: '256' is UInt8 0. Readers take the longest prefix that is a number;
// what may follow it is the caller's business.

#include "base/Types.h"
#include "io/ReadBuffer.h"
#include "io/WriteBuffer.h"

#include <charconv>
#include <type_traits>

namespace mangrove
{

template <typename T>
constexpr bool is_signed_number = std::is_signed_v<T> || std::is_same_v<T, Int128>;

/// Decimal digits of a 128-bit value to `end` backwards; returns their begin.
char * formatUInt128(UInt128 value, char * end);

template <typename T>
void writeIntText(T value, WriteBuffer & out)
{
    char text[40];
    if constexpr (sizeof(T) == 16)
    {
        char * begin = formatUInt128(static_cast<UInt128>(value), text + sizeof(text));
        out.write(std::string_view(begin, text + sizeof(text) - begin));
    }
    else
    {
        auto * end = std::to_chars(text, text + sizeof(text), value).ptr;
        out.write(std::string_view(text, end - text));
    }
}

/// Shortest digits that read back; exponents below -6 and from 21 on; nan, inf, -inf.
void writeFloatText(double value, WriteBuffer & out);
void writeFloatText(float value, WriteBuffer & out);

/// False and nothing consumed if no digit stands here. A sign is accepted where the type has one ('+' always).
template <typename T>
bool readIntText(T & value, ReadBuffer & in)
{
    using Unsigned = std::conditional_t<sizeof(T) == 16, UInt128, uint64_t>;
    in.lookAhead(2);
    bool negative = false;
    if (in.available() >= 2 && static_cast<unsigned char>(in.position()[1] - '0') <= 9)
    {
        char sign = *in.position();
        if (sign == '+' || (sign == '-' && is_signed_number<T>))
        {
            negative = sign == '-';
            in.advance(1);
        }
    }
    Unsigned result = 0;
    bool any = false;
    do
    {
        const char * p = in.position();
        const char * end = in.end();
        while (p != end && static_cast<unsigned char>(*p - '0') <= 9)
            result = result * 10 + static_cast<unsigned char>(*p++ - '0');
        any |= p != in.position();
        bool stop = p != end;
        in.advance(p - in.position());
        if (stop)
            break;
    } while (!in.eof());
    value = static_cast<T>(negative ? Unsigned(0) - result : result);
    return any;
}

/// CANNOT_PARSE_NUMBER (72) if no number stands here.
double readFloatText(ReadBuffer & in);

}
