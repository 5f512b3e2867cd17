#pragma once
// Appends to string columns where inserts spend their time: one memcpy, no per-byte construction as in
// std::vector::insert with an allocator of our own.

#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnString.h"
#include "io/ReadBuffer.h"

namespace mangrove
{

inline void appendString(ColumnString & column, std::string_view value)
{
    auto & chars = column.chars();
    size_t size = chars.size();
    chars.resize(size + value.size());
    if (!value.empty())
        std::memcpy(chars.data() + size, value.data(), value.size());
    column.offsets().push_back(size + value.size());
}

inline void appendString(ColumnLowCardinality & column, std::string_view value)
{
    column.appendRecurring(value);
}

/// A length of one byte and the string, if all of it stands in the window; otherwise nothing happens.
template <typename StringColumn>
bool tryAppendShortString(StringColumn & column, ReadBuffer & in)
{
    size_t available = in.available();
    size_t length = available ? static_cast<unsigned char>(*in.position()) : 0x80;
    if (length >= 0x80 || available <= length) [[unlikely]]
        return false;
    appendString(column, {in.position() + 1, length});
    in.advance(length + 1);
    return true;
}

}
