#pragma once
// The configuration of `mangrove server`: a YAML file, then MANGROVE_… environment variables, then --set key=value,
// later ones win. Keys are those of the design's contract; an unknown key is BAD_ARGUMENTS (36) with similar ones.

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
    uint16_t tcp_port = 9000;       /// the native protocol is not spoken yet
    uint16_t otlp_grpc_port = 4317; /// not spoken yet
    uint16_t otlp_http_port = 4318;
    uint16_t interserver_port = 9009; /// not spoken yet
    CatalogSettings catalog;
    BackgroundPeriods periods;
    uint64_t gc_grace_ms = 0; /// of databases that exist when the node starts; 0: as agreed before
};

ServerConfig readServerConfig(const std::vector<std::string> & arguments);

}
