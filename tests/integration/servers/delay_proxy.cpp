// A loopback HTTP proxy that makes a bucket as distant as a real one: every GET and HEAD waits a while before it is
// passed on, any number of them at once; writes pass undelayed. Used by bench/ (cold reads, trace by id).
//     delay_proxy UPSTREAM_PORT DELAY_MS      prints port=N, serves until it is killed
// GET /.proxy/log answers one line a read since the last such request, "start_us end_us bytes key range", and
// forgets them. From start (request received) to end (answer received from upstream) a reader has to wait.
// One thread; each client connection has one upstream connection of its own.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace
{

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

constexpr uint64_t body_bytes_max = 5ULL << 30;
constexpr size_t log_bytes_max = 1ULL << 30;

struct Proxy
{
    tcp::endpoint upstream;
    std::chrono::milliseconds delay;
    std::string log;

    void add(int64_t start_us, int64_t end_us, const http::response<http::string_body> & answer, std::string_view target, std::string_view range)
    {
        if (log.size() > log_bytes_max)
            return;
        log += std::to_string(start_us) + ' ' + std::to_string(end_us) + ' ' + std::to_string(answer.body().size()) + ' ';
        log.append(target).append(" ").append(range.empty() ? "-" : range).append("\n");
    }
};

int64_t nowUs()
{
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

asio::awaitable<void> serve(Proxy & proxy, tcp::socket accepted)
{
    auto executor = co_await asio::this_coro::executor;
    beast::tcp_stream client(std::move(accepted)), upstream(executor);
    client.socket().set_option(tcp::no_delay(true));
    asio::steady_timer timer(executor);
    beast::flat_buffer from_client, from_upstream;
    try
    {
        while (true)
        {
            http::request_parser<http::string_body> parser;
            parser.body_limit(body_bytes_max);
            co_await http::async_read(client, from_client, parser, asio::use_awaitable);
            auto request = parser.release();
            if (request.target() == "/.proxy/log")
            {
                http::response<http::string_body> answer(http::status::ok, 11, std::move(proxy.log));
                proxy.log.clear();
                answer.prepare_payload();
                co_await http::async_write(client, answer, asio::use_awaitable);
                continue;
            }
            const bool is_read = request.method() == http::verb::get || request.method() == http::verb::head;
            const int64_t start_us = nowUs();
            if (is_read)
            {
                timer.expires_after(proxy.delay);
                co_await timer.async_wait(asio::use_awaitable);
            }
            if (!upstream.socket().is_open())
            {
                co_await upstream.async_connect(proxy.upstream, asio::use_awaitable);
                upstream.socket().set_option(tcp::no_delay(true));
            }
            co_await http::async_write(upstream, request, asio::use_awaitable);
            http::response_parser<http::string_body> answer;
            answer.body_limit(body_bytes_max);
            answer.skip(request.method() == http::verb::head);
            co_await http::async_read(upstream, from_upstream, answer, asio::use_awaitable);
            if (is_read)
                proxy.add(start_us, nowUs(), answer.get(), request.target(), request[http::field::range]);
            http::serializer<false, http::string_body> serializer(answer.get());
            if (request.method() == http::verb::head)
                co_await http::async_write_header(client, serializer, asio::use_awaitable);
            else
                co_await http::async_write(client, serializer, asio::use_awaitable);
            if (answer.get().need_eof())
                co_return;
            if (!answer.get().keep_alive())
                upstream.close();
        }
    }
    catch (const std::exception &)
    {
        // The peer went away: the connection ends with it, and the node asks again.
    }
}

asio::awaitable<void> acceptAll(Proxy & proxy, tcp::acceptor & acceptor)
{
    while (true)
    {
        auto socket = co_await acceptor.async_accept(asio::use_awaitable);
        asio::co_spawn(acceptor.get_executor(), serve(proxy, std::move(socket)), asio::detached);
    }
}

}

int main(int argc, char ** argv)
{
    if (argc != 3)
    {
        std::fprintf(stderr, "usage: delay_proxy UPSTREAM_PORT DELAY_MS\n");
        return 2;
    }
    const auto loopback = asio::ip::address_v4::loopback();
    Proxy proxy{.upstream = {loopback, static_cast<uint16_t>(std::atoi(argv[1]))}, .delay = std::chrono::milliseconds(std::atoi(argv[2])), .log = {}};
    asio::io_context loop(1);
    tcp::acceptor acceptor(loop, {loopback, 0});
    std::printf("port=%d\n", acceptor.local_endpoint().port());
    std::fflush(stdout);
    asio::co_spawn(loop, acceptAll(proxy, acceptor), asio::detached);
    loop.run();
}
