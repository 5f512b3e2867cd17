#include "exec/SortOperator.h"

#include "exec/sortBlocks.h"

namespace mangrove
{

namespace
{

/// Collected rows are cut down to the first n whenever they have grown to several times n.
class TopRows
{
public:
    TopRows(const SortStep & step, QueryContext & context) : step_(step), context_(context) { }
    ~TopRows() { context_.release(charged_); }

    void add(Block block)
    {
        auto bytes = block.byteSize();
        context_.allocate(bytes);
        charged_ += bytes;
        rows_ += block.rows();
        blocks_.push_back(std::move(block));
        if (step_.rows_max && rows_ > 65536 && rows_ / 4 > *step_.rows_max)
            shrink();
    }

    std::vector<Block> take() { return std::move(blocks_); }

private:
    void shrink()
    {
        auto all = Block::concat(blocks_);
        auto best = all.gather(sortPermutation(all, step_.order, step_.rows_max));
        context_.release(charged_);
        charged_ = best.byteSize();
        context_.allocate(charged_);
        rows_ = best.rows();
        blocks_.clear();
        blocks_.push_back(std::move(best));
    }

    const SortStep & step_;
    QueryContext & context_;
    std::vector<Block> blocks_;
    uint64_t rows_ = 0;
    uint64_t charged_ = 0;
};

}

Stream sort(Stream input, const SortStep & step, QueryContext & context)
{
    Stream result;
    result.header = step.header;
    result.ordered = true;
    result.totals = std::move(input.totals);
    std::vector<std::unique_ptr<TopRows>> workers;
    for (size_t i = 0; i < std::max<size_t>(context.threads, 1); ++i)
        workers.push_back(std::make_unique<TopRows>(step, context));
    runStream(input, context, [&](Block block, size_t worker)
    {
        workers[worker]->add(block.materialize());
        return true;
    });
    std::vector<Block> blocks;
    for (auto & worker : workers)
        for (auto & block : worker->take())
            blocks.push_back(std::move(block));
    std::vector<Block> sorted;
    if (!blocks.empty())
    {
        auto all = Block::concat(blocks);
        blocks.clear();
        CHECK(all.rows() <= UINT32_MAX, "ORDER BY of {} rows", all.rows());
        auto permutation = sortPermutation(all, step.order, step.rows_max);
        context.check();
        for (size_t begin = 0; begin < permutation.size(); begin += context.block_rows_max)
        {
            size_t count = std::min<size_t>(context.block_rows_max, permutation.size() - begin);
            sorted.push_back(all.gather(std::span(permutation).subspan(begin, count)));
        }
    }
    result.source = std::make_shared<BlocksSource>(std::move(sorted));
    return result;
}

}
