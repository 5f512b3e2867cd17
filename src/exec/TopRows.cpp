#include "exec/TopRows.h"

#include "parts/NumberKinds.h"

#include <algorithm>

namespace mangrove
{

namespace
{

template <typename T>
uint64_t ascending(T value)
{
    auto bits = static_cast<uint64_t>(static_cast<int64_t>(value));
    return std::is_signed_v<T> ? bits ^ (1ULL << 63) : static_cast<uint64_t>(value);
}

}

uint64_t TopRows::keyOf(const Column & column, size_t row) const
{
    uint64_t key = withNumberArray(column, [&](const auto & values) { return ascending(values[row]); });
    return order_.descending ? ~key : key;
}

bool TopRows::mayEnter(uint64_t key) const
{
    // `worst_` only falls: an old one lets more rows pass.
    return !complete_.load(std::memory_order_acquire) || key < worst_.load(std::memory_order_relaxed)
        || (order_.ties && key == worst_.load(std::memory_order_relaxed));
}

size_t TopRows::cut(const Column & column, Filter & keep, size_t passed)
{
    std::vector<uint64_t> keys;
    keys.reserve(passed);
    withNumberArray(column, [&](const auto & values)
    {
        for (size_t row = 0; row < keep.size(); ++row)
        {
            if (!keep[row])
                continue;
            const uint64_t key = order_.descending ? ~ascending(values[row]) : ascending(values[row]);
            if (mayEnter(key))
                keys.push_back(key);
            else
                keep[row] = 0;
        }
    });
    if (keys.size() > order_.rows)
    {
        // Of equal keys at the end, the first rows stay if nothing else orders them.
        std::vector<uint64_t> best = keys;
        std::nth_element(best.begin(), best.begin() + (order_.rows - 1), best.end());
        const uint64_t last = best[order_.rows - 1];
        size_t ties = order_.ties ? keys.size() : order_.rows - std::count_if(best.begin(), best.end(), [&](uint64_t key) { return key < last; });
        size_t next = 0, left = 0;
        for (auto & kept : keep)
        {
            if (!kept)
                continue;
            const uint64_t key = keys[next++];
            kept = key < last || (key == last && ties && ties--);
            if (kept)
                keys[left++] = key;
        }
        keys.resize(left);
    }
    count(keys);
    return keys.size();
}

void TopRows::count(const std::vector<uint64_t> & keys)
{
    std::lock_guard lock(mutex_);
    for (uint64_t key : keys)
    {
        if (heap_.size() == order_.rows)
        {
            if (key >= heap_.front())
                continue;
            std::pop_heap(heap_.begin(), heap_.end());
            heap_.back() = key;
        }
        else
            heap_.push_back(key);
        std::push_heap(heap_.begin(), heap_.end());
    }
    if (heap_.size() == order_.rows)
    {
        worst_.store(heap_.front(), std::memory_order_relaxed);
        complete_.store(true, std::memory_order_release);
    }
}

}
