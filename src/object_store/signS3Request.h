#pragma once
// AWS Signature Version 4 for S3, as headers (Amazon S3 API reference, "Authenticating Requests: Using the
// Authorization Header"). Pure functions: the time comes from the caller. The payload is always hashed, so that a
// body altered on the way is refused by the server even without TLS.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mangrove
{

using HttpFields = std::vector<std::pair<std::string, std::string>>;

struct S3Signature
{
    std::string access_key;
    std::string secret_key;
    std::string session_token; /// empty: none
    std::string region;
};

struct S3SigningInput
{
    std::string method;
    std::string host;
    std::string path;  /// percent-encoded, begins with '/'
    HttpFields query;  /// not encoded
    HttpFields headers; /// lower-case names; signed beside host and x-amz-*
    std::string_view body;
    int64_t wall_ms = 0;
};

/// The headers to send: the given ones, x-amz-content-sha256, x-amz-date, the session token, authorization.
HttpFields signS3Request(const S3SigningInput & input, const S3Signature & with);

/// RFC 3986 unreserved characters stay; '/' stays if `keep_slash`.
std::string percentEncode(std::string_view text, bool keep_slash);

/// name=value&…, encoded and sorted: the form that is both signed and sent.
std::string canonicalQuery(const HttpFields & query);

std::string hexSha256(std::string_view bytes);

/// Base64 of the MD5, as the Content-MD5 header wants it.
std::string contentMd5(std::string_view bytes);

}
