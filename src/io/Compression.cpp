#include "io/Compression.h"

#include "io/CompressedFrames.h"

#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include <vector>

namespace mangrove
{

namespace
{

constexpr size_t window_bytes = 1 << 17;

[[noreturn]] void fail(std::string_view what)
{
    throw Exception(ErrorCode::CANNOT_DECOMPRESS, "Cannot decompress the body: {}", what);
}

class ZlibCompressor final : public Compressor
{
public:
    ZlibCompressor(bool gzip, std::function<void(std::string_view)> sink) : sink_(std::move(sink)), buffer_(window_bytes)
    {
        int result = deflateInit2(&stream_, 3, Z_DEFLATED, 15 + (gzip ? 16 : 0), 8, Z_DEFAULT_STRATEGY);
        CHECK(result == Z_OK);
    }
    ~ZlibCompressor() override { deflateEnd(&stream_); }
    void write(std::string_view bytes) override { run(bytes, Z_NO_FLUSH); }
    void finish() override { run({}, Z_FINISH); }

private:
    void run(std::string_view bytes, int flush)
    {
        stream_.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
        stream_.avail_in = static_cast<uInt>(bytes.size());
        do
        {
            stream_.next_out = reinterpret_cast<Bytef *>(buffer_.data());
            stream_.avail_out = static_cast<uInt>(buffer_.size());
            int result = deflate(&stream_, flush);
            CHECK(result != Z_STREAM_ERROR);
            if (size_t made = buffer_.size() - stream_.avail_out)
                sink_({buffer_.data(), made});
        } while (stream_.avail_out == 0);
    }

    std::function<void(std::string_view)> sink_;
    std::vector<char> buffer_;
    z_stream stream_{};
};

class ZstdCompressor final : public Compressor
{
public:
    explicit ZstdCompressor(std::function<void(std::string_view)> sink) : sink_(std::move(sink)), buffer_(ZSTD_CStreamOutSize()), context_(ZSTD_createCCtx())
    {
        ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, 1);
    }
    ~ZstdCompressor() override { ZSTD_freeCCtx(context_); }
    void write(std::string_view bytes) override { run(bytes, ZSTD_e_continue); }
    void finish() override { run({}, ZSTD_e_end); }

private:
    void run(std::string_view bytes, ZSTD_EndDirective mode)
    {
        ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
        while (true)
        {
            ZSTD_outBuffer out{buffer_.data(), buffer_.size(), 0};
            size_t left = ZSTD_compressStream2(context_, &out, &in, mode);
            CHECK(!ZSTD_isError(left), "{}", ZSTD_getErrorName(left));
            if (out.pos)
                sink_({buffer_.data(), out.pos});
            if (mode == ZSTD_e_end ? left == 0 : in.pos == in.size)
                return;
        }
    }

    std::function<void(std::string_view)> sink_;
    std::vector<char> buffer_;
    ZSTD_CCtx * context_;
};

class Lz4Compressor final : public Compressor
{
public:
    explicit Lz4Compressor(std::function<void(std::string_view)> sink) : sink_(std::move(sink)), buffer_(LZ4F_compressBound(window_bytes, nullptr) + 64)
    {
        CHECK(!LZ4F_isError(LZ4F_createCompressionContext(&context_, LZ4F_VERSION)));
        emit(LZ4F_compressBegin(context_, buffer_.data(), buffer_.size(), nullptr));
    }
    ~Lz4Compressor() override { LZ4F_freeCompressionContext(context_); }
    void write(std::string_view bytes) override
    {
        for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), window_bytes)))
            emit(LZ4F_compressUpdate(context_, buffer_.data(), buffer_.size(), bytes.data(), std::min(bytes.size(), window_bytes), nullptr));
    }
    void finish() override { emit(LZ4F_compressEnd(context_, buffer_.data(), buffer_.size(), nullptr)); }

private:
    void emit(size_t bytes)
    {
        CHECK(!LZ4F_isError(bytes), "{}", LZ4F_getErrorName(bytes));
        if (bytes)
            sink_({buffer_.data(), bytes});
    }

    std::function<void(std::string_view)> sink_;
    std::vector<char> buffer_;
    LZ4F_cctx * context_ = nullptr;
};

/// Asks step() for more output until there is some; counts it against the limits.
class DecompressingBuffer : public ReadBuffer
{
public:
    DecompressingBuffer(ReadBuffer & in, DecompressionLimits limits) : in_(in), limits_(limits), window_(window_bytes) { }

protected:
    struct Step
    {
        size_t consumed = 0, produced = 0;
        bool ended = false; /// a frame or member is complete
    };
    virtual Step step(std::string_view in, char * out, size_t out_bytes) = 0;

private:
    bool refill() override
    {
        while (true)
        {
            bool at_end = in_.eof();
            if (at_end && at_boundary_)
                return false;
            // At the end too: what did not fit the last window is still inside the decompressor.
            auto result = step({in_.position(), in_.available()}, window_.data(), window_.size());
            in_.advance(result.consumed);
            bytes_in_ += result.consumed;
            bytes_out_ += result.produced;
            at_boundary_ = result.ended;
            limits_.check(bytes_in_, bytes_out_);
            if (result.produced)
            {
                setWindow(window_.data(), window_.data() + result.produced);
                return true;
            }
            if (!result.consumed && !result.ended)
                fail(at_end ? "it ends in the middle of the compressed stream" : "it makes no progress");
        }
    }

