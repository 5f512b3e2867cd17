#include "exec/HashJoin.h"

#include "columns/ColumnNullable.h"
#include "exec/Arena.h"
#include "expressions/Evaluator.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <numeric>

namespace mangrove
{

namespace
{

constexpr uint32_t no_row = UINT32_MAX;

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

class JoinTransform final : public Transform
{
public:
    JoinTransform(Block right, const JoinStep & step, QueryContext & context)
        : step_(step), right_(std::move(right)), table_(step.right_keys, step.strictness == JoinStrictness::Any, context), memory_(context)
    {
        memory_.grow(right_.byteSize() + right_.rows() * 16);
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
        right_ = Block(std::move(columns));
    }

    Block apply(Block left, size_t) override
    {
        Permutation left_rows, right_rows;
        if (step_.kind == JoinKind::Cross)
            for (uint32_t row = 0; row < left.rows(); ++row)
                for (uint32_t other = 0; other < default_row_; ++other)
                {
                    left_rows.push_back(row);
                    right_rows.push_back(other);
                }
        else
            match(left, left_rows, right_rows);

        Block result;
        for (const auto & column : step_.header)
        {
            auto position = left.find(column.name);
            result.add(position ? ColumnWithType{left.at(*position).column->gather(left_rows), column.type, column.name}
                                : ColumnWithType{right_.byName(column.name).column->gather(right_rows), column.type, column.name});
        }
        if (step_.header.empty())
            result.setRowsWithoutColumns(left_rows.size());
        return result;
    }

private:
    void match(const Block & left, Permutation & left_rows, Permutation & right_rows)
    {
        auto keys = table_.keyColumns(left, step_.left_keys);
        bool keep_unmatched = step_.kind == JoinKind::Left && step_.strictness != JoinStrictness::Semi;
        bool anti = step_.strictness == JoinStrictness::Anti;
        bool one = step_.strictness == JoinStrictness::Any || step_.strictness == JoinStrictness::Semi;
        std::string key;
        for (uint32_t row = 0; row < left.rows(); ++row)
        {
            uint32_t found = JoinTable::keyOf(keys, row, key) ? table_.find(key) : no_row;
            if (found == no_row || anti)
            {
                if (found == no_row && (keep_unmatched || anti))
                {
                    left_rows.push_back(row);
                    right_rows.push_back(default_row_);
                }
                continue;
            }
            for (; found != no_row; found = table_.next(found))
            {
                left_rows.push_back(row);
                right_rows.push_back(found);
                if (one)
                    break;
            }
        }
    }

    const JoinStep & step_;
    Block right_;
    JoinTable table_;
    MemoryCharge memory_;
    uint32_t default_row_ = 0;
};

}

std::shared_ptr<Transform> makeJoin(Stream right, const JoinStep & step, const NamesAndTypes &, QueryContext & context)
{
    auto header = right.header;
    auto blocks = collectBlocks(right, context);
    for (auto & block : blocks)
        block = block.materialize();
    Block rows = blocks.empty() ? Block(header) : Block::concat(blocks);
    CHECK(rows.rows() < no_row, "the right side of a JOIN has {} rows", rows.rows());
    if (context.limits.max_rows_in_join && rows.rows() > context.limits.max_rows_in_join)
        throw Exception(ErrorCode::SET_SIZE_LIMIT_EXCEEDED, "Limit for JOIN exceeded, max rows: {}, current rows: {}", context.limits.max_rows_in_join, rows.rows());
    return std::make_shared<JoinTransform>(std::move(rows), step, context);
}

}
