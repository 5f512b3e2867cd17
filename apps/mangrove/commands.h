#pragma once
// The sub-commands of the binary; each takes its own arguments and returns the exit code.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace mangrove
{

struct ServerPorts
{
    std::string host;
    uint16_t http = 0, otlp_http = 0;
};

/// Serves until SIGTERM or SIGINT. `on_ready`, if any, is called once requests are answered.
int runServer(const std::vector<std::string> & arguments, const std::function<void(const ServerPorts &)> & on_ready = {});
int runClient(const std::vector<std::string> & arguments);
int runDemo(const std::vector<std::string> & arguments);
int runLocal(const std::vector<std::string> & arguments);

}
