#pragma once
// Group commit: inserts that arrive while others are being written leave together, as one part and one log entry, so
// many small senders cost what one large sender costs. Nobody waits for company: an insert that finds a free place goes
// at once. Each caller gets its answer after durability, with its own token and its own error. Used by OTLP; thread-safe.
// Source: group commit, DeWitt et al., "Implementation Techniques for Main Memory Database Systems", SIGMOD 1984.

#include "ingest/InsertPipeline.h"

#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>

namespace mangrove
{

class InsertBatcher
{
public:
    /// One INSERT of all blocks (same columns) under all tokens. Durable when it returns; a throw means that a
    /// repetition with the same tokens is safe.
    using Insert = std::function<InsertResult(std::vector<Block> blocks, std::vector<std::string> tokens)>;

    struct Limits
    {
        size_t inserts_at_once = 2;                /// batches in flight
        uint64_t batch_rows_max = 200'000;
        uint64_t batch_bytes_max = 128ULL << 20;
        uint64_t waiting_bytes_max = 512ULL << 20; /// TOO_MANY_SIMULTANEOUS_QUERIES (202) beyond
    };

    InsertBatcher(Insert insert, Limits limits) : insert_(std::move(insert)), limits_(limits) { }

    /// Blocks until the rows are durable or the insert failed. `token` is not empty.
    InsertResult insert(Block block, std::string token);

    size_t waitingInserts() const
    {
        std::lock_guard lock(mutex_);
        return waiting_.size();
    }

private:
    struct Item
    {
        Block block;
        std::string token;
        uint64_t bytes = 0;
        bool done = false;
        InsertResult result;
        std::exception_ptr error;
    };
    using Batch = std::vector<Item *>;

    Batch takeBatch();
    void run(const Batch & batch);
    void runTogether(const Batch & batch);

    const Insert insert_;
    const Limits limits_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::list<Item *> waiting_; /// oldest first; each lives on its caller's stack
    uint64_t waiting_bytes_ = 0;
    size_t running_ = 0;
};

}
