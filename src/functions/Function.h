#pragma once
// Scalar functions. A Function object is immutable and thread-safe; the registry makes one per call site.
// The analyzer asks for the result type once, the evaluator calls execute() for each block.
//
// Defaults that most functions want are applied around execute() by callFunction() (functions/callFunction.h):
// NULL arguments give NULL, constants are evaluated once, a single LowCardinality argument (others constant) is
// evaluated on its dictionary. A function that treats these itself says so.

#include "types/Block.h"

#include <functional>
#include <memory>
#include <string>

namespace mangrove
{

struct LambdaSignature
{
    size_t argument_position;
    DataTypes argument_types;
};

class Function
{
public:
    virtual ~Function() = default;

    virtual std::string name() const = 0;
    virtual bool isDeterministic() const { return true; }
    /// false: execute() sees Nullable columns and returnType() sees Nullable types.
    virtual bool nullArgumentsGiveNull() const { return true; }
    /// false: execute() sees LowCardinality columns (arrayElement on maps, materialize…).
    virtual bool lowCardinalityIsTransparent() const { return true; }
    /// false: constant arguments are not evaluated once on one row (rand(), materialize()).
    virtual bool constantArgumentsGiveConstant() const { return true; }
    /// false: f(LowCardinality) is an ordinary column although the function runs on the dictionary.
    virtual bool resultMayBeLowCardinality() const { return true; }
    /// Positions that must be constants, e.g. a time zone: execute() gets a ColumnConst there, also when the rest
    /// of a constant call is unwrapped.
    virtual std::vector<size_t> alwaysConstArguments() const { return {}; }

    /// Throws NUMBER_OF_ARGUMENTS_DOESNT_MATCH (42), ILLEGAL_TYPE_OF_ARGUMENT (43)… with the function's name and
    /// the types. `arguments[i].column` is a ColumnConst for constants and null otherwise.
    virtual DataTypePtr returnType(const std::vector<ColumnWithType> & arguments) const = 0;

    /// For higher-order functions: the argument types of the lambda at position 0, given the other arguments.
    virtual bool isHigherOrder() const { return false; }
    virtual DataTypes lambdaArgumentTypes(const DataTypes & other_argument_types, size_t lambda_arity) const
        { return {}; }

    /// All arguments have `rows` rows (some may be ColumnConst); the result has `rows` rows and type `result_type`.
    virtual ColumnPtr execute(const std::vector<ColumnWithType> & arguments, const DataTypePtr & result_type,
        size_t rows) const = 0;
};

using FunctionPtr = std::shared_ptr<const Function>;

}
