#pragma once
// The memory of the process against the limit of the node, and of each query against its own. What a thread allocates
// is counted by jemalloc itself (thread.allocatedp), so an allocation costs nothing more; a query adds up what its
// threads hold whenever it checks itself, once a block, and a large allocation is checked before it is made (operator
// new in apps/mangrove). What the node uses is sampled, the larger of what the allocator and what the kernel say; where
// that and the large allocations since then come near the limit, it is measured anew.
// Without jemalloc (sanitizers) only what operators charge is known. Thread-safe.

#include <atomic>
#include <cstdint>

namespace mangrove
{

/// Memory of one query. Its threads work under a MemoryScope.
class QueryMemory
{
public:
    QueryMemory();
    ~QueryMemory();
    QueryMemory(const QueryMemory &) = delete;

    /// What an operator is about to hold, and what it no longer does: counted where it is more than what was measured.
    void charge(uint64_t bytes);
    void release(uint64_t bytes) { charged_ -= bytes; }
    uint64_t bytes() const;
    uint64_t peakBytes() const { return peak_; }

    void setLimit(uint64_t bytes) { limit_ = bytes; } /// max_memory_usage; 0: none
    /// MEMORY_LIMIT_EXCEEDED (241) if the query is above its limit, or if the node is above its own: at once for those
    /// that hold no less than the average query, of which there always is one; the others wait a moment for their end.
    void check();

private:
    friend class MemoryScope;
    friend class LargeAllocation;
    void measure();
    void throwIfAbove(uint64_t wanted);

    std::atomic<uint64_t> limit_{0}, charged_{0}, peak_{0};
    std::atomic<int64_t> measured_{0};
};

/// What this thread allocates and frees from now on is the query's; null: nobody's (caches). Nests.
class MemoryScope
{
public:
    explicit MemoryScope(QueryMemory * query);
    ~MemoryScope();
    MemoryScope(const MemoryScope &) = delete;

private:
    QueryMemory * outer_;
};

/// Within it nothing that this thread allocates is refused, and it is nobody's: for a change that must be made whole,
/// like replaying an entry of the log.
class NeverRefused
{
public:
    NeverRefused();
    ~NeverRefused();
    NeverRefused(const NeverRefused &) = delete;

private:
    MemoryScope nobody_{nullptr};
    bool outer_;
};

/// What this thread allocated for its query belongs to someone else from now on: a cache.
void disownMemory(uint64_t bytes);

/// Lives while the calling thread makes a large allocation. MEMORY_LIMIT_EXCEEDED (241) if it does not fit the thread's
/// query or the node.
class LargeAllocation
{
public:
    explicit LargeAllocation(uint64_t bytes);
    ~LargeAllocation();
    LargeAllocation(const LargeAllocation &) = delete;

private:
    uint64_t bytes_;
    bool counted_ = false;
};

struct NodeMemory
{
    /// Of the machine or of the container, whichever is less.
    static uint64_t availableBytes();
    static void setLimit(uint64_t bytes); /// 0: none
    static uint64_t limit();
    static uint64_t usedBytes(); /// at most 10 ms old
    static uint64_t residentBytes();

    /// From here on allocations are LargeAllocations: about a column of a block, since many queries may each be amid a
    /// block. What is nobody's (caches, commits) is asked for when it is larger.
    static constexpr uint64_t large_allocation_bytes = 256 << 10;
    static constexpr uint64_t others_allocation_bytes = 4 << 20;
};

}
