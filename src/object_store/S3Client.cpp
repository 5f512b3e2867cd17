#include "object_store/S3Client.h"

#include "object_store/S3Xml.h"

#include <algorithm>

namespace mangrove
{

namespace
{

constexpr int64_t backoff_first_ms = 50;
constexpr int64_t backoff_max_ms = 5000;
constexpr int64_t attempt_timeout_ms = 30'000;
constexpr uint64_t slowest_bytes_per_ms = 1000;
/// An error answer is small, and must fit even where nothing else is expected.
constexpr uint64_t error_bytes_max = 1 << 20;

bool mayRetry(const HttpResponse & response)
{
    switch (response.status)
    {
        case 0:
            return response.may_retry;
        case 408:
        case 429:
        case 500:
        case 502:
        case 503:
        case 504:
            return true;
        case 400:
        case 409:
        {
            const std::string code = parseErrorAnswer(response.body).code;
            return code == "RequestTimeout" || code == "ConditionalRequestConflict" || code == "OperationAborted";
        }
        default:
            return false;
    }
}

/// What the bytes of a request may add to its time.
int64_t transferMs(const S3Request & request)
{
    return static_cast<int64_t>((request.body.size() + request.response_bytes_max) / slowest_bytes_per_ms);
}

}

bool RetryBudget::take()
{
    if (tenths_.fetch_sub(10) >= 10)
        return true;
    tenths_.fetch_add(10);
    return false;
}

void RetryBudget::refund()
{
    if (tenths_.load(std::memory_order_relaxed) < capacity)
        tenths_.fetch_add(1, std::memory_order_relaxed);
}

S3Client::S3Client(S3Config config, Clock & clock)
    : config_(std::move(config))
    , signature_{config_.access_key, config_.secret_key, config_.session_token, config_.region}
    , clock_(clock)
    , http_(config_.ca_file)
    , random_(randomSeed())
{
}

std::string S3Client::describe() const
{
    return "s3://" + config_.bucket + "/" + config_.prefix + " at " + config_.scheme + "://" + config_.host;
}

HttpRequest S3Client::sign(const S3Request & request, int64_t timeout_ms) const
{
    S3SigningInput input;
    input.method = request.method;
    input.host = config_.host;
    input.path = config_.path_style ? "/" + percentEncode(config_.bucket, true) : "";
    if (!request.key.empty())
        input.path += "/" + percentEncode(config_.prefix + request.key, true);
    if (input.path.empty())
        input.path = "/";
    input.query = request.query;
    input.headers = request.headers;
    input.body = request.body;
    input.wall_ms = clock_.wallMs();

    HttpRequest http;
    http.method = request.method;
    http.url = config_.scheme + "://" + config_.host + input.path;
    if (!request.query.empty())
        http.url += "?" + canonicalQuery(request.query);
    http.headers = signS3Request(input, signature_);
    http.body = request.body;
    http.response_bytes_max = std::max(request.response_bytes_max, error_bytes_max);
    http.timeout_ms = timeout_ms;
    return http;
}

int64_t S3Client::backoffMs(int64_t attempt)
{
    const int64_t ceiling = std::min(backoff_max_ms, backoff_first_ms << std::min<int64_t>(attempt, 10));
    return static_cast<int64_t>(random_.below(static_cast<uint64_t>(ceiling) + 1));
}

std::vector<HttpResponse> S3Client::run(const std::vector<S3Request> & requests, RequestCounters & counters)
{
    std::vector<HttpResponse> answers(requests.size());
    std::vector<size_t> pending(requests.size());
    int64_t deadline_ms = clock_.monotonicMs() + config_.deadline_ms;
    for (size_t i = 0; i < requests.size(); ++i)
    {
        pending[i] = i;
        deadline_ms += transferMs(requests[i]);
    }
    if (pending.empty())
        return answers;

    for (int64_t attempt = 0;; ++attempt)
    {
        std::vector<HttpRequest> signed_requests;
        signed_requests.reserve(pending.size());
        for (const size_t i : pending)
        {
            const int64_t left_ms = std::max<int64_t>(1, deadline_ms - clock_.monotonicMs());
            const int64_t timeout_ms = std::min(left_ms, attempt_timeout_ms + transferMs(requests[i]));
            signed_requests.push_back(sign(requests[i], timeout_ms));
            if (requests[i].counter)
                counters.count(requests[i].counter);
        }
        std::vector<HttpResponse> responses = http_.perform(signed_requests);

        std::vector<size_t> again;
        for (size_t k = 0; k < pending.size(); ++k)
        {
            HttpResponse & answer = answers[pending[k]] = std::move(responses[k]);
            if (!mayRetry(answer))
                budget_.refund();
            else if (attempt + 1 < config_.attempts_max && clock_.monotonicMs() < deadline_ms && budget_.take())
                again.push_back(pending[k]);
        }
        if (again.empty())
            return answers;
        pending = std::move(again);
        counters.count(&RequestCounters::retries, pending.size());
        clock_.sleepMs(std::min(backoffMs(attempt), std::max<int64_t>(0, deadline_ms - clock_.monotonicMs())));
    }
}

HttpResponse S3Client::runOne(const S3Request & request, RequestCounters & counters)
{
    return std::move(run({request}, counters).front());
}

void S3Client::throwFailure(const S3Request & request, const HttpResponse & response) const
{
    const std::string what = request.method + " '" + request.key + "' in " + describe();
    if (response.status == 0)
        throw Exception(ErrorCode::S3_ERROR, "{} failed: {}", what, response.error);
    const S3ErrorAnswer error = parseErrorAnswer(response.body);
    throw Exception(
        ErrorCode::S3_ERROR, "{} answered {} {}{}{}", what, response.status, error.code,
        error.message.empty() ? "" : ": ", error.message);
}

}
