#include "base/Memory.h"

#include "base/Exception.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <fstream>
#include <mutex>
#include <string>
#include <utility>

#include <unistd.h>

/// jemalloc's, where the program is linked with it.
extern "C" int mallctl(const char * name, void * old_value, size_t * old_bytes, void * new_value, size_t new_bytes) __attribute__((weak));

namespace mangrove
{

namespace
{

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool sanitized = true; // its allocator stands in front of jemalloc's
#else
constexpr bool sanitized = false;
#endif

bool hasJemalloc()
{
    return !sanitized && mallctl;
}

template <typename T>
T readJemalloc(const char * name)
{
    T value{};
    size_t bytes = sizeof(value);
    return mallctl(name, &value, &bytes, nullptr, 0) == 0 ? value : T{};
}

/// Allocated minus freed by this thread since it began.
int64_t threadBytes()
{
    if (!hasJemalloc())
        return 0;
    static const uint64_t nothing = 0;
    thread_local const auto * allocated = readJemalloc<const uint64_t *>("thread.allocatedp");
    thread_local const auto * freed = readJemalloc<const uint64_t *>("thread.deallocatedp");
    return static_cast<int64_t>(*(allocated ? allocated : &nothing) - *(freed ? freed : &nothing));
}

struct Attached
{
    QueryMemory * query = nullptr;
    int64_t seen = 0; /// threadBytes() up to which the query knows
    bool never_refused = false;
};
thread_local Attached attached;

std::atomic<int64_t> queries{0}, queries_bytes{0};
/// Those that wait for memory learn of each end of a query.
std::mutex ends_mutex;
std::condition_variable ended;
uint64_t ends = 0;
constexpr std::chrono::seconds wait_for_memory_max{1};

/// What was allocated since the last look.
int64_t takeDelta()
{
    auto now = threadBytes();
    return now - std::exchange(attached.seen, now);
}

int64_t steadyMs()
{
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

constexpr int64_t sample_period_ms = 10;
std::atomic<uint64_t> node_limit{0}, soft_limit{0}; /// between the two: what grows from one look to the next
std::mutex sampling_mutex;
std::atomic<uint64_t> sampled_bytes{0};
/// Large allocations that are about to be made, and that were made since the sample, freed or not: what the node may use
/// more than that, at most.
std::atomic<uint64_t> pending_bytes{0}, granted_bytes{0};
std::atomic<int64_t> next_sample_ms{0};

/// Pages that the allocator has handed out, touched or not, and those it keeps; or what the kernel says, if that is more.
uint64_t measureNode()
{
    auto limit = soft_limit.load(); // from where on queries are refused
    uint64_t kept = 0, handed_out = 0;
    auto look = [&]
    {
        uint64_t epoch = 1;
        mallctl("epoch", nullptr, nullptr, &epoch, sizeof(epoch)); // brings the statistics up to date
        kept = readJemalloc<size_t>("stats.resident");
        handed_out = readJemalloc<size_t>("stats.active");
    };
    if (hasJemalloc())
        look();
    auto resident = NodeMemory::residentBytes();
    if (limit && std::max(kept, resident) > limit && handed_out < limit && hasJemalloc())
    {
        // What was freed and kept for the next allocation is given back first.
        mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0); // 4096: all arenas
        look();
        resident = NodeMemory::residentBytes();
    }
    return std::max(kept, resident);
}

/// Called with the mutex.
uint64_t sampleNode()
{
    next_sample_ms = steadyMs() + sample_period_ms;
    auto granted = granted_bytes.load(); // what is allocated while it measures may not be in it
    sampled_bytes = measureNode();
    granted_bytes -= granted;
    return sampled_bytes;
}

/// What the node uses, or at most uses; measured now if that may be more than `limit`.
uint64_t usedAtMost(uint64_t limit)
{
    if (auto used = NodeMemory::usedBytes() + pending_bytes + granted_bytes; used <= limit)
        return used;
    std::lock_guard sampling(sampling_mutex);
    return sampleNode() + pending_bytes;
}

[[noreturn]] void throwNodeIsFull(uint64_t used, uint64_t wanted)
{
    throw Exception(ErrorCode::MEMORY_LIMIT_EXCEEDED,
        "Memory limit (total) exceeded: the node would use {} bytes (attempt to allocate {} bytes), maximum: {} bytes (memory_bytes_max)", used + wanted,
        wanted, node_limit.load());
}

}

QueryMemory::QueryMemory()
{
    ++queries;
}

QueryMemory::~QueryMemory()
{
    --queries;
    queries_bytes -= measured_;
    {
        std::lock_guard lock(ends_mutex);
        ++ends;
    }
    ended.notify_all();
}

uint64_t QueryMemory::bytes() const
{
    return std::max<uint64_t>(charged_, static_cast<uint64_t>(std::max<int64_t>(measured_, 0)));
}

/// Adds what the calling thread allocated since the last look.
void QueryMemory::measure()
{
    auto delta = takeDelta();
    measured_ += delta;
    queries_bytes += delta;
}

void QueryMemory::throwIfAbove(uint64_t wanted)
{
    auto now = bytes() + wanted;
    auto peak = peak_.load();
    while (now > peak && !peak_.compare_exchange_weak(peak, now))
    {
    }
    if (uint64_t limit = limit_; limit && now > limit)
        throw Exception(ErrorCode::MEMORY_LIMIT_EXCEEDED,
            "Memory limit (for query) exceeded: would use {} bytes (attempt to allocate {} bytes), maximum: {} bytes (max_memory_usage)", now, wanted, limit);
}

void QueryMemory::charge(uint64_t bytes)
{
    charged_ += bytes;
    try
    {
        throwIfAbove(0);
    }
    catch (...)
    {
        charged_ -= bytes;
        throw;
    }
}

void QueryMemory::check()
{
    if (attached.query == this)
        measure();
    throwIfAbove(0);
    auto node = soft_limit.load(std::memory_order_relaxed);
    if (!node || attached.query != this)
        return;
    const auto deadline = std::chrono::steady_clock::now() + wait_for_memory_max;
    while (true)
    {
        uint64_t seen;
        {
            std::lock_guard lock(ends_mutex);
            seen = ends;
        }
        auto used = usedAtMost(node);
        if (used <= node)
            return;
        if (std::chrono::steady_clock::now() >= deadline || measured_ * std::max<int64_t>(queries, 1) >= queries_bytes)
            throwNodeIsFull(used, 0);
        /// Queries that go on free memory too, which no one tells of: a new sample is a reason to look again.
        std::unique_lock lock(ends_mutex);
        if (ended.wait_for(lock, std::chrono::milliseconds(sample_period_ms), [&] { return ends != seen; }))
            next_sample_ms = 0;
    }
}

LargeAllocation::LargeAllocation(uint64_t bytes) : bytes_(bytes)
{
    if (attached.never_refused || (!attached.query && bytes < NodeMemory::others_allocation_bytes))
        return;
    if (auto * query = attached.query)
    {
        query->measure();
        query->throwIfAbove(bytes);
    }
    auto node = node_limit.load(std::memory_order_relaxed);
    if (!node)
        return;
    // Before it is asked whether it fits: of those that ask at one time, not all get the same memory.
    counted_ = true;
    pending_bytes += bytes;
    if (auto used = usedAtMost(node); used > node)
    {
        pending_bytes -= bytes;
        throwNodeIsFull(used - bytes, bytes);
    }
}

LargeAllocation::~LargeAllocation()
{
    if (!counted_)
        return;
    granted_bytes += bytes_;
    pending_bytes -= bytes_;
}

MemoryScope::MemoryScope(QueryMemory * query) : outer_(attached.query)
{
    if (outer_)
        outer_->measure();
    else
        takeDelta();
    attached.query = query;
}

MemoryScope::~MemoryScope()
{
    if (attached.query)
        attached.query->measure();
    else
        takeDelta();
    attached.query = outer_;
}

NeverRefused::NeverRefused() : outer_(std::exchange(attached.never_refused, true)) { }

NeverRefused::~NeverRefused()
{
    attached.never_refused = outer_;
}

void disownMemory(uint64_t bytes)
{
    if (attached.query && hasJemalloc())
        attached.seen += static_cast<int64_t>(bytes);
}

uint64_t NodeMemory::availableBytes()
{
    auto bytes = static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
    for (const char * path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"})
        if (uint64_t limit = 0; std::ifstream(path) >> limit && limit) // "max" is not a number
            bytes = std::min(bytes, limit);
    return bytes;
}

void NodeMemory::setLimit(uint64_t bytes)
{
    node_limit = bytes;
    soft_limit = bytes / 20 * 19;
}

uint64_t NodeMemory::limit()
{
    return node_limit;
}

uint64_t NodeMemory::usedBytes()
{
    if (steadyMs() >= next_sample_ms)
        if (std::unique_lock sampling(sampling_mutex, std::try_to_lock); sampling)
            sampleNode();
    return sampled_bytes;
}

uint64_t NodeMemory::residentBytes()
{
    static const int file = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    char text[128] = "";
    if (::pread(file, text, sizeof(text) - 1, 0) <= 0)
        return 0;
    uint64_t total = 0, resident = 0;
    if (std::sscanf(text, "%lu %lu", &total, &resident) != 2)
        return 0;
    return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

}
