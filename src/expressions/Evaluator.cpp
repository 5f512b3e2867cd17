#include "expressions/Evaluator.h"

#include "columns/ColumnConst.h"
#include "columns/ColumnLambda.h"
#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnNullable.h"
#include "columns/ColumnVector.h"
#include "expressions/shortCircuit.h"
#include "functions/callFunction.h"

#include <unordered_map>

namespace mangrove
{

namespace
{

class BlockEvaluator
{
public:
    BlockEvaluator(const Block & block, bool lazy) : block_(block), lazy_(lazy) { }

    ColumnPtr evaluate(const ExpressionPtr & expression)
    {
        switch (expression->kind)
        {
            case ExpressionKind::Column:
                return block_.byName(expression->column).column;
            case ExpressionKind::Constant:
                return ColumnConst::create(expression->constant, block_.rows());
            case ExpressionKind::Function:
                return memoized(expression, [&] { return call(*expression); });
            case ExpressionKind::Lambda:
                return lambda(expression);
        }
        CHECK(false);
    }

private:
    template <typename Compute>
    ColumnPtr memoized(const ExpressionPtr & expression, Compute && compute)
    {
        if (auto it = results_.find(expression->key); it != results_.end())
            return it->second;
        auto column = compute();
        CHECK(column->size() == block_.rows(), "{} gave {} rows for {}", expression->key, column->size(), block_.rows());
        results_.emplace(expression->key, column);
        return column;
    }

    ColumnPtr call(const Expression & expression)
    {
        return callFunction(*expression.function, arguments(expression), expression.type, block_.rows());
    }

    std::vector<ColumnWithType> arguments(const Expression & call)
    {
        if (lazy_ && isShortCircuit(call))
            return shortCircuitArguments(call, block_);
        try
        {
            std::vector<ColumnWithType> all;
            all.reserve(call.arguments.size());
            for (const auto & argument : call.arguments)
                all.push_back({evaluate(argument), argument->type, argument->key});
            return all;
        }
        catch (const Exception &)
        {
            if (!isShortCircuit(call))
                throw;
            return shortCircuitArguments(call, block_);
        }
    }

    ColumnPtr lambda(const ExpressionPtr & expression)
    {
        std::set<std::string> names;
        collectColumns(expression, names);
        Columns captured;
        NamesAndTypes captured_header;
        for (const auto & name : names)
        {
            const auto & column = block_.byName(name);
            captured.push_back(column.column);
            captured_header.push_back({name, column.type});
        }
        auto body = [expression, captured_header, lazy = lazy_](const Columns & captured_columns, const Columns & arguments, size_t rows)
        {
            Block inner;
            for (size_t i = 0; i < captured_columns.size(); ++i)
                inner.add({captured_columns[i], captured_header[i].type, captured_header[i].name});
            for (size_t i = 0; i < arguments.size(); ++i)
                inner.add({arguments[i], expression->parameter_types[i], expression->parameters[i]});
            inner.setRowsWithoutColumns(rows);
            return BlockEvaluator(inner, lazy).evaluate(expression->body);
        };
        return std::make_shared<ColumnLambda>(std::move(captured), expression->parameters.size(), std::move(body), block_.rows());
    }

    const Block & block_;
    const bool lazy_; /// arguments of if, and… only for the rows that need them, without trying all rows first
    std::unordered_map<std::string, ColumnPtr> results_;
};

template <typename T>
size_t filterFromNumbers(const ColumnVector<T> & column, Filter & filter)
{
    const T * values = column.data().data();
    uint8_t * passes = filter.data();
    for (size_t i = 0, rows = filter.size(); i < rows; ++i)
        passes[i] = values[i] != 0;
    return countSelected(filter);
}

}

Columns evaluate(const Expressions & expressions, const Block & block)
{
    BlockEvaluator evaluator(block, false);
    Columns columns;
    columns.reserve(expressions.size());
    for (const auto & expression : expressions)
        columns.push_back(evaluator.evaluate(expression));
    return columns;
}

ColumnPtr evaluate(const ExpressionPtr & expression, const Block & block)
{
    return BlockEvaluator(block, false).evaluate(expression);
}

ColumnPtr evaluateLazily(const ExpressionPtr & expression, const Block & block)
{
    return BlockEvaluator(block, true).evaluate(expression);
}

size_t makeFilter(const ColumnPtr & condition, size_t rows, Filter & filter)
{
    filter.resize(rows);
    if (auto * constant = tryColumnAs<ColumnConst>(*condition))
    {
        Filter one;
        bool pass = makeFilter(constant->valuePtr(), 1, one) != 0;
        std::fill(filter.begin(), filter.end(), pass);
        return pass ? rows : 0;
    }
    if (auto * nullable = tryColumnAs<ColumnNullable>(*condition))
    {
        makeFilter(nullable->nestedPtr(), rows, filter);
        size_t passed = 0;
        for (size_t i = 0; i < rows; ++i)
        {
            filter[i] &= !nullable->nullMap()[i];
            passed += filter[i];
        }
        return passed;
    }
    switch (condition->kind())
    {
#define CASE(name, type) \
    case ColumnKind::name: \
        return filterFromNumbers(static_cast<const ColumnVector<type> &>(*condition), filter);
        CASE(UInt8, uint8_t)
        CASE(UInt16, uint16_t)
        CASE(UInt32, uint32_t)
        CASE(UInt64, uint64_t)
        CASE(Int8, int8_t)
        CASE(Int16, int16_t)
        CASE(Int32, int32_t)
        CASE(Int64, int64_t)
        CASE(Float32, float)
        CASE(Float64, double)
#undef CASE
        case ColumnKind::LowCardinality:
            return makeFilter(condition->materialize(), rows, filter);
        default:
            throw Exception(ErrorCode::ILLEGAL_TYPE_OF_COLUMN_FOR_FILTER, "Illegal type {} of a filter condition: it must be a number", condition->name());
    }
}

}
