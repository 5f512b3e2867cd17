#pragma once
// States of aggregate functions by key: one block of memory per key, which holds a state of each of the functions.
// For -Map and sumMap(keys, values…). Not thread-safe; the owner calls clear() before it is destroyed.

#include "functions/aggregates/AggregateBase.h"
#include "types/Serialization.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <unordered_map>

namespace mangrove
{

struct KeyedStates
{
    MutableColumnPtr keys;                            /// null until the first key
    std::unordered_map<std::string, uint32_t> index;  /// serialized key → row of keys
    std::vector<char *> states;                       /// by row of keys

    /// The rows of keys in ascending order.
    std::vector<uint32_t> sortedRows() const
    {
        std::vector<uint32_t> rows(states.size());
        std::iota(rows.begin(), rows.end(), 0);
        std::sort(rows.begin(), rows.end(), [&](uint32_t a, uint32_t b) { return keys->compareAt(a, b, *keys, 1) < 0; });
        return rows;
    }
};

/// Where in a block of memory each function has its state.
class StatesLayout
{
public:
    explicit StatesLayout(std::vector<AggregateFunctionPtr> functions) : functions_(std::move(functions))
    {
        for (const auto & function : functions_)
        {
            const size_t alignment = function->stateAlignment();
            bytes_ = (bytes_ + alignment - 1) / alignment * alignment;
            offsets_.push_back(bytes_);
            bytes_ += function->stateBytes();
            alignment_ = std::max(alignment_, alignment);
        }
        bytes_ = std::max<size_t>(bytes_, 1);
    }

    const std::vector<AggregateFunctionPtr> & functions() const { return functions_; }
    char * state(char * block, size_t function) const { return block + offsets_[function]; }
    const char * state(const char * block, size_t function) const { return block + offsets_[function]; }

    /// The block of a key, made if it is new.
    char * find(KeyedStates & data, const Column & keys, size_t row) const
    {
        std::string key;
        keys.serializeKey(row, key);
        if (auto it = data.index.find(key); it != data.index.end())
            return data.states[it->second];
        if (data.states.size() >= state_elements_max)
            throw Exception(ErrorCode::TOO_LARGE_ARRAY_SIZE, "Too many keys of an aggregate function, maximum is {}", state_elements_max);
        if (!data.keys)
            data.keys = keys.cloneEmpty();
        data.keys->insertFrom(keys, row);
        data.states.reserve(std::max<size_t>(4, std::bit_ceil(data.states.size() + 1)));
        data.index.emplace(std::move(key), static_cast<uint32_t>(data.states.size()));
        auto * block = static_cast<char *>(::operator new(bytes_, std::align_val_t(alignment_)));
        for (size_t i = 0; i < functions_.size(); ++i)
            functions_[i]->create(state(block, i));
        data.states.push_back(block);
        return block;
    }
    void clear(KeyedStates & data) const noexcept
    {
        for (char * block : data.states)
        {
            for (size_t i = 0; i < functions_.size(); ++i)
                functions_[i]->destroy(state(block, i));
            ::operator delete(block, std::align_val_t(alignment_));
        }
        data.states.clear();
    }
    void merge(KeyedStates & to, const KeyedStates & from) const
    {
        for (size_t row = 0; row < from.states.size(); ++row)
        {
            char * block = find(to, *from.keys, row);
            for (size_t i = 0; i < functions_.size(); ++i)
                functions_[i]->merge(state(block, i), state(from.states[row], i));
        }
    }
    void write(const KeyedStates & data, const Serialization & keys, WriteBuffer & out) const;
    void read(KeyedStates & data, const DataType & key_type, const Serialization & keys, ReadBuffer & in) const;

private:
    std::vector<AggregateFunctionPtr> functions_;
    std::vector<size_t> offsets_;
    size_t bytes_ = 0;
    size_t alignment_ = 1;
};

}
