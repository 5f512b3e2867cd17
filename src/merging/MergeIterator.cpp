#include "merging/MergeIterator.h"

#include "merging/MergedRows.h"

#include <algorithm>

namespace mangrove
{

/// Heap of sources by (key, position): the smallest row is taken; a source that stays smallest is not moved.
struct MergeIterator::State
{
    struct Source
    {
        BlockSourcePtr blocks;
        size_t block = 0; /// number in `rows`
        size_t row = 0;
        size_t size = 0;
    };

    State(std::vector<BlockSourcePtr> sources_, MergeOptions options_)
        : options(std::move(options_)), rows(options.sort_key)
    {
        for (auto & blocks : sources_)
            sources.push_back({std::move(blocks)});
        for (size_t i = 0; i < sources.size(); ++i)
            if (advanceBlock(i))
                heap.push_back(i);
        std::make_heap(heap.begin(), heap.end(), [&](size_t a, size_t b) { return less(b, a); });
    }

    bool advanceBlock(size_t index)
    {
        Source & source = sources[index];
        auto block = source.blocks->next();
        if (!block)
            return false;
        source.size = block->rows();
        source.row = 0;
        source.block = rows.addBlock(std::move(*block));
        return true;
    }

    bool less(size_t a, size_t b) const
    {
        int order = rows.compare({sources[a].block, sources[a].row}, {sources[b].block, sources[b].row});
        return order ? order < 0 : a < b;
    }

    /// The source of the second smallest row: what the smallest may run up to.
    size_t second() const
    {
        if (heap.size() < 2)
            return SIZE_MAX;
        return heap.size() == 2 || less(heap[1], heap[2]) ? heap[1] : heap[2];
    }

    void siftDown()
    {
        size_t at = 0;
        while (true)
        {
            size_t child = 2 * at + 1;
            if (child >= heap.size())
                return;
            if (child + 1 < heap.size() && less(heap[child + 1], heap[child]))
                ++child;
            if (!less(heap[child], heap[at]))
                return;
            std::swap(heap[at], heap[child]);
            at = child;
        }
    }

    void take(MergedRows::Row row)
    {
        if (options.mode == MergeMode::Plain)
        {
            rows.pick(row);
            return;
        }
        if (candidate && rows.compare(*candidate, row) == 0)
        {
            bool newer =
                options.version_column.empty() || rows.compareColumn(options.version_column, *candidate, row) <= 0;
            if (newer)
                candidate = row;
            return;
        }
        flushCandidate();
        candidate = row;
    }

    void flushCandidate()
    {
        if (!candidate)
            return;
        bool drop = options.drop_deleted && !options.is_deleted_column.empty()
                    && rows.isSet(options.is_deleted_column, *candidate);
        if (!drop)
            rows.pick(*candidate);
        candidate.reset();
    }

    /// Picks rows until the batch is full or all sources have ended.
    void fill()
    {
        while (!heap.empty() && rows.picked() < options.block_rows)
        {
            size_t top = heap[0];
            size_t next = second();
            Source & source = sources[top];
            do
            {
                take({source.block, source.row});
                ++source.row;
            } while (source.row < source.size && rows.picked() < options.block_rows
                     && (next == SIZE_MAX || less(top, next)));
            if (source.row == source.size && !advanceBlock(top))
            {
                heap[0] = heap.back();
                heap.pop_back();
            }
            if (!heap.empty())
                siftDown();
        }
        if (heap.empty())
            flushCandidate();
    }

    std::optional<Block> next()
    {
        while (true)
        {
            fill();
            if (rows.picked() == 0)
                return std::nullopt;
            Block block = rows.build();
            forgetBlocks();
            if (options.keep_rows)
            {
                Filter keep(block.rows(), 1);
                options.keep_rows(block, keep);
                size_t kept = std::count_if(keep.begin(), keep.end(), [](uint8_t k) { return k != 0; });
                if (kept != block.rows())
                    block = block.filter(keep, kept);
            }
            if (block.rows())
                return block;
        }
    }

    /// Blocks that no source stands in any more are released; the others are renumbered.
    void forgetBlocks()
    {
        std::vector<size_t> used;
        for (size_t index : heap)
            used.push_back(sources[index].block);
        if (candidate)
            used.push_back(candidate->block);
        std::vector<size_t> renumbered = rows.keepBlocks(used);
        for (size_t index : heap)
            sources[index].block = renumbered[sources[index].block];
        if (candidate)
            candidate->block = renumbered[candidate->block];
    }

    MergeOptions options;
    MergedRows rows;
    std::vector<Source> sources;
    std::vector<size_t> heap;
    std::optional<MergedRows::Row> candidate; /// Replacing: the best row so far of the current key
};

MergeIterator::MergeIterator(std::vector<BlockSourcePtr> sources, MergeOptions options)
    : state_(std::make_unique<State>(std::move(sources), std::move(options)))
{
}

MergeIterator::~MergeIterator() = default;

std::optional<Block> MergeIterator::next()
{
    return state_->next();
}

}
