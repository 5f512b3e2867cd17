#include "object_store/signS3Request.h"

#include <gtest/gtest.h>

namespace mangrove
{

namespace
{

/// The examples of Amazon's S3 API reference: 24 May 2013, 00:00:00 UTC, bucket examplebucket.
constexpr int64_t example_ms = 1369353600'000;
const S3Signature example_keys{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "", "us-east-1"};

std::string signatureOf(const S3SigningInput & input)
{
    for (const auto & [name, value] : signS3Request(input, example_keys))
        if (name == "authorization")
            return value.substr(value.find("Signature=") + 10);
    return "none";
}

}

TEST(SignS3Request, GetObjectWithRange)
{
    S3SigningInput input;
    input.method = "GET";
    input.host = "examplebucket.s3.amazonaws.com";
    input.path = "/test.txt";
    input.headers = {{"range", "bytes=0-9"}};
    input.wall_ms = example_ms;
    EXPECT_EQ(signatureOf(input), "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(SignS3Request, PutObject)
{
    S3SigningInput input;
    input.method = "PUT";
    input.host = "examplebucket.s3.amazonaws.com";
    input.path = "/" + percentEncode("test$file.text", true);
    input.headers = {{"date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}};
    input.body = "Welcome to Amazon S3.";
    input.wall_ms = example_ms;
    EXPECT_EQ(signatureOf(input), "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(SignS3Request, ListObjects)
{
    S3SigningInput input;
    input.method = "GET";
    input.host = "examplebucket.s3.amazonaws.com";
    input.path = "/";
    input.query = {{"prefix", "J"}, {"max-keys", "2"}};
    input.wall_ms = example_ms;
    EXPECT_EQ(signatureOf(input), "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(SignS3Request, SessionTokenIsSigned)
{
    S3SigningInput input;
    input.method = "GET";
    input.host = "h";
    input.path = "/";
    S3Signature keys = example_keys;
    keys.session_token = "TOKEN";
    std::string authorization;
    bool sent = false;
    for (const auto & [name, value] : signS3Request(input, keys))
    {
        sent = sent || (name == "x-amz-security-token" && value == "TOKEN");
        if (name == "authorization")
            authorization = value;
    }
    EXPECT_TRUE(sent);
    EXPECT_NE(authorization.find("host;x-amz-content-sha256;x-amz-date;x-amz-security-token"), std::string::npos);
}

TEST(SignS3Request, EncodesAsTheStandardSays)
{
    EXPECT_EQ(percentEncode("a/b c+~%\xe2", true), "a/b%20c%2B~%25%E2");
    EXPECT_EQ(percentEncode("a/b", false), "a%2Fb");
    EXPECT_EQ(canonicalQuery({{"b", ""}, {"a", "x y"}, {"B", "1"}}), "B=1&a=x%20y&b=");
    EXPECT_EQ(contentMd5(""), "1B2M2Y8AsgTpgAmY7PhCfg==");
}

}
