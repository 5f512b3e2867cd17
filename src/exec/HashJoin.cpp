#include "exec/HashJoin.h"

#include "columns/ColumnNullable.h"
#include "exec/Arena.h"
#include "expressions/Evaluator.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <numeric>

namespace mangrove
{

namespace
{

constexpr uint32_t no_row = UINT32_MAX;
/// Of one block of the result, by the average size of the rows.
constexpr uint64_t result_bytes_max = 32 << 20;

/// Rows of the right side by key: the first row of a key, then a chain through `next`.
class JoinTable
{
public:
    JoinTable(const Expressions & keys, bool first_only, QueryContext & context) : keys_(keys), first_only_(first_only), arena_(context) { }

    void build(const Block & rows)
    {
        auto columns = keyColumns(rows);
        next_.assign(rows.rows(), no_row);
        std::string key;
        for (size_t row = rows.rows(); row-- > 0;) // backwards: chains are then in row order
        {
            if (!keyOf(columns, row, key))
                continue;
            auto it = heads_.find(key);
            if (it == heads_.end())
            {
                char * copy = arena_.allocate(std::max<size_t>(key.size(), 1));
                std::memcpy(copy, key.data(), key.size());
                heads_.emplace(std::string_view(copy, key.size()), static_cast<uint32_t>(row));
                continue;
            }
            if (!first_only_)
                next_[row] = it->second;
            it->second = static_cast<uint32_t>(row);
        }
    }

    Columns keyColumns(const Block & rows, const Expressions & keys) const
    {
        Columns columns;
        for (const auto & column : evaluate(keys, rows))
            columns.push_back(column->materialize());
        return columns;
    }
    Columns keyColumns(const Block & rows) const { return keyColumns(rows, keys_); }

    static bool keyOf(const Columns & columns, size_t row, std::string & key)
    {
        key.clear();
        for (const auto & column : columns)
        {
            if (column->isNullAt(row))
                return false;
            // A Nullable and a plain column of equal values must give equal keys.
            if (auto * nullable = tryColumnAs<ColumnNullable>(*column))
                nullable->nested().serializeKey(row, key);
            else
                column->serializeKey(row, key);
        }
        return true;
    }

    uint32_t find(const std::string & key) const
    {
        auto it = heads_.find(key);
        return it == heads_.end() ? no_row : it->second;
    }
    uint32_t next(uint32_t row) const { return next_[row]; }

private:
    const Expressions & keys_;
    bool first_only_;
    Arena arena_;
    boost::unordered_flat_map<std::string_view, uint32_t> heads_;
    std::vector<uint32_t> next_;
};

/// A left block and how far it has been joined.
struct LeftBlock
{
    Block rows;
    Columns keys;
    uint32_t row = 0;        /// the next to be joined
    uint64_t right = 0;      /// CROSS: with this row first; otherwise found + 1 of a row that has more matches, or 0
    size_t result_rows = 0;  /// at most, of one result
    bool finished() const { return row >= rows.rows(); }
};

class JoinSource final : public Source
{
public:
    JoinSource(Block right, const std::function<Stream()> & open_left, const JoinStep & step, QueryContext & context)
        : step_(step)
        , context_(context)
        , right_(std::move(right))
        , table_(step.right_keys, step.strictness == JoinStrictness::Any, context)
        , memory_(context)
    {
        right_bytes_ = right_.byteSize();
        memory_.grow(right_bytes_ + right_.rows() * 16);
        if (step.kind != JoinKind::Cross)
            table_.build(right_);
        // One default row at the end stands for "no match".
        std::vector<ColumnWithType> columns;
        for (const auto & column : right_.columns())
        {
            auto extended = column.column->cloneEmpty();
            extended->insertRangeFrom(*column.column, 0, column.column->size());
            extended->insert(column.type->defaultValue()); // of an enum: its first element
            columns.push_back({extended, column.type, column.name});
        }
        default_row_ = static_cast<uint32_t>(right_.rows());
        if (step.kind == JoinKind::Inner && step.strictness == JoinStrictness::Any)
        {
            memory_.grow(default_row_);
            taken_ = std::vector<std::atomic<bool>>(default_row_);
        }
        right_ = Block(std::move(columns));
        auto left = open_left(); // once the right side is known to fit
        left.ordered = false; // its order has no meaning for the result
        left_ = std::make_unique<PulledStream>(std::move(left));
    }

    std::optional<Block> next(size_t worker) override
    {
        std::unique_lock lock(mutex_);
        while (true)
        {
            context_.check();
            std::optional<LeftBlock> left;
            if (!under_way_.empty())
            {
                left = std::move(under_way_.back());
                under_way_.pop_back();
            }
            else if (left_ended_)
            {
                // No more is no more for every worker: one that is busy may leave rest of its block.
                if (busy_ == 0)
                    return std::nullopt;
                changed_.wait_for(lock, std::chrono::milliseconds(10)); // not for ever: the query may be cancelled
                continue;
            }
            if (auto result = joinSome(left, worker, lock); result.rows())
                return result;
        }
    }

    size_t morselsAtMost() const override { return left_->morselsAtMost(); }

private:
    /// Rows of the result from `left`, or from the next left block; what is left of it waits for whoever comes first.
    Block joinSome(std::optional<LeftBlock> & left, size_t worker, std::unique_lock<std::mutex> & lock)
    {
        struct Busy
        {
            explicit Busy(JoinSource & source, std::unique_lock<std::mutex> & lock_) : join(source), held(lock_)
            {
                ++join.busy_;
                held.unlock();
            }
            ~Busy()
            {
                held.lock();
                --join.busy_;
                join.changed_.notify_all();
            }
            JoinSource & join;
            std::unique_lock<std::mutex> & held;
        };
        Block result;
        {
            Busy busy(*this, lock);
            if (!left)
                if (auto block = left_->pull(worker, context_))
                    left = prepare(std::move(*block));
            if (left)
                result = join(*left);
        }
        if (!left)
            left_ended_ = true;
        else if (!left->finished())
            under_way_.push_back(std::move(*left));
        return result;
    }

