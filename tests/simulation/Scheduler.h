#pragma once
// Virtual time and cooperative fibers: one thread, one seed, every wait a scheduling point. A fiber runs until it
// calls pause(); among those that are due the seed picks the next; when none is due, time jumps. So a run is a
// function of its seed. A fiber that is killed gets FiberKilled out of its next pause() and unwinds.
// Must hold: no fiber pauses inside a catch block (the runtime keeps one exception stack per thread), nor with a
// lock that another fiber takes.

#include "base/Random.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include <ucontext.h>

namespace mangrove::sim
{

/// Not an Exception: nothing in the program under test may catch it.
struct FiberKilled
{
};

class Scheduler
{
public:
    explicit Scheduler(uint64_t seed) : random_(seed) { }

    int64_t nowMs() const { return now_ms_; }
    Random & random() { return random_; }

    /// Returns the fiber's number.
    size_t spawn(std::function<void()> body);
    /// Runs `event`, which must not pause, between two turns.
    void after(int64_t delay_ms, std::function<void()> event) { events_.emplace(now_ms_ + delay_ms, std::move(event)); }
    /// Unwinds the fiber at its next turn, which comes at once.
    void kill(size_t fiber);
    /// The fiber does not run before that (SIGSTOP, a long GC pause of its machine).
    void stall(size_t fiber, int64_t duration_ms);
    bool isDone(size_t fiber) const { return fibers_[fiber]->done; }

    /// From inside a fiber: lets others run for at least `duration_ms`. Outside of any fiber: time just passes.
    void pause(int64_t duration_ms);
    size_t current() const { return current_; }

    /// Runs until every fiber is done; events beyond that stay undone.
    void run();

    /// Mixed into the hash of the run.
    void trace(uint64_t event);
    uint64_t traceHash() const { return trace_; }

private:
    struct Fiber
    {
        std::function<void()> body;
        std::unique_ptr<char[]> stack;
        ucontext_t context{};
        int64_t due_ms = 0;
        bool killed = false;
        bool done = false;
    };

    static void enter(unsigned low, unsigned high);

    static constexpr size_t outside = ~size_t{0};

    Random random_;
    int64_t now_ms_ = 0;
    uint64_t trace_ = 0;
    std::vector<std::unique_ptr<Fiber>> fibers_;
    std::multimap<int64_t, std::function<void()>> events_;
    size_t current_ = outside;
    ucontext_t main_context_{};
};

}
