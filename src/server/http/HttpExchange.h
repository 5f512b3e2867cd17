#pragma once
// One HTTP request and its response, as handlers see them; the transport (Beast) is behind HttpServer.cpp. A handler
// runs in the connection's thread and may block. Not thread-safe, except Response::write, which a query's progress
// and result threads serialise themselves.

#include "io/ReadBuffer.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mangrove
{

struct HttpRequest
{
    std::string method; /// GET, POST…
    std::string path;   /// decoded, without the query
    std::multimap<std::string, std::string> parameters; /// of the URL, decoded
    std::vector<std::pair<std::string, std::string>> headers;
    ReadBuffer * body = nullptr; /// decompressed by Content-Encoding
    std::string client_address;

    std::optional<std::string> parameter(const std::string & name) const;
    /// Case-insensitive.
    std::optional<std::string> header(std::string_view name) const;
};

class HttpResponse
{
public:
    virtual ~HttpResponse() = default;

    int status = 200;
    void setHeader(std::string name, std::string value) { headers.insert_or_assign(std::move(name), std::move(value)); }
    std::map<std::string, std::string> headers;
    /// Compress the body so (gzip, zstd, lz4, clickhouse_frames; see io/Compression.h); "" = not. Before the first write.
    std::string encoding;

    /// A header line that goes out at once, before the answer begins: nothing once it has. Its status will be 200.
    virtual void sendEarly(std::string_view name, std::string_view value) = 0;
    /// Sends status and headers before the first bytes. Throws NETWORK_ERROR (210) when the client is gone.
    virtual void write(std::string_view bytes) = 0;
    virtual bool started() const = 0;
    /// The client has closed the connection: nobody waits for the answer.
    virtual bool clientGone() = 0;
    /// After the last write: end of the body. abort() instead leaves the body visibly unfinished.
    virtual void finish() = 0;
    virtual void abort() = 0;
};

}
