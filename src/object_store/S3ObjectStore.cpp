#include "object_store/S3ObjectStore.h"

#include "base/Uuid.h"
#include "object_store/S3Xml.h"

#include <algorithm>
#include <charconv>

#include <curl/curl.h>

namespace mangrove
{

namespace
{

constexpr const char * put_id_header = "x-amz-meta-mangrove-put-id";
/// Larger than any object; keeps offset + length from overflowing.
constexpr uint64_t offset_max = 1ull << 60;
constexpr uint64_t list_answer_bytes_max = 16 << 20;

std::optional<uint64_t> parseNumber(std::string_view text)
{
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

/// "bytes 5-9/10" or "bytes */10": the number after the slash.
std::optional<uint64_t> totalOfContentRange(const std::string & header)
{
    const size_t slash = header.find('/');
    return slash == std::string::npos ? std::nullopt : parseNumber(std::string_view(header).substr(slash + 1));
}

/// "bytes 5-9/10": the number after the unit.
std::optional<uint64_t> firstOfContentRange(const std::string & header)
{
    const size_t dash = header.find('-');
    if (!header.starts_with("bytes ") || dash == std::string::npos)
        return std::nullopt;
    return parseNumber(std::string_view(header).substr(6, dash - 6));
}

std::string rangeHeader(ObjectRange range)
{
    return fmt::format("bytes={}-{}", range.offset, range.offset + std::min(range.length, offset_max) - 1);
}

bool isEmptyRange(ObjectRange range)
{
    return range.length == 0 || range.offset >= offset_max;
}

}

S3ObjectStore::S3ObjectStore(S3Config config, Clock & clock) : client_(std::move(config), clock)
{
    if (client_.config().create_bucket)
        createBucket();
}

void S3ObjectStore::checkKey(const std::string & key) const
{
    validateObjectKey(key);
    if (client_.config().prefix.size() + key.size() > 1024)
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Object key '{}' is longer than 1024 bytes with its prefix", key);
}

PutResult S3ObjectStore::put(const std::string & key, std::string_view bytes, PutMode mode)
{
    checkKey(key);
    if (bytes.size() > object_bytes_max)
        throw Exception(ErrorCode::TOO_MANY_BYTES, "Object '{}' has {} bytes, at most {} fit in one PUT", key,
            bytes.size(), object_bytes_max);
    counters_.count(&RequestCounters::put_bytes, bytes.size());

    S3Request request;
    request.method = "PUT";
    request.key = key;
    request.body = bytes;
    request.counter = &RequestCounters::puts;
    const std::string put_id = Uuid::fromRandom(randomSeed(), randomSeed()).toString();
    request.headers = {{put_id_header, put_id}};
    if (mode == PutMode::IfAbsent)
        request.headers.emplace_back("if-none-match", "*");

    const HttpResponse response = client_.runOne(request, counters_);
    if (response.status == 200 || response.status == 201 || response.status == 204)
        return PutResult::Created;
    if (response.status == 412 && mode == PutMode::IfAbsent)
    {
        /// Asked every time, not only after our own retries: libcurl repeats a request on a dead connection.
        const auto there = headAnswer(key);
        if (!there)
            throw Exception(ErrorCode::S3_ERROR, "Object '{}' was there and was removed while it was put", key);
        return there->header(put_id_header) == put_id ? PutResult::Created : PutResult::AlreadyExists;
    }
    client_.throwFailure(request, response);
}

S3Request S3ObjectStore::readRequest(const std::string & key, const std::string & range, uint64_t length)
{
    S3Request request;
    request.method = "GET";
    request.key = key;
    if (!range.empty())
        request.headers = {{"range", range}};
    request.response_bytes_max = std::min(length, object_bytes_max);
    request.counter = &RequestCounters::gets;
    return request;
}

/// `range` is what was asked for, to cut it out where a server ignores Range and answers the whole object.
std::optional<ObjectBytes> S3ObjectStore::readAnswer(
    const S3Request & request, HttpResponse & response, const std::string & key, ObjectRange range)
{
    counters_.count(&RequestCounters::get_bytes, response.status == 200 || response.status == 206 ? response.body.size() : 0);
    switch (response.status)
    {
        case 200:
        {
            const uint64_t size = response.body.size();
            const uint64_t offset = std::min(range.offset, size);
            if (offset == 0 && range.length >= size)
                return ObjectBytes{std::move(response.body), size};
            return ObjectBytes{response.body.substr(offset, range.length), size};
        }
        case 206:
        {
            const std::string & header = response.header("content-range");
            const auto size = totalOfContentRange(header);
            const auto first = firstOfContentRange(header);
            const uint64_t expected = size ? std::min(range.length, *size - std::min(range.offset, *size)) : 0;
            if (!size || first != range.offset || response.body.size() != expected)
                throw Exception(
                    ErrorCode::S3_ERROR, "GET '{}' answered range '{}' of {} bytes where offset {} was asked", key,
                    header, response.body.size(), range.offset);
            return ObjectBytes{std::move(response.body), *size};
        }
        case 404:
            /// A wrong bucket must not look like a lost object. (HEAD has no body to tell them apart.)
            if (parseErrorAnswer(response.body).code == "NoSuchBucket")
                client_.throwFailure(request, response);
            return std::nullopt;
        case 416: /// the range lies behind the end
        {
            auto size = totalOfContentRange(response.header("content-range"));
            if (!size)
                size = sizeOf(key);
            return size ? std::optional(ObjectBytes{"", *size}) : std::nullopt;
        }
        default:
            client_.throwFailure(request, response);
    }
}

std::optional<ObjectBytes> S3ObjectStore::get(const std::string & key)
{
    checkKey(key);
    const S3Request request = readRequest(key, "", object_bytes_max);
    HttpResponse response = client_.runOne(request, counters_);
    return readAnswer(request, response, key, {0, object_bytes_max});
}

std::optional<ObjectBytes> S3ObjectStore::getRange(const std::string & key, ObjectRange range)
{
    checkKey(key);
    if (isEmptyRange(range))
    {
        const auto size = sizeOf(key);
        return size ? std::optional(ObjectBytes{"", *size}) : std::nullopt;
    }
    const S3Request request = readRequest(key, rangeHeader(range), range.length);
    HttpResponse response = client_.runOne(request, counters_);
    return readAnswer(request, response, key, range);
}

std::optional<ObjectBytes> S3ObjectStore::getSuffix(const std::string & key, uint64_t length)
{
    checkKey(key);
    if (length == 0)
        return getRange(key, {0, 0});
    const std::string range = "bytes=-" + std::to_string(std::min(length, offset_max));
    const S3Request request = readRequest(key, range, length);
    HttpResponse response = client_.runOne(request, counters_);
    uint64_t size = response.body.size();
    if (response.status == 206)
        size = totalOfContentRange(response.header("content-range")).value_or(size);
    return readAnswer(request, response, key, {size - std::min(length, size), length});
}

std::optional<std::vector<std::string>>
S3ObjectStore::getRanges(const std::string & key, const std::vector<ObjectRange> & ranges)
{
    checkKey(key);
    std::vector<S3Request> requests;
    std::vector<size_t> positions;
    for (size_t i = 0; i < ranges.size(); ++i)
    {
        if (isEmptyRange(ranges[i]))
            continue;
        requests.push_back(readRequest(key, rangeHeader(ranges[i]), ranges[i].length));
        positions.push_back(i);
    }
    if (requests.empty() && !sizeOf(key))
        return std::nullopt;
    std::vector<HttpResponse> responses = client_.run(requests, counters_);
    std::vector<std::string> result(ranges.size());
    for (size_t k = 0; k < requests.size(); ++k)
    {
        auto answer = readAnswer(requests[k], responses[k], key, ranges[positions[k]]);
        if (!answer)
            return std::nullopt;
        result[positions[k]] = std::move(answer->bytes);
    }
    return result;
}

std::optional<HttpResponse> S3ObjectStore::headAnswer(const std::string & key)
{
    S3Request request;
    request.method = "HEAD";
    request.key = key;
    request.counter = &RequestCounters::heads;
    HttpResponse response = client_.runOne(request, counters_);
    if (response.status == 200)
        return response;
    if (response.status == 404)
        return std::nullopt;
    client_.throwFailure(request, response);
}

std::optional<uint64_t> S3ObjectStore::sizeOf(const std::string & key)
{
    const auto info = head(key);
    return info ? std::optional(info->size) : std::nullopt;
}

std::optional<ObjectInfo> S3ObjectStore::head(const std::string & key)
{
    checkKey(key);
    const auto response = headAnswer(key);
    if (!response)
        return std::nullopt;
    const auto size = parseNumber(response->header("content-length"));
    const time_t mtime_s = curl_getdate(response->header("last-modified").c_str(), nullptr);
    if (!size || mtime_s < 0)
        throw Exception(ErrorCode::S3_ERROR, "HEAD '{}' answered no size or time", key);
    return ObjectInfo{key, *size, static_cast<int64_t>(mtime_s) * 1000};
}

ListPage S3ObjectStore::list(const std::string & prefix, const std::string & start_after, size_t limit)
{
    const std::string & root = client_.config().prefix;
    S3Request request;
    request.method = "GET";
    request.query = {
        {"list-type", "2"},
        {"max-keys", std::to_string(std::clamp<size_t>(limit, 1, list_limit_max))},
        {"prefix", root + prefix}};
    if (!start_after.empty())
        request.query.emplace_back("start-after", root + start_after);
    request.response_bytes_max = list_answer_bytes_max;
    request.counter = &RequestCounters::lists;
    const HttpResponse response = client_.runOne(request, counters_);
    if (response.status != 200)
        client_.throwFailure(request, response);
    return parseListAnswer(response.body, root);
}

void S3ObjectStore::remove(const std::string & key)
{
    checkKey(key);
    S3Request request;
    request.method = "DELETE";
    request.key = key;
    request.counter = &RequestCounters::deletes;
    const HttpResponse response = client_.runOne(request, counters_);
    if (response.status != 204 && response.status != 200 && response.status != 404)
        client_.throwFailure(request, response);
}

void S3ObjectStore::removeMany(const std::vector<std::string> & keys)
{
    for (const std::string & key : keys)
        checkKey(key);
    for (size_t begin = 0; begin < keys.size(); begin += remove_batch_max)
    {
        const size_t end = std::min(keys.size(), begin + remove_batch_max);
        const std::vector<std::string> batch(keys.begin() + begin, keys.begin() + end);
        if (batch_delete_works_ && removeBatch(batch))
            continue;
        for (const std::string & key : batch)
            remove(key);
    }
}

/// False if the server does not know the request; then nothing was removed.
bool S3ObjectStore::removeBatch(const std::vector<std::string> & keys)
{
    std::vector<std::string> full_keys;
    full_keys.reserve(keys.size());
    for (const std::string & key : keys)
        full_keys.push_back(client_.config().prefix + key);
    const std::string body = makeDeleteRequest(full_keys);
    S3Request request;
    request.method = "POST";
    request.query = {{"delete", ""}};
    request.headers = {{"content-md5", contentMd5(body)}, {"content-type", "application/xml"}};
    request.body = body;
    request.response_bytes_max = list_answer_bytes_max;
    request.counter = &RequestCounters::deletes;
    const HttpResponse response = client_.runOne(request, counters_);
    if (response.status == 501 || response.status == 405)
    {
        batch_delete_works_ = false;
        return false;
    }
    if (response.status != 200)
        client_.throwFailure(request, response);
    if (const auto failure = parseDeleteAnswer(response.body))
        throw Exception(ErrorCode::S3_ERROR, "Could not remove every object: {}", *failure);
    return true;
}

void S3ObjectStore::createBucket()
{
    S3Request request;
    request.method = "PUT";
    request.counter = &RequestCounters::puts;
    const HttpResponse response = client_.runOne(request, counters_);
    if (response.status != 200 && parseErrorAnswer(response.body).code != "BucketAlreadyOwnedByYou")
        client_.throwFailure(request, response);
}

}
