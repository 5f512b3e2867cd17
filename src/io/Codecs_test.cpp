#include "io/Codecs.h"

#include <gtest/gtest.h>

#include <random>

using namespace mangrove;

namespace
{

std::string sample(size_t bytes, int shape)
{
    std::mt19937_64 random(bytes * 7 + shape);
    std::string out;
    uint64_t value = 1'700'000'000;
    while (out.size() < bytes)
    {
        if (shape == 0)
            value = random();
        else if (shape == 1)
            value += random() % 100;
        else if (shape == 2)
            value -= 1ULL << 40;
        out.append(reinterpret_cast<const char *>(&value), sizeof(value));
    }
    out.resize(bytes);
    return out;
}

ErrorCode parseError(std::string_view text, size_t value_bytes)
{
    try
    {
        CodecChain::parse(text, value_bytes);
    }
    catch (const Exception & e)
    {
        return e.code();
    }
    return ErrorCode::OK;
}

}

TEST(Codecs, EveryChainRoundTrips)
{
    for (std::string_view text : {"NONE", "LZ4", "ZSTD(3)", "Delta(8), ZSTD(1)", "Delta(4), LZ4", "DoubleDelta",
             "DoubleDelta(2), LZ4", "T64", "T64, ZSTD(1)", "Delta(1), Delta(2), T64, LZ4"})
        for (size_t bytes : {0, 1, 7, 8, 9, 64, 511, 512, 513, 4096, 65537})
            for (int shape : {0, 1, 2, 3})
                for (size_t width : {1, 2, 4, 8})
                {
                    CodecChain chain = CodecChain::parse(text, width);
                    std::string original = sample(bytes, shape);
                    EXPECT_EQ(chain.decompress(chain.compress(original), bytes), original) << text << " " << bytes;
                }
}

TEST(Codecs, SmallSteadyDifferencesBecomeSmall)
{
    std::string times = sample(65536, 1);
    EXPECT_LT(CodecChain::parse("Delta(8), ZSTD(1)", 8).compress(times).size(), times.size() / 5);
    EXPECT_LT(CodecChain::parse("DoubleDelta", 8).compress(times).size(), times.size() / 3);
    EXPECT_LT(CodecChain::parse("T64", 8).compress(times).size(), times.size() / 3);
}

TEST(Codecs, ParsesAndPrintsAsClickHouse)
{
    EXPECT_EQ(CodecChain::parse("delta, zstd", 4).text(), "Delta(4), ZSTD(1)");
    EXPECT_EQ(CodecChain::parse("T64('bit'), LZ4", 4).text(), "T64, LZ4");
    EXPECT_EQ(CodecChain::parse("NONE", 0).text(), "NONE");
    EXPECT_EQ(parseError("Gorilla", 8), ErrorCode::UNKNOWN_CODEC);
    EXPECT_EQ(parseError("", 8), ErrorCode::UNKNOWN_CODEC);
    EXPECT_EQ(parseError("ZSTD(1),", 8), ErrorCode::UNKNOWN_CODEC);
    EXPECT_EQ(parseError("ZSTD(99)", 8), ErrorCode::ILLEGAL_CODEC_PARAMETER);
    EXPECT_EQ(parseError("Delta(3)", 8), ErrorCode::ILLEGAL_CODEC_PARAMETER);
    EXPECT_EQ(parseError("Delta", 0), ErrorCode::BAD_ARGUMENTS);
    EXPECT_EQ(parseError("ZSTD(1), Delta(8)", 8), ErrorCode::BAD_ARGUMENTS);
}

TEST(Codecs, DamagedInputIsAnErrorOrOtherBytesButNeverMoreThanTheLimit)
{
    std::mt19937_64 random(1);
    for (std::string_view text : {"LZ4", "ZSTD(1)", "Delta, LZ4", "DoubleDelta", "T64", "T64, ZSTD(1)"})
    {
        CodecChain chain = CodecChain::parse(text, 8);
        std::string good = chain.compress(sample(4096, 1));
        for (int round = 0; round < 300; ++round)
        {
            std::string bad = good;
            bad[random() % bad.size()] ^= static_cast<char>(1 + random() % 255);
            if (round % 3 == 0)
                bad.resize(random() % bad.size());
            try
            {
                EXPECT_LE(chain.decompress(bad, 4096).size(), 4096);
            }
            catch (const Exception &)
            {
            }
        }
    }
}

TEST(Codecs, AZstdDictionaryHelpsSmallPages)
{
    std::string content = "GET /api/v1/users/:id/orders?page= SELECT * FROM orders WHERE user_id = ";
    std::string page = "GET /api/v1/users/:id/orders?page=7";
    ZstdDictionary writing(content, 3);
    ZstdDictionary reading(content, 0);
    std::string with;
    std::string without;
    compressZstd(page, 3, with, &writing);
    compressZstd(page, 3, without);
    EXPECT_LT(with.size(), without.size());
    std::string back(page.size(), '\0');
    decompressZstd(with, back.data(), back.size(), &reading);
    EXPECT_EQ(back, page);
    EXPECT_THROW(decompressZstd(with, back.data(), back.size() - 1, &reading), Exception);
}
