#include "io/Codecs.h"

#include <lz4.h>
#include <zstd.h>

namespace mangrove
{

namespace
{

/// Contexts are dear to make and hold no state between calls.
struct CompressContext
{
    ZSTD_CCtx * context = ZSTD_createCCtx();
    ~CompressContext() { ZSTD_freeCCtx(context); }
};
struct DecompressContext
{
    ZSTD_DCtx * context = ZSTD_createDCtx();
    ~DecompressContext() { ZSTD_freeDCtx(context); }
};

[[noreturn]] void throwCorrupt(std::string_view codec, std::string_view reason)
{
    throw Exception(ErrorCode::CANNOT_DECOMPRESS, "Cannot decompress {} data: {}", codec, reason);
}

}

void compressLz4(std::string_view bytes, std::string & out)
{
    CHECK(bytes.size() <= LZ4_MAX_INPUT_SIZE, "{} bytes", bytes.size());
    size_t begin = out.size();
    out.resize(begin + LZ4_compressBound(static_cast<int>(bytes.size())));
    int size = LZ4_compress_default(
        bytes.data(), out.data() + begin, static_cast<int>(bytes.size()), static_cast<int>(out.size() - begin));
    CHECK(size > 0 || bytes.empty());
    out.resize(begin + size);
}

void decompressLz4(std::string_view compressed, char * to, size_t size)
{
    if (compressed.size() > LZ4_MAX_INPUT_SIZE || size > LZ4_MAX_INPUT_SIZE)
        throwCorrupt("LZ4", "the size is out of range");
    int got = LZ4_decompress_safe(compressed.data(), to, static_cast<int>(compressed.size()), static_cast<int>(size));
    if (got < 0 || static_cast<size_t>(got) != size)
        throwCorrupt("LZ4", "malformed block or wrong length");
}

struct ZstdDictionary::Prepared
{
    ZSTD_CDict * compress = nullptr;
    ZSTD_DDict * decompress = nullptr;
    ~Prepared()
    {
        ZSTD_freeCDict(compress);
        ZSTD_freeDDict(decompress);
    }
};

ZstdDictionary::ZstdDictionary(std::string_view content, int level) : prepared_(std::make_unique<Prepared>())
{
    /// A leading zero byte keeps ZSTD from taking content that begins with its magic number for a trained dictionary.
    std::string raw(1, '\0');
    raw.append(content);
    if (level > 0)
    {
        prepared_->compress = ZSTD_createCDict(raw.data(), raw.size(), level);
        CHECK(prepared_->compress != nullptr, "no memory for a ZSTD dictionary of {} bytes", raw.size());
    }
    prepared_->decompress = ZSTD_createDDict(raw.data(), raw.size());
    CHECK(prepared_->decompress != nullptr, "no memory for a ZSTD dictionary of {} bytes", raw.size());
}

ZstdDictionary::~ZstdDictionary() = default;

void compressZstd(std::string_view bytes, int level, std::string & out, const ZstdDictionary * dictionary)
{
    thread_local CompressContext holder;
    size_t begin = out.size();
    out.resize(begin + ZSTD_compressBound(bytes.size()));
    ZSTD_CCtx_reset(holder.context, ZSTD_reset_session_and_parameters);
    ZSTD_CCtx_setParameter(holder.context, ZSTD_c_compressionLevel, level);
    /// Our pages carry sizes and checksums already.
    ZSTD_CCtx_setParameter(holder.context, ZSTD_c_contentSizeFlag, 0);
    ZSTD_CCtx_setParameter(holder.context, ZSTD_c_checksumFlag, 0);
    if (dictionary)
    {
        CHECK(dictionary->prepared_->compress, "this ZSTD dictionary only decompresses");
        ZSTD_CCtx_refCDict(holder.context, dictionary->prepared_->compress);
    }
    size_t size = ZSTD_compress2(holder.context, out.data() + begin, out.size() - begin, bytes.data(), bytes.size());
    CHECK(!ZSTD_isError(size), "ZSTD: {}", ZSTD_getErrorName(size));
    out.resize(begin + size);
}

void decompressZstd(std::string_view compressed, char * to, size_t size, const ZstdDictionary * dictionary)
{
    thread_local DecompressContext holder;
    ZSTD_DCtx_reset(holder.context, ZSTD_reset_session_and_parameters);
    size_t got = dictionary
        ? ZSTD_decompress_usingDDict(
            holder.context, to, size, compressed.data(), compressed.size(), dictionary->prepared_->decompress)
        : ZSTD_decompressDCtx(holder.context, to, size, compressed.data(), compressed.size());
    if (ZSTD_isError(got))
        throwCorrupt("ZSTD", ZSTD_getErrorName(got));
    if (got != size)
        throwCorrupt("ZSTD", "wrong length");
}

}
