#include "exec/WindowOperator.h"

#include "columns/ColumnVector.h"
#include "exec/Arena.h"
#include "exec/sortBlocks.h"
#include "expressions/Evaluator.h"

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
        else if (name == "rank" || name == "dense_rank" || name == "denseRank")
        {
            uint64_t rank = 0, dense = 0;
            for (size_t row = begin; row < end; ++row)
            {
                if (row == begin || !peers(row - 1, row))
                {
                    rank = row - begin + 1;
                    ++dense;
                }
                result_->insert(name == "rank" ? rank : dense);
            }
        }
        else if (name == "lag" || name == "lead" || name == "lagInFrame" || name == "leadInFrame")
            shift(begin, end);
        else if (name == "first_value" || name == "last_value")
            for (size_t row = begin; row < end; ++row)
            {
                auto [from, to] = frame(begin, end, row);
                if (from < to)
                    result_->insertFrom(*arguments_[0], name == "first_value" ? from : to - 1);
                else
                    result_->insertDefault();
            }
        else
            throw Exception(ErrorCode::NOT_IMPLEMENTED, "Window function {} is not supported", name);
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
                        throw Exception(ErrorCode::NOT_IMPLEMENTED, "RANGE frames with an offset are not supported: use ROWS");
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
