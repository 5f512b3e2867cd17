#include "query/executeQuery.h"

#include "query/Interpreter.h"
#include "query/QueryRecord.h"
#include "sql/Parser.h"

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

/// The smaller of the two limits; 0: none.
uint64_t queriesMax(const Settings & settings)
{
    auto all = settings.getUInt64("max_concurrent_queries_for_all_users"), user = settings.getUInt64("max_concurrent_queries_for_user");
    return all && user ? std::min(all, user) : std::max(all, user);
}

}

QuerySummary executeQuery(Node & node, Session & session, const QueryRequest & request, WriteBuffer & out)
{
    QueryRecord record(node, session, request.query_id);
    try
    {
        ParserLimits limits;
        auto depth = [&](const char * setting)
        {
            constexpr uint64_t depth_max = 10'000; // the stack
            auto max = session.settings.getUInt64(setting);
            return static_cast<uint32_t>(max ? std::min(max, depth_max) : depth_max);
        };
        limits.recursion_max = depth("max_parser_depth");
        limits.depth_max = depth("max_ast_depth");
        limits.elements_max = static_cast<uint32_t>(std::min<uint64_t>(session.settings.getUInt64("max_ast_elements"), 10'000'000));
        limits.parameters = &session.parameters;
        auto statement = parseStatement(request.text, limits);
        auto * insert = statement.as<InsertQuery>();
        size_t statement_bytes = insert && insert->data_offset ? *insert->data_offset : request.text.size();
        if (auto max = session.settings.getUInt64("max_query_size"); max && statement_bytes > max)
            throw Exception(ErrorCode::SYNTAX_ERROR, "Max query size exceeded: {} bytes, max_query_size is {}", statement_bytes, max);

        Interpreter interpreter(node, session, request, record.query(), out);
        // Who comes to end queries is let in.
        bool kill = statement.as<KillQuery>();
        record.start(std::string(request.text.substr(0, statement_bytes)), kindOf(statement),
            kill ? 0 : queriesMax(session.settings));
        interpreter.run(statement);
        auto summary = interpreter.summary();
        record.finish(summary);
        return summary;
    }
    catch (...)
    {
        record.fail(request.text);
        throw;
    }
}

}
