// mangrove server: reads the configuration, wires the node together, runs until SIGTERM or SIGINT.

#include "commands.h"

#include "background/BackgroundRunner.h"
#include "base/Log.h"
#include "base/Memory.h"
#include "query/partLog.h"
#include "query/traceSchema.h"
#include "server/ServerConfig.h"
#include "server/http/HttpServer.h"
#include "server/http/QueryHandler.h"
#include "server/otlp/OtlpHandler.h"

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <pthread.h>
#include <stop_token>
#include <thread>

namespace mangrove
{

namespace
{

void setOptions(Catalog & catalog, const std::string & database, const std::map<std::string, int64_t> & wanted)
{
    auto now = catalog.options(database);
    std::map<std::string, int64_t> current{{"gc_grace_ms", now.gc_grace_ms}, {"pin_grace_ms", now.pin_grace_ms}, {"pin_valid_ms", now.pin_valid_ms}};
    SetOptions change;
    for (const auto & [name, value] : wanted)
        if (current.at(name) != value)
            change.options.emplace(name, value);
    if (!change.options.empty())
        catalog.execute(database, change);
}

/// Whatever does not come to its end must not keep the process: all that must last is in the bucket and the Keeper.
class EndInTime
{
public:
    explicit EndInTime(std::chrono::seconds longest)
        : thread_([longest](std::stop_token stop)
          {
              std::mutex mutex;
              std::unique_lock lock(mutex);
              std::condition_variable_any().wait_for(lock, stop, longest, [] { return false; });
              if (stop.stop_requested())
                  return;
              logError("server", "something did not end within {} s, the process ends without it", longest.count());
              std::_Exit(1);
          })
    {
    }

private:
    std::jthread thread_;
};

/// The signal that ends the node; 0 when it was shut out of the cluster.
int waitForEnd(const sigset_t & signals, const Catalog & catalog)
{
    while (!catalog.isFenced())
    {
        const timespec second{.tv_sec = 1, .tv_nsec = 0};
        if (int signal = sigtimedwait(&signals, nullptr, &second); signal > 0)
            return signal;
    }
    return 0;
}

}

int runServer(const std::vector<std::string> & arguments, const std::function<void(const ServerPorts &)> & on_ready)
{
    auto config = readServerConfig(arguments);

    for (const auto & warning : config.warnings)
        logWarning("config", "{}", warning);
    NodeMemory::setLimit(config.node.memory_bytes_max);

    // Signals are taken by this thread alone, below.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);

    std::filesystem::create_directories(config.node.data_dir);
    auto object_store_url = config.node.object_store.empty()
        ? "file://" + std::filesystem::absolute(config.node.data_dir).string() + "/objects"
        : config.node.object_store;
    ObjectStorePtr objects = makeObjectStore(object_store_url);
    config.catalog.node_name = config.node.node_name;
    auto catalog = Catalog::open(objects, config.node.keeper, config.node.data_dir, config.catalog);
    catalog->start();
    for (const auto & database : catalog->databases())
        setOptions(*catalog, database, config.database_options);
    SystemClock clock;
    Node node(config.node, objects, std::move(catalog), clock);
    createTraceSchema(node);

    BackgroundRunner background(node.catalog(), node.mergeClaims(), node.merges(), objects, [&](const PartInfo & part) { return node.openPart(part); },
        config.periods);
    node.merges().on_end = [&](const MergeEvent & event) { logMerge(node, event); };
    background.on_parts_deleted = [&](const GcReport & report) { logRemovedParts(node, report); };
    background.start();
    node.setBackground(&background);

    QueryHandler queries(node);
    HttpServerSettings http;
    http.host = config.node.listen_host;
    http.port = config.http_port;
    http.connections = &node.counters().http_connections;
    HttpServer http_server(http, [&](const HttpRequest & request, HttpResponse & response) { queries.handle(request, response); });
    OtlpHandler otlp(node);
    HttpServerSettings otlp_http = http;
    otlp_http.port = config.otlp_http_port;
    HttpServer otlp_server(otlp_http, [&](const HttpRequest & request, HttpResponse & response) { otlp.handle(request, response); });
    std::printf("otlp_http_port=%u\nhttp_port=%u\n", otlp_server.port(), http_server.port());
    std::fflush(stdout);
    logInfo("server", "node {} is ready on http://{}:{} (objects: {}, keeper: {})", config.node.node_name, http.host, http_server.port(),
        object_store_url.substr(0, object_store_url.find('?')), config.node.keeper);

    if (on_ready)
        on_ready({config.node.listen_host, http_server.port(), otlp_server.port()});

    int signal = waitForEnd(signals, node.catalog());
    if (signal)
        logInfo("server", "stopping on signal {}", signal);
    else
        logError("server", "this node is shut out of the cluster, for it was silent for longer than pin_grace_ms, or the Keeper was rebuilt: it ends, so that it is started anew");
    const int drain_ms = signal ? 10'000 : 1'000;
    const EndInTime end_in_time(std::chrono::seconds(60));
    otlp_server.stop(drain_ms);
    http_server.stop(drain_ms, [&] { node.processes().cancelAll(); });
    node.setBackground(nullptr);
    background.stop();
    node.catalog().stop();
    return signal ? 0 : 1;
}

}
