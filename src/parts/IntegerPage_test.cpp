#include "parts/IntegerPage.h"

#include "base/Types.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace mangrove;

namespace
{

template <typename T>
PodVector<T> makeValues(size_t count, int shape, uint64_t seed)
{
    std::mt19937_64 random(seed);
    PodVector<T> values(count);
    T running = static_cast<T>(random());
    for (size_t i = 0; i < count; ++i)
    {
        switch (shape)
        {
            case 0: values[i] = static_cast<T>(random()); break;
            case 1: values[i] = static_cast<T>(running += static_cast<T>(random() % 5)); break;
            case 2: values[i] = static_cast<T>(random() % 3 == 0 ? 500 : 200); break;
            case 3:
                values[i] =
                    static_cast<T>(static_cast<uint64_t>(std::exp(std::normal_distribution(10.0, 2.0)(random))));
                break;
            case 4: values[i] = 7; break;
            case 5: values[i] = static_cast<T>(running -= static_cast<T>(random() % 50)); break;
            case 6: values[i] = static_cast<T>(i % 97 == 0 ? ~T(0) : T(i % 3)); break;
            case 7:
                values[i] = static_cast<T>(i && random() % 2 ? values[random() % i] : static_cast<T>(random()));
                break;
            default:
                values[i] = static_cast<T>(
                    running += static_cast<T>(static_cast<uint64_t>(-std::log((random() % 1000 + 1) / 1001.0) * 1e6)));
                break;
        }
    }
    return values;
}

template <typename T>
void checkRoundTrips()
{
    for (auto [general, light] : {std::pair(GeneralCodec::None, false), {GeneralCodec::Lz4, false}, {GeneralCodec::Zstd, false},
             {GeneralCodec::Lz4, true}})
    {
        IntegerEncoder encoder({general, 1, {}, light});
        for (int shape = 0; shape <= 8; ++shape)
            for (size_t count : {1, 2, 3, 63, 64, 65, 1000, 4096})
            {
                auto values = makeValues<T>(count, shape, shape * 1000 + count);
                std::string page;
                encoder.encode(std::span<const T>(values), page);
                PodVector<T> back(count);
                decodeIntegers(page, back.data(), count);
                ASSERT_TRUE(back == values) << "shape " << shape << " count " << count << " width " << sizeof(T);
            }
    }
}

template <typename T>
double bytesPerValue(int shape, bool light = false)
{
    auto values = makeValues<T>(4096, shape, 1);
    IntegerEncoder encoder({GeneralCodec::Zstd, 1, {}, light});
    std::string page;
    encoder.encode(std::span<const T>(values), page);
    return static_cast<double>(page.size()) / values.size();
}

}

TEST(IntegerPage, EveryShapeRoundTripsInEveryWidth)
{
    checkRoundTrips<uint8_t>();
    checkRoundTrips<uint16_t>();
    checkRoundTrips<uint32_t>();
    checkRoundTrips<uint64_t>();
    checkRoundTrips<UInt128>();
}

TEST(IntegerPage, ChoosesAnEncodingNearTheEntropy)
{
    EXPECT_LT(bytesPerValue<uint64_t>(4), 0.01);  /// constant
    EXPECT_LT(bytesPerValue<uint64_t>(2), 0.16);  /// two values
    EXPECT_LT(bytesPerValue<uint64_t>(1), 0.45);  /// steps of 0..4
    EXPECT_LT(bytesPerValue<uint64_t>(3), 2.25);  /// log-normal, sigma 2: 16.5 bits
    EXPECT_LT(bytesPerValue<uint64_t>(8), 2.85);  /// exponential steps of mean 1e6: 21.4 bits
    EXPECT_LT(bytesPerValue<uint64_t>(0), 8.01);  /// random
    EXPECT_LT(bytesPerValue<uint64_t>(7), 5.7);   /// half of the random values repeat an earlier one
}

