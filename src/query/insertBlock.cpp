#include "query/insertBlock.h"

#include "query/Interpreter.h"

namespace mangrove
{

InsertResult insertBlock(Node & node, const std::string & database, const std::string & table, Block block, const std::string & token, const std::string & interface)
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
    Interpreter interpreter(node, session, request, query, out);
    return interpreter.insertBlock(database, table, std::move(block), token);
}

}
