#pragma once
// The arguments of `mangrove client` and of the asking half of `mangrove local`, by clickhouse-client's names.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace mangrove
{

struct ClientOptions
{
    std::string host = "127.0.0.1";
    uint16_t port = 8123;
    std::string user = "default", password, database = "default";
    std::vector<std::string> queries;   /// --query; each may hold several statements
    std::vector<std::string> query_files;
    std::string format;                 /// "" = PrettyCompact at a terminal, TabSeparated otherwise
    std::string history_file;           /// "" = ~/.mangrove_history
    bool time = false;                  /// seconds of each statement on stderr
    bool progress = false;              /// draw it even where stderr is no terminal
    bool echo = false;
    bool ignore_error = false;          /// go on with the next statement
    std::vector<std::pair<std::string, std::string>> settings; /// --max_threads=2, and --param_x=1
};

/// Takes one argument if it is the client's; false if it is not. BAD_ARGUMENTS where a value is missing.
bool readClientOption(const std::vector<std::string> & arguments, size_t & position, ClientOptions & options);

/// `--name=value` or `--name value`: the value, `position` past it.
std::string argumentValue(const std::vector<std::string> & arguments, size_t & position);
/// The name of an argument: what stands before '='.
std::string argumentName(const std::string & argument);

}
