#pragma once
// Compression of byte ranges: LZ4 and ZSTD by their libraries, Delta, DoubleDelta and T64 of our own, and chains of
// them as CODEC(Delta(8), ZSTD(1)) names them. Used by parts. Stateless, thread-safe.
//
// Input is hostile: decompression never reads or writes outside its ranges, allocates at most what it is told, and
// throws CANNOT_DECOMPRESS (271). The bytes are ours (docs/format/part.md), not ClickHouse's compressed frames.

#include "base/Exception.h"
#include "base/Types.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mangrove
{

/// Appends to `out`.
void compressLz4(std::string_view bytes, std::string & out);
/// Fills exactly `size` bytes at `to`.
void decompressLz4(std::string_view compressed, char * to, size_t size);

/// Raw content that ZSTD refers back to: lets small pages compress nearly as well as large ones. Prepared once for one
/// level (0: only to decompress).
class ZstdDictionary
{
public:
    ZstdDictionary(std::string_view content, int level);
    ~ZstdDictionary();

private:
    friend void compressZstd(std::string_view, int, std::string &, const ZstdDictionary *);
    friend void decompressZstd(std::string_view, char *, size_t, const ZstdDictionary *);
    struct Prepared;
    std::unique_ptr<Prepared> prepared_;
};

/// level 1..22, that of the dictionary if there is one. Appends to `out`.
void compressZstd(std::string_view bytes, int level, std::string & out, const ZstdDictionary * dictionary = nullptr);
void decompressZstd(std::string_view compressed, char * to, size_t size, const ZstdDictionary * dictionary = nullptr);

enum class CodecKind : uint8_t
{
    None = 0,
    Lz4 = 1,
    Zstd = 2,
    Delta = 3,
    DoubleDelta = 4,
    T64 = 5,
};

struct CodecStep
{
    CodecKind kind = CodecKind::None;
    int parameter = 0; /// ZSTD: level; Delta, DoubleDelta, T64: bytes of a value (1, 2, 4, 8)
    bool isGeneral() const { return kind <= CodecKind::Zstd; }
    bool operator==(const CodecStep &) const = default;
};

/// Steps in the order of compression.
class CodecChain
{
public:
    CodecChain() = default;
    explicit CodecChain(std::vector<CodecStep> steps) : steps_(std::move(steps)) { }
    /// "Delta(8), ZSTD(1)"; `value_bytes` (0 = the type has no fixed width) is the default of Delta and the like.
    /// UNKNOWN_CODEC (432), ILLEGAL_CODEC_PARAMETER (433), BAD_ARGUMENTS (36).
    static CodecChain parse(std::string_view text, size_t value_bytes);

    const std::vector<CodecStep> & steps() const { return steps_; }
    std::string text() const; /// as ClickHouse prints it: "Delta(8), ZSTD(1)"

    std::string compress(std::string_view bytes) const;
    /// TOO_LARGE_SIZE_COMPRESSED (39) if the result would pass bytes_max.
    std::string decompress(std::string_view compressed, size_t bytes_max) const;

private:
    std::vector<CodecStep> steps_;
};

}
