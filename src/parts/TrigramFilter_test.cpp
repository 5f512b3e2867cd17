#include "parts/TrigramFilter.h"

#include "base/Random.h"
#include "parts/BytesPage.h"

#include <gtest/gtest.h>

namespace mangrove
{

namespace
{

std::string randomText(Random & random, size_t size, std::string_view letters)
{
    std::string text(size, ' ');
    for (char & c : text)
        c = letters[random.next() % letters.size()];
    return text;
}

}

TEST(TrigramFilter, DeniesNothingThatIsThere)
{
    Random random(1);
    size_t denied = 0;
    for (size_t round = 0; round < 100; ++round)
    {
        std::string text = randomText(random, 1 + random.next() % 3000, "abcdefgh\xff");
        std::string filter = makeTrigramFilter(text, 64u << random.next() % 6);
        if (filter.empty())
            continue;
        for (size_t i = 0; i < 50; ++i)
        {
            size_t begin = random.next() % text.size();
            EXPECT_TRUE(trigramsMayContain(filter, std::string_view(text).substr(begin, random.next() % 10)));
        }
        denied += !trigramsMayContain(filter, "checkout");
    }
    EXPECT_GT(denied, 50u);
}

TEST(TrigramFilter, IgnoresCaseWhereItIsToldTo)
{
    Random random(4);
    const std::string letters = "abcdeiKSks-7";
    size_t denied = 0;
    for (size_t round = 0; round < 100; ++round)
    {
        std::string text = randomText(random, 40 + random.next() % 300, letters);
        std::string filter = makeTrigramFilter(text, 1024);
        ASSERT_FALSE(filter.empty());
        std::string part = text.substr(random.next() % text.size(), random.next() % 12);
        for (char & c : part)
            if (c != '-' && c != '7')
                c = random.next() % 2 ? c | 0x20 : c & ~0x20;
        EXPECT_TRUE(trigramsMayContain(filter, part, true)) << part;
        denied += !trigramsMayContain(filter, "CheckouT", true);
    }
    EXPECT_GT(denied, 30u); // each of three letters has eight forms
    // The Kelvin sign and the long s are a k and an s in another case.
    EXPECT_TRUE(trigramsMayContain(makeTrigramFilter("2 \xe2\x84\xaa\xc5\xbf", 1024), "2 ks", true));
    EXPECT_TRUE(trigramsMayContain(makeTrigramFilter("\xc3\x84ra", 1024), "\xc3\xa4RA", true));
}

TEST(TrigramFilter, IsAsSmallAsItCanBeAndNotThereIfItTellsNothing)
{
    Random random(2);
    EXPECT_EQ(makeTrigramFilter("aaaaaaaa", 1024).size(), 64u);
    EXPECT_EQ(makeTrigramFilter("aaaaaaaa", 63), "");
    std::string text = randomText(random, 10000, "abcdefghijklmnop");
    EXPECT_EQ(makeTrigramFilter(text, 1 << 20).size(), 1024u);
    EXPECT_EQ(makeTrigramFilter(text, 130), "");
    EXPECT_EQ(makeTrigramFilter("", 1024), std::string(64, '\0'));
}

TEST(TrigramFilter, StandsBeforePagesOfSearchableStrings)
{
    Random random(3);
    PodVector<char> chars;
    Offsets ends;
    for (size_t row = 0; row < 2000; ++row)
    {
        std::string text = "http://host/" + randomText(random, 8, "0123456789") + "/x";
        chars.insert(chars.end(), text.begin(), text.end());
        ends.push_back(chars.size());
    }
    BytesEncoder encoder({}, true);
    std::string page;
    encoder.encode(chars.data(), ends.data(), 0, ends.size(), page);
    ZstdDictionary dictionary(encoder.dictionaryContent(), 0);
    EXPECT_EQ(page[0], static_cast<char>(BytesEncoding::Filtered));
    EXPECT_TRUE(bytesPageMayContain(page, "host"));
    EXPECT_TRUE(bytesPageMayContain(page, "qq")); // too short to know
    EXPECT_FALSE(bytesPageMayContain(page, "checkout"));
    PodVector<char> read_chars;
    Offsets read_ends;
    decodeBytes(page, ends.size(), {&dictionary}, read_chars, read_ends);
    EXPECT_EQ(read_chars, chars);
    EXPECT_EQ(read_ends, ends);

    for (std::string damaged : {std::string("\x03"), std::string("\x03\x03"
                                                                 "abcdef"),
             std::string("\x03\x00\x00", 3), std::string("\x03\x01\x00\x03\x01\x00\x00", 7), "\x03\x7f" + page})
    {
        PodVector<char> some;
        Offsets some_ends;
        EXPECT_THROW(decodeBytes(damaged, 3, {}, some, some_ends), Exception);
    }
}

}
