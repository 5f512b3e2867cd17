#pragma once
// The counters that an ObjectStore keeps, as relaxed atomics: exact sums, no order between fields. What a thread asks for
// under a RequestScope is also counted there: for the query that it works for.

#include "object_store/ObjectStore.h"

#include <atomic>
#include <utility>

namespace mangrove
{

struct RequestCounters
{
    std::atomic<uint64_t> puts{0};
    std::atomic<uint64_t> gets{0};
    std::atomic<uint64_t> heads{0};
    std::atomic<uint64_t> lists{0};
    std::atomic<uint64_t> deletes{0};
    std::atomic<uint64_t> retries{0};
    std::atomic<uint64_t> put_bytes{0};
    std::atomic<uint64_t> get_bytes{0};

    using Counter = std::atomic<uint64_t> RequestCounters::*;

    void count(Counter counter, uint64_t amount = 1);

    void countPut(uint64_t bytes)
    {
        count(&RequestCounters::puts);
        count(&RequestCounters::put_bytes, bytes);
    }

    void countGet(uint64_t bytes)
    {
        count(&RequestCounters::gets);
        count(&RequestCounters::get_bytes, bytes);
    }

    ObjectStoreCounters snapshot() const { return {puts, gets, heads, lists, deletes, retries, put_bytes, get_bytes}; }
};

/// Requests of this thread from now on; null: they are nobody's. Nests.
class RequestScope
{
public:
    explicit RequestScope(RequestCounters * counters) : outer_(std::exchange(current_, counters)) { }
    ~RequestScope() { current_ = outer_; }
    RequestScope(const RequestScope &) = delete;

private:
    friend struct RequestCounters;
    static inline thread_local RequestCounters * current_ = nullptr;
    RequestCounters * outer_;
};

inline void RequestCounters::count(Counter counter, uint64_t amount)
{
    (this->*counter).fetch_add(amount, std::memory_order_relaxed);
    if (auto * query = RequestScope::current_)
        (query->*counter).fetch_add(amount, std::memory_order_relaxed);
}

}
