// mangrove COMMAND …: one binary for all. Each command is in a file of its own (commands.h).

#include "commands.h"

#include "base/Exception.h"

#include <cstdio>
#include <functional>
#include <map>

/// Read by jemalloc at its start. Columns are large and short-lived: freed pages are kept for the next block instead
/// of going back to the kernel at once, as they would above the default oversize threshold of 8 MiB. Not thp:always: what
/// is resident then passes memory_bytes_max by more than a tenth. Large columns ask for huge pages themselves (base/Types.h).
extern "C" const char * malloc_conf = "oversize_threshold:0,dirty_decay_ms:15000,background_thread:true";

namespace
{

using namespace mangrove;

struct Command
{
    const char * help;
    std::function<int(const std::vector<std::string> &)> run;
};

const std::map<std::string, Command> & commands()
{
    static const std::map<std::string, Command> all{
        {"client", {"ask a node, by conversation, -q or stdin: mangrove client --help", runClient}},
        {"demo", {"run a node and fill it with a shop's traces: mangrove demo [--spans N] [--seed S] [--exit] [--set key=value …]", runDemo}},
        {"local", {"SQL without a server, over a folder or nothing: mangrove local --help", runLocal}},
        {"server", {"run a node: mangrove server [--config FILE] [--set key=value …]",
            [](const std::vector<std::string> & arguments) { return runServer(arguments); }}},
    };
    return all;
}

void printHelp()
{
    std::puts("Mangrove: a column store for distributed traces that speaks ClickHouse\n\nusage: mangrove COMMAND [arguments]\n");
    for (const auto & [name, command] : commands())
        std::printf("  %-10s %s\n", name.c_str(), command.help);
}

}

int main(int argc, char ** argv)
{
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi2"))
    {
        std::fputs("mangrove needs a processor with AVX2 and BMI2 (x86-64-v3: Intel Haswell, AMD Zen or later)\n", stderr);
        return 1;
    }
    std::string name = argc > 1 ? argv[1] : "";
    auto it = commands().find(name);
    if (it == commands().end())
    {
        printHelp();
        return name.empty() || name == "--help" || name == "-h" || name == "help" ? 0 : 2;
    }
    try
    {
        return it->second.run(std::vector<std::string>(argv + 2, argv + argc));
    }
    catch (const Exception & exception)
    {
        std::fprintf(stderr, "mangrove %s: %s (%s, code %d)\n", name.c_str(), exception.what(), std::string(errorName(exception.code())).c_str(), static_cast<int>(exception.code()));
    }
    catch (const std::exception & exception)
    {
        std::fprintf(stderr, "mangrove %s: %s\n", name.c_str(), exception.what());
    }
    return 1;
}
