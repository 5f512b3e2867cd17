#pragma once
// The configuration of `mangrove server`: a YAML file, then MANGROVE_… environment variables, then --set key=value,
// later ones win. Keys are those of the design's contract; an unknown key is BAD_ARGUMENTS (36). What is accepted but does not act is in `warnings`.

#include "background/BackgroundRunner.h"
#include "query/Node.h"

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
    uint64_t gc_grace_ms = 0; /// of databases that exist when the node starts; 0: as agreed before
};

/// Checked and complete: memory_bytes_max is never 0 in it.
ServerConfig readServerConfig(const std::vector<std::string> & arguments);

}
