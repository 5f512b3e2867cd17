#pragma once
// GROUP BY one key that comes as dictionary codes: for every dictionary met there is an array from code to group, so
// rows find their group without hashing a value. Values are looked at only when the tables are joined at the end, and
// not even then if all rows had one dictionary. One object per worker; used by HashAggregation only.

#include "exec/GroupStates.h"

#include <deque>

namespace mangrove
{

class CodedGroups
{
public:
    struct Table
    {
        Table(ColumnPtr dictionary_, const StateLayout & layout) : dictionary(std::move(dictionary_)), states(layout) { }

        ColumnPtr dictionary;        /// held, so that its address stays its identity
        PodVector<uint64_t> counts;  /// by code, where rows are only counted
        GroupStates states;          /// by code otherwise; null: no group

        size_t codes() const { return dictionary->size(); }
        void count(const PodVector<uint32_t> & codes);
        /// Adds the groups with a code in [begin, end).
        void mergeFrom(Table & other, size_t begin, size_t end);
        /// Codes in [begin, end) that are groups.
        PodVector<uint32_t> groups(size_t begin, size_t end);
        /// What was counted as states of count(), so that all groups look alike from then on.
        void countsToStates(const StateLayout & layout, Arena & arena, size_t begin, size_t end);
    };

    /// only_counts: all aggregates are without arguments.
    CodedGroups(const StateLayout & layout, bool only_counts, QueryContext & context)
        : layout_(layout), only_counts_(only_counts), memory_(context)
    {
    }
    /// The dictionary's table; null if an array over the whole dictionary is not worth it for these many rows.
    Table * tableOf(const ColumnPtr & dictionary, size_t rows);
    std::deque<Table> & tables() { return tables_; }

private:
    const StateLayout & layout_;
    bool only_counts_;
    MemoryCharge memory_;
    std::deque<Table> tables_;
};

}
