#pragma once
// The sub-commands of the binary; each takes its own arguments and returns the exit code.

#include <string>
#include <vector>

namespace mangrove
{

int runServer(const std::vector<std::string> & arguments);

}
