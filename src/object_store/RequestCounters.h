#pragma once
// The counters that an ObjectStore keeps, as relaxed atomics: exact sums, no order between fields.

#include "object_store/ObjectStore.h"

#include <atomic>

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

    void countPut(uint64_t bytes)
    {
        puts.fetch_add(1, std::memory_order_relaxed);
        put_bytes.fetch_add(bytes, std::memory_order_relaxed);
    }

    void countGet(uint64_t bytes)
    {
        gets.fetch_add(1, std::memory_order_relaxed);
        get_bytes.fetch_add(bytes, std::memory_order_relaxed);
    }

    ObjectStoreCounters snapshot() const { return {puts, gets, heads, lists, deletes, retries, put_bytes, get_bytes}; }
};

}
