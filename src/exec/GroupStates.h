#pragma once
// Memory of groups' aggregate states: StateLayout says where each aggregate's state lies inside a group's memory,
// GroupStates holds the states of many groups and destroys those that nobody has taken. The memory itself is an
// arena's, which must live longer. Used by HashAggregation and CodedGroups.

#include "analyzer/BoundQuery.h"
#include "exec/Arena.h"

#include <algorithm>
#include <vector>

namespace mangrove
{

struct StateLayout
{
    explicit StateLayout(const std::vector<BoundAggregate> & calls)
    {
        for (const auto & call : calls)
        {
            size_t align = call.function->stateAlignment();
            bytes = (bytes + align - 1) / align * align;
            offsets.push_back(bytes);
            functions.push_back(call.function.get());
            bytes += call.function->stateBytes();
            alignment = std::max(alignment, align);
        }
    }
    /// A new state of nothing.
    AggregateState make(Arena & arena) const
    {
        auto memory = arena.allocate(std::max<size_t>(bytes, 1), alignment);
        for (size_t i = 0; i < functions.size(); ++i)
            functions[i]->create(memory + offsets[i]);
        return memory;
    }
    void destroy(AggregateState memory) const
    {
        for (size_t i = 0; i < functions.size(); ++i)
            if (!functions[i]->trivialDestroy())
                functions[i]->destroy(memory + offsets[i]);
    }
    void merge(AggregateState to, const char * from) const
    {
        for (size_t i = 0; i < functions.size(); ++i)
            functions[i]->merge(to + offsets[i], from + offsets[i]);
    }

    std::vector<const AggregateFunction *> functions;
    std::vector<size_t> offsets;
    size_t bytes = 0;
    size_t alignment = 1;
};

class GroupStates
{
public:
    explicit GroupStates(const StateLayout & layout) : layout_(&layout) { }
    GroupStates(GroupStates &&) = default;
    GroupStates & operator=(GroupStates &&) = delete;
    ~GroupStates()
    {
        for (auto state : states_)
            if (state)
                layout_->destroy(state);
    }

    size_t size() const { return states_.size(); }
    void resize(size_t size) { states_.resize(size, nullptr); }
    void push_back(AggregateState state) { states_.push_back(state); }
    AggregateState & operator[](size_t i) { return states_[i]; }
    AggregateState take(size_t i) { return std::exchange(states_[i], nullptr); }
    void destroy(size_t i) { layout_->destroy(take(i)); }
    /// Adds a state of another list to one of this list, or moves it there if this one has none.
    void mergeFrom(size_t i, GroupStates & other, size_t other_i)
    {
        if (!states_[i])
        {
            states_[i] = other.take(other_i);
            return;
        }
        layout_->merge(states_[i], other.states_[other_i]);
        other.destroy(other_i);
    }

private:
    const StateLayout * layout_;
    std::vector<AggregateState> states_;
};

}
