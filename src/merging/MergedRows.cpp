#include "merging/MergedRows.h"

#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnString.h"
#include "columns/ColumnVector.h"

#include <algorithm>

namespace mangrove
{

namespace
{

template <typename T>
const ColumnVector<T> * asNumbers(const Column & column)
{
    return tryColumnAs<ColumnVector<T>>(column);
}

/// Widens integers to unsigned ones of the same order; false for other columns.
template <typename T>
bool widen(const Column & column, PodVector<uint64_t> & to)
{
    auto * numbers = asNumbers<T>(column);
    if (!numbers)
        return false;
    to.resize(numbers->size());
    for (size_t i = 0; i < to.size(); ++i)
    {
        if constexpr (std::is_signed_v<T>)
            to[i] = static_cast<uint64_t>(static_cast<int64_t>(numbers->data()[i])) ^ 1ULL << 63;
        else
            to[i] = numbers->data()[i];
    }
    return true;
}

bool widenAny(const Column & column, PodVector<uint64_t> & to)
{
    return widen<uint8_t>(column, to) || widen<uint16_t>(column, to) || widen<uint32_t>(column, to)
           || widen<uint64_t>(column, to) || widen<int8_t>(column, to) || widen<int16_t>(column, to)
           || widen<int32_t>(column, to) || widen<int64_t>(column, to);
}

/// Is a smaller code a smaller value? Checked once per dictionary of moderate size.
bool isSorted(const Column & dictionary)
{
    constexpr size_t values_max = 1 << 20;
    if (dictionary.size() > values_max || (dictionary.size() > 0 && dictionary.isNullAt(0)))
        return false;
    for (size_t i = 1; i < dictionary.size(); ++i)
        if (dictionary.compareAt(i - 1, i, dictionary, 1) >= 0)
            return false;
    return true;
}

}

MergedRows::Key MergedRows::makeKey(const ColumnPtr & column)
{
    Key key{column, {}, nullptr};
    if (auto * coded = tryColumnAs<ColumnLowCardinality>(*column))
    {
        key.numbers.assign(coded->codes().begin(), coded->codes().end());
        key.number_space = coded->dictionaryPtr().get();
    }
    else
        widenAny(*column, key.numbers);
    return key;
}

size_t MergedRows::addBlock(Block block)
{
    Source source{block.materialize(), {}};
    for (const auto & name : sort_key_)
    {
        Key key = makeKey(source.block.byName(name).column);
        size_t position = source.keys.size();
        if (key.number_space)
        {
            /// Codes stand for values only in a sorted dictionary; its neighbours have checked it already if shared.
            const Key * known = nullptr;
            for (const auto & other : sources_)
                if (other.keys[position].number_space == key.number_space)
                    known = &other.keys[position];
            bool sorted =
                known ? !known->numbers.empty() : isSorted(columnAs<ColumnLowCardinality>(*key.column).dictionary());
            if (!sorted)
                key.numbers.clear();
        }
        source.keys.push_back(std::move(key));
    }
    sources_.push_back(std::move(source));
    return sources_.size() - 1;
}

int MergedRows::compare(Row a, Row b) const
{
    const auto & left = sources_[a.block].keys;
    const auto & right = sources_[b.block].keys;
    for (size_t i = 0; i < left.size(); ++i)
    {
        int order = 0;
        if (!left[i].numbers.empty() && !right[i].numbers.empty() && left[i].number_space == right[i].number_space)
        {
            uint64_t x = left[i].numbers[a.row];
            uint64_t y = right[i].numbers[b.row];
            order = x < y ? -1 : x > y;
        }
        else
            order = left[i].column->compareAt(a.row, b.row, *right[i].column, 1);
        if (order)
            return order;
    }
    return 0;
}

int MergedRows::compareColumn(const std::string & column, Row a, Row b) const
{
    return sources_[a.block].block.byName(column).column->compareAt(
        a.row, b.row, *sources_[b.block].block.byName(column).column, 1);
}

bool MergedRows::isSet(const std::string & column, Row row) const
{
    Field value = sources_[row.block].block.byName(column).column->get(row.row);
    return value.is<uint64_t>() && value.get<uint64_t>() != 0;
}

void MergedRows::pick(Row row)
{
    if (!runs_.empty() && runs_.back().block == row.block && runs_.back().begin + runs_.back().count == row.row)
        ++runs_.back().count;
    else
        runs_.push_back({row.block, row.row, 1});
    ++picked_;
}

ColumnPtr MergedRows::buildColumn(size_t position) const
{
    const auto columnOf = [&](const Run & run) -> const Column &
    { return *sources_[run.block].block.at(position).column; };
    const Column & first = columnOf(runs_[0]);
    auto * first_coded = tryColumnAs<ColumnLowCardinality>(first);
    bool one_dictionary = first_coded != nullptr;
    bool one_kind = true;
    for (const Run & run : runs_)
    {
        const Column & column = columnOf(run);
        one_kind &= column.kind() == first.kind();
        one_dictionary = one_dictionary && column.kind() == ColumnKind::LowCardinality
            && static_cast<const ColumnLowCardinality &>(column).dictionaryPtr() == first_coded->dictionaryPtr();
    }
    if (one_dictionary)
    {
        PodVector<uint32_t> codes(picked_);
        size_t at = 0;
        for (const Run & run : runs_)
        {
            const auto & from = static_cast<const ColumnLowCardinality &>(columnOf(run)).codes();
            std::copy_n(from.begin() + run.begin, run.count, codes.begin() + at);
            at += run.count;
        }
        return ColumnLowCardinality::create(first_coded->dictionaryPtr(), std::move(codes));
    }
    if (!one_kind)
    {
        /// Dictionary-coded in one block and not in another: full values.
        std::vector<ColumnPtr> full(sources_.size());
        MutableColumnPtr result;
        for (const Run & run : runs_)
        {
            if (!full[run.block])
                full[run.block] = columnOf(run).materialize();
            if (!result)
                result = full[run.block]->cloneEmpty();
            result->insertRangeFrom(*full[run.block], run.begin, run.count);
        }
        return result;
    }
    MutableColumnPtr result = first.cloneEmpty();
    result->reserve(picked_);
    for (const Run & run : runs_)
        result->insertRangeFrom(columnOf(run), run.begin, run.count);
    return result;
}

Block MergedRows::build()
{
    Block block;
    const auto & header = sources_[runs_[0].block].block;
    for (size_t position = 0; position < header.columnCount(); ++position)
        block.add({buildColumn(position), header.at(position).type, header.at(position).name});
    runs_.clear();
    picked_ = 0;
    return block;
}

std::vector<size_t> MergedRows::keepBlocks(const std::vector<size_t> & used)
{
    std::vector<size_t> renumbered(sources_.size(), SIZE_MAX);
    std::vector<Source> kept;
    for (size_t block : used)
        if (renumbered[block] == SIZE_MAX)
        {
            renumbered[block] = kept.size();
            kept.push_back(std::move(sources_[block]));
        }
    sources_ = std::move(kept);
    return renumbered;
}

}
