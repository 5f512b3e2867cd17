#pragma once
// Base of combinators: an aggregate function around another one, with `prefix` bytes of own state before the nested
// state. Derived classes say which rows reach the nested function and what becomes of its result.

#include "functions/aggregates/AggregateBase.h"

namespace mangrove
{

class AggregateWrapper : public AggregateFunction
{
public:
    /// own_bytes: what the wrapper keeps per state, zeroed at create().
    AggregateWrapper(AggregateFunctionPtr nested, size_t own_bytes) : nested_(std::move(nested)), own_bytes_(own_bytes)
    {
        size_t alignment = nested_->stateAlignment();
        prefix_ = (own_bytes + alignment - 1) / alignment * alignment;
    }

    std::string name() const override { return nested_->name(); }
    DataTypePtr returnType() const override { return nested_->returnType(); }
    DataTypePtr stateType() const override { return nested_->stateType(); }
    size_t stateBytes() const override { return prefix_ + nested_->stateBytes(); }
    size_t stateAlignment() const override { return nested_->stateAlignment(); }
    bool trivialDestroy() const override { return nested_->trivialDestroy(); }
    void create(AggregateState state) const override
    {
        std::memset(state, 0, own_bytes_);
        nested_->create(state + prefix_);
    }
    void destroy(AggregateState state) const noexcept override { nested_->destroy(state + prefix_); }
    void merge(AggregateState to, const char * from) const override { nested_->merge(to + prefix_, from + prefix_); }
    void serialize(const char * state, WriteBuffer & out) const override { nested_->serialize(state + prefix_, out); }
    void deserialize(AggregateState state,
        ReadBuffer & in) const override { nested_->deserialize(state + prefix_, in); }
    void insertResult(AggregateState state, Column & to) const override { nested_->insertResult(state + prefix_, to); }

    void add(AggregateState state, AggregateArguments arguments,
        size_t row) const override { addRange(state, arguments, row, row + 1); }

protected:
    const AggregateFunctionPtr nested_;
    size_t own_bytes_;
    size_t prefix_;
};

/// Calls f(begin, end) for each run of rows with accept(row) in [begin, end).
template <typename Accept, typename F>
void forEachRun(size_t begin, size_t end, Accept && accept, F && f)
{
    while (begin < end)
    {
        while (begin < end && !accept(begin))
            ++begin;
        size_t run_end = begin;
        while (run_end < end && accept(run_end))
            ++run_end;
        if (begin < run_end)
            f(begin, run_end);
        begin = run_end;
    }
}

}
