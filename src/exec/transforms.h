#pragma once
// The operators that work block by block. See planner/Plan.h for what each step means.

#include "exec/Stream.h"
#include "planner/Plan.h"

#include <mutex>
#include <unordered_set>

namespace mangrove
{

class FilterTransform final : public Transform
{
public:
    explicit FilterTransform(ExpressionPtr condition) : condition_(std::move(condition)) { }
    Block apply(Block block, size_t worker) override;

private:
    ExpressionPtr condition_;
};

class ProjectTransform final : public Transform
{
public:
    explicit ProjectTransform(std::vector<NamedExpression> columns);
    Block apply(Block block, size_t worker) override;
    bool appliesToTotals() const override { return true; }

private:
    std::vector<NamedExpression> columns_;
    Expressions expressions_;
};

class ArrayJoinTransform final : public Transform
{
public:
    ArrayJoinTransform(std::vector<BoundArrayJoin> joins, bool left, NamesAndTypes header)
        : joins_(std::move(joins)), left_(left), header_(std::move(header))
    {
    }
    Block apply(Block block, size_t worker) override;

private:
    std::vector<BoundArrayJoin> joins_;
    bool left_;
    NamesAndTypes header_; /// input columns that go on, then the elements
};

class LimitTransform final : public Transform
{
public:
    LimitTransform(std::optional<uint64_t> rows, uint64_t offset, std::vector<SortColumn> ties, bool ordered)
        : rows_(rows), offset_(offset), ties_(std::move(ties)), ordered_(ordered)
    {
    }
    Block apply(Block block, size_t worker) override;
    bool isDone() const override { return done_; }
    bool needsOrder() const override { return ordered_; }

private:
    std::optional<uint64_t> rows_;
    uint64_t offset_;
    std::vector<SortColumn> ties_;
    bool ordered_;
    std::mutex mutex_;
    uint64_t seen_ = 0;
    Block last_; /// the last row that passed: WITH TIES
    std::atomic<bool> done_{false};
};

class LimitByTransform final : public Transform
{
public:
    LimitByTransform(std::vector<std::string> columns, uint64_t rows, uint64_t offset, QueryContext & context)
        : columns_(std::move(columns)), rows_(rows), offset_(offset), memory_(context)
    {
    }
    Block apply(Block block, size_t worker) override;
    bool needsOrder() const override { return true; }

private:
    std::vector<std::string> columns_;
    uint64_t rows_, offset_;
    std::unordered_map<std::string, uint64_t> seen_;
    MemoryCharge memory_;
};

class DistinctTransform final : public Transform
{
public:
    DistinctTransform(std::vector<std::string> columns, QueryContext & context) : columns_(std::move(columns)), memory_(context) { }
    Block apply(Block block, size_t worker) override;

private:
    std::vector<std::string> columns_;
    std::mutex mutex_;
    std::unordered_set<std::string> seen_;
    MemoryCharge memory_;
};

}
