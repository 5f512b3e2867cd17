#include "exec/WindowOperator.h"

#include "columns/ColumnVector.h"
#include "exec/Arena.h"
#include "exec/sortBlocks.h"
#include "expressions/Evaluator.h"
#include "types/DataTypes.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mangrove
{

namespace
{

/// Computes one window function over rows that are sorted by partition and order.
class WindowCall
{
public:
    WindowCall(const BoundWindow & call, Block sorted, std::vector<SortColumn> partition, std::vector<SortColumn> order, QueryContext & context)
        : call_(call), rows_(std::move(sorted)), partition_(std::move(partition)), order_(std::move(order)), context_(context)
    {
        for (const auto & argument : call.arguments)
            arguments_.push_back(evaluate(argument, rows_)->materialize());
    }

    ColumnPtr compute()
    {
        result_ = call_.type->createColumn();
        for (size_t begin = 0; begin < rows_.rows();)
        {
            size_t end = begin + 1;
            while (end < rows_.rows() && compareRows(rows_, begin, rows_, end, partition_) == 0)
                ++end;
            computePartition(begin, end);
            begin = end;
        }
        return result_;
    }

private:
    bool peers(size_t a, size_t b) const { return compareRows(rows_, a, rows_, b, order_) == 0; }

    void computePartition(size_t begin, size_t end)
    {
        if (call_.aggregate)
            return aggregate(begin, end);
        const auto & name = call_.function;
        if (name == "row_number")
            for (size_t row = begin; row < end; ++row)
                result_->insert(uint64_t(row - begin + 1));
        else if (name == "rank" || name == "dense_rank" || name == "denseRank" || name == "percent_rank")
        {
            uint64_t rank = 0, dense = 0;
            for (size_t row = begin; row < end; ++row)
            {
                if (row == begin || !peers(row - 1, row))
                {
                    rank = row - begin + 1;
                    ++dense;
                }
                if (name == "percent_rank")
                    result_->insert(end - begin > 1 ? double(rank - 1) / double(end - begin - 1) : 0.0);
                else
                    result_->insert(name == "rank" ? rank : dense);
            }
        }
        else if (name == "cume_dist")
            for (size_t row = begin; row < end; ++row)
            {
                findPeers(begin, end, row);
                result_->insert(double(peers_end_ - begin) / double(end - begin));
            }
        else if (name == "ntile")
        {
            // The first ones are larger by a row where the rows cannot be divided evenly.
            const uint64_t count = end - begin, buckets = positiveArgument(0, begin), rows = count / buckets, larger = count % buckets;
            for (uint64_t row = 0; row < count; ++row)
                result_->insert(row < larger * (rows + 1) ? row / (rows + 1) + 1 : larger + (row - larger * (rows + 1)) / rows + 1);
        }
        else if (name == "nth_value")
            for (size_t row = begin; row < end; ++row)
            {
                auto [from, to] = frame(begin, end, row);
                if (auto number = positiveArgument(1, row); from < to && number <= to - from)
                    result_->insertFrom(*arguments_[0], from + number - 1);
                else
                    result_->insertDefault();
            }
        else if (name == "lag" || name == "lead" || name == "lagInFrame" || name == "leadInFrame")
            shift(begin, end);
        else if (name.starts_with("first_value") || name.starts_with("last_value"))
            outermost(begin, end);
        else
            throw Exception(ErrorCode::NOT_IMPLEMENTED, "Window function {} is not supported", name);
    }

    /// first_value and last_value, without NULLs unless these are to be respected.
    void outermost(size_t begin, size_t end)
    {
        const bool first = call_.function.starts_with("first"), respects_nulls = call_.function.ends_with("_respect_nulls");
        constexpr size_t none = SIZE_MAX;
        // By row: the nearest one with a value, itself or after it (last_value: before it).
        std::vector<size_t> nearest(end - begin, none);
        for (size_t i = 0; i < nearest.size(); ++i)
        {
            const size_t at = first ? nearest.size() - 1 - i : i;
            if (respects_nulls || !arguments_[0]->isNullAt(begin + at))
                nearest[at] = begin + at;
            else if (i)
                nearest[at] = nearest[first ? at + 1 : at - 1];
        }
        for (size_t row = begin; row < end; ++row)
        {
            auto [from, to] = frame(begin, end, row);
            const size_t found = from < to ? nearest[(first ? from : to - 1) - begin] : none;
            if (found != none && found >= from && found < to)
                result_->insertFrom(*arguments_[0], found);
            else
                result_->insertDefault();
        }
    }

    uint64_t positiveArgument(size_t argument, size_t row) const
    {
        auto value = argument < arguments_.size() ? arguments_[argument]->get(row) : Field();
        if (!value.is<uint64_t>() || value.get<uint64_t>() == 0)
            throw Exception(ErrorCode::BAD_ARGUMENTS, "Argument {} of window function {} must be a positive integer, got {}", argument + 1,
                call_.function, toString(value));
        return value.get<uint64_t>();
    }

    void shift(size_t begin, size_t end)
    {
        int64_t offset = 1;
        if (arguments_.size() > 1)
        {
            auto value = arguments_[1]->get(begin);
            offset = value.is<uint64_t>() ? static_cast<int64_t>(value.get<uint64_t>()) : value.get<int64_t>();
            if (offset < 0)
                throw Exception(ErrorCode::BAD_ARGUMENTS, "The offset of {} must not be negative", call_.function);
        }
        offset = std::min(offset, static_cast<int64_t>(end - begin)); // further is outside of the partition, and must not wrap
        bool back = call_.function.starts_with("lag");
        bool in_frame = call_.function.ends_with("InFrame");
        for (size_t row = begin; row < end; ++row)
        {
            auto [from, to] = in_frame ? frame(begin, end, row) : std::pair(begin, end);
            int64_t other = static_cast<int64_t>(row) + (back ? -offset : offset);
            if (other >= static_cast<int64_t>(from) && other < static_cast<int64_t>(to))
                result_->insertFrom(*arguments_[0], other);
            else if (arguments_.size() > 2)
                result_->insertFrom(*arguments_[2], row);
            else
                result_->insertDefault();
        }
    }

    /// The rows equal to `row` by the window's order; kept for the next row, which is often one of them.
    void findPeers(size_t begin, size_t end, size_t row)
    {
        if (row >= peers_begin_ && row < peers_end_)
            return;
        peers_begin_ = peers_end_ = row;
        while (peers_begin_ > begin && peers(peers_begin_ - 1, row))
            --peers_begin_;
        while (peers_end_ < end && peers(peers_end_, row))
            ++peers_end_;
    }

    /// What the rows are ordered by, as numbers that grow from row to row.
    void findRangeKeys()
    {
        if (call_.frame == FrameUnit::Groups || order_.size() != 1)
            throw Exception(ErrorCode::NOT_IMPLEMENTED, "A window frame with an offset that is not of ROWS is supported only for RANGE over one ORDER BY expression");
        const auto & keys = rows_.byName(order_[0].column);
        for (size_t row = 0; row < rows_.rows(); ++row)
        {
            const auto value = keys.column->get(row);
            long double number = std::numeric_limits<long double>::quiet_NaN(); // exact for integers of 64 bits
            if (value.is<uint64_t>())
                number = value.get<uint64_t>();
            else if (value.is<int64_t>())
                number = value.get<int64_t>();
            else if (value.is<double>())
                number = value.get<double>();
            if (std::isnan(number) || keys.type->id() == TypeId::DateTime64)
                throw Exception(ErrorCode::NOT_IMPLEMENTED, "A RANGE frame with an offset is not supported over {} of type {}", toString(value), keys.type->name());
            range_keys_.push_back(order_[0].descending ? -number : number);
        }
    }

    /// The first row whose key is not before (is_end: is after) that of `row` and the distance.
    size_t rangeEdge(size_t begin, size_t end, size_t row, int64_t distance, bool is_end)
    {
        if (range_keys_.empty())
            findRangeKeys();
        const long double key = range_keys_[row] + static_cast<long double>(distance);
        const auto from = range_keys_.begin() + begin, to = range_keys_.begin() + end;
        return (is_end ? std::upper_bound(from, to, key) : std::lower_bound(from, to, key)) - range_keys_.begin();
    }

    /// Rows [from, to) of the frame of `row`.
    std::pair<size_t, size_t> frame(size_t begin, size_t end, size_t row)
    {
        bool rows_unit = call_.frame == FrameUnit::Rows;
        auto edge = [&](FrameBoundKind kind, int64_t offset, bool is_end) -> size_t
        {
            switch (kind)
            {
                case FrameBoundKind::UnboundedPreceding:
                    return begin;
                case FrameBoundKind::UnboundedFollowing:
                    return end;
                case FrameBoundKind::CurrentRow:
                {
                    if (rows_unit)
                        return row + is_end;
                    findPeers(begin, end, row);
                    return is_end ? peers_end_ : peers_begin_;
                }
                case FrameBoundKind::Preceding:
                case FrameBoundKind::Following:
                {
                    if (!rows_unit)
                        return rangeEdge(begin, end, row, kind == FrameBoundKind::Preceding ? -offset : offset, is_end);
                    int64_t target = static_cast<int64_t>(row) + (kind == FrameBoundKind::Preceding ? -offset : offset) + is_end;
                    return static_cast<size_t>(std::clamp<int64_t>(target, static_cast<int64_t>(begin), static_cast<int64_t>(end)));
                }
            }
            CHECK(false);
        };
        return {edge(call_.begin_kind, call_.begin_offset, false), edge(call_.end_kind, call_.end_offset, true)};
    }

    void aggregate(size_t begin, size_t end)
    {
        const auto & function = *call_.aggregate;
        std::vector<const Column *> arguments;
        for (const auto & argument : arguments_)
            arguments.push_back(argument.get());
        Arena arena(context_);
        char * state = arena.allocate(std::max<size_t>(function.stateBytes(), 1), function.stateAlignment());
        function.create(state);
        size_t state_from = begin, state_to = begin; // rows that are in the state
        try
        {
            for (size_t row = begin; row < end; ++row)
            {
                auto [from, to] = frame(begin, end, row);
                if (from != state_from || to < state_to)
                {
                    function.destroy(state);
                    function.create(state);
                    state_from = state_to = from;
                }
                if (to > state_to)
                {
                    function.addRange(state, arguments, state_to, to);
                    state_to = to;
                }
                function.insertResult(state, *result_);
                context_.check();
            }
        }
        catch (...)
        {
            function.destroy(state);
            throw;
        }
        function.destroy(state);
    }

    const BoundWindow & call_;
    Block rows_;
    std::vector<SortColumn> partition_, order_;
    QueryContext & context_;
    Columns arguments_;
    MutableColumnPtr result_;
    size_t peers_begin_ = 0, peers_end_ = 0;
    std::vector<long double> range_keys_; /// empty: not needed yet
};

}

Stream window(Stream input, const WindowStep & step, QueryContext & context)
{
    auto blocks = collectBlocks(input, context);
    for (auto & block : blocks)
        block = block.materialize();
    Stream result;
    result.header = step.header;
    result.ordered = true;
    if (blocks.empty())
    {
        result.source = std::make_shared<BlocksSource>(std::vector<Block>{});
        return result;
    }
    Block rows = Block::concat(blocks);
    for (const auto & call : step.windows)
    {
        Block keyed = rows;
        std::vector<SortColumn> partition, order;
        for (const auto & expression : call.partition_by)
        {
            auto name = fmt::format("partition{}", partition.size());
            keyed.add({evaluate(expression, rows)->materialize(), removeLowCardinality(expression->type), name});
            partition.push_back({name, false, false});
        }
        for (const auto & element : call.order_by)
        {
            auto name = fmt::format("order{}", order.size());
            keyed.add({evaluate(element.expression, rows)->materialize(), removeLowCardinality(element.expression->type), name});
            order.push_back({name, element.descending, element.nulls_first});
        }
        auto all = partition;
        all.insert(all.end(), order.begin(), order.end());
        auto permutation = sortPermutation(keyed, all, std::nullopt);
        keyed = keyed.gather(permutation);
        rows = rows.gather(permutation);
        rows.add({WindowCall(call, keyed, partition, order, context).compute(), call.type, call.id});
    }
    Block final_rows;
    for (const auto & column : step.header)
        final_rows.add(rows.byName(column.name));
    result.source = std::make_shared<BlocksSource>(std::vector<Block>{final_rows});
    return result;
}

}
