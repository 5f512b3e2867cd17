#pragma once
// x IN (…): membership in a set that is known when the query is analysed. The planner looks inside (elements()) to
// prune parts and marks.

#include "functions/Function.h"
#include "functions/Set.h"

namespace mangrove
{

class FunctionIn final : public Function
{
public:
    FunctionIn(std::shared_ptr<const Set> set, bool negative, std::string key) : set_(std::move(set)), negative_(negative), key_(std::move(key)) { }

    /// Unique per set: part of the expression's key.
    std::string name() const override { return (negative_ ? "notIn" : "in") + key_; }
    DataTypePtr returnType(const std::vector<ColumnWithType> & arguments) const override;
    ColumnPtr execute(const std::vector<ColumnWithType> & arguments, const DataTypePtr & result_type, size_t rows) const override;

    const Set & set() const { return *set_; }
    bool negative() const { return negative_; }

private:
    std::shared_ptr<const Set> set_;
    bool negative_;
    std::string key_;
};

}
