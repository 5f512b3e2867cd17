#include "io/ReadBuffer.h"

#include <algorithm>

namespace mangrove
{

void ReadBuffer::setWindow(const char * begin, const char * end)
{
    window_begin_ = begin;
    position_ = begin;
    end_ = end;
}

bool ReadBuffer::next()
{
    consumed_before_ += position_ - window_begin_;
    window_begin_ = position_;
    return refill();
}

size_t ReadBuffer::joinWindows(size_t bytes)
{
    while (available() < bytes)
    {
        std::string joined(position_, end_);
        consumed_before_ += position_ - window_begin_;
        bool more = refill();
        if (more)
            joined.append(position_, end_);
        joined_ = std::move(joined);
        setWindow(joined_.data(), joined_.data() + joined_.size());
        if (!more)
            break;
    }
    return available();
}

void ReadBuffer::throwEof()
{
    throw Exception(ErrorCode::ATTEMPT_TO_READ_AFTER_EOF, "Attempt to read after the end of the input");
}

void ReadBuffer::readExactly(void * to, size_t bytes)
{
    auto * out = static_cast<char *>(to);
    while (bytes)
    {
        if (eof()) [[unlikely]]
            throwEof();
        size_t step = std::min(bytes, available());
        std::memcpy(out, position_, step);
        position_ += step;
        out += step;
        bytes -= step;
    }
}

void ReadBuffer::skip(size_t bytes)
{
    while (bytes)
    {
        if (eof()) [[unlikely]]
            throwEof();
        size_t step = std::min(bytes, available());
        position_ += step;
        bytes -= step;
    }
}

uint64_t ReadBuffer::readVarUInt()
{
    uint64_t value = 0;
    for (int shift = 0; shift < 70; shift += 7)
    {
        auto byte = static_cast<uint8_t>(readByte());
        if (shift == 63 && byte > 1)
            break;
        value |= static_cast<uint64_t>(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
    throw Exception(ErrorCode::CORRUPTED_DATA, "A variable-length integer does not fit 64 bits, at byte {}", consumed());
}

std::string ReadBuffer::readString(size_t bytes_max)
{
    uint64_t length = readVarUInt();
    if (length > bytes_max)
        throw Exception(
            ErrorCode::TOO_LARGE_STRING_SIZE, "A string of {} bytes at byte {} exceeds the limit of {}", length, consumed(), bytes_max);
    // Grows with what really arrives: a lying length must not allocate.
    std::string value;
    while (value.size() < length)
    {
        if (eof()) [[unlikely]]
            throwEof();
        size_t step = std::min<size_t>(length - value.size(), available());
        value.append(position_, step);
        position_ += step;
    }
    return value;
}

void ReadBuffer::expect(char c)
{
    if (eof())
        throw Exception(
            ErrorCode::CANNOT_PARSE_INPUT_ASSERTION_FAILED, "Cannot parse input: expected '{}' at the end of the input", c);
    if (*position_ != c)
        throw Exception(
            ErrorCode::CANNOT_PARSE_INPUT_ASSERTION_FAILED,
            "Cannot parse input: expected '{}' before: '{}' at byte {}",
            c,
            std::string_view(position_, std::min<size_t>(available(), 64)),
            consumed());
    ++position_;
}

bool ReadBuffer::tryConsume(char c)
{
    if (eof() || *position_ != c)
        return false;
    ++position_;
    return true;
}

std::string ReadBuffer::readAll(size_t bytes_max)
{
    std::string value;
    while (!eof())
    {
        if (available() > bytes_max - value.size())
            throw Exception(ErrorCode::TOO_LARGE_STRING_SIZE, "The input exceeds the limit of {} bytes", bytes_max);
        value.append(position_, available());
        position_ = end_;
    }
    return value;
}

}
