#include "io/Compression.h"

#include <gtest/gtest.h>

#include <random>

using namespace mangrove;

namespace
{

class TricklingBuffer final : public ReadBuffer
{
public:
    TricklingBuffer(std::string_view text, size_t step) : text_(text), step_(step) { }

private:
    bool refill() override
    {
        if (text_.empty())
            return false;
        window_ = text_.substr(0, step_);
        text_.remove_prefix(window_.size());
        setWindow(window_.data(), window_.data() + window_.size());
        return true;
    }

    std::string_view text_;
    size_t step_;
    std::string window_;
};

const std::vector<std::string> encodings = {"gzip", "deflate", "zstd", "lz4", "clickhouse"};

std::string compress(const std::string & encoding, const std::string & text)
{
    std::string out;
    auto compressor = makeCompressor(encoding, [&](std::string_view bytes) { out += bytes; });
    for (size_t i = 0; i < text.size(); i += 300'000)
        compressor->write(std::string_view(text).substr(i, 300'000));
    compressor->finish();
    return out;
}

std::string decompress(const std::string & encoding, std::string_view bytes, size_t step, DecompressionLimits limits = {})
{
    TricklingBuffer in(bytes, step);
    return makeDecompressor(encoding, in, limits)->readAll(1ULL << 30);
}

TEST(Compression, ComesBack)
{
    std::mt19937_64 random(1);
    std::string noise(500'000, 0);
    for (auto & c : noise)
        c = static_cast<char>(random());
    // Zeros pack so well that the whole input is consumed long before the output is out.
    for (const auto & text : {std::string(), std::string("x"), std::string(5'000'000, '\0'), noise, noise + std::string(1'000'000, 'a') + noise})
        for (const auto & encoding : encodings)
        {
            std::string packed = compress(encoding, text);
            EXPECT_EQ(decompress(encoding, packed, 1 << 20) == text, true) << encoding << text.size();
            EXPECT_EQ(decompress(encoding, packed, 1000) == text, true) << encoding << text.size();
        }
}

TEST(Compression, MembersFollowEachOther)
{
    for (const auto & encoding : encodings)
        EXPECT_EQ(decompress(encoding, compress(encoding, "abc") + compress(encoding, "def"), 7), "abcdef") << encoding;
}

TEST(Compression, RefusesCutAndDamagedStreams)
{
    for (const auto & encoding : encodings)
    {
        std::string packed = compress(encoding, "a few words, a few more words, and the words again");
        for (size_t length = 1; length < packed.size(); ++length)
            EXPECT_THROW(decompress(encoding, std::string_view(packed).substr(0, length), 1 << 20), Exception) << encoding << length;
        EXPECT_THROW(decompress(encoding, "this is not compressed at all, by no means", 1 << 20), Exception) << encoding;
    }
    EXPECT_THROW(decompress("br", "x", 1), Exception);
}

TEST(Compression, RefusesBombs)
{
    std::string zeros(20'000'000, '\0');
    for (const auto & encoding : encodings)
    {
        std::string packed = compress(encoding, zeros);
        EXPECT_THROW(decompress(encoding, packed, 1 << 20, {.bytes_max = 10'000'000}), Exception) << encoding;
        EXPECT_THROW(decompress(encoding, packed, 1 << 20, {.ratio_max = 10, .ratio_free_bytes = 1 << 20}), Exception) << encoding;
    }
}

TEST(Compression, ChoosesWhatTheClientAccepts)
{
    EXPECT_EQ(chooseEncoding("gzip, deflate"), "gzip");
    EXPECT_EQ(chooseEncoding("br, lz4"), "lz4");
    EXPECT_EQ(chooseEncoding("zstd;q=0, gzip;q=0.5"), "gzip");
    EXPECT_EQ(chooseEncoding("identity"), "");
}

}
