#pragma once
// HTTP requests over libcurl, several at once, with connections kept between calls. Used by S3Client. Thread-safe:
// each call borrows a multi handle (and with it its open connections) from a pool. No redirects, only http and
// https, every wait and every response size bounded. It does not retry: but libcurl itself sends a request again
// when a kept connection turns out to be dead, so a write may reach the server twice.

#include "object_store/signS3Request.h"

#include <map>
#include <memory>
#include <mutex>

namespace mangrove
{

struct HttpRequest
{
    std::string method;
    std::string url;
    HttpFields headers;
    std::string_view body; /// must outlive the call
    uint64_t response_bytes_max = 0;
    int64_t timeout_ms = 0;
};

struct HttpResponse
{
    int status = 0;        /// 0: no answer, see error
    std::string error;     /// libcurl's words
    bool may_retry = true; /// meaningful when status is 0
    std::string body;
    std::map<std::string, std::string> headers; /// lower-case names

    const std::string & header(const std::string & name) const;
};

class HttpClient
{
public:
    static constexpr long connections_per_call_max = 32;

    explicit HttpClient(std::string ca_file);
    ~HttpClient();

    /// The answers in the order of `requests`.
    std::vector<HttpResponse> perform(const std::vector<HttpRequest> & requests);

private:
    struct Channel; /// a multi handle and its idle easy handles

    std::unique_ptr<Channel> borrow();
    void giveBack(std::unique_ptr<Channel> channel);

    const std::string ca_file_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Channel>> idle_;
};

}
