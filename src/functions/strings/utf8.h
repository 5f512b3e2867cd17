#pragma once
// Code points of UTF-8 text that may be broken: a stray byte counts as one code point, nothing is read past the end.

#include <string_view>

namespace mangrove
{

/// Bytes of the code point that begins at `position` (< text.size()).
inline size_t utf8Length(std::string_view text, size_t position)
{
    auto lead = static_cast<unsigned char>(text[position]);
    size_t length = lead < 0x80 ? 1 : lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf8 ? 4 : 1;
    return length <= text.size() - position ? length : text.size() - position;
}

/// As ClickHouse counts: bytes that do not continue a code point.
inline size_t utf8CodePoints(std::string_view text)
{
    size_t count = 0;
    for (char c : text)
        count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    return count;
}

/// The byte offset of code point `index`, or the size if there are fewer.
inline size_t utf8Offset(std::string_view text, size_t index)
{
    size_t position = 0;
    while (index > 0 && position < text.size())
    {
        position += utf8Length(text, position);
        --index;
    }
    return position;
}

}
