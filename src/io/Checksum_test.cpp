#include "io/Checksum.h"

#include <gtest/gtest.h>

#include <string>

namespace mangrove
{
namespace
{

// RFC 3720, appendix B.4.
TEST(Checksum, Crc32cOfTheStandardVectors)
{
    EXPECT_EQ(crc32c(""), 0u);
    EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
    EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
    EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
}

TEST(Checksum, Crc32cContinues)
{
    std::string text = "the quick brown fox jumps over the lazy dog";
    for (size_t cut = 0; cut <= text.size(); ++cut)
        EXPECT_EQ(crc32c(text.substr(cut), crc32c(text.substr(0, cut))), crc32c(text)) << cut;
}

TEST(Checksum, Xxh3OfTheEmptyStringAndSensitivity)
{
    // The specification's value for empty input and seed 0.
    EXPECT_EQ(xxh3(""), 0x2d06800538d394c2u);
    EXPECT_NE(xxh3("a"), xxh3("b"));
    EXPECT_NE(xxh3_128("a") >> 64, xxh3_128("b") >> 64);
    EXPECT_NE(static_cast<uint64_t>(xxh3_128("a")), static_cast<uint64_t>(xxh3_128("b")));
}

}
}
