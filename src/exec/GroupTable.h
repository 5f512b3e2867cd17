#pragma once
// Groups under their keys as GroupKeys makes them: integers of 8 or 16 bytes, or serialized. Used by HashAggregation.

#include "columns/Column.h"
#include "exec/GroupStates.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstring>

namespace mangrove
{

inline uint64_t hashOf(uint64_t key) { return mixHash(key); }
inline uint64_t hashOf(UInt128 key) { return mixHash(static_cast<uint64_t>(key) ^ mixHash(static_cast<uint64_t>(key >> 64))); }
inline uint64_t hashOf(std::string_view key)
{
    uint64_t hash = key.size();
    size_t i = 0;
    for (; i + 8 <= key.size(); i += 8)
    {
        uint64_t word;
        std::memcpy(&word, key.data() + i, 8);
        hash = combineHash(hash, word);
    }
    uint64_t rest = 0;
    std::memcpy(&rest, key.data() + i, key.size() - i);
    return combineHash(hash, rest);
}

template <typename Key>
struct KeyHash
{
    using is_avalanching = void;
    size_t operator()(const Key & key) const { return hashOf(key); }
};

/// Groups in order of first appearance; a key finds its number.
template <typename Key>
struct GroupTable
{
    explicit GroupTable(const StateLayout & layout) : states(layout) { }

    std::vector<Key> keys;
    GroupStates states;
    boost::unordered_flat_map<Key, uint32_t, KeyHash<Key>> numbers;
    std::vector<uint32_t> direct; /// GroupMethod::Direct: key → number + 1
};

}
