#pragma once
// Rows picked from several blocks, in the order in which they are picked, and made into one block: the data side of
// MergeIterator. Compares rows by sort key through arrays of numbers where the key allows it. Single-threaded.

#include "types/Block.h"

#include <string>
#include <vector>

namespace mangrove
{

class MergedRows
{
public:
    struct Row
    {
        size_t block;
        size_t row;
    };

    explicit MergedRows(std::vector<std::string> sort_key) : sort_key_(std::move(sort_key)) { }

    size_t addBlock(Block block);
    /// <0, 0, >0 by the sort key; NULL and NaN last.
    int compare(Row a, Row b) const;
    int compareColumn(const std::string & column, Row a, Row b) const;
    bool isSet(const std::string & column, Row row) const;

    void pick(Row row);
    size_t picked() const { return picked_; }
    /// The picked rows; nothing is picked afterwards.
    Block build();
    /// Releases all blocks but these; the new number of each old one.
    std::vector<size_t> keepBlocks(const std::vector<size_t> & used);

private:
    /// One key column of a block: numbers in an order-preserving form, or the column itself.
    struct Key
    {
        ColumnPtr column;
        PodVector<uint64_t> numbers;   /// empty: compare through the column
        const void * number_space = nullptr; /// numbers compare only within one space (a shared sorted dictionary)
    };
    struct Source
    {
        Block block;
        std::vector<Key> keys;
    };
    struct Run
    {
        size_t block;
        size_t begin;
        size_t count;
    };

    static Key makeKey(const ColumnPtr & column);
    ColumnPtr buildColumn(size_t position) const;

    std::vector<std::string> sort_key_;
    std::vector<Source> sources_;
    std::vector<Run> runs_;
    size_t picked_ = 0;
};

}
