#include "object_store/HttpClient.h"

#include "base/Exception.h"

#include <algorithm>
#include <cctype>
#include <cstring>

#include <curl/curl.h>

namespace mangrove
{

namespace
{

constexpr size_t idle_channels_max = 64;
constexpr size_t response_header_bytes_max = 64 * 1024;
constexpr long connect_timeout_ms = 3000;
/// A transfer slower than this for that long is stalled.
constexpr long stall_bytes_per_s = 1024;
constexpr long stall_s = 15;

void initCurlOnce()
{
    static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    CHECK(initialised == CURLE_OK);
}

/// One request under way: what libcurl's callbacks read and fill.
struct Transfer
{
    const HttpRequest * request = nullptr;
    HttpResponse response;
    size_t body_sent = 0;
    size_t header_bytes = 0;
    bool too_large = false;
    curl_slist * headers = nullptr;
    char error_text[CURL_ERROR_SIZE] = {};

    ~Transfer() { curl_slist_free_all(headers); }
};

size_t onRead(char * out, size_t size, size_t count, void * context)
{
    auto & transfer = *static_cast<Transfer *>(context);
    const std::string_view rest = transfer.request->body.substr(transfer.body_sent);
    const size_t length = std::min(size * count, rest.size());
    std::memcpy(out, rest.data(), length);
    transfer.body_sent += length;
    return length;
}

int onSeek(void * context, curl_off_t offset, int origin)
{
    auto & transfer = *static_cast<Transfer *>(context);
    if (origin != SEEK_SET || offset < 0 || static_cast<size_t>(offset) > transfer.request->body.size())
        return CURL_SEEKFUNC_CANTSEEK;
    transfer.body_sent = static_cast<size_t>(offset);
    return CURL_SEEKFUNC_OK;
}

size_t onWrite(char * data, size_t size, size_t count, void * context)
{
    auto & transfer = *static_cast<Transfer *>(context);
    std::string & body = transfer.response.body;
    const size_t length = size * count;
    if (body.size() + length > transfer.request->response_bytes_max)
    {
        transfer.too_large = true;
        return 0;
    }
    try
    {
        if (body.empty())
        {
            const auto it = transfer.response.headers.find("content-length");
            const uint64_t announced
                = it == transfer.response.headers.end() ? 0 : std::strtoull(it->second.c_str(), nullptr, 10);
            body.reserve(std::min(announced, transfer.request->response_bytes_max));
        }
        body.append(data, length);
    }
    catch (const std::bad_alloc &)
    {
        return 0; /// exceptions must not cross libcurl
    }
    return length;
}

size_t onHeader(char * data, size_t size, size_t count, void * context)
{
    auto & transfer = *static_cast<Transfer *>(context);
    const size_t length = size * count;
    std::string_view line(data, length);
    transfer.header_bytes += length;
    if (transfer.header_bytes > response_header_bytes_max)
        return 0;
    if (line.starts_with("HTTP/"))
    {
        transfer.response.headers.clear(); /// of an interim 1xx answer
        return length;
    }
    while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back())))
        line.remove_suffix(1);
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos)
        return length;
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    line.remove_prefix(colon + 1);
    while (!line.empty() && std::isspace(static_cast<unsigned char>(line.front())))
        line.remove_prefix(1);
    transfer.response.headers[name] = line;
    return length;
}

/// The configuration will not mend itself.
bool isHopeless(CURLcode code)
{
    return code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_PEER_FAILED_VERIFICATION
        || code == CURLE_SSL_CACERT_BADFILE;
}

void prepare(CURL * easy, Transfer & transfer, const std::string & ca_file)
{
    const HttpRequest & request = *transfer.request;
    curl_easy_reset(easy); /// keeps the connections
    curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout_ms));
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, stall_bytes_per_s);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, stall_s);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error_text);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, onWrite);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, onHeader);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
    if (!ca_file.empty())
        curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file.c_str());

    /// No "Expect: 100-continue": it costs a round trip per PUT.
    transfer.headers = curl_slist_append(nullptr, "Expect:");
    for (const auto & [name, value] : request.headers)
        transfer.headers = curl_slist_append(transfer.headers, (name + ": " + value).c_str());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers);

    if (request.method == "HEAD")
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    else if (request.method == "PUT" || request.method == "POST")
    {
        curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, 512L * 1024);
        curl_easy_setopt(easy, CURLOPT_READFUNCTION, onRead);
        curl_easy_setopt(easy, CURLOPT_READDATA, &transfer);
        curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, onSeek);
        curl_easy_setopt(easy, CURLOPT_SEEKDATA, &transfer);
    }
    if (request.method != "HEAD" && request.method != "GET" && request.method != "PUT")
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    if (request.method == "GET")
        curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 512L * 1024);
}

