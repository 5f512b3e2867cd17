#pragma once
// Outgoing bytes: collected in memory; a sink, if given, takes them each time the buffer passes its limit and at
// flush(). Not thread-safe. The sink may throw (client gone): the writer must then stop.

#include "base/Types.h"

#include <cstring>
#include <functional>
#include <string>
#include <string_view>

namespace mangrove
{

class WriteBuffer
{
public:
    using Sink = std::function<void(std::string_view)>;

    WriteBuffer() = default;
    explicit WriteBuffer(Sink sink, size_t buffer_bytes = 1 << 16) : sink_(std::move(sink)), buffer_bytes_(buffer_bytes) { }
    WriteBuffer(const WriteBuffer &) = delete;

    void write(std::string_view bytes)
    {
        buffer_.append(bytes);
        if (sink_ && buffer_.size() >= buffer_bytes_) [[unlikely]]
            flush();
    }
    void write(const void * bytes, size_t count) { write(std::string_view(static_cast<const char *>(bytes), count)); }
    void writeByte(char c) { write(std::string_view(&c, 1)); }
    template <typename T>
    void writePod(const T & value)
    {
        write(&value, sizeof(T));
    }
    void writeVarUInt(uint64_t value)
    {
        while (value >= 0x80)
        {
            writeByte(static_cast<char>(value | 0x80));
            value >>= 7;
        }
        writeByte(static_cast<char>(value));
    }
    void writeString(std::string_view value)
    {
        writeVarUInt(value.size());
        write(value);
    }
    void flush()
    {
        if (sink_ && !buffer_.empty())
        {
            count_ += buffer_.size();
            sink_(buffer_);
            buffer_.clear();
        }
    }
    uint64_t count() const { return count_ + buffer_.size(); }
    /// What is buffered: everything, if there is no sink.
    const std::string & str() const { return buffer_; }
    std::string & str() { return buffer_; }
    std::string take() { return std::move(buffer_); }

private:
    Sink sink_;
    size_t buffer_bytes_ = 0;
    std::string buffer_;
    uint64_t count_ = 0;
};

}
