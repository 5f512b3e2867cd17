// mangrove client: asks a node over HTTP.

#include "commands.h"

#include "base/Exception.h"
#include "client/ClientSession.h"

#include <cstdio>

namespace mangrove
{

int runClient(const std::vector<std::string> & arguments)
{
    ClientOptions options;
    for (size_t position = 0; position < arguments.size();)
    {
        if (arguments[position] == "--help")
        {
            std::puts("usage: mangrove client [--host 127.0.0.1] [--port 8123] [--user U] [--password P] [--database D]\n"
                "  -q, --query SQL       statements, separated by ';' (may be repeated); without it: stdin, or a conversation\n"
                "  --queries-file FILE   statements from a file\n"
                "  -f, --format FORMAT   TabSeparated by default, PrettyCompact in a conversation; -E is Vertical\n"
                "  -t, --time            seconds of each statement on stderr\n"
                "  --progress            rows read so far, on stderr\n"
                "  --echo, --ignore-error, --history_file FILE\n"
                "  --SETTING=value       any setting, as --max_threads=2; --param_NAME=value for {NAME:Type} in the query\n\n"
                "examples:\n"
                "  mangrove client -q \"SELECT service, count() FROM span_index GROUP BY service\"\n"
                "  mangrove client -q \"INSERT INTO events FORMAT CSV\" < events.csv\n"
                "  mangrove client -q \"SELECT * FROM spans WHERE trace_id = {id:String}\" --param_id=4bf92f3577b34da6a3ce929d0e0e4736 -E");
            return 0;
        }
        if (!readClientOption(arguments, position, options))
            throw Exception(ErrorCode::BAD_ARGUMENTS, "Unknown argument '{}'. See mangrove client --help", arguments[position]);
    }
    return runClientSession(options);
}

}