void finish(CURL * easy, CURLcode code, Transfer & transfer)
{
    HttpResponse & response = transfer.response;
    if (code == CURLE_OK)
    {
        long status = 0;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        response.status = static_cast<int>(status);
        return;
    }
    response.status = 0;
    response.may_retry = !isHopeless(code) && !transfer.too_large;
    response.error = transfer.too_large    ? "the answer is larger than what was asked for"
        : transfer.error_text[0] != '\0' ? transfer.error_text
                                           : curl_easy_strerror(code);
}

}

struct HttpClient::Channel
{
    CURLM * multi;
    std::vector<CURL *> easies;

    Channel() : multi(curl_multi_init())
    {
        CHECK(multi);
        curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections_per_call_max);
        curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, connections_per_call_max);
    }

    ~Channel()
    {
        for (CURL * easy : easies)
        {
            curl_multi_remove_handle(multi, easy);
            curl_easy_cleanup(easy);
        }
        curl_multi_cleanup(multi);
    }
};

const std::string & HttpResponse::header(const std::string & name) const
{
    static const std::string none;
    const auto it = headers.find(name);
    return it == headers.end() ? none : it->second;
}

HttpClient::HttpClient(std::string ca_file) : ca_file_(std::move(ca_file))
{
    initCurlOnce();
}

HttpClient::~HttpClient() = default;

std::unique_ptr<HttpClient::Channel> HttpClient::borrow()
{
    std::lock_guard lock(mutex_);
    if (idle_.empty())
        return std::make_unique<Channel>();
    /// The latest one given back: its connections are the least likely to have been closed.
    auto channel = std::move(idle_.back());
    idle_.pop_back();
    return channel;
}

void HttpClient::giveBack(std::unique_ptr<Channel> channel)
{
    std::lock_guard lock(mutex_);
    if (idle_.size() < idle_channels_max)
        idle_.push_back(std::move(channel));
}

std::vector<HttpResponse> HttpClient::perform(const std::vector<HttpRequest> & requests)
{
    std::vector<Transfer> transfers(requests.size()); /// outlives the channel: libcurl writes into it
    auto channel = borrow();
    CURLM * multi = channel->multi;
    while (channel->easies.size() < requests.size())
    {
        CURL * easy = curl_easy_init();
        CHECK(easy);
        channel->easies.push_back(easy);
    }

    for (size_t i = 0; i < requests.size(); ++i)
    {
        transfers[i].request = &requests[i];
        prepare(channel->easies[i], transfers[i], ca_file_);
        CHECK(curl_multi_add_handle(multi, channel->easies[i]) == CURLM_OK);
    }

    size_t done = 0;
    while (done < requests.size())
    {
        int running = 0;
        CURLMcode status = curl_multi_perform(multi, &running);
        int queued = 0;
        while (const CURLMsg * message = curl_multi_info_read(multi, &queued))
        {
            if (message->msg != CURLMSG_DONE)
                continue;
            Transfer * transfer = nullptr;
            CURL * easy = message->easy_handle;
            curl_easy_getinfo(easy, CURLINFO_PRIVATE, reinterpret_cast<char **>(&transfer));
            finish(easy, message->data.result, *transfer);
            curl_multi_remove_handle(multi, easy);
            ++done;
        }
        /// Each transfer has a timeout of its own, so that this loop ends.
        if (done < requests.size() && status == CURLM_OK)
            status = curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
        if (status != CURLM_OK)
            throw Exception(ErrorCode::S3_ERROR, "libcurl failed: {}", curl_multi_strerror(status));
    }

    std::vector<HttpResponse> responses;
    responses.reserve(transfers.size());
    for (Transfer & transfer : transfers)
        responses.push_back(std::move(transfer.response));
    /// Easy handles hold receive buffers; keep no more than can be under way at once.
    while (channel->easies.size() > static_cast<size_t>(connections_per_call_max))
    {
        curl_easy_cleanup(channel->easies.back());
        channel->easies.pop_back();
    }
    giveBack(std::move(channel));
    return responses;
}

}
