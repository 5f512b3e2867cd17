#pragma once
// One node as a client sees it: statements over HTTP within one session, so SET and USE last. Uses libcurl; one
// object per client, one statement at a time, not thread-safe.

#include "ClientOptions.h"

#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace mangrove
{

struct QueryProgress
{
    uint64_t read_rows = 0, read_bytes = 0, total_rows = 0; /// total_rows 0: not known
};

/// What one statement answered. `code` 0 is success; otherwise ClickHouse's, and `error` the server's text.
struct QueryAnswer
{
    int code = 0;
    std::string error;
    bool cancelled = false;
    std::map<std::string, uint64_t> summary; /// X-ClickHouse-Summary; empty when the answer was streamed
    double seconds = 0;
};

class NodeConnection
{
public:
    explicit NodeConnection(const ClientOptions & options);
    ~NodeConnection();

    struct Statement
    {
        std::string_view text;
        std::string format;
        std::FILE * input = nullptr; /// rows of an INSERT, streamed
        std::function<void(std::string_view)> on_output;
        /// Called about ten times a second; returns false to cancel.
        std::function<bool()> on_tick;
    };
    QueryAnswer run(const Statement & statement);

    /// Of the statement in flight, from system.processes; for on_tick.
    QueryProgress progress();
    /// A short question beside the session; "" if the node does not answer it.
    std::string ask(std::string_view query);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}
