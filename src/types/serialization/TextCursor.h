#pragma once
// Walks over one window of a buffer that holds the whole text of a date or time (64 bytes at most). The buffer itself
// is only advanced by the caller, by consumed(), once the text was understood. Behind the end stand zero bytes.

#include "io/ReadBuffer.h"

#include <algorithm>
#include <string_view>

namespace mangrove
{

class TextCursor
{
public:
    explicit TextCursor(ReadBuffer & in)
    {
        size_t available = in.lookAhead(64);
        begin_ = p_ = in.position();
        end_ = begin_ + std::min<size_t>(available, 64);
    }

    bool atEnd() const { return p_ == end_; }
    char peek(size_t offset = 0) const { return static_cast<size_t>(end_ - p_) > offset ? p_[offset] : '\0'; }
    bool digit(size_t offset = 0) const { return static_cast<unsigned char>(peek(offset) - '0') <= 9; }
    size_t digitCount(size_t offset = 0) const
    {
        size_t count = 0;
        while (digit(offset + count))
            ++count;
        return count;
    }
    /// The next `count` characters, known to be digits.
    uint64_t number(size_t count)
    {
        uint64_t value = 0;
        for (size_t i = 0; i < count; ++i)
            value = value * 10 + static_cast<uint64_t>(*p_++ - '0');
        return value;
    }
    bool consume(char c)
    {
        if (peek() != c || atEnd())
            return false;
        ++p_;
        return true;
    }
    void skip(size_t count) { p_ += count; }
    size_t consumed() const { return p_ - begin_; }
    std::string_view text() const { return {begin_, static_cast<size_t>(end_ - begin_)}; }

private:
    const char * begin_;
    const char * p_;
    const char * end_;
};

}
