#pragma once
// A window over incoming bytes. position()..end() is readable; refill() gets the next window. Memory input is one
// window. Not thread-safe. Reading past the end throws ATTEMPT_TO_READ_AFTER_EOF (32).

#include "base/Exception.h"
#include "base/Types.h"

#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace mangrove
{

class ReadBuffer
{
public:
    explicit ReadBuffer(std::string_view memory) : position_(memory.data()), end_(memory.data() + memory.size()) { }
    virtual ~ReadBuffer() = default;

    const char * position() const { return position_; }
    const char * end() const { return end_; }
    size_t available() const { return end_ - position_; }
    void advance(size_t bytes) { position_ += bytes; } /// bytes <= available()

    /// True at the end of all input; refills an empty window.
    bool eof() { return position_ == end_ && !next(); }
    char peek()
    {
        if (eof()) [[unlikely]]
            throwEof();
        return *position_;
    }
    char readByte()
    {
        char c = peek();
        ++position_;
        return c;
    }
    void readExactly(void * to, size_t bytes);
    void skip(size_t bytes);
    template <typename T>
    T readPod()
    {
        T value;
        if (available() >= sizeof(T)) [[likely]]
        {
            std::memcpy(&value, position_, sizeof(T));
            position_ += sizeof(T);
        }
        else
            readExactly(&value, sizeof(T));
        return value;
    }
    /// LEB128, at most 10 bytes: CORRUPTED_DATA otherwise.
    uint64_t readVarUInt();
    /// VarUInt length, then bytes; TOO_LARGE_STRING_SIZE (131) above the limit.
    std::string readString(size_t bytes_max = 256ULL << 20);
    /// Consumes `c` or throws CANNOT_PARSE_INPUT_ASSERTION_FAILED (27) with what stands there.
    void expect(char c);
    bool tryConsume(char c);
    /// Bytes consumed since the start (for messages).
    uint64_t consumed() const { return consumed_before_ + (position_ - window_begin_); }
    /// Makes `bytes` bytes contiguous, fewer only at the end of the input; returns available(). Copies only where a
    /// window ends, so parsers of short tokens call it freely.
    size_t lookAhead(size_t bytes) { return available() >= bytes ? available() : joinWindows(bytes); }
    /// All remaining input.
    std::string readAll(size_t bytes_max);

protected:
    ReadBuffer() = default;
    /// Sets a new window of at least one byte, or returns false at the end of the input.
    virtual bool refill() { return false; }
    void setWindow(const char * begin, const char * end);

private:
    bool next();
    size_t joinWindows(size_t bytes);
    [[noreturn]] static void throwEof();

    const char * position_ = nullptr;
    const char * end_ = nullptr;
    const char * window_begin_ = position_;
    uint64_t consumed_before_ = 0;
    std::string joined_; /// the window, where joinWindows() made it
};

}
