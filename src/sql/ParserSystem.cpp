#include "sql/Grammar.h"

namespace mangrove::grammar
{

namespace
{

/// Known commands, so that a table name after them is not taken for a word of theirs; longer ones first.
constexpr std::string_view commands[] = {
    "START REPLICATED SENDS", "STOP REPLICATED SENDS", "START REPLICATION QUEUES", "STOP REPLICATION QUEUES",
    "START DISTRIBUTED SENDS", "STOP DISTRIBUTED SENDS", "START TTL MERGES", "STOP TTL MERGES",
    "START PULLING REPLICATION LOG", "STOP PULLING REPLICATION LOG", "FLUSH ASYNC INSERT QUEUE", "FLUSH DISTRIBUTED",
    "DROP UNCOMPRESSED CACHE", "DROP MARK CACHE", "DROP PRIMARY INDEX CACHE", "DROP QUERY CACHE", "DROP DNS CACHE",
    "DROP FILESYSTEM CACHE", "DROP COMPILED EXPRESSION CACHE", "DROP SCHEMA CACHE", "DROP FORMAT SCHEMA CACHE",
    "DROP PAGE CACHE", "DROP CONNECTIONS CACHE", "DROP REPLICA", "CLEAR UNCOMPRESSED CACHE", "CLEAR MARK CACHE",
    "CLEAR QUERY CACHE", "CLEAR DNS CACHE", "CLEAR FILESYSTEM CACHE", "SYNC DATABASE REPLICA", "SYNC REPLICA",
    "SYNC FILE CACHE", "SYNC FILESYSTEM CACHE", "SYNC TRANSACTION LOG", "RESTART REPLICAS", "RESTART REPLICA",
    "RESTORE REPLICA", "RELOAD EMBEDDED DICTIONARIES", "RELOAD DICTIONARIES", "RELOAD DICTIONARY", "RELOAD CONFIG",
    "RELOAD USERS", "RELOAD FUNCTIONS", "RELOAD FUNCTION", "RELOAD MODELS", "RELOAD ASYNCHRONOUS METRICS",
    "START MERGES", "STOP MERGES", "START FETCHES", "STOP FETCHES", "START MOVES", "STOP MOVES", "START CLEANUP",
    "STOP CLEANUP", "START LISTEN", "STOP LISTEN", "START VIEWS", "STOP VIEWS", "START VIEW", "STOP VIEW",
    "REFRESH VIEW", "CANCEL VIEW", "WAIT VIEW", "WAIT LOADING PARTS", "FLUSH LOGS", "ENABLE FAILPOINT",
    "DISABLE FAILPOINT", "WAIT FAILPOINT", "UNFREEZE", "SHUTDOWN", "KILL", "SUSPEND", "THREAD FUZZER",
    "JEMALLOC PURGE", "LOAD PRIMARY KEY", "UNLOAD PRIMARY KEY",
};

void appendWords(TokenStream & tokens, std::string & words)
{
    while (tokens.is(TokenType::BareWord))
    {
        if (!words.empty())
            words += ' ';
        words += upperCase(tokens.textOf(tokens.take()));
    }
}

}

SystemQuery parseSystem(TokenStream & tokens)
{
    SystemQuery system;
    tokens.require("SYSTEM");
    for (std::string_view command : commands)
        if (tokens.accept(command))
        {
            system.words = std::string(command);
            break;
        }
    if (system.words.empty())
        appendWords(tokens, system.words);    /// refused by its words
    if (system.words.empty())
        tokens.fail();
    system.cluster = parseOnCluster(tokens);
    if (isIdentifier(tokens))
        system.table = parseQualifiedName(tokens);
    else if (tokens.is(TokenType::String))
        system.argument = parseString(tokens);
    if (system.cluster.empty())
        system.cluster = parseOnCluster(tokens);
    /// STRICT, FOR 10 SECOND, FROM 'x', …
    uint32_t begin = tokens.beginOffset();
    while (!tokens.atEnd())
        tokens.take();
    if (tokens.endOffset() > begin)
        system.argument = std::string(tokens.textOf(SourceRange{begin, tokens.endOffset()}));
    return system;
}

}
