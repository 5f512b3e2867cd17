#pragma once
// A pull stream of blocks in sort-key order: what merges and FINAL read from. Single-threaded.

#include "types/Block.h"

#include <memory>
#include <optional>

namespace mangrove
{

class BlockSource
{
public:
    virtual ~BlockSource() = default;
    /// The next block with at least one row, nullopt at the end. All blocks have the same columns.
    virtual std::optional<Block> next() = 0;
};

using BlockSourcePtr = std::unique_ptr<BlockSource>;

}
