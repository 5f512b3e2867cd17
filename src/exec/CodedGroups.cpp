#include "exec/CodedGroups.h"

namespace mangrove
{

namespace
{

/// Functions over LowCardinality make a dictionary per block: tables of all of them would only take memory.
constexpr size_t tables_max = 256;
/// A dictionary this many times larger than a block is mostly not in the block.
constexpr size_t dictionary_rows_ratio = 32;
/// Up to this size a histogram is kept several times, so that equal codes in a row do not wait for each other.
constexpr size_t small_dictionary = 4096;
constexpr size_t histograms = 4;

void countInSeveral(const PodVector<uint32_t> & codes, PodVector<uint64_t> & counts)
{
    const size_t size = counts.size();
    PodVector<uint32_t> partial(histograms * size, 0);
    size_t row = 0;
    for (; row + histograms <= codes.size(); row += histograms)
        for (size_t i = 0; i < histograms; ++i)
            ++partial[i * size + codes[row + i]];
    for (; row < codes.size(); ++row)
        ++partial[codes[row]];
    for (size_t code = 0; code < size; ++code)
        for (size_t i = 0; i < histograms; ++i)
            counts[code] += partial[i * size + code];
}

}

void CodedGroups::Table::count(const PodVector<uint32_t> & codes)
{
    if (counts.size() <= small_dictionary && counts.size() <= codes.size() / histograms)
        return countInSeveral(codes, counts);
    for (uint32_t code : codes)
        ++counts[code];
}

void CodedGroups::Table::mergeFrom(Table & other, size_t begin, size_t end)
{
    for (size_t code = begin; code < end; ++code)
    {
        if (!counts.empty())
            counts[code] += other.counts[code];
        else if (other.states[code])
            states.mergeFrom(code, other.states, code);
    }
}

PodVector<uint32_t> CodedGroups::Table::groups(size_t begin, size_t end)
{
    PodVector<uint32_t> codes;
    for (size_t code = begin; code < end; ++code)
        if (states[code])
            codes.push_back(static_cast<uint32_t>(code));
    return codes;
}

void CodedGroups::Table::countsToStates(const StateLayout & layout, Arena & arena, size_t begin, size_t end)
{
    if (counts.empty())
        return;
    for (size_t code = begin; code < end; ++code)
    {
        if (!counts[code])
            continue;
        states[code] = layout.make(arena);
        for (size_t i = 0; i < layout.functions.size(); ++i)
            layout.functions[i]->addRange(states[code] + layout.offsets[i], {}, 0, counts[code]);
    }
}

CodedGroups::Table * CodedGroups::tableOf(const ColumnPtr & dictionary, size_t rows)
{
    for (auto table = tables_.rbegin(); table != tables_.rend(); ++table)
        if (table->dictionary == dictionary)
            return &*table;
    if (tables_.size() == tables_max || dictionary->size() / dictionary_rows_ratio > rows)
        return nullptr;
    memory_.grow(dictionary->size() * sizeof(uint64_t));
    auto & table = tables_.emplace_back(dictionary, layout_);
    if (only_counts_)
        table.counts.assign(dictionary->size(), 0);
    else
        table.states.resize(dictionary->size());
    return &table;
}

}
