#pragma once
// A condition on single values, for conditions that a map column is asked about all of its keys or values:
// arrayExists(x -> x LIKE '%a%', mapValues(m)), or that search strings: message LIKE '%a%'. Made from an expression, by
// the planner once per query or by a scan once per part; run on each dictionary once and on the values that have no
// codes. Thread-safe.
//
// The condition may throw on a value; on a dictionary, whose values need not have a row, that is no error of the query.

#include "columns/Column.h"

#include <functional>
#include <list>
#include <mutex>

namespace mangrove
{

/// Bytes that a string must contain to pass; empty: nothing is known.
struct ContainedBytes
{
    std::string bytes;
    bool any_case = false; /// each letter may be of the other case, as Unicode folds them

    ContainedBytes() = default;
    ContainedBytes(std::string bytes_, bool any_case_ = false) : bytes(std::move(bytes_)), any_case(any_case_) { }
    ContainedBytes(const char * bytes_) : bytes(bytes_) { }
    bool empty() const { return bytes.empty(); }
};

/// What a search found to be in its way.
struct TestedPages
{
    uint64_t pages = 0;   /// without codes
    uint64_t skipped = 0; /// of these, not decompressed
    uint64_t bytes = 0;   /// decompressed
};

class ValueTest
{
public:
    /// One byte a value: 1 = passes. Values are full columns of the map's type, without LowCardinality.
    using Evaluate = std::function<Filter(const ColumnPtr & values)>;
    /// `contained`: what every value that passes contains.
    ValueTest(Evaluate evaluate, ContainedBytes contained) : evaluate_(std::move(evaluate)), contained_(std::move(contained)) { }

    Filter test(const ColumnPtr & values) const { return evaluate_(values); }
    const ContainedBytes & contained() const { return contained_; }

    struct Matches
    {
        Filter by_code;
        bool any = false;
    };
    /// Remembered as long as the query runs; null if the condition threw.
    std::shared_ptr<const Matches> testDictionary(const ColumnPtr & dictionary) const;

private:
    struct Tested
    {
        std::weak_ptr<const Column> dictionary;
        std::shared_ptr<const Matches> matches;
    };

    Evaluate evaluate_;
    ContainedBytes contained_;
    mutable std::mutex mutex_;
    mutable std::list<Tested> tested_; /// the latest first
};

using ValueTestPtr = std::shared_ptr<const ValueTest>;

}