    LeftBlock prepare(Block block) const
    {
        LeftBlock left;
        uint64_t row_bytes = 0;
        if (!step_.header.empty())
            row_bytes = block.byteSize() / block.rows() + right_bytes_ / std::max<uint32_t>(default_row_, 1);
        left.result_rows = std::clamp<uint64_t>(result_bytes_max / std::max<uint64_t>(row_bytes, 1), 1, std::max<uint64_t>(context_.block_rows_max, 1));
        if (step_.kind != JoinKind::Cross)
            left.keys = table_.keyColumns(block, step_.left_keys);
        left.rows = std::move(block);
        return left;
    }

    /// The next rows of the result; none if those that were left match nothing.
    Block join(LeftBlock & left)
    {
        Permutation left_rows, right_rows;
        if (step_.kind == JoinKind::Cross)
            cross(left, left_rows, right_rows);
        else
            match(left, left_rows, right_rows);
        Block result;
        for (const auto & column : step_.header)
        {
            auto position = left.rows.find(column.name);
            result.add(position ? ColumnWithType{left.rows.at(*position).column->gather(left_rows), column.type, column.name}
                                : ColumnWithType{right_.byName(column.name).column->gather(right_rows), column.type, column.name});
        }
        if (step_.header.empty())
            result.setRowsWithoutColumns(left_rows.size());
        return result;
    }

    void cross(LeftBlock & left, Permutation & left_rows, Permutation & right_rows) const
    {
        const uint64_t pairs = (left.rows.rows() - left.row) * uint64_t(default_row_) - left.right;
        const size_t count = std::min<uint64_t>(pairs, left.result_rows);
        left_rows.resize(count);
        right_rows.resize(count);
        for (size_t at = 0; at < count;)
        {
            const size_t end = std::min<uint64_t>(count, at + default_row_ - left.right);
            std::fill(left_rows.begin() + at, left_rows.begin() + end, left.row);
            std::iota(right_rows.begin() + at, right_rows.begin() + end, static_cast<uint32_t>(left.right));
            left.right += end - at;
            at = end;
            if (left.right == default_row_)
            {
                left.right = 0;
                ++left.row;
            }
        }
        if (default_row_ == 0)
            left.row = static_cast<uint32_t>(left.rows.rows());
    }

    void match(LeftBlock & left, Permutation & left_rows, Permutation & right_rows)
    {
        bool keep_unmatched = step_.kind == JoinKind::Left && step_.strictness != JoinStrictness::Semi;
        bool anti = step_.strictness == JoinStrictness::Anti;
        bool one = step_.strictness == JoinStrictness::Any || step_.strictness == JoinStrictness::Semi;
        std::string key;
        for (; left.row < left.rows.rows(); ++left.row)
        {
            if (left_rows.size() == left.result_rows)
                return;
            uint32_t found;
            if (left.right)
                found = static_cast<uint32_t>(left.right - 1);
            else
                found = JoinTable::keyOf(left.keys, left.row, key) ? table_.find(key) : no_row;
            left.right = 0;
            if (found == no_row || anti)
            {
                if (found == no_row && (keep_unmatched || anti))
                {
                    left_rows.push_back(left.row);
                    right_rows.push_back(default_row_);
                }
                continue;
            }
            if (!taken_.empty() && taken_[found].exchange(true))
                continue; // ANY INNER: one row of a key, whatever both sides have
            for (; found != no_row; found = table_.next(found))
            {
                if (left_rows.size() == left.result_rows)
                {
                    left.right = uint64_t(found) + 1;
                    return;
                }
                left_rows.push_back(left.row);
                right_rows.push_back(found);
                if (one)
                    break;
            }
        }
    }

    const JoinStep & step_;
    QueryContext & context_;
    Block right_;
    JoinTable table_;
    MemoryCharge memory_;
    uint32_t default_row_ = 0;
    uint64_t right_bytes_ = 0;
    std::unique_ptr<PulledStream> left_;
    std::mutex mutex_; /// of what follows
    std::condition_variable changed_;
    std::vector<LeftBlock> under_way_; /// with rows that are still to be joined
    size_t busy_ = 0; /// workers that hold a left block, or wait for one
    bool left_ended_ = false;
    std::vector<std::atomic<bool>> taken_; /// by row; empty: a row may be taken by several
};

}

Stream makeJoin(Stream right, const std::function<Stream()> & open_left, const JoinStep & step, QueryContext & context)
{
    auto header = right.header;
    auto blocks = collectBlocks(right, context);
    for (auto & block : blocks)
        block = block.materialize();
    Block rows = blocks.empty() ? Block(header) : Block::concat(blocks);
    blocks.clear();
    CHECK(rows.rows() < no_row, "the right side of a JOIN has {} rows", rows.rows());
    if (context.limits.max_rows_in_join && rows.rows() > context.limits.max_rows_in_join)
        throw Exception(ErrorCode::SET_SIZE_LIMIT_EXCEEDED, "Limit for JOIN exceeded, max rows: {}, current rows: {}", context.limits.max_rows_in_join, rows.rows());
    Stream stream;
    stream.source = std::make_shared<JoinSource>(std::move(rows), open_left, step, context);
    stream.header = step.header;
    return stream;
}

}
