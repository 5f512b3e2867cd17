#include "io/CompressedFrames.h"

#include "io/CityHash.h"

#include <gtest/gtest.h>

using namespace mangrove;

namespace
{

std::string framed(std::string_view text)
{
    std::string out;
    auto compressor = makeFrameCompressor([&](std::string_view bytes) { out += bytes; });
    compressor->write(text);
    compressor->finish();
    return out;
}

int codeOf(std::string_view frames, DecompressionLimits limits = {})
{
    ReadBuffer in(frames);
    try
    {
        makeFrameDecompressor(in, limits)->readAll(1 << 30);
        return 0;
    }
    catch (const Exception & exception)
    {
        return static_cast<int>(exception.code());
    }
}

/// A frame with a right checksum.
std::string frameOf(uint8_t method, uint32_t size, uint32_t raw_size, std::string_view payload)
{
    std::string body(1, static_cast<char>(method));
    body.append(reinterpret_cast<const char *>(&size), 4).append(reinterpret_cast<const char *>(&raw_size), 4).append(payload);
    auto [low, high] = cityHash128(body);
    return std::string(reinterpret_cast<const char *>(&low), 8).append(reinterpret_cast<const char *>(&high), 8) + body;
}

}

TEST(CompressedFrames, EveryChangedByteIsNoticed)
{
    const auto good = framed("SELECT 1, SELECT 1, SELECT 1");
    EXPECT_EQ(codeOf(good), 0);
    for (size_t i = 0; i < good.size(); ++i)
    {
        auto bad = good;
        bad[i] ^= 1;
        EXPECT_NE(codeOf(bad), 0) << i;
        EXPECT_NE(codeOf(std::string_view(good).substr(0, i ? i : good.size() - 1)), 0) << i;
    }
}

TEST(CompressedFrames, KnowsThreeMethods)
{
    const auto none = frameOf(0x02, 12, 3, "abc");
    ReadBuffer in(none);
    EXPECT_EQ(makeFrameDecompressor(in, {})->readAll(100), "abc");
    EXPECT_EQ(codeOf(frameOf(0x02, 12, 4, "abc")), 89);
    EXPECT_EQ(codeOf(frameOf(0x99, 12, 3, "abc")), 89);
}

TEST(CompressedFrames, SizesHaveLimits)
{
    EXPECT_EQ(codeOf(frameOf(0x82, 0xffffffff, 10, "abc")), 39);
    EXPECT_EQ(codeOf(frameOf(0x82, 12, 0xffffffff, "abc")), 39);
    EXPECT_EQ(codeOf(frameOf(0x82, 3, 10, "")), 271);
    EXPECT_EQ(codeOf(framed(std::string(1000, 'x')), {.bytes_max = 999}), 271);
}

TEST(CompressedFrames, LongWritesBecomeSeveralFrames)
{
    const std::string text(5'000'000, 'y');
    const auto frames = framed(text);
    ReadBuffer in(frames);
    EXPECT_EQ(makeFrameDecompressor(in, {})->readAll(10'000'000), text);
}
