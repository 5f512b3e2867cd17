// Explores every reachable World of each configuration, breadth first, and prints the shortest way to a broken
// one. Without arguments: the correct protocol must hold everywhere, and each mutant must break somewhere.
// commit_model [--mutant NAME] [--list-mutants]; exit code 0 only if all is as it must be.

#include "Model.h"

#include <cstdio>
#include <cstring>
#include <deque>
#include <unordered_map>

using namespace model;

namespace
{

//                name              rows try crash fence merge drop alter loss sweep readers gc  rebuild
constexpr Limits configurations[] = {
    {"retries",            0b01, 2, 0, 1, 0, 1, 0, 1, 0, false, false, false},
    {"restarts",           0b01, 2, 1, 1, 0, 0, 0, 1, 0, false, false, false},
    {"offsets",            0b10, 2, 1, 1, 0, 0, 0, 1, 0, false, false, false},
    {"views",              0b11, 2, 0, 0, 0, 0, 1, 1, 0, false, false, false},
    {"new nodes",          0b01, 2, 1, 0, 0, 0, 0, 0, 1, false, false, false},
    {"merges",             0b11, 2, 0, 0, 2, 1, 0, 1, 0, false, false, false},
    {"pins",               0b01, 1, 1, 1, 0, 1, 0, 0, 0, true,  true,  false},
    {"lost merges",        0b11, 2, 0, 0, 1, 0, 0, 2, 0, false, true,  false},
    {"orphans",            0b01, 1, 1, 1, 0, 0, 0, 1, 1, false, true,  false},
    {"lost Keeper",        0b11, 3, 0, 0, 1, 0, 0, 0, 0, false, true,  true},
};

constexpr const char * mutants[] = {
    "append_without_epoch_check", "lost_reply_means_failed", "ack_without_verdict", "gc_ignores_pins", "sweep_lists_last",
    "sweep_with_old_state", "sweep_undecided", "pin_says_applied", "joiner_without_pin", "pins_end_with_the_session",
    "tokens_ignored", "offsets_ignored", "two_verdicts", "merge_ignores_sources", "repeats_are_judged_again",
    "rebuild_without_tokens", "rebuild_without_sources",
};

/// Two independent 64-bit hashes of the bytes: a collision among 10^8 worlds is one in 10^22.
struct Key
{
    uint64_t first, second;
    bool operator==(const Key &) const = default;
};
struct KeyHash
{
    size_t operator()(const Key & key) const { return key.first; }
};

Key keyOf(const World & world)
{
    static_assert(std::has_unique_object_representations_v<World>, "padding would make equal worlds differ");
    Key key{0x243f6a8885a308d3, 0x13198a2e03707344};
    unsigned char bytes[(sizeof(World) + 7) / 8 * 8] = {};
    std::memcpy(bytes, &world, sizeof(World));
    for (size_t i = 0; i < sizeof(bytes); i += 8)
    {
        uint64_t word;
        std::memcpy(&word, bytes + i, 8);
        key.first = (key.first ^ word) * 0x9e3779b97f4a7c15;
        key.first ^= key.first >> 32;
        key.second = (key.second + word) * 0xd6e8feb86659fd93;
        key.second ^= key.second >> 29;
    }
    return key;
}

struct Result
{
    size_t worlds = 0;
    std::string problem;
    int steps = 0;
};

Result explore(const Limits & limits)
{
    std::unordered_map<Key, int, KeyHash> seen;
    std::deque<World> todo{initialWorld()};
    seen.emplace(keyOf(todo.front()), 0);
    while (!todo.empty())
    {
        World world = todo.front();
        todo.pop_front();
        int depth = seen.at(keyOf(world));
        for (const auto & next : steps(world, limits))
        {
            if (!seen.emplace(keyOf(next), depth + 1).second)
                continue;
            if (auto problem = broken(next, limits); !problem.empty())
                return {.worlds = seen.size(), .problem = problem, .steps = depth + 1};
            todo.push_back(next);
        }
    }
    return {.worlds = seen.size(), .problem = {}, .steps = 0};
}

bool mutantDies(const char * name)
{
    mutant = name;
    for (const auto & limits : configurations)
        if (auto result = explore(limits); !result.problem.empty())
        {
            std::printf("mutant %-28s dies in \"%s\" after %d steps (%zu worlds): %s\n", name, limits.name, result.steps,
                result.worlds, result.problem.c_str());
            return true;
        }
    std::printf("mutant %-28s SURVIVES\n", name);
    return false;
}

}

int main(int argc, char ** argv)
{
    if (argc == 2 && !std::strcmp(argv[1], "--list-mutants"))
    {
        for (const char * name : mutants)
            std::puts(name);
        return 0;
    }
    if (argc == 3 && !std::strcmp(argv[1], "--mutant"))
        return mutantDies(argv[2]) ? 0 : 1;
    bool good = true;
    for (const auto & limits : configurations)
    {
        auto result = explore(limits);
        std::printf("%-20s %9zu worlds: %s\n", limits.name, result.worlds, result.problem.empty() ? "holds" : result.problem.c_str());
        std::fflush(stdout);
        good &= result.problem.empty();
    }
    for (const char * name : mutants)
        good &= mutantDies(name);
    return good ? 0 : 1;
}
