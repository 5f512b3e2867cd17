#pragma once
// A lambda as the first argument of a higher-order function: x -> f(x, captured). Made by the expression
// evaluator, called by functions such as arrayMap: they replicate the captured columns to element rows, then
// apply() the body to the element columns. Only size(), replicate() and apply() make sense; the rest throws.

#include "columns/Column.h"

#include <functional>

namespace mangrove
{

class ColumnLambda final : public Column
{
public:
    /// (captured columns, arguments) → result; all of the same number of rows `rows`.
    using Body = std::function<ColumnPtr(const Columns & captured, const Columns & arguments, size_t rows)>;

    ColumnLambda(Columns captured, size_t argument_count, Body body, size_t rows)
        : captured_(std::move(captured)), argument_count_(argument_count), body_(std::move(body)), rows_(rows)
    {
    }

    size_t argumentCount() const { return argument_count_; }
    /// Evaluates the body; `arguments` and the captured columns have `rows` rows (after replicate()).
    ColumnPtr apply(const Columns & arguments, size_t rows) const { return body_(captured_, arguments, rows); }

    ColumnKind kind() const override { return ColumnKind::Lambda; }
    std::string name() const override { return "Lambda"; }
    size_t size() const override { return rows_; }
    size_t byteSize() const override { return 0; }
    ColumnPtr replicate(const Offsets & offsets) const override;

    MutableColumnPtr cloneEmpty() const override { unsupported(); }
    Field get(size_t) const override { unsupported(); }
    void insert(const Field &) override { unsupported(); }
    void insertDefault() override { unsupported(); }
    void insertFrom(const Column &, size_t) override { unsupported(); }
    void insertRangeFrom(const Column &, size_t, size_t) override { unsupported(); }
    void popBack(size_t) override { unsupported(); }
    ColumnPtr filter(const Filter &, size_t) const override { unsupported(); }
    ColumnPtr gather(std::span<const uint32_t>) const override { unsupported(); }
    int compareAt(size_t, size_t, const Column &, int) const override { unsupported(); }
    void hashValues(std::span<uint64_t>) const override { unsupported(); }
    void serializeKey(size_t, std::string &) const override { unsupported(); }
    const char * deserializeKey(const char *) override { unsupported(); }

private:
    [[noreturn]] static void unsupported()
    {
        throw Exception(ErrorCode::LOGICAL_ERROR, "A lambda can only be applied by a higher-order function");
    }

    Columns captured_;
    size_t argument_count_;
    Body body_;
    size_t rows_;
};

}
