#pragma once
// What readers of parts keep in memory between queries: verified page bytes, decoded directories, dictionaries and
// indexes. Bounded by bytes, least recently used out first, one for all parts of a process. Thread-safe.
// Parts are immutable and keys are never reused, so nothing is ever invalidated: erasePart() only frees memory early.

#include "base/Types.h"

#include <memory>
#include <string>

namespace mangrove
{

class PartCache
{
public:
    /// Identifies one thing of one part: `part` comes from registerPart().
    struct Key
    {
        uint64_t part;
        uint64_t offset; /// in the object
        uint32_t what;   /// 0 = verified bytes; others: decoded forms of what stands there
        bool operator==(const Key &) const = default;
    };
    struct Counters
    {
        uint64_t hits = 0;
        uint64_t misses = 0;
        uint64_t bytes = 0;
        uint64_t entries = 0;
    };

    explicit PartCache(uint64_t bytes_max);
    ~PartCache();

    uint64_t registerPart(); /// a number not used before in this process
    std::shared_ptr<const void> get(const Key & key);
    template <typename T>
    std::shared_ptr<const T> getAs(const Key & key)
    {
        return std::static_pointer_cast<const T>(get(key));
    }
    /// Keeps the first value if two threads put the same key. Values larger than valueBytesMax() are not kept.
    void put(const Key & key, std::shared_ptr<const void> value, uint64_t bytes);
    uint64_t valueBytesMax() const { return shard_bytes_max_ / 2; }
    void erasePart(uint64_t part);
    void clear();
    Counters counters() const;

private:
    struct Shard;
    static constexpr size_t shard_count = 4;
    std::unique_ptr<Shard[]> shards_;
    uint64_t shard_bytes_max_;
};

using PartCachePtr = std::shared_ptr<PartCache>;

}