TEST(IntegerPage, ALightEncoderOnlyPacks)
{
    EXPECT_LT(bytesPerValue<uint64_t>(4, true), 0.01); /// constant
    EXPECT_LT(bytesPerValue<uint64_t>(2, true), 1.2);  /// two values of nine bits
    EXPECT_LT(bytesPerValue<uint64_t>(1, true), 0.45); /// steps of 0..4
    EXPECT_LT(bytesPerValue<uint64_t>(0, true), 8.01); /// random
    for (int shape = 0; shape <= 8; ++shape)
    {
        auto values = makeValues<uint64_t>(4096, shape, 1);
        std::string page;
        IntegerEncoder({GeneralCodec::Zstd, 1, {}, true}).encode(std::span<const uint64_t>(values), page);
        EXPECT_LE(page[0], static_cast<char>(IntegerEncoding::Dictionary)) << "shape " << shape; /// not compressed either
    }
}

TEST(IntegerPage, ForcedCodecsAreKept)
{
    CodecChain chain = CodecChain::parse("Delta(8), ZSTD(1)", 8);
    IntegerEncoder encoder({GeneralCodec::Zstd, 1, chain});
    auto values = makeValues<uint64_t>(4096, 1, 1);
    std::string page;
    encoder.encode(std::span<const uint64_t>(values), page);
    EXPECT_EQ(page[0], static_cast<char>(IntegerEncoding::Codec));
    PodVector<uint64_t> back(values.size());
    decodeIntegers(page, back.data(), back.size(), &chain);
    EXPECT_TRUE(back == values);
    EXPECT_THROW(decodeIntegers(page, back.data(), back.size()), Exception);
}

TEST(IntegerPage, HostileBytesThrowOrDecodeToSomething)
{
    std::mt19937_64 random(5);
    for (int shape = 0; shape <= 8; ++shape)
    {
        auto values = makeValues<uint64_t>(300, shape, 3);
        IntegerEncoder encoder({GeneralCodec::Zstd, 1, {}});
        std::string good;
        encoder.encode(std::span<const uint64_t>(values), good);
        for (int round = 0; round < 2000; ++round)
        {
            std::string bad = good;
            bad[random() % std::min<size_t>(bad.size(), 1 + random() % 40)] = static_cast<char>(random());
            if (round % 4 == 0)
                bad.resize(random() % bad.size());
            PodVector<uint64_t> back(300);
            try
            {
                decodeIntegers(bad, back.data(), back.size());
            }
            catch (const Exception &)
            {
            }
        }
    }
}

TEST(IntegerPage, PagesWithoutAMatchAreToldWithoutDecoding)
{
    IntegerEncoder encoder({GeneralCodec::None, 0, {}});
    size_t told = 0;
    for (uint64_t seed = 0; seed < 300; ++seed)
    {
        std::mt19937_64 random(seed);
        const uint32_t least = random() % 1000, span = 1 + random() % 300;
        PodVector<uint32_t> values(1 + random() % 500);
        const uint32_t distinct = 1 + random() % 20; // few: a page dictionary, with gaps
        for (auto & value : values)
            value = least + (seed % 2 ? random() % span : random() % distinct * span);
        std::string page;
        encoder.encode(std::span<const uint32_t>(values), page);
        PodVector<uint8_t> matches(*std::max_element(values.begin(), values.end()) + 1 + random() % 50, 0);
        for (size_t i = 0; i < 3; ++i)
            matches[random() % matches.size()] = 1;
        const bool any = std::any_of(values.begin(), values.end(), [&](uint32_t value) { return matches[value]; });
        const bool may = integerPageMayMatch(page, matches);
        EXPECT_TRUE(may || !any) << seed;
        told += !may;
    }
    EXPECT_GT(told, 100u);
    EXPECT_TRUE(integerPageMayMatch(std::string("\x04\x01\x09\x00", 4), PodVector<uint8_t>(5, 0))); // beyond: for the decoder
    EXPECT_THROW(integerPageMayMatch(std::string("\x04\x7f\x01", 3), PodVector<uint8_t>(5, 0)), Exception);
}
