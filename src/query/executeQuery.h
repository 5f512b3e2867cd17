#pragma once
// The one way a statement runs, whatever protocol brought it: parse, then by kind SELECT (analyse, plan, optimise,
// open, write), INSERT (ingest), DDL (catalog), SHOW and the like (rewritten to SELECT). The only switch on the kind of
// statement. Thread-safe for different sessions.

#include "io/ReadBuffer.h"
#include "io/WriteBuffer.h"
#include "query/Node.h"
#include "query/Session.h"

#include <functional>
#include <string>

namespace mangrove
{

struct QuerySummary
{
    uint64_t read_rows = 0, read_bytes = 0, written_rows = 0, written_bytes = 0, total_rows_to_read = 0;
    uint64_t result_rows = 0, result_bytes = 0;
    int64_t elapsed_ns = 0;
};

struct QueryRequest
{
    std::string query_id; /// "" = a new one
    /// The statement; for INSERT … FORMAT X the inline data too.
    std::string_view text;
    /// More data of an INSERT, after what stands inline (HTTP body with the query in the URL); may be null.
    ReadBuffer * data = nullptr;
    uint64_t data_bytes = 0; /// of it, if known
    std::string default_format = "TabSeparated";
    /// Native: the protocol revision (client_protocol_version).
    uint64_t native_revision = 0;
    /// Called before the first byte of output with the format that will be used.
    std::function<void(const std::string & query_id, const std::string & format)> on_start;
    /// Called now and then from any thread; returns false to cancel the query (the client is gone).
    std::function<bool(const QuerySummary &)> on_progress;
    bool flush_output = true;
};

/// Writes the result to `out`. Throws Exception; what was written before it may already be with the client.
QuerySummary executeQuery(Node & node, Session & session, const QueryRequest & request, WriteBuffer & out);

}
