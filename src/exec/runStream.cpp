#include "exec/Stream.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <thread>

namespace mangrove
{

void Stream::add(std::shared_ptr<Transform> transform, NamesAndTypes new_header)
{
    if (totals && transform->appliesToTotals())
        totals = transform->apply(std::move(*totals), 0);
    transforms.push_back(std::move(transform));
    header = std::move(new_header);
}

bool Stream::needsOrder() const
{
    return ordered || std::any_of(transforms.begin(), transforms.end(), [](const auto & transform) { return transform->needsOrder(); });
}

bool Stream::isDone() const
{
    return std::any_of(transforms.begin(), transforms.end(), [](const auto & transform) { return transform->isDone(); });
}

std::optional<Block> PulledStream::pull(size_t worker, QueryContext & context)
{
    std::unique_lock lock(mutex_, std::defer_lock);
    if (stream_.needsOrder())
        lock.lock();
    while (!stream_.isDone())
    {
        context.check();
        auto block = stream_.source->next(worker);
        if (!block)
            break;
        for (const auto & transform : stream_.transforms)
            if (block->rows())
                *block = transform->apply(std::move(*block), worker);
        if (block->rows())
            return block;
    }
    return std::nullopt;
}

namespace
{

class Run
{
public:
    Run(Stream & stream, QueryContext & context, const std::function<bool(Block, size_t)> & consume)
        : stream_(stream), context_(context), consume_(consume)
    {
    }

    void work(size_t worker)
    {
        try
        {
            while (!stop_)
            {
                context_.check();
                if (stream_.isDone())
                    return;
                auto block = stream_.source->next(worker);
                if (!block)
                    return;
                for (const auto & transform : stream_.transforms)
                {
                    if (block->rows() == 0)
                        break;
                    *block = transform->apply(std::move(*block), worker);
                }
                if (block->rows() && !consume_(std::move(*block), worker))
                    stop_ = true;
            }
        }
        catch (...)
        {
            std::lock_guard lock(mutex_);
            if (!error_)
                error_ = std::current_exception();
            stop_ = true;
        }
    }

    void rethrow()
    {
        if (error_)
            std::rethrow_exception(error_);
    }

private:
    Stream & stream_;
    QueryContext & context_;
    const std::function<bool(Block, size_t)> & consume_;
    std::atomic<bool> stop_{false};
    std::mutex mutex_;
    std::exception_ptr error_;
};

}

void runStream(Stream & stream, QueryContext & context, const std::function<bool(Block, size_t)> & consume)
{
    Run run(stream, context, consume);
    size_t workers = stream.needsOrder() ? 1 : std::max<size_t>(1, std::min(context.threads, stream.source->morselsAtMost()));
    std::vector<std::jthread> threads;
    for (size_t worker = 1; worker < workers; ++worker)
        threads.emplace_back([&run, &context, worker]
        {
            WorkScope scope(context);
            run.work(worker);
        });
    run.work(0);
    threads.clear(); // joins
    run.rethrow();
}

std::vector<Block> collectBlocks(Stream & stream, QueryContext & context)
{
    std::vector<Block> blocks;
    std::mutex mutex;
    runStream(stream, context, [&](Block block, size_t)
    {
        std::lock_guard lock(mutex);
        context.allocate(block.byteSize());
        blocks.push_back(std::move(block));
        return true;
    });
    for (const auto & block : blocks)
        context.release(block.byteSize());
    return blocks;
}

}
