#include "server/http/HttpServer.h"

#include "base/Exception.h"
#include "base/Log.h"
#include "io/Compression.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>
#include <poll.h>
#include <sstream>
#include <strings.h>
#include <system_error>
#include <sys/socket.h>
#include <thread>

namespace mangrove
{

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

std::optional<std::string> HttpRequest::parameter(const std::string & name) const
{
    auto it = parameters.find(name);
    return it == parameters.end() ? std::nullopt : std::optional(it->second);
}

std::optional<std::string> HttpRequest::header(std::string_view name) const
{
    for (const auto & [key, value] : headers)
        if (key.size() == name.size() && strncasecmp(key.data(), name.data(), name.size()) == 0)
            return value;
    return std::nullopt;
}

namespace
{

constexpr size_t read_bytes = 1 << 17;

/// A socket with one thread and bounded waits: an asynchronous operation is started and its loop run to the end.
class Connection
{
public:
    Connection(asio::io_context & loop, tcp::socket socket) : loop_(loop), stream_(std::move(socket)) { }

    /// operation(callback) → error code. On a timeout the stream is closed and the error is beast::error::timeout.
    template <typename Operation>
    beast::error_code run(int timeout_ms, Operation && operation)
    {
        beast::error_code result;
        stream_.expires_after(std::chrono::milliseconds(timeout_ms));
        operation([&](beast::error_code error, size_t) { result = error; });
        loop_.restart();
        loop_.run();
        return result;
    }

    beast::tcp_stream & stream() { return stream_; }

