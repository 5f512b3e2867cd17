#include "io/CompressedFrames.h"

#include "io/CityHash.h"
#include "io/Codecs.h"

#include <algorithm>

namespace mangrove
{

namespace
{

constexpr uint8_t method_none = 0x02, method_lz4 = 0x82, method_zstd = 0x90;
constexpr size_t header_bytes = 9, frame_bytes_max = 256 << 20, written_frame_bytes = 1 << 20, read_step_bytes = 1 << 20;

template <typename T>
void append(std::string & out, T value)
{
    out.append(reinterpret_cast<const char *>(&value), sizeof(T));
}

class FrameCompressor final : public Compressor
{
public:
    explicit FrameCompressor(std::function<void(std::string_view)> sink) : sink_(std::move(sink)) { }

    void write(std::string_view bytes) override
    {
        for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), written_frame_bytes)))
            writeFrame(bytes.substr(0, written_frame_bytes));
    }
    void finish() override { }

private:
    void writeFrame(std::string_view bytes)
    {
        compressed_.clear();
        compressLz4(bytes, compressed_);
        std::string body;
        append(body, method_lz4);
        append(body, static_cast<uint32_t>(header_bytes + compressed_.size()));
        append(body, static_cast<uint32_t>(bytes.size()));
        body += compressed_;
        auto [low, high] = cityHash128(body);
        std::string checksum;
        append(checksum, low);
        append(checksum, high);
        sink_(checksum + body);
    }

    std::function<void(std::string_view)> sink_;
    std::string compressed_;
};

class FrameReader final : public ReadBuffer
{
public:
    FrameReader(ReadBuffer & in, DecompressionLimits limits) : in_(in), limits_(limits) { }

private:
    bool refill() override
    {
        do
        {
            if (in_.eof())
                return false;
            readFrame();
        } while (raw_.empty());
        setWindow(raw_.data(), raw_.data() + raw_.size());
        return true;
    }

    void readFrame()
    {
        const auto low = in_.readPod<uint64_t>(), high = in_.readPod<uint64_t>();
        frame_.resize(header_bytes);
        in_.readExactly(frame_.data(), header_bytes);
        const auto method = static_cast<uint8_t>(frame_[0]);
        uint32_t size, raw_size;
        std::memcpy(&size, frame_.data() + 1, 4);
        std::memcpy(&raw_size, frame_.data() + 5, 4);
        if (size > frame_bytes_max || raw_size > frame_bytes_max)
            throw Exception(ErrorCode::TOO_LARGE_SIZE_COMPRESSED, "A compressed frame of {} bytes ({} raw) exceeds {}: the body is not "
                "compressed as decompress=1 says, or is damaged", size, raw_size, frame_bytes_max);
        if (size < header_bytes)
            throw Exception(ErrorCode::CANNOT_DECOMPRESS, "A compressed frame says that it has {} bytes", size);
        bytes_in_ += size;
        bytes_out_ += raw_size;
        limits_.check(bytes_in_, bytes_out_);
        // Grows with what really arrives: a lying size must not allocate.
        for (size_t have = header_bytes; have < size; have = frame_.size())
        {
            const auto step = std::min(size - have, read_step_bytes);
            frame_.resize(have + step);
            in_.readExactly(frame_.data() + have, step);
        }
        if (cityHash128(frame_) != std::pair(low, high))
            throw Exception(ErrorCode::CHECKSUM_DOESNT_MATCH, "Checksum doesn't match: corrupted data in a compressed frame of {} bytes", size);
        const auto payload = std::string_view(frame_).substr(header_bytes);
        raw_.resize(raw_size);
        if (method == method_lz4)
            decompressLz4(payload, raw_.data(), raw_size);
        else if (method == method_zstd)
            decompressZstd(payload, raw_.data(), raw_size);
        else if (method == method_none && payload.size() == raw_size)
            raw_ = payload;
        else
            throw Exception(ErrorCode::UNKNOWN_COMPRESSION_METHOD, "Unknown compression method 0x{:02x} of a frame: use LZ4, ZSTD or none", method);
    }

    ReadBuffer & in_;
    DecompressionLimits limits_;
    std::string frame_, raw_;
    uint64_t bytes_in_ = 0, bytes_out_ = 0;
};

}

std::unique_ptr<Compressor> makeFrameCompressor(std::function<void(std::string_view)> sink)
{
    return std::make_unique<FrameCompressor>(std::move(sink));
}

std::unique_ptr<ReadBuffer> makeFrameDecompressor(ReadBuffer & in, DecompressionLimits limits)
{
    return std::make_unique<FrameReader>(in, limits);
}

}
