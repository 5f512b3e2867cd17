#include "query/insertBlocks.h"

#include "query/Interpreter.h"

namespace mangrove
{

InsertResult insertBlocks(Node & node, const std::string & database, const std::string & table, std::vector<Block> blocks,
    std::vector<std::string> tokens, const std::string & interface)
{
    Session session;
    session.interface = interface;
    QueryRequest request;
    WriteBuffer out;
    auto query = std::make_shared<RunningQuery>();
    query->query_id = node.newQueryId();
    query->text = fmt::format("INSERT INTO {}.{} ({})", database, table, interface);
    query->context = std::make_shared<QueryContext>(node.clock());
    query->context->threads = 1;
    MemoryScope memory(&query->context->memory());
    Interpreter interpreter(node, session, request, query, out);
    return interpreter.insertBlocks(database, table, std::move(blocks), std::move(tokens));
}

}