    bool peerClosed()
    {
        char byte;
        auto received = ::recv(stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        return received == 0 || (received < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
    }

    void cut() { ::shutdown(stream_.socket().native_handle(), SHUT_RDWR); }

    /// Ends the sending side and swallows what still comes, for a moment: closing at once would take the answer away from
    /// a client that is still sending.
    void linger()
    {
        constexpr int patience_ms = 2'000;
        auto socket = stream_.socket().native_handle();
        ::shutdown(socket, SHUT_WR);
        std::vector<char> rest(1 << 16);
        auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
        pollfd wait{.fd = socket, .events = POLLIN, .revents = 0};
        while (std::chrono::steady_clock::now() < end && ::poll(&wait, 1, patience_ms / 4) > 0 && ::recv(socket, rest.data(), rest.size(), MSG_DONTWAIT) > 0)
        {
        }
    }

    std::atomic<bool> idle{true}; /// between two requests

private:
    asio::io_context & loop_;
    beast::tcp_stream stream_;
};

class BodyReader final : public ReadBuffer
{
public:
    BodyReader(Connection & connection, beast::flat_buffer & buffer, http::request_parser<http::buffer_body> & parser, int timeout_ms)
        : connection_(connection), buffer_(buffer), parser_(parser), timeout_ms_(timeout_ms), window_(1 << 18)
    {
    }

private:
    bool refill() override
    {
        while (!parser_.is_done())
        {
            auto & body = parser_.get().body();
            body.data = window_.data();
            body.size = window_.size();
            auto error = connection_.run(timeout_ms_, [&](auto done) { http::async_read_some(connection_.stream(), buffer_, parser_, done); });
            size_t received = window_.size() - body.size;
            if (error && error != http::error::need_buffer)
                throw Exception(ErrorCode::NETWORK_ERROR, "Cannot read the request body: {}", error.message());
            if (received)
            {
                setWindow(window_.data(), window_.data() + received);
                return true;
            }
        }
        return false;
    }

    Connection & connection_;
    beast::flat_buffer & buffer_;
    http::request_parser<http::buffer_body> & parser_;
    int timeout_ms_;
    std::vector<char> window_;
};

class Response final : public HttpResponse
{
public:
    Response(Connection & connection, unsigned version, bool keep_alive, bool head_only, int timeout_ms)
        : connection_(connection), version_(version), keep_alive_(keep_alive), head_only_(head_only), timeout_ms_(timeout_ms)
    {
    }

    void write(std::string_view bytes) override
    {
        if (bytes.empty())
            return;
        begin(false);
        if (encoder_)
            encoder_->write(bytes);
        else
            writeChunk(bytes);
    }
    void sendEarly(std::string_view name, std::string_view value) override
    {
        if (started_ || version_ < 11)
            return;
        std::string line = early_ ? "" : "HTTP/1.1 200 OK\r\n";
        early_ = true;
        line.append(name).append(": ").append(value).append("\r\n");
        send([&](auto done) { asio::async_write(connection_.stream(), asio::buffer(line), done); });
    }
    bool started() const override { return started_; }
    bool clientGone() override { return gone_ || connection_.peerClosed(); }
    void finish() override
    {
        begin(true);
        if (empty_)
            return;
        if (encoder_)
            encoder_->finish();
        if (!head_only_ && version_ >= 11)
            send([&](auto done) { asio::async_write(connection_.stream(), http::make_chunk_last(), done); });
    }
    void abort() override
    {
        keep_alive_ = false;
        try
        {
            if (encoder_)
                encoder_->finish(); // what it still holds is the exception's text
        }
        catch (const Exception &) // the client is gone
        {
        }
        connection_.cut();
    }
    bool keepAlive() const { return keep_alive_ && !gone_; }
    void closeAfter() { keep_alive_ = false; }

private:
    void begin(bool empty)
    {
        if (std::exchange(started_, true))
            return;
        empty_ = empty;
        http::response<http::empty_body> head{http::int_to_status(status), version_};
        for (const auto & [name, value] : headers)
            head.set(name, value);
        bool encoded = !encoding.empty() && !empty;
        if (encoded && encoding != clickhouse_frames)
            head.set(http::field::content_encoding, encoding);
        if (version_ < 11)
            keep_alive_ = false;
        head.keep_alive(keep_alive_);
        if (empty)
            head.content_length(0);
        else if (version_ >= 11)
            head.chunked(true);
        if (early_)
        {
            std::ostringstream text;
            text << head.base();
            auto rest = text.str();
            rest.erase(0, rest.find('\n') + 1); // the status line is out
            send([&](auto done) { asio::async_write(connection_.stream(), asio::buffer(rest), done); });
        }
        else
        {
            http::response_serializer<http::empty_body> serializer{head};
            send([&](auto done) { http::async_write_header(connection_.stream(), serializer, done); });
        }
        if (encoded) // after the head: some write their own at once
            encoder_ = makeCompressor(encoding, [this](std::string_view bytes) { writeChunk(bytes); });
    }

    void writeChunk(std::string_view bytes)
    {
        if (head_only_ || bytes.empty())
            return;
        asio::const_buffer body(bytes.data(), bytes.size());
        if (version_ >= 11)
            send([&](auto done) { asio::async_write(connection_.stream(), http::make_chunk(body), done); });
        else
            send([&](auto done) { asio::async_write(connection_.stream(), body, done); });
    }

    template <typename Operation>
    void send(Operation && operation)
    {
        auto error = connection_.run(timeout_ms_, operation);
        if (error)
        {
            gone_ = true;
            throw Exception(ErrorCode::NETWORK_ERROR, "Cannot send to the client: {}", error.message());
        }
    }

    Connection & connection_;
    unsigned version_;
    bool keep_alive_, head_only_;
    int timeout_ms_;
    bool started_ = false, early_ = false, empty_ = false, gone_ = false;
    std::unique_ptr<Compressor> encoder_;
};

void fillRequest(HttpRequest & request, const http::request_parser<http::buffer_body> & parser)
{
    const auto & head = parser.get();
    request.method = std::string(head.method_string());
    for (const auto & field : head)
        request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    auto target = boost::urls::parse_origin_form(head.target());
    if (!target)
        throw Exception(ErrorCode::BAD_ARGUMENTS, "The request target is not a valid URL");
    request.path = target->path();
    for (auto parameter : target->params())
    {
        if (!parameter.key.empty())
            request.parameters.emplace(parameter.key, parameter.value); // decoded, '+' is a space
    }
}

}

struct HttpServer::State
{
    State(HttpServerSettings settings_, Handler handler_)
        : settings(std::move(settings_)), handler(std::move(handler_)), acceptor(loop)
    {
    }

