#include "query/insertBlocks.h"

#include "query/Interpreter.h"
#include "query/QueryRecord.h"

namespace mangrove
{

InsertResult insertBlocks(Node & node, const std::string & database, const std::string & table, std::vector<Block> blocks,
    std::vector<std::string> tokens, const std::string & protocol)
{
    Session session;
    QueryRequest request;
    WriteBuffer out;
    QueryRecord record(node, session, "");
    try
    {
        record.query()->context->threads = 1;
        Interpreter interpreter(node, session, request, record.query(), out);
        record.start(fmt::format("INSERT INTO {}.{} FORMAT {}", database, table, protocol), "Insert",
            session.settings.getUInt64("max_concurrent_queries_for_all_users"));
        auto result = interpreter.insertBlocks(database, table, std::move(blocks), std::move(tokens));
        auto summary = interpreter.summary();
        record.finish(summary);
        return result;
    }
    catch (...)
    {
        record.fail("");
        throw;
    }
}

}
