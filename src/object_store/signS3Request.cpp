#include "object_store/signS3Request.h"

#include "base/Exception.h"

#include <algorithm>
#include <ctime>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace mangrove
{

namespace
{

std::string digest(const EVP_MD * algorithm, std::string_view bytes)
{
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    CHECK(EVP_Digest(bytes.data(), bytes.size(), out, &length, algorithm, nullptr) == 1);
    return std::string(reinterpret_cast<char *>(out), length);
}

std::string hmacSha256(std::string_view key, std::string_view text)
{
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
               reinterpret_cast<const unsigned char *>(text.data()), text.size(), out, &length));
    return std::string(reinterpret_cast<char *>(out), length);
}

std::string hex(std::string_view bytes)
{
    static constexpr char digits[] = "0123456789abcdef";
    std::string result;
    result.reserve(bytes.size() * 2);
    for (const unsigned char c : bytes)
    {
        result += digits[c >> 4];
        result += digits[c & 15];
    }
    return result;
}

std::string formatUtc(int64_t wall_ms, const char * format)
{
    const time_t seconds = static_cast<time_t>(wall_ms / 1000);
    tm parts{};
    gmtime_r(&seconds, &parts);
    char out[32];
    return std::string(out, strftime(out, sizeof(out), format, &parts));
}

}

std::string percentEncode(std::string_view text, bool keep_slash)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string result;
    result.reserve(text.size());
    for (const unsigned char c : text)
    {
        const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'
            || c == '.' || c == '_' || c == '~' || (c == '/' && keep_slash);
        if (plain)
            result += static_cast<char>(c);
        else
            result += {'%', digits[c >> 4], digits[c & 15]};
    }
    return result;
}

std::string canonicalQuery(const HttpFields & query)
{
    HttpFields encoded;
    for (const auto & [name, value] : query)
        encoded.emplace_back(percentEncode(name, false), percentEncode(value, false));
    std::sort(encoded.begin(), encoded.end());
    std::string result;
    for (const auto & [name, value] : encoded)
        result += (result.empty() ? "" : "&") + name + "=" + value;
    return result;
}

std::string hexSha256(std::string_view bytes)
{
    return hex(digest(EVP_sha256(), bytes));
}

std::string contentMd5(std::string_view bytes)
{
    const std::string md5 = digest(EVP_md5(), bytes);
    std::string result(4 * ((md5.size() + 2) / 3) + 1, '\0');
    const int length = EVP_EncodeBlock(
        reinterpret_cast<unsigned char *>(result.data()), reinterpret_cast<const unsigned char *>(md5.data()),
        static_cast<int>(md5.size()));
    result.resize(static_cast<size_t>(length));
    return result;
}

HttpFields signS3Request(const S3SigningInput & input, const S3Signature & with)
{
    const std::string date = formatUtc(input.wall_ms, "%Y%m%d");
    const std::string timestamp = formatUtc(input.wall_ms, "%Y%m%dT%H%M%SZ");
    const std::string payload_hash = hexSha256(input.body);

    HttpFields headers = input.headers;
    headers.emplace_back("x-amz-content-sha256", payload_hash);
    headers.emplace_back("x-amz-date", timestamp);
    if (!with.session_token.empty())
        headers.emplace_back("x-amz-security-token", with.session_token);

    HttpFields signed_headers = headers;
    signed_headers.emplace_back("host", input.host);
    std::sort(signed_headers.begin(), signed_headers.end());
    std::string canonical_headers;
    std::string names;
    for (const auto & [name, value] : signed_headers)
    {
        canonical_headers += name + ":" + value + "\n";
        names += (names.empty() ? "" : ";") + name;
    }

    const std::string canonical_request = input.method + "\n" + input.path + "\n" + canonicalQuery(input.query) + "\n"
        + canonical_headers + "\n" + names + "\n" + payload_hash;
    const std::string scope = date + "/" + with.region + "/s3/aws4_request";
    const std::string to_sign
        = "AWS4-HMAC-SHA256\n" + timestamp + "\n" + scope + "\n" + hexSha256(canonical_request);
    const std::string key = hmacSha256(
        hmacSha256(hmacSha256(hmacSha256("AWS4" + with.secret_key, date), with.region), "s3"), "aws4_request");
    headers.emplace_back(
        "authorization",
        "AWS4-HMAC-SHA256 Credential=" + with.access_key + "/" + scope + ",SignedHeaders=" + names
            + ",Signature=" + hex(hmacSha256(key, to_sign)));
    return headers;
}

}