    void listen()
    {
        beast::error_code error;
        auto address = asio::ip::make_address(settings.host == "localhost" ? "127.0.0.1" : settings.host, error);
        if (error)
            throw Exception(ErrorCode::BAD_ARGUMENTS, "listen_host must be an IP address, got '{}'", settings.host);
        tcp::endpoint endpoint(address, settings.port);
        acceptor.open(endpoint.protocol());
        acceptor.set_option(asio::socket_base::reuse_address(true));
        acceptor.bind(endpoint, error);
        if (error)
            throw Exception(ErrorCode::NETWORK_ERROR, "Cannot listen on {}:{}: {}", settings.host, settings.port, error.message());
        acceptor.listen(asio::socket_base::max_listen_connections);
        accepting = std::thread([this] { accept(); });
    }

    void accept()
    {
        while (!stopping)
        {
            auto loop_of_connection = std::make_shared<asio::io_context>(1);
            tcp::socket socket(*loop_of_connection);
            beast::error_code error;
            acceptor.accept(socket, error);
            if (stopping)
                return;
            if (error)
            {
                // Out of file descriptors, most likely: wait for connections to end instead of spinning.
                std::unique_lock lock(mutex);
                changed.wait_for(lock, std::chrono::milliseconds(100));
                continue;
            }
            std::lock_guard lock(mutex);
            if (active >= settings.connections_max)
            {
                refuse(socket, fmt::format("{} connections are open, no more are taken", active));
                continue;
            }
            count(1);
            try
            {
                std::thread([this, loop_of_connection, socket = std::move(socket)]() mutable
                {
                    serve(*loop_of_connection, std::move(socket));
                    std::lock_guard end(mutex);
                    count(-1);
                    changed.notify_all();
                }).detach();
            }
            catch (const std::system_error & failure)
            {
                count(-1); // no thread to be had: the socket closes
                logWarning("http", "a connection was not taken: {}", failure.what());
            }
        }
    }

    void count(int change)
    {
        active += change;
        if (settings.connections)
            *settings.connections += change;
    }

