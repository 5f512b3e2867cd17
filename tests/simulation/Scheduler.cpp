#include "Scheduler.h"

#include "base/Exception.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace mangrove::sim
{

namespace
{
constexpr size_t stack_bytes = 256 << 10;
}

void Scheduler::enter(unsigned low, unsigned high)
{
    auto * scheduler = reinterpret_cast<Scheduler *>(uint64_t{high} << 32 | low);
    auto & fiber = *scheduler->fibers_[scheduler->current_];
    try
    {
        if (!fiber.killed)
            fiber.body();
    }
    catch (const FiberKilled &)
    {
    }
    catch (const std::exception & e)
    {
        std::fprintf(stderr, "A fiber ended with: %s\n", e.what());
        std::abort();
    }
    fiber.done = true;
    swapcontext(&fiber.context, &scheduler->main_context_);
}

size_t Scheduler::spawn(std::function<void()> body)
{
    auto fiber = std::make_unique<Fiber>();
    fiber->body = std::move(body);
    fiber->stack = std::make_unique<char[]>(stack_bytes);
    fiber->due_ms = now_ms_;
    getcontext(&fiber->context);
    fiber->context.uc_stack.ss_sp = fiber->stack.get();
    fiber->context.uc_stack.ss_size = stack_bytes;
    auto self = reinterpret_cast<uint64_t>(this);
    makecontext(&fiber->context, reinterpret_cast<void (*)()>(&Scheduler::enter), 2, static_cast<unsigned>(self),
        static_cast<unsigned>(self >> 32));
    fibers_.push_back(std::move(fiber));
    return fibers_.size() - 1;
}

void Scheduler::kill(size_t fiber)
{
    fibers_[fiber]->killed = true;
    fibers_[fiber]->due_ms = now_ms_;
}

void Scheduler::stall(size_t fiber, int64_t duration_ms)
{
    auto & due_ms = fibers_[fiber]->due_ms;
    due_ms = std::max(due_ms, now_ms_ + duration_ms);
}

void Scheduler::pause(int64_t duration_ms)
{
    if (current_ == outside)
    {
        now_ms_ += duration_ms;
        return;
    }
    auto & fiber = *fibers_[current_];
    if (fiber.killed)
        throw FiberKilled{};
    fiber.due_ms = now_ms_ + duration_ms;
    swapcontext(&fiber.context, &main_context_);
    if (fiber.killed)
        throw FiberKilled{};
}

void Scheduler::run()
{
    std::vector<size_t> due;
    while (true)
    {
        int64_t next_ms = INT64_MAX;
        for (const auto & fiber : fibers_)
            if (!fiber->done)
                next_ms = std::min(next_ms, fiber->due_ms);
        if (next_ms == INT64_MAX)
            return;
        if (!events_.empty() && events_.begin()->first <= next_ms)
        {
            now_ms_ = std::max(now_ms_, events_.begin()->first);
            auto event = events_.extract(events_.begin());
            event.mapped()();
            continue;
        }
        now_ms_ = std::max(now_ms_, next_ms);
        due.clear();
        for (size_t i = 0; i < fibers_.size(); ++i)
            if (!fibers_[i]->done && fibers_[i]->due_ms <= now_ms_)
                due.push_back(i);
        current_ = due[random_.below(due.size())];
        trace(static_cast<uint64_t>(now_ms_) << 8 | current_);
        auto & fiber = *fibers_[current_];
        swapcontext(&main_context_, &fiber.context);
        current_ = outside;
        if (fiber.done)
            fiber.stack.reset();
    }
}

void Scheduler::trace(uint64_t event)
{
    trace_ = (trace_ ^ event) * 0x9e3779b97f4a7c15ULL;
    trace_ ^= trace_ >> 29;
}

}
