// mangrove demo: a node on the embedded defaults, and the traces of a made-up shop sent to it through OTLP.

#include "commands.h"

#include "base/Exception.h"
#include "server/demo/ShopTraces.h"

#include <curl/curl.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <stop_token>
#include <thread>
#include <unistd.h>

namespace mangrove
{

namespace
{

constexpr uint64_t spans_per_request = 5000;

struct DemoOptions
{
    uint64_t spans = 200'000;
    uint64_t seed = 1;
    bool exit = false;
    std::vector<std::string> server; /// passed on
};

DemoOptions readOptions(const std::vector<std::string> & arguments)
{
    DemoOptions options;
    bool has_data_dir = false;
    for (size_t i = 0; i < arguments.size(); ++i)
    {
        if (arguments[i] == "--exit")
        {
            options.exit = true;
            continue;
        }
        if (i + 1 == arguments.size())
            throw Exception(ErrorCode::BAD_ARGUMENTS, "Unknown argument or missing value: '{}'. Use --spans N, --seed S, --exit, --set key=value", arguments[i]);
        const auto & value = arguments[i + 1];
        if (arguments[i] == "--spans")
            options.spans = std::strtoull(value.c_str(), nullptr, 10);
        else if (arguments[i] == "--seed")
            options.seed = std::strtoull(value.c_str(), nullptr, 10);
        else
        {
            has_data_dir = has_data_dir || value.starts_with("data_dir=");
            options.server.push_back(arguments[i]);
            options.server.push_back(value);
        }
        ++i;
    }
    if (!has_data_dir)
        options.server.insert(options.server.end(), {"--set", "data_dir=mangrove-demo"});
    return options;
}

size_t swallow(char *, size_t size, size_t count, void *)
{
    return size * count;
}

/// Throws NETWORK_ERROR unless the answer is 200.
void post(CURL * curl, const std::string & url, const std::string & body)
{
    auto * headers = curl_slist_append(nullptr, "Content-Type: application/x-protobuf");
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, swallow);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    auto result = curl_easy_perform(curl);
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);
    if (result != CURLE_OK || status != 200)
        throw Exception(ErrorCode::NETWORK_ERROR, "Cannot send spans to {}: {} (status {})", url, curl_easy_strerror(result), status);
}

void showProgress(uint64_t done, uint64_t total, double seconds, bool terminal)
{
    double rate = static_cast<double>(done) / std::max(seconds, 0.001);
    if (!terminal)
        return;
    constexpr int width = 30;
    int filled = static_cast<int>(std::min<uint64_t>(done, total) * width / std::max<uint64_t>(total, 1));
    std::string bar;
    for (int i = 0; i < width; ++i)
        bar += i < filled ? "█" : "░";
    double left = done < total ? static_cast<double>(total - done) / std::max(rate, 1.0) : 0;
    std::fprintf(stderr, "\r  %s %8llu spans  %6.0f spans/s  %3.0f s left ", bar.c_str(), static_cast<unsigned long long>(done), rate, left);
}

std::string timeText(std::time_t seconds)
{
    char text[32];
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &parts);
    return text;
}

void load(const DemoOptions & options, const ServerPorts & ports, std::stop_token stop)
{
    auto now = std::chrono::system_clock::now();
    auto end_ns = static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch()).count());
    uint64_t begin_ns = end_ns - 3'600'000'000'000ULL;
    ShopTraces shop(options.seed, begin_ns, end_ns, options.spans);
    auto url = "http://" + ports.host + ":" + std::to_string(ports.otlp_http) + "/v1/traces";
    bool terminal = isatty(STDERR_FILENO);
    std::fprintf(stderr, "Sending %llu spans of a shop through OTLP to %s\n", static_cast<unsigned long long>(options.spans), url.c_str());
    CURL * curl = curl_easy_init();
    auto started = std::chrono::steady_clock::now();
    auto elapsed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count(); };
    uint64_t done = 0;
    while (done < options.spans && !stop.stop_requested())
    {
        uint64_t made = 0;
        post(curl, url, shop.nextRequest(std::min(spans_per_request, options.spans - done), made));
        done += made;
        showProgress(done, options.spans, elapsed(), terminal);
    }
    curl_easy_cleanup(curl);
    auto from = timeText(static_cast<std::time_t>(begin_ns / 1'000'000'000)), to = timeText(static_cast<std::time_t>(end_ns / 1'000'000'000));
    std::fprintf(stderr, "%s%llu spans in %.1f s, durable. Ask at http://%s:%u, for example:\n\n", terminal ? "\n" : "",
        static_cast<unsigned long long>(done), elapsed(), ports.host.c_str(), ports.http);
    std::printf("curl http://%s:%u/ --data-binary \"\n"
        "SELECT trace_id, span_id, duration FROM span_index\n"
        "WHERE service = 'order' and startTime between '%s' and '%s'\n"
        "ORDER BY duration DESC LIMIT 0, 30\n"
        "SETTINGS max_threads = 16, allow_experimental_parallel_reading_from_replicas = 1\"\n\n"
        "curl http://%s:%u/ --data-binary \"\n"
        "SELECT service, count() AS spans, countIf(status = 'Error') AS errors, round(quantile(0.99)(duration) / 1e6, 1) AS p99_ms\n"
        "FROM span_index GROUP BY service ORDER BY spans DESC FORMAT PrettyCompact\"\n\n",
        ports.host.c_str(), ports.http, from.c_str(), to.c_str(), ports.host.c_str(), ports.http);
    std::printf("demo_spans=%llu\n", static_cast<unsigned long long>(done));
    std::fflush(stdout);
}

}

int runDemo(const std::vector<std::string> & arguments)
{
    auto options = readOptions(arguments);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    bool failed = false;
    std::jthread loader;
    int code = runServer(options.server, [&](const ServerPorts & ports)
    {
        loader = std::jthread([&options, &failed, ports](std::stop_token stop)
        {
            try
            {
                load(options, ports, stop);
            }
            catch (const std::exception & exception)
            {
                std::fprintf(stderr, "\nmangrove demo: %s\n", exception.what());
                failed = true;
            }
            if (options.exit || failed)
                kill(getpid(), SIGTERM);
        });
    });
    return failed ? 1 : code;
}

}
