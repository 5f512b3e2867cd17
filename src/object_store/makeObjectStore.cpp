#include "object_store/LatencyObjectStore.h"
#include "object_store/LocalObjectStore.h"
#include "object_store/MemoryObjectStore.h"
#include "object_store/S3ObjectStore.h"

#include <charconv>

namespace mangrove
{

namespace
{

constexpr int64_t added_latency_ms_max = 60'000;

/// Takes `add_latency_ms=N` out of the URL's parameters; 0 if it is not there.
int64_t takeAddedLatency(std::string & url)
{
    static constexpr std::string_view name = "add_latency_ms=";
    const size_t question = url.find('?');
    size_t begin = question == std::string::npos ? question : url.find(name, question);
    if (begin == std::string::npos || (url[begin - 1] != '?' && url[begin - 1] != '&'))
        return 0;
    const size_t end = std::min(url.find('&', begin), url.size());
    const std::string_view text = std::string_view(url).substr(begin + name.size(), end - begin - name.size());
    int64_t latency_ms = -1;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), latency_ms);
    if (error != std::errc() || stop != text.data() + text.size() || latency_ms < 0
        || latency_ms > added_latency_ms_max)
        throw Exception(
            ErrorCode::BAD_ARGUMENTS, "add_latency_ms of the object store URL must be 0 to {}", added_latency_ms_max);
    url.erase(begin, std::min(end + 1, url.size()) - begin);
    if (url.ends_with('&') || url.ends_with('?'))
        url.pop_back();
    return latency_ms;
}

ObjectStorePtr makePlainObjectStore(const std::string & url)
{
    if (url == "memory://")
        return std::make_shared<MemoryObjectStore>();
    if (url.starts_with("s3://"))
        return std::make_shared<S3ObjectStore>(parseS3Url(url), SystemClock::instance());
    if (url.starts_with("file:///"))
    {
        const std::string path = url.substr(std::string_view("file://").size());
        if (path.find('?') != std::string::npos)
            throw Exception(ErrorCode::BAD_ARGUMENTS, "An object store in a folder takes no parameters: '{}'", url);
        return std::make_shared<LocalObjectStore>(path);
    }
    throw Exception(
        ErrorCode::BAD_ARGUMENTS,
        "Cannot open object store '{}': it must be file:///absolute/folder, s3://bucket/prefix?… or memory://",
        url.substr(0, url.find('?')));
}

}

ObjectStorePtr makeObjectStore(const std::string & url)
{
    std::string plain_url = url;
    const int64_t latency_ms = takeAddedLatency(plain_url);
    ObjectStorePtr store = makePlainObjectStore(plain_url);
    if (latency_ms > 0)
        return std::make_shared<LatencyObjectStore>(std::move(store), latency_ms, SystemClock::instance());
    return store;
}

}
