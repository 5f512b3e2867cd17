#pragma once
// Merges sorted block streams into one: the core of background merges and of SELECT … FINAL. Streaming: it holds one
// block per source and one output block. Equal keys come in the order of the sources (older parts first), so the
// last one wins. Single-threaded.

#include "merging/BlockSource.h"

#include <functional>
#include <string>
#include <vector>

namespace mangrove
{

enum class MergeMode
{
    Plain,
    Replacing, /// one row per sort key: the greatest version, the last one among equals
};

struct MergeOptions
{
    std::vector<std::string> sort_key; /// columns of the sources' blocks
    MergeMode mode = MergeMode::Plain;
    std::string version_column;    /// Replacing(ver); "" = the last row wins
    std::string is_deleted_column; /// Replacing(ver, is_deleted)
    bool drop_deleted = false;     /// FINAL and OPTIMIZE … FINAL CLEANUP leave rows with is_deleted = 1 out
    size_t block_rows = 8192;
    /// Called with every merged block; sets keep[i] = 0 for rows that a TTL removes.
    std::function<void(const Block & block, Filter & keep)> keep_rows;
};

class MergeIterator final : public BlockSource
{
public:
    MergeIterator(std::vector<BlockSourcePtr> sources, MergeOptions options);
    ~MergeIterator() override;
    std::optional<Block> next() override;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}
