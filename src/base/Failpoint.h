#pragma once
// Named points where a test kills the process or makes an operation fail: FAILPOINT("insert.after_put").
// Compiled in always; one relaxed load when off. Turned on by MANGROVE_FAILPOINTS at start, a comma-separated
// list of NAME=kill[:N] or NAME=throw[:N]; the action happens once, at the N-th passage (1 when left out).
// setFailpoints() replaces the list at run time (tests). Thread-safe.

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

namespace mangrove
{

namespace failpoint_detail
{
extern std::atomic<bool> enabled;
void pass(std::string_view name);
}

/// Throws BAD_ARGUMENTS when the list cannot be read. An empty list turns everything off.
void setFailpoints(std::string_view list);

/// The names passed while any failpoint was on, sorted: the kill harness asks it what there is to kill at.
std::vector<std::string> passedFailpoints();

}

#define FAILPOINT(name) \
    do \
    { \
        if (::mangrove::failpoint_detail::enabled.load(std::memory_order_relaxed)) [[unlikely]] \
            ::mangrove::failpoint_detail::pass(name); \
    } while (false)
