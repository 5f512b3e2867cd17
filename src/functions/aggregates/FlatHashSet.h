#pragma once
// A set of 64- or 128-bit keys with open addressing, at most half full: the state of uniqExact and -Distinct, and
// the sets of IN. Zero marks a free cell and is kept apart. Small sets take one small allocation.

#include "base/Types.h"

#include <cstdint>
#include <vector>

namespace mangrove
{

template <typename Key>
class FlatHashSet
{
public:
    /// True if the key is new.
    bool insert(Key key)
    {
        if (key == 0)
        {
            bool is_new = !has_zero_;
            has_zero_ = true;
            return is_new;
        }
        if ((used_ + 1) * 2 > cells_.size()) [[unlikely]]
            grow(cells_.empty() ? 8 : cells_.size() * (cells_.size() < (1 << 20) ? 4 : 2));
        size_t position = find(key);
        if (cells_[position])
            return false;
        cells_[position] = key;
        ++used_;
        return true;
    }
    bool contains(Key key) const
    {
        if (key == 0)
            return has_zero_;
        return !cells_.empty() && cells_[find(key)] != 0;
    }
    void prefetch(Key key) const
    {
        if (!cells_.empty())
            __builtin_prefetch(&cells_[hash(key) & (cells_.size() - 1)]);
    }
    size_t size() const { return used_ + has_zero_; }
    size_t byteSize() const { return cells_.size() * sizeof(Key); }
    template <typename F>
    void forEach(F && f) const
    {
        if (has_zero_)
            f(Key{});
        for (Key key : cells_)
            if (key)
                f(key);
    }
    void reserve(size_t keys)
    {
        size_t cells = 8;
        while (cells < keys * 2 + 2)
            cells *= 2;
        if (cells > cells_.size())
            grow(cells);
    }

private:
    static uint64_t hash(Key key)
    {
        uint64_t x = static_cast<uint64_t>(key);
        if constexpr (sizeof(Key) == 16)
            x ^= static_cast<uint64_t>(key >> 64) * 0x9e3779b97f4a7c15ULL;
        x ^= x >> 32;
        x *= 0xff51afd7ed558ccdULL;
        return x ^ (x >> 29);
    }
    size_t find(Key key) const
    {
        size_t mask = cells_.size() - 1;
        size_t position = hash(key) & mask;
        while (cells_[position] && cells_[position] != key)
            position = (position + 1) & mask;
        return position;
    }
    void grow(size_t cells)
    {
        std::vector<Key> old(cells, Key{});
        old.swap(cells_);
        for (Key key : old)
            if (key)
                cells_[find(key)] = key;
    }

    std::vector<Key> cells_;
    size_t used_ = 0;
    bool has_zero_ = false;
};

}
