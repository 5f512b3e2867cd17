#pragma once
// Vectorised push pipelines with morsels. A Stream is a source of blocks (morsels: granule ranges, pieces of a
// result) and the transforms that each block passes; runStream() lets workers pull morsels, push them through and
// hand the results to a consumer. Operators that need all their input (sort, aggregation, the build side of a join)
// run their input stream to the end when they are opened and are then the source of the next stream.

#include "exec/QueryContext.h"
#include "types/Block.h"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace mangrove
{

/// next() is called by several workers at once.
class Source
{
public:
    virtual ~Source() = default;
    /// nullopt: no more, for every worker.
    virtual std::optional<Block> next(size_t worker) = 0;
    /// How many workers could be busy at once.
    virtual size_t morselsAtMost() const { return SIZE_MAX; }
};

/// apply() is called by several workers at once; state that grows is the transform's to guard.
class Transform
{
public:
    virtual ~Transform() = default;
    /// May return a block without rows.
    virtual Block apply(Block block, size_t worker) = 0;
    /// Nothing that still comes can pass: the source may stop.
    virtual bool isDone() const { return false; }
    /// Must see blocks in order, one at a time.
    virtual bool needsOrder() const { return false; }
    /// For rows beside the result: WITH TOTALS passes only transforms that compute columns.
    virtual bool appliesToTotals() const { return false; }
};

struct Stream
{
    std::shared_ptr<Source> source;
    std::vector<std::shared_ptr<Transform>> transforms;
    NamesAndTypes header;
    bool ordered = false; /// the order of blocks has a meaning
    std::optional<Block> totals;

    void add(std::shared_ptr<Transform> transform, NamesAndTypes new_header);
    /// Blocks must be pulled by one thread at a time and pass the transforms in that order.
    bool needsOrder() const;
    bool isDone() const;
};

/// A stream that the workers of the operator above pull themselves.
class PulledStream
{
public:
    explicit PulledStream(Stream stream) : stream_(std::move(stream)) { }

    /// A block with rows; nullopt: no more, for every worker. Called by several workers at once.
    std::optional<Block> pull(size_t worker, QueryContext & context);
    size_t morselsAtMost() const { return stream_.needsOrder() ? 1 : stream_.source->morselsAtMost(); }

private:
    Stream stream_;
    std::mutex mutex_; /// should its blocks need their order
};

/// Calls `consume` with every non-empty block; from one thread at a time and in order if the stream is ordered,
/// from up to context.threads threads otherwise. The first exception stops all workers and is thrown here.
/// `consume` returns false to stop early.
void runStream(Stream & stream, QueryContext & context, const std::function<bool(Block, size_t worker)> & consume);

/// All blocks of the stream, in any order unless it is ordered.
std::vector<Block> collectBlocks(Stream & stream, QueryContext & context);

/// Blocks made before, in order.
class BlocksSource final : public Source
{
public:
    explicit BlocksSource(std::vector<Block> blocks) : blocks_(std::move(blocks)) { }
    std::optional<Block> next(size_t) override
    {
        auto i = next_.fetch_add(1);
        return i < blocks_.size() ? std::optional(std::move(blocks_[i])) : std::nullopt;
    }
    size_t morselsAtMost() const override { return blocks_.size(); }

private:
    std::vector<Block> blocks_;
    std::atomic<size_t> next_{0};
};

}
