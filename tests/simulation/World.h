#pragma once
// What the nodes of a simulated cluster share: time, the ensemble, the bucket, the faults, and the judge. One World
// per seed; destroyed with everything in it.

#include "Scheduler.h"
#include "base/Clock.h"
#include "catalog/LogEntry.h"
#include "keeper/MemoryKeeper.h"
#include "object_store/MemoryObjectStore.h"

#include <algorithm>
#include <deque>
#include <list>
#include <map>
#include <set>
#include <string>

namespace mangrove::sim
{

/// How often each thing happened, over all seeds of a run.
using Counters = std::map<std::string, uint64_t>;

/// A node's clocks: monotonic time is the world's; wall time is wrong by up to two hours.
class NodeClock final : public Clock
{
public:
    NodeClock(Scheduler & scheduler, int64_t skew_ms) : scheduler_(scheduler), skew_ms_(skew_ms) { }
    int64_t wallMs() const override { return epoch_ms + skew_ms_ + scheduler_.nowMs(); }
    int64_t monotonicMs() const override { return scheduler_.nowMs() + 1; }
    void sleepMs(int64_t duration_ms) override { scheduler_.pause(duration_ms); }

    static constexpr int64_t epoch_ms = 1'790'000'000'000;

private:
    Scheduler & scheduler_;
    int64_t skew_ms_;
};

/// Chances per request.
struct Faults
{
    double keeper_fail = 0;
    double keeper_lose_reply = 0;
    double keeper_late = 0;
    double keeper_stale = 0;
    double keeper_expire = 0;
    double slow = 0; /// the process stands still for minutes, in the middle of whatever it does
    double store_fail = 0;
    double store_lose_reply = 0;
    double store_late_put = 0;
};

/// Thrown out of the whole run: an invariant does not hold.
struct Violation
{
    std::string what;
};

struct World
{
    explicit World(uint64_t seed, Counters & counters)
        : scheduler(seed), clock(scheduler, 0), server(std::make_shared<MemoryKeeperServer>(clock)),
          bucket(std::make_shared<MemoryObjectStore>(clock)), counters(counters)
    {
    }

    Random & random() { return scheduler.random(); }
    bool chance(double probability) { return probability > 0 && random().chance(probability); }
    void count(const std::string & what)
    {
        ++counters[what];
        scheduler.trace(std::hash<std::string>{}(what));
    }
    /// The way of a request, one direction.
    void travel(int64_t latency_ms_max)
    {
        int64_t duration_ms = 1 + static_cast<int64_t>(random().below(latency_ms_max));
        if (chance(faults.slow))
        {
            count("fault: pause in a request");
            duration_ms += static_cast<int64_t>(random().below(900'000));
        }
        scheduler.pause(duration_ms);
    }
    /// How late something lands: minutes mostly, up to `longest_ms`.
    int64_t lateness(int64_t longest_ms) { return static_cast<int64_t>(random().below(longest_ms >> random().below(8))); }
    /// Fibers cannot throw through the scheduler: the first violation is kept and ends the run.
    void violate(std::string what)
    {
        if (violation.empty())
            violation = std::move(what);
    }

    Scheduler scheduler;
    NodeClock clock; /// the Keeper's and the bucket's
    std::shared_ptr<MemoryKeeperServer> server;
    std::shared_ptr<MemoryObjectStore> bucket;
    Faults faults;
    Counters & counters;
    using Transaction = std::pair<std::string, TxnId>; /// the path of its log: each log counts its own
    std::set<Transaction> landed;                   /// that have an entry
    std::set<Transaction> refused;                  /// whose clients were told that they did not happen
    std::map<std::string, Transaction> uploading;   /// parts that a running operation means to commit
    std::map<std::string, int64_t> heard_ms;        /// node record → when it last moved
    int64_t pin_grace_ms = 0;
    std::list<std::vector<KeeperOp>> flying;        /// writes that are under way, late
    /// What servers of the ensemble that lag may still show, oldest first.
    std::deque<std::pair<int64_t, std::shared_ptr<const ZnodeTree>>> past;
    /// How much of each operation this seed does, in parts of 1; see SimNode::operation().
    std::vector<uint64_t> weights;
    std::string violation;
};

}
