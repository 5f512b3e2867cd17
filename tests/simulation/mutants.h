#pragma once
// The traps of the design that the simulation can plant (src/catalog/Mutant.h) and must catch.

#include <string>
#include <string_view>
#include <vector>

namespace mangrove
{

struct MutantInfo
{
    std::string_view name;
    std::string_view what;
};

const std::vector<MutantInfo> & allMutants();

/// Empty: none. Throws std::invalid_argument for an unknown name.
void plantMutant(const std::string & name);

}
