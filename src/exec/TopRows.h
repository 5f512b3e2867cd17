#pragma once
// ORDER BY x LIMIT n while reading: which granules and rows can still be among the first n. Made by ReadPartsSource for
// one read, asked by it and by its PartScans. Keys are values of x as unsigned numbers, the first in order the least.
// Thread-safe. Only rows that are part of the result may be counted: those that passed all filters.

#include "columns/Column.h"
#include "planner/Plan.h"

#include <atomic>
#include <mutex>
#include <vector>

namespace mangrove
{

class TopRows
{
public:
    explicit TopRows(const ReadOrder & order) : order_(order) { }

    const ReadOrder & order() const { return order_; }
    /// The value of x in a row of a column of its type.
    uint64_t keyOf(const Column & column, size_t row) const;
    /// Whether a row with this key may be among the first n, for all that is known now.
    bool mayEnter(uint64_t key) const;
    /// Counts the rows that `keep` selects, `passed` of them, and deselects those that cannot be among the first n.
    /// Answers how many are left. `column`: x of all rows.
    size_t cut(const Column & column, Filter & keep, size_t passed);

private:
    void count(const std::vector<uint64_t> & keys);

    const ReadOrder & order_;
    std::atomic<uint64_t> worst_{0};    /// the key of row n, once there are so many
    std::atomic<bool> complete_{false}; /// there are
    std::mutex mutex_;
    std::vector<uint64_t> heap_; /// keys of the first n rows so far, the worst on top
};

}
