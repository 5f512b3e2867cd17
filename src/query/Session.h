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
    std::string interface = "HTTP";
    bool readonly = false; /// GET requests
};

}
