// mangrove_sim: the catalog's own code over a simulated Keeper, bucket, clock and scheduler; one seed, one history.
//
//     mangrove_sim [--seeds N] [--first S] [--mutant NAME | --all-mutants] [--list-mutants] [--verbose]
//
// Without a mutant: exit code 0 if no invariant was broken and every kind of entry and fault occurred. With one
// (or all): 0 if some seed catches it (each), and 1 if it survives.

#include "SimNode.h"
#include "catalog/KeeperPaths.h"
#include "catalog/CheckpointCodec.h"
#include "catalog/CommitLog.h"
#include "mutants.h"

#include <chrono>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>

using namespace mangrove;
using namespace mangrove::sim;

namespace
{

constexpr uint64_t operations_per_seed = 320;
constexpr uint64_t seeds_for_mutant = 2000; /// at most; most die within ten
constexpr uint64_t seeds_for_coverage = 50;
constexpr int64_t run_ms_max = 24 * 3'600'000; /// of virtual time

struct Options
{
    uint64_t seeds = 200;
    uint64_t first = 1;
    std::string mutant;
    bool all_mutants = false;
    bool verbose = false;
};

struct Outcome
{
    std::string violation;
    uint64_t trace = 0;
};

void createTables(SimNode & node)
{
    node.boot(true);
    auto make = [&](const char * name, const char * engine)
    {
        TableSchema schema;
        schema.uuid = node.catalog->newUuid();
        schema.name = name;
        schema.engine = engine;
        schema.columns = {{.name = "row", .type = "UInt64"}};
        return schema;
    };
    auto t = make("t", "SharedMergeTree"), u = make("u", "SharedMergeTree"), s = make("s", "SharedMergeTree");
    auto v = make("v", "MaterializedView");
    v.view_source = t.uuid;
    v.view_target = u.uuid;
    node.catalog->execute("default", CreateTables{.tables = {t, u, s, v}, .replaces = {}, .parts = {}});
    // Shorter than by default, so that one run sees nodes come back after all of them.
    node.catalog->execute("default", SetOptions{.options = {{"pin_grace_ms", 600'000}, {"pin_valid_ms", 420'000}, {"gc_grace_ms", 60'000},
        {"token_window_ms", 1'200'000}}});
}

/// Each seed has its own faults, some not at all, some in crowds.
Faults drawFaults(Random & random)
{
    if (random.below(10) == 0)
        return {};
    auto chance = [&](double typical)
    {
        constexpr double scales[] = {0, 0.5, 1, 1, 2};
        return typical * scales[random.below(std::size(scales))];
    };
    return {.keeper_fail = chance(0.01), .keeper_lose_reply = chance(0.02), .keeper_late = chance(0.025),
        .keeper_stale = chance(0.05), .keeper_expire = chance(0.004), .slow = chance(0.006), .store_fail = chance(0.01),
        .store_lose_reply = chance(0.01), .store_late_put = chance(0.01)};
}

/// In the order of SimNode::operation().
std::vector<uint64_t> drawWeights(Random & random)
{
    std::vector<uint64_t> weights{26, 8, 8, 12, 3, 3, 2, 10, 4, 4, 4, 4, 8, 4};
    for (auto & weight : weights)
    {
        constexpr uint64_t scales[] = {1, 4, 4, 16};
        weight *= scales[random.below(std::size(scales))];
    }
    return weights;
}

/// Remembers what the ensemble held, for servers that lag.
void remember(World & world)
{
    constexpr int64_t period_ms = 10'000;
    constexpr size_t kept = 60;
    world.past.emplace_back(world.scheduler.nowMs(), std::make_shared<const ZnodeTree>(world.server->snapshot()));
    if (world.past.size() > kept)
        world.past.pop_front();
    if (SimNode::operations_left > 0)
        world.scheduler.after(period_ms, [&world] { remember(world); });
}

/// What happens to the machines: crashes, long pauses, cut wires.
void chaos(World & world, std::vector<std::unique_ptr<SimNode>> & nodes)
{
    while (SimNode::operations_left > 0 && world.violation.empty())
    {
        world.scheduler.pause(60'000 + static_cast<int64_t>(world.random().below(600'000)));
        if (world.scheduler.nowMs() > run_ms_max)
            SimNode::operations_left = 0; // so many faults that hardly anything gets done
        auto & node = *nodes[world.random().below(nodes.size())];
        auto dice = world.random().below(11);
        if (dice < 5)
        {
            world.count("fault: crash");
            world.scheduler.kill(node.fiber);
            world.scheduler.pause(static_cast<int64_t>(world.random().below(60'000)) + 1);
            node.fiber = world.scheduler.spawn([&node] { node.live(); });
        }
        else if (dice < 8)
        {
            // Up to an hour and a half: longer than a pin is trusted, and than it is honoured.
            world.count("fault: long pause");
            world.scheduler.stall(node.fiber, static_cast<int64_t>(world.random().below(5'400'000)));
        }
        else
        {
            node.partitioned = !node.partitioned;
            world.count(node.partitioned ? "fault: partition" : "partition healed");
            if (node.keeper)
                node.keeper->setPartitioned(node.partitioned);
        }
    }
}

/// Everything that must hold once nothing is under way any more.
void checkAtRest(World & world, Checker & checker, SimNode & node)
{
    auto snapshot = node.catalog->snapshot("default");
    checker.checkViews(snapshot);
    checker.checkSchemas(snapshot);
    checker.checkPromises(snapshot, node.catalog->nextOffset("default", "stream", 0));
    if (auto outdated = node.catalog->outdatedCount("default"))
        world.violate(fmt::format("I6: {} outdated parts are never collected", outdated));
    std::set<std::string> referenced;
    for (const auto & [_, table] : snapshot->tables())
        for (const auto & [id, partition] : table->partitions)
            for (const auto & part : partition->parts)
                referenced.insert(part->object_key);
    size_t metadata = 0;
    std::string after;
    for (bool more = true; more;)
    {
        auto page = world.bucket->list("", after, ObjectStore::list_limit_max);
        for (const auto & object : page.objects)
        {
            after = object.key;
            if (object.key.starts_with("meta/"))
                ++metadata;
            else if (!referenced.erase(object.key))
                world.violate("I6: nothing refers to " + object.key + ", and it stays");
        }
        more = page.truncated;
    }
    if (!referenced.empty())
        world.violate("I1: an active object is not in the bucket: " + *referenced.begin());
    // Per database: the root, and at most one manifest per partition that was ever written.
    if (metadata > 40)
        world.violate(fmt::format("I6: {} metadata objects stay", metadata));
    if (world.server->nodeCount() > 400)
        world.violate(fmt::format("I9: the Keeper holds {} nodes at rest", world.server->nodeCount()));
}

/// I11: the Keeper is restored from an old copy; a node that knows better must stop, as must one that joins.
void checkRollback(World & world, SimNode & node, const ZnodeTree & old)
{
    std::string seen;
    auto stops = [&](const std::function<void()> & action)
    {
        seen = "no error";
        try
        {
            action();
        }
        catch (const Exception & e)
        {
            seen = e.message();
            return e.code() == ErrorCode::TABLE_IS_READ_ONLY;
        }
        return false;
    };
    world.server->restore(old);
    node.keeper->newSession();
    if (!stops([&] { node.catalog->refresh(); }))
        world.violate("I11: a running node did not notice that the Keeper went back: " + seen);
    auto joiner_keeper = std::make_shared<MemoryKeeper>(world.server, world.clock);
    Catalog joiner(world.bucket, joiner_keeper, world.clock, 1, {});
    if (!stops([&] { joiner.start(); }))
        world.violate("I11: a joining node did not notice that the Keeper went back: " + seen);
    world.count("fault: Keeper went back");
}

Outcome runSeed(uint64_t seed, Counters & counters)
{
    World world(seed, counters);
    Checker checker(world);
    std::vector<std::unique_ptr<SimNode>> nodes;
    for (size_t i = 0; i < 3 + world.random().below(2); ++i)
        nodes.push_back(std::make_unique<SimNode>(world, checker, i));
    SimNode::operations_left = 0;
    world.scheduler.spawn([&] { createTables(*nodes[0]); });
    world.scheduler.run();

    SimNode::operations_left = operations_per_seed;
    world.faults = drawFaults(world.random());
    world.weights = drawWeights(world.random());
    world.pin_grace_ms = 600'000;
    remember(world);
    std::optional<ZnodeTree> old;
    for (auto & node : nodes)
        node->fiber = world.scheduler.spawn([&node = *node] { node.live(); });
    world.scheduler.spawn([&] { chaos(world, nodes); });
    world.scheduler.after(static_cast<int64_t>(world.random().below(3'600'000)), [&] { old = world.server->snapshot(); });
    world.scheduler.run();

    if (world.violation.empty())
    {
        world.faults = {};
        world.past.clear();
        for (auto & node : nodes)
        {
            node->partitioned = false;
            node->held.reset();
        }
        world.scheduler.spawn([&] { nodes[0]->quiesce(); });
        world.scheduler.run();
    }
    if (world.violation.empty())
        checkAtRest(world, checker, *nodes[0]);
    if (world.violation.empty() && old)
        checkRollback(world, *nodes[0], *old);
    return {.violation = world.violation, .trace = world.scheduler.traceHash()};
}

bool checkCounters(const Counters & counters)
{
    bool good = true;
    for (const auto & [name, count] : counters)
        fmt::print("{:>10}  {}\n", count, name);
    std::vector<std::string> expected{
        "fault: crash", "fault: long pause", "fault: partition", "fault: Keeper went back", "fault: write lands late",
        "fault: write lost", "fault: write reply lost", "fault: read lost", "fault: server lags", "fault: session expired",
        "fault: pause in a request", "fault: bucket request failed", "fault: bucket reply lost", "fault: put lands late", "fault: write in a partition",
        "gc: parts deleted", "gc: nodes fenced", "sweep: orphans deleted", "sweep: metadata deleted", "insert: duplicate",
        "merge: refused", "entry: spilled", "read: complete"};
    for (size_t kind = 0; kind < std::variant_size_v<EntryBody>; ++kind)
        expected.push_back(fmt::format("entry: {}", entryKindName(kind)));
    for (const auto & name : expected)
        if (auto it = counters.find(name); it == counters.end() || it->second == 0)
        {
            fmt::print("never happened: {}\n", name);
            good = false;
        }
    return good;
}

Options parse(int argc, char ** argv)
{
    Options options;
    bool seeds_given = false;
    for (int i = 1; i < argc; ++i)
    {
        std::string_view argument = argv[i];
        auto value = [&] { return i + 1 < argc ? argv[++i] : ""; };
        if (argument == "--seeds")
        {
            options.seeds = std::strtoull(value(), nullptr, 10);
            seeds_given = true;
        }
        else if (argument == "--first")
            options.first = std::strtoull(value(), nullptr, 10);
        else if (argument == "--mutant")
            options.mutant = value();
        else if (argument == "--all-mutants")
            options.all_mutants = true;
        else if (argument == "--verbose")
            options.verbose = true;
        else if (argument == "--list-mutants")
        {
            for (const auto & mutant : allMutants())
                fmt::print("{:32}{}\n", mutant.name, mutant.what);
            std::exit(0);
        }
        else
        {
            fmt::print(stderr, "Unknown argument {}; see the head of tests/simulation/main.cpp\n", argument);
            std::exit(2);
        }
    }
    if (!seeds_given && (options.all_mutants || !options.mutant.empty()))
        options.seeds = seeds_for_mutant;
    return options;
}

/// True if some seed catches the mutant.
bool mutantDies(std::string_view name, const Options & options)
{
    plantMutant(std::string(name));
    Counters counters;
    for (uint64_t seed = options.first; seed < options.first + options.seeds; ++seed)
        if (auto outcome = runSeed(seed, counters); !outcome.violation.empty())
        {
            fmt::print("mutant {} dies at seed {}: {}\n", name, seed, outcome.violation);
            return true;
        }
    fmt::print("mutant {} SURVIVES {} seeds\n", name, options.seeds);
    return false;
}

bool runSeeds(const Options & options)
{
    auto begun = std::chrono::steady_clock::now();
    Counters counters;
    uint64_t trace = 0;
    for (uint64_t seed = options.first; seed < options.first + options.seeds; ++seed)
    {
        auto outcome = runSeed(seed, counters);
        trace = trace * 31 + outcome.trace;
        if (options.verbose)
            fmt::print("seed {} trace {:016x}\n", seed, outcome.trace);
        if (outcome.violation.empty())
            continue;
        fmt::print("seed {}: {}\nagain: mangrove_sim --first {} --seeds 1\n", seed, outcome.violation, seed);
        return false;
    }
    auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    // A few seeds do not meet everything; they are run to look into one history.
    bool good = checkCounters(counters) || options.seeds < seeds_for_coverage;
    fmt::print("{} seeds from {}, {} operations each, {:.1f} s, trace {:016x}: {}\n", options.seeds, options.first, operations_per_seed,
        seconds, trace, good ? "all invariants hold" : "something never happened");
    return good;
}

}

int main(int argc, char ** argv)
{
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    try
    {
        auto options = parse(argc, argv);
        if (!options.mutant.empty())
            return mutantDies(options.mutant, options) ? 0 : 1;
        if (!options.all_mutants)
            return runSeeds(options) ? 0 : 1;
        bool good = true;
        for (const auto & mutant : allMutants())
            good &= mutantDies(mutant.name, options);
        return good ? 0 : 1;
    }
    catch (const std::exception & e)
    {
        fmt::print(stderr, "{}\n", e.what());
        return 2;
    }
}
