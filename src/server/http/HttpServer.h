#pragma once
// HTTP/1.1 listener: a thread per connection up to a limit, keep-alive, streamed bodies both ways, bounded headers and
// waits. What a request means is the handler's (Router in main). Start and stop from one thread.

#include "server/http/HttpExchange.h"

#include <atomic>
#include <functional>
#include <memory>

namespace mangrove
{

struct HttpServerSettings
{
    std::string host = "127.0.0.1";
    uint16_t port = 0; /// 0: a free one
    size_t connections_max = 1024;
    size_t header_bytes_max = 1 << 20;
    uint64_t body_bytes_max = 64ULL << 30;
    int header_timeout_ms = 30'000; /// also idle keep-alive
    int body_timeout_ms = 300'000;  /// without a byte, reading or writing
    std::atomic<int64_t> * connections = nullptr; /// a gauge, if anyone wants it
};

class HttpServer
{
public:
    using Handler = std::function<void(const HttpRequest &, HttpResponse &)>;

    /// Listens at once; NETWORK_ERROR (210) if the port is taken.
    HttpServer(HttpServerSettings settings, Handler handler);
    ~HttpServer();

    uint16_t port() const;
    /// Stops accepting, lets requests in flight end within the timeout, then calls `cancel`, and a moment later cuts what
    /// still did not end.
    void stop(int timeout_ms, const std::function<void()> & cancel = {});

private:
    struct State;
    std::unique_ptr<State> state_;
};

}
