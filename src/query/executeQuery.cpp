#include "query/executeQuery.h"

#include "query/Interpreter.h"
#include "sql/Parser.h"

#include <chrono>

namespace mangrove
{

namespace
{

std::string_view kindOf(const Statement & statement)
{
    static constexpr std::string_view kinds[] = {"Select", "Insert", "Create", "Drop", "Rename", "Alter", "Delete", "Update", "Optimize", "Show",
        "Describe", "Exists", "Use", "Set", "System", "KillQuery", "Check", "Explain", "Transaction", "Refused"};
    return kinds[statement.body.index()];
}

int64_t nowUs()
{
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

QueryLogEntry logEntry(const RunningQuery & query, const Session & session)
{
    QueryLogEntry entry;
    entry.time_us = nowUs();
    entry.query_id = query.query_id;
    entry.query = query.text;
    entry.query_kind = query.kind;
    entry.user = session.user;
    entry.database = session.database;
    entry.interface = session.interface;
    return entry;
}

}

QuerySummary executeQuery(Node & node, Session & session, const QueryRequest & request, WriteBuffer & out)
{
    auto started = std::chrono::steady_clock::now();
    auto query = std::make_shared<RunningQuery>();
    query->query_id = request.query_id.empty() ? node.newQueryId() : request.query_id;
    query->user = session.user;
    query->database = session.database;
    query->interface = session.interface;
    query->started_ms = node.clock().wallMs();
    query->context = std::make_shared<QueryContext>(node.clock());
    MemoryScope memory(&query->context->memory());

    auto finish = [&](QueryLogEntry entry, const QuerySummary & summary)
    {
        entry.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started).count();
        entry.read_rows = summary.read_rows;
        entry.read_bytes = summary.read_bytes;
        entry.written_rows = summary.written_rows;
        entry.written_bytes = summary.written_bytes;
        entry.result_rows = summary.result_rows;
        entry.result_bytes = summary.result_bytes;
        entry.memory_usage = query->context->memory().peakBytes();
        if (session.settings.getBool("log_queries"))
            node.queryLog().add(std::move(entry));
    };

    bool listed = false;
    try
    {
        ParserLimits limits;
        limits.depth_max = static_cast<uint32_t>(std::min<uint64_t>(session.settings.getUInt64("max_parser_depth"), 10'000));
        limits.elements_max = static_cast<uint32_t>(std::min<uint64_t>(session.settings.getUInt64("max_ast_elements"), 10'000'000));
        auto statement = parseStatement(request.text, limits);
        auto * insert = statement.as<InsertQuery>();
        size_t statement_bytes = insert && insert->data_offset ? *insert->data_offset : request.text.size();
        if (auto max = session.settings.getUInt64("max_query_size"); max && statement_bytes > max)
            throw Exception(ErrorCode::SYNTAX_ERROR, "Max query size exceeded: {} bytes, max_query_size is {}", statement_bytes, max);
        query->text = std::string(request.text.substr(0, statement_bytes));
        query->kind = kindOf(statement);

        Interpreter interpreter(node, session, request, query, out);
        node.processes().add(query, session.settings.getUInt64("max_concurrent_queries_for_all_users"));
        listed = true;
        interpreter.run(statement);
        node.processes().remove(query->query_id);
        listed = false;
        auto summary = interpreter.summary();
        summary.elapsed_ns = std::chrono::nanoseconds(std::chrono::steady_clock::now() - started).count();
        auto entry = logEntry(*query, session);
        entry.type = 2;
        finish(std::move(entry), summary);
        return summary;
    }
    catch (...)
    {
        if (query->text.empty())
            query->text = std::string(request.text.substr(0, 65536));
        auto entry = logEntry(*query, session);
        entry.type = listed ? 4 : 3;
        if (listed)
            node.processes().remove(query->query_id);
        try
        {
            throw;
        }
        catch (const Exception & exception)
        {
            entry.exception_code = static_cast<int>(exception.code());
            entry.exception = exception.message();
        }
        catch (const std::exception & exception)
        {
            entry.exception_code = static_cast<int>(ErrorCode::UNKNOWN_EXCEPTION);
            entry.exception = exception.what();
        }
        QuerySummary summary;
        summary.read_rows = query->context->rows_read;
        summary.read_bytes = query->context->bytes_read;
        finish(std::move(entry), summary);
        throw;
    }
}

}
