#pragma once
// Merges whole parts into one new part: reads granule by granule, remaps dictionary codes, writes as it goes.
// Called by background merges and OPTIMIZE. Single-threaded; progress and cancellation through the callback.

#include "merging/MergeIterator.h"
#include "parts/PartReader.h"
#include "parts/PartWriter.h"

#include <functional>
#include <vector>

namespace mangrove
{

struct PartMergeTask
{
    std::vector<PartReaderPtr> parts; /// in commit order
    /// Whether to read the column of part number `part`, which has it. Null: always.
    std::function<bool(size_t part, const std::string & column)> holds;
    PartWriteOptions write;           /// schema of the result: its columns may be more or fewer than a part's
    MergeOptions merge;
    /// Completes a block read from a part: adds columns the part lacks (defaults) and those that only the sort key or
    /// a skip index needs. Null: nothing to add.
    std::function<Block(Block)> complete;
    /// Called after each block with the rows read so far; throws to cancel.
    std::function<void(uint64_t rows_read)> progress;
};

/// nullopt: no row was left (all deleted by TTL or is_deleted).
std::optional<WrittenPart> mergeParts(PartMergeTask task);

/// The rows of one part, in order, as blocks of the named columns: the source for merges and FINAL.
BlockSourcePtr makePartSource(
    PartReaderPtr part, ReadColumns columns, std::vector<RowRange> ranges, bool keep_dictionary);
}
