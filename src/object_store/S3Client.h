#pragma once
// Signed requests to one bucket, with retries: what S3ObjectStore is made of. An attempt is repeated on transport
// errors, 429 and 5xx (and S3's retryable 4xx) after a wait of full jitter, until the attempts, the deadline or the
// retry budget end. The budget is shared by all calls: when the bucket is down, retries stop multiplying load.
// Thread-safe. Source of the scheme: "Exponential Backoff and Jitter" and "Timeouts, retries and backoff with
// jitter", Amazon Builders' Library.

#include "base/Clock.h"
#include "base/Random.h"
#include "object_store/HttpClient.h"
#include "object_store/RequestCounters.h"
#include "object_store/S3Config.h"

namespace mangrove
{

struct S3Request
{
    std::string method;
    std::string key; /// below the prefix; empty: the bucket itself
    HttpFields query;
    HttpFields headers; /// lower-case names
    std::string_view body;
    uint64_t response_bytes_max = 0;
    RequestCounters::Counter counter = nullptr; /// of its class: one per attempt
};

class RetryBudget
{
public:
    bool take();
    void refund();

private:
    static constexpr int64_t capacity = 1000; /// in tenths: 100 retries at once, then one per ten successes
    std::atomic<int64_t> tenths_{capacity};
};

class S3Client
{
public:
    S3Client(S3Config config, Clock & clock);

    /// Answers in the order of `requests`, whatever their status.
    std::vector<HttpResponse> run(const std::vector<S3Request> & requests, RequestCounters & counters);
    HttpResponse runOne(const S3Request & request, RequestCounters & counters);

    /// S3_ERROR with method, key, status, and the server's code and words.
    [[noreturn]] void throwFailure(const S3Request & request, const HttpResponse & response) const;

    const S3Config & config() const { return config_; }
    std::string describe() const;

private:
    HttpRequest sign(const S3Request & request, int64_t timeout_ms) const;
    int64_t backoffMs(int64_t attempt);

    const S3Config config_;
    const S3Signature signature_;
    Clock & clock_;
    HttpClient http_;
    SharedRandom random_;
    RetryBudget budget_;
};

}
