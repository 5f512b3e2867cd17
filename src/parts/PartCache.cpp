#include "parts/PartCache.h"

#include "base/Memory.h"

#include <atomic>
#include <list>
#include <mutex>
#include <unordered_map>

namespace mangrove
{

namespace
{

uint64_t mix(uint64_t x)
{
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdULL;
    x ^= x >> 33;
    return x;
}

struct KeyHash
{
    size_t operator()(const PartCache::Key & key) const
    {
        return mix(key.part * 0x9e3779b97f4a7c15ULL + key.offset * 8 + key.what);
    }
};

/// What an entry costs beyond its value: list and table nodes.
constexpr uint64_t entry_overhead_bytes = 192;

}

struct PartCache::Shard
{
    struct Entry
    {
        Key key;
        std::shared_ptr<const void> value;
        uint64_t bytes;
    };

    mutable std::mutex mutex;
    std::list<Entry> entries; /// most recently used first
    /// By part first: closing one of many parts must not look at the entries of all.
    using EntriesOfPart = std::unordered_map<Key, std::list<Entry>::iterator, KeyHash>;
    std::unordered_map<uint64_t, EntriesOfPart> index;
    Counters counters;

    std::list<Entry>::iterator * find(const Key & key)
    {
        auto of_part = index.find(key.part);
        if (of_part == index.end())
            return nullptr;
        auto found = of_part->second.find(key);
        return found == of_part->second.end() ? nullptr : &found->second;
    }

    void drop(std::list<Entry>::iterator entry)
    {
        counters.bytes -= entry->bytes;
        auto of_part = index.find(entry->key.part);
        of_part->second.erase(entry->key);
        if (of_part->second.empty())
            index.erase(of_part);
        entries.erase(entry);
    }
};

PartCache::PartCache(uint64_t bytes_max)
    : shards_(new Shard[shard_count]), shard_bytes_max_(bytes_max / shard_count) { }
PartCache::~PartCache() = default;

uint64_t PartCache::registerPart()
{
    static std::atomic<uint64_t> next{1};
    return next.fetch_add(1);
}

std::shared_ptr<const void> PartCache::get(const Key & key)
{
    Shard & shard = shards_[KeyHash{}(key) >> 32 & (shard_count - 1)];
    std::lock_guard lock(shard.mutex);
    auto * found = shard.find(key);
    if (!found)
    {
        ++shard.counters.misses;
        return nullptr;
    }
    ++shard.counters.hits;
    shard.entries.splice(shard.entries.begin(), shard.entries, *found);
    return (*found)->value;
}

void PartCache::put(const Key & key, std::shared_ptr<const void> value, uint64_t bytes)
{
    bytes += entry_overhead_bytes;
    if (bytes > valueBytesMax())
        return;
    Shard & shard = shards_[KeyHash{}(key) >> 32 & (shard_count - 1)];
    std::lock_guard lock(shard.mutex);
    if (shard.find(key))
        return;
    shard.entries.push_front({key, std::move(value), bytes});
    shard.index[key.part][key] = shard.entries.begin();
    shard.counters.bytes += bytes;
    disownMemory(bytes);
    MemoryScope memory(nullptr); // what goes out is not this query's either
    while (shard.counters.bytes > shard_bytes_max_)
        shard.drop(std::prev(shard.entries.end()));
}

void PartCache::erasePart(uint64_t part)
{
    for (size_t i = 0; i < shard_count; ++i)
    {
        Shard & shard = shards_[i];
        std::lock_guard lock(shard.mutex);
        auto of_part = shard.index.find(part);
        if (of_part == shard.index.end())
            continue;
        for (const auto & [key, entry] : of_part->second)
        {
            shard.counters.bytes -= entry->bytes;
            shard.entries.erase(entry);
        }
        shard.index.erase(of_part);
    }
}

void PartCache::clear()
{
    MemoryScope memory(nullptr);
    for (size_t i = 0; i < shard_count; ++i)
    {
        std::lock_guard lock(shards_[i].mutex);
        while (!shards_[i].entries.empty())
            shards_[i].drop(shards_[i].entries.begin());
    }
}

PartCache::Counters PartCache::counters() const
{
    Counters total;
    for (size_t i = 0; i < shard_count; ++i)
    {
        std::lock_guard lock(shards_[i].mutex);
        total.hits += shards_[i].counters.hits;
        total.misses += shards_[i].counters.misses;
        total.bytes += shards_[i].counters.bytes;
        total.entries += shards_[i].entries.size();
    }
    return total;
}

}
