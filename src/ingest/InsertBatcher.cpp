#include "ingest/InsertBatcher.h"

#include <algorithm>

namespace mangrove
{

namespace
{

/// Failures that one member of a batch can bring over the others: a token that is in already, a partition too many.
bool mayFitAlone(ErrorCode code)
{
    return code == ErrorCode::ABORTED || code == ErrorCode::TOO_MANY_PARTS || code == ErrorCode::MEMORY_LIMIT_EXCEEDED;
}

}

InsertResult InsertBatcher::insert(Block block, std::string token)
{
    CHECK(!token.empty());
    Item item{.block = std::move(block), .token = std::move(token), .bytes = 0, .done = false, .result = {}, .error = nullptr};
    item.bytes = item.block.byteSize();
    std::unique_lock lock(mutex_);
    if (!waiting_.empty() && waiting_bytes_ + item.bytes > limits_.waiting_bytes_max)
        throw Exception(ErrorCode::TOO_MANY_SIMULTANEOUS_QUERIES,
            "{} inserts with {} bytes wait already to be written. Send it again later, or to another node", waiting_.size(), waiting_bytes_);
    waiting_.push_back(&item);
    waiting_bytes_ += item.bytes;
    while (!item.done)
    {
        // Whoever finds a free place carries the oldest waiting inserts, with or without its own.
        auto batch = running_ < limits_.inserts_at_once ? takeBatch() : Batch();
        if (batch.empty())
        {
            changed_.wait(lock);
            continue;
        }
        ++running_;
        lock.unlock();
        run(batch);
        lock.lock();
        --running_;
        for (auto * member : batch)
            member->done = true;
        changed_.notify_all();
    }
    lock.unlock();
    if (item.error)
        std::rethrow_exception(item.error);
    return item.result;
}

InsertBatcher::Batch InsertBatcher::takeBatch()
{
    Batch batch;
    uint64_t rows = 0, bytes = 0;
    for (auto it = waiting_.begin(); it != waiting_.end();)
    {
        auto * item = *it;
        if (!batch.empty() && (rows + item->block.rows() > limits_.batch_rows_max || bytes + item->bytes > limits_.batch_bytes_max))
            break;
        // A sender that repeats itself before the answer: the copy goes later and is found to be a duplicate.
        if (std::any_of(batch.begin(), batch.end(), [&](const auto * other) { return other->token == item->token; }))
        {
            ++it;
            continue;
        }
        rows += item->block.rows();
        bytes += item->bytes;
        waiting_bytes_ -= item->bytes;
        batch.push_back(item);
        it = waiting_.erase(it);
    }
    return batch;
}

void InsertBatcher::run(const Batch & batch)
{
    try
    {
        return runTogether(batch);
    }
    catch (const Exception & exception)
    {
        if (batch.size() == 1 || !mayFitAlone(exception.code()))
        {
            for (auto * item : batch)
                item->error = std::current_exception();
            return;
        }
    }
    catch (...)
    {
        for (auto * item : batch)
            item->error = std::current_exception();
        return;
    }
    for (auto * item : batch)
        run({item});
}

void InsertBatcher::runTogether(const Batch & batch)
{
    std::vector<Block> blocks;
    std::vector<std::string> tokens;
    for (const auto * item : batch)
    {
        blocks.push_back(item->block);
        tokens.push_back(item->token);
    }
    auto result = insert_(std::move(blocks), std::move(tokens));
    for (auto * item : batch)
        item->result = result;
}

}
