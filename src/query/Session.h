#pragma once
// What lasts from query to query of one client: user, current database, settings. A plain value; a protocol handler
// owns it and gives it to one query at a time.

#include "query/Settings.h"

#include <map>
#include <string>

namespace mangrove
{

struct Session
{
    std::string user = "default";
    std::string database = "default";
    Settings settings;
    std::map<std::string, std::string> parameters; /// {name:Type}, from param_name
    uint8_t interface = 2; /// as system.processes shows it: 1 TCP, 2 HTTP, 3 gRPC, 6 local, 9 background
    bool readonly = false; /// GET requests
};

}
