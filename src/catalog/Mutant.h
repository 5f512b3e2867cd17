#pragma once
// Known ways to get the protocol wrong, for the simulation to plant and catch: MUTANT("append_without_epoch_check")
// is false in every ordinary build, at compile time. tests/simulation compiles this module again with
// MANGROVE_MUTANTS, where it is true for the one mutant that was chosen. The list is tests/simulation/mutants.cpp.

#ifdef MANGROVE_MUTANTS

#include <string_view>

namespace mangrove
{
bool isMutantPlanted(std::string_view name);
}

#define MUTANT(name) ::mangrove::isMutantPlanted(name)

#else

#define MUTANT(name) false

#endif
