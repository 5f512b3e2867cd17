#pragma once
// Adaptive sampling of distinct values, the state of uniq(): a set of 32-bit hashes that, when it passes 65536
// elements, keeps only hashes divisible by a power of two and doubles that power as needed. The algorithm and its
// constants are ClickHouse's (AggregateFunctions/UniquesHashSet.h), so that estimates are equal to the last digit.

#include "io/CityHash.h"
#include "io/ReadBuffer.h"
#include "io/WriteBuffer.h"

#include <vector>

namespace mangrove
{

class UniquesHashSet
{
public:
    void insert(uint64_t x) { insertHashed(intHash64(x)); }
    /// For values that are good hashes already (of several arguments).
    void insertHashed(uint64_t x)
    {
        auto hash = static_cast<uint32_t>(x);
        if (!good(hash))
            return;
        insertHash(hash);
        shrinkIfNeeded();
    }
    void merge(const UniquesHashSet & other);
    uint64_t estimate() const;
    void write(WriteBuffer & out) const;
    void read(ReadBuffer & in);

private:
    static constexpr size_t initial_degree = 4;
    static constexpr size_t elements_max = 1 << 16;
    static constexpr int bits_for_skip = 32 - 17;

    bool good(uint32_t hash) const { return hash == ((hash >> skip_degree_) << skip_degree_); }
    size_t mask() const { return cells_.size() - 1; }
    size_t place(uint32_t hash) const { return (hash >> bits_for_skip) & mask(); }
    void insertHash(uint32_t hash)
    {
        if (hash == 0)
        {
            size_ += !has_zero_;
            has_zero_ = true;
            return;
        }
        if (cells_.empty()) [[unlikely]]
            cells_.assign(1ULL << degree_, 0);
        size_ += placeHash(hash);
    }
    /// True if it is new. There must be a free cell.
    bool placeHash(uint32_t hash)
    {
        uint32_t * cells = cells_.data();
        size_t position = place(hash);
        while (cells[position] && cells[position] != hash)
            position = (position + 1) & mask();
        const bool is_new = !cells[position];
        cells[position] = hash;
        return is_new;
    }
    void shrinkIfNeeded()
    {
        if (size_ > (1ULL << (degree_ - 1))) [[unlikely]]
            shrink();
    }
    void shrink();
    /// Moves all still good hashes into a table of 2^degree cells.
    void rebuild(size_t degree);

    std::vector<uint32_t> cells_; /// 0 = free; allocated on first use
    uint32_t size_ = 0;
    uint8_t degree_ = initial_degree;
    uint8_t skip_degree_ = 0;
    bool has_zero_ = false;
};

}
