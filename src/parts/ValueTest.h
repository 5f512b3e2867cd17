#pragma once
// A condition on single values, for conditions that a map column is asked about all of its keys or values:
// arrayExists(x -> x LIKE '%a%', mapValues(m)). Made by the planner from an expression, one per query; run by
// MapMatchReader on each dictionary once and on the values that have no codes. Thread-safe.
//
// The condition may throw on a value; on a dictionary, whose values need not have a row, that is no error of the query.

#include "columns/Column.h"

#include <functional>
#include <list>
#include <mutex>

namespace mangrove
{

class ValueTest
{
public:
    /// One byte a value: 1 = passes. Values are full columns of the map's type, without LowCardinality.
    using Evaluate = std::function<Filter(const ColumnPtr & values)>;
    /// `contained`: bytes that every value that passes contains; empty: nothing is known.
    ValueTest(Evaluate evaluate, std::string contained) : evaluate_(std::move(evaluate)), contained_(std::move(contained)) { }

    Filter test(const ColumnPtr & values) const { return evaluate_(values); }
    const std::string & contained() const { return contained_; }

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
    std::string contained_;
    mutable std::mutex mutex_;
    mutable std::list<Tested> tested_; /// the latest first
};

using ValueTestPtr = std::shared_ptr<const ValueTest>;

}
