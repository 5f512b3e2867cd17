#pragma once
// Where a bucket is and how to reach it: s3://bucket/prefix?parameter=value&… (values percent-encoded). Parameters:
//   endpoint        http(s)://host[:port]; default AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, else Amazon's of the region
//   region          default AWS_REGION, AWS_DEFAULT_REGION, else us-east-1
//   access_key, secret_key, session_token   default AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
//   addressing      path or virtual; default virtual for Amazon's endpoint, path for any other
//   ca_file         certificates to trust instead of the system's
//   deadline_ms     of one call with its retries, before what its bytes add (default 60000)
//   attempts_max    of one request (default 8)
//   create_bucket   1: create the bucket if it is not there (tests, demos)
// Profiles, instance metadata and web identity are not read: give keys.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace mangrove
{

struct S3Config
{
    std::string bucket;
    std::string prefix; /// empty, or ends with '/'
    std::string scheme = "https";
    std::string host; /// of requests: with the port unless it is the scheme's own, with the bucket when virtual
    bool path_style = false;
    std::string region;
    std::string access_key;
    std::string secret_key;
    std::string session_token;
    std::string ca_file;
    int64_t deadline_ms = 60'000;
    int64_t attempts_max = 8;
    bool create_bucket = false;
};

/// Throws BAD_ARGUMENTS saying which part is wrong or missing, never quoting a credential.
S3Config parseS3Url(const std::string & url);

/// The parameters after '?', percent-decoded; throws BAD_ARGUMENTS on a malformed or repeated one.
std::map<std::string, std::string> parseUrlParameters(std::string_view query);

}