    /// At once or not at all: whoever accepts must not wait.
    void refuse(tcp::socket & socket, const std::string & why)
    {
        constexpr std::string_view answer = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
        (void)::send(socket.native_handle(), answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        auto now = std::chrono::steady_clock::now();
        if (now - refusal_logged > std::chrono::seconds(1))
            logWarning("http", "{}", why);
        refusal_logged = now;
    }

    void serve(asio::io_context & connection_loop, tcp::socket socket)
    {
        HttpRequest request;
        beast::error_code ignored;
        request.client_address = socket.remote_endpoint(ignored).address().to_string(ignored);
        socket.set_option(tcp::no_delay(true), ignored);
        Connection connection(connection_loop, std::move(socket));
        std::list<Connection *>::iterator listed;
        {
            std::lock_guard lock(mutex);
            listed = connections.insert(connections.end(), &connection);
        }
        try
        {
            beast::flat_buffer buffer;
            buffer.reserve(read_bytes); // Beast reads as much as the buffer holds: 512 bytes by default
            while (!stopping && serveOne(connection, buffer, request.client_address))
            {
            }
        }
        catch (const std::exception & exception)
        {
            logDebug("http", "connection of {} ended: {}", request.client_address, exception.what());
        }
        std::lock_guard lock(mutex);
        connections.erase(listed);
    }

    /// False: the connection ends.
    bool serveOne(Connection & connection, beast::flat_buffer & buffer, const std::string & client_address)
    {
        http::request_parser<http::buffer_body> parser;
        parser.header_limit(static_cast<uint32_t>(settings.header_bytes_max));
        parser.body_limit(settings.body_bytes_max);
        auto error = connection.run(settings.header_timeout_ms, [&](auto done) { http::async_read_header(connection.stream(), buffer, parser, done); });
        if (error)
        {
            if (error == http::error::header_limit || error.category() == http::make_error_code(http::error::bad_method).category())
                if (error != http::error::end_of_stream && error != http::error::partial_message)
                {
                    Response response(connection, 11, false, false, settings.body_timeout_ms);
                    response.status = error == http::error::header_limit ? 431 : 400;
                    response.write("Bad HTTP request: " + error.message() + "\n");
                    response.finish();
                    connection.linger();
                }
            return false;
        }
        if (parser.get().count(http::field::transfer_encoding) && !parser.chunked())
        {
            // Where such a body ends nobody knows: what follows must not be taken for a request.
            Response response(connection, 11, false, false, settings.body_timeout_ms);
            response.status = 501;
            response.write("Bad HTTP request: the only Transfer-Encoding is chunked\n");
            response.finish();
            connection.linger();
            return false;
        }
        connection.idle = false;
        HttpRequest request;
        request.client_address = client_address;
        const auto & head = parser.get();
        Response response(connection, head.version(), head.keep_alive(), head.method() == http::verb::head, settings.body_timeout_ms);
        if (beast::iequals(head[http::field::expect], "100-continue"))
        {
            http::response<http::empty_body> go_on{http::status::continue_, head.version()};
            connection.run(settings.body_timeout_ms, [&](auto done) { http::async_write(connection.stream(), go_on, done); });
        }
        BodyReader body(connection, buffer, parser, settings.body_timeout_ms);
        std::unique_ptr<ReadBuffer> decoded;
        try
        {
            fillRequest(request, parser);
            request.body = &body;
            if (auto encoding = request.header("Content-Encoding"); encoding && !encoding->empty() && *encoding != "identity")
            {
                decoded = makeDecompressor(*encoding, body);
                request.body = decoded.get();
            }
            handler(request, response);
        }
        catch (const Exception & exception)
        {
            if (response.started())
            {
                response.abort();
                return false;
            }
            response.status = 400;
            response.setHeader("X-ClickHouse-Exception-Code", std::to_string(static_cast<int>(exception.code())));
            response.write(fmt::format("Code: {}. DB::Exception: {} ({})\n", static_cast<int>(exception.code()), exception.message(), errorName(exception.code())));
        }
        response.finish();
        // The rest of an unread body: a little is skipped for the next request's sake, much ends the connection.
        uint64_t skipped = 0;
        try
        {
            while (!body.eof() && skipped < (1 << 20))
            {
                skipped += body.available();
                body.advance(body.available());
            }
        }
        catch (const Exception &)
        {
            return false;
        }
        if (skipped >= (1 << 20))
        {
            connection.linger();
            return false;
        }
        connection.idle = true;
        return response.keepAlive();
    }

    void stop(int timeout_ms, const std::function<void()> & cancel)
    {
        if (stopping.exchange(true))
            return;
        // accept() wakes up by a connection of our own.
        ::shutdown(acceptor.native_handle(), SHUT_RDWR);
        if (accepting.joinable())
            accepting.join();
        std::unique_lock lock(mutex);
        for (auto * connection : connections)
            if (connection->idle)
                connection->cut();
        auto drained = [&](int ms) { return changed.wait_for(lock, std::chrono::milliseconds(ms), [&] { return active == 0; }); };
        constexpr int cancel_ms = 2'000;
        if (!drained(timeout_ms) && cancel)
        {
            cancel();
            drained(cancel_ms);
        }
        for (auto * connection : connections)
            connection->cut();
        changed.wait(lock, [&] { return active == 0; });
    }

    HttpServerSettings settings;
    Handler handler;
    asio::io_context loop;
    tcp::acceptor acceptor;
    std::thread accepting;
    std::atomic<bool> stopping{false};
    std::mutex mutex;
    std::condition_variable changed;
    size_t active = 0;
    std::chrono::steady_clock::time_point refusal_logged{};
    std::list<Connection *> connections;
};

HttpServer::HttpServer(HttpServerSettings settings, Handler handler) : state_(std::make_unique<State>(std::move(settings), std::move(handler)))
{
    state_->listen();
}

HttpServer::~HttpServer()
{
    stop(0);
}

uint16_t HttpServer::port() const
{
    return state_->acceptor.local_endpoint().port();
}

void HttpServer::stop(int timeout_ms, const std::function<void()> & cancel)
{
    state_->stop(timeout_ms, cancel);
}

}
