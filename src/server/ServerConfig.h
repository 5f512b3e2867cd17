#pragma once
// The configuration of `mangrove server`: a YAML file, then MANGROVE_… environment variables, then --set key=value,
// later ones win. Keys are those of the design's contract; an unknown key is BAD_ARGUMENTS (36). What is accepted but does not act is in `warnings`.

#include "background/BackgroundRunner.h"
#include "query/Node.h"

#include <map>
#include <string>
#include <vector>

namespace mangrove
{

struct ServerConfig
{
    NodeConfig node;
    uint16_t http_port = 8123;
    uint16_t otlp_http_port = 4318;
    CatalogSettings catalog;
    BackgroundPeriods periods;
    std::vector<std::string> warnings; /// for the log, at the start
    /// Options that the databases get which exist when the node starts; what is not here stays as agreed before.
    std::map<std::string, int64_t> database_options;
};

/// Checked and complete: memory_bytes_max is never 0 in it.
ServerConfig readServerConfig(const std::vector<std::string> & arguments);

}