    ReadBuffer & in_;
    DecompressionLimits limits_;
    std::vector<char> window_;
    uint64_t bytes_in_ = 0, bytes_out_ = 0;
    bool at_boundary_ = true;
};

class ZlibReader final : public DecompressingBuffer
{
public:
    ZlibReader(ReadBuffer & in, DecompressionLimits limits) : DecompressingBuffer(in, limits)
    {
        CHECK(inflateInit2(&stream_, 15 + 32) == Z_OK); // gzip or zlib, by its header
    }
    ~ZlibReader() override { inflateEnd(&stream_); }

private:
    Step step(std::string_view in, char * out, size_t out_bytes) override
    {
        stream_.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(in.data()));
        stream_.avail_in = static_cast<uInt>(std::min<size_t>(in.size(), 1 << 30));
        uInt given = stream_.avail_in;
        stream_.next_out = reinterpret_cast<Bytef *>(out);
        stream_.avail_out = static_cast<uInt>(out_bytes);
        int result = inflate(&stream_, Z_NO_FLUSH);
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
            fail(stream_.msg ? stream_.msg : "not a gzip or deflate stream");
        Step made{given - stream_.avail_in, out_bytes - stream_.avail_out, result == Z_STREAM_END};
        if (made.ended)
            inflateReset(&stream_); // members may follow each other
        return made;
    }

    z_stream stream_{};
};

class ZstdReader final : public DecompressingBuffer
{
public:
    ZstdReader(ReadBuffer & in, DecompressionLimits limits) : DecompressingBuffer(in, limits), context_(ZSTD_createDCtx())
    {
        ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, 27); // 128 MiB of memory at most
    }
    ~ZstdReader() override { ZSTD_freeDCtx(context_); }

private:
    Step step(std::string_view in, char * out, size_t out_bytes) override
    {
        ZSTD_inBuffer input{in.data(), in.size(), 0};
        ZSTD_outBuffer output{out, out_bytes, 0};
        size_t result = ZSTD_decompressStream(context_, &output, &input);
        if (ZSTD_isError(result))
            fail(ZSTD_getErrorName(result));
        return {input.pos, output.pos, result == 0};
    }

    ZSTD_DCtx * context_;
};

class Lz4Reader final : public DecompressingBuffer
{
public:
    Lz4Reader(ReadBuffer & in, DecompressionLimits limits) : DecompressingBuffer(in, limits)
    {
        CHECK(!LZ4F_isError(LZ4F_createDecompressionContext(&context_, LZ4F_VERSION)));
    }
    ~Lz4Reader() override { LZ4F_freeDecompressionContext(context_); }

private:
    Step step(std::string_view in, char * out, size_t out_bytes) override
    {
        size_t consumed = in.size(), produced = out_bytes;
        size_t result = LZ4F_decompress(context_, out, &produced, in.data(), &consumed, nullptr);
        if (LZ4F_isError(result))
            fail(LZ4F_getErrorName(result));
        return {consumed, produced, result == 0};
    }

    LZ4F_dctx * context_ = nullptr;
};

}

void DecompressionLimits::check(uint64_t bytes_in, uint64_t bytes_out) const
{
    if (bytes_out > bytes_max || (bytes_out > ratio_free_bytes && bytes_out / ratio_max > bytes_in))
        fail(fmt::format("it grows from {} to {} bytes", bytes_in, bytes_out));
}

std::unique_ptr<Compressor> makeCompressor(std::string_view encoding, std::function<void(std::string_view)> sink)
{
    if (encoding == "gzip" || encoding == "deflate")
        return std::make_unique<ZlibCompressor>(encoding == "gzip", std::move(sink));
    if (encoding == "zstd")
        return std::make_unique<ZstdCompressor>(std::move(sink));
    if (encoding == "lz4")
        return std::make_unique<Lz4Compressor>(std::move(sink));
    if (encoding == clickhouse_frames)
        return makeFrameCompressor(std::move(sink));
    throw Exception(ErrorCode::UNKNOWN_COMPRESSION_METHOD, "Unknown content encoding '{}': use gzip, deflate, zstd or lz4", encoding);
}

std::unique_ptr<ReadBuffer> makeDecompressor(std::string_view encoding, ReadBuffer & in, DecompressionLimits limits)
{
    if (encoding == "gzip" || encoding == "x-gzip" || encoding == "deflate")
        return std::make_unique<ZlibReader>(in, limits);
    if (encoding == "zstd")
        return std::make_unique<ZstdReader>(in, limits);
    if (encoding == "lz4")
        return std::make_unique<Lz4Reader>(in, limits);
    if (encoding == clickhouse_frames)
        return makeFrameDecompressor(in, limits);
    throw Exception(ErrorCode::UNKNOWN_COMPRESSION_METHOD, "Unknown content encoding '{}': use gzip, deflate, zstd or lz4", encoding);
}

std::string chooseEncoding(std::string_view accept_encoding)
{
    for (const auto * encoding : {"zstd", "gzip", "lz4", "deflate"})
    {
        auto position = accept_encoding.find(encoding);
        if (position == std::string_view::npos)
            continue;
        auto end = accept_encoding.find(',', position);
        auto parameters = accept_encoding.substr(position, end - position);
        auto quality = parameters.find("q=");
        bool refused = quality != std::string_view::npos && parameters.find_first_not_of("0. ", quality + 2) == std::string_view::npos;
        if (!refused)
            return encoding;
    }
    return "";
}

}
