#pragma once
// A bound expression: names and types resolved, functions chosen. Immutable and shared; made by the analyzer,
// rewritten by the planner, evaluated by expressions/Evaluator.h.
//
// `key` is canonical: two expressions with equal keys give equal columns on the same block. The evaluator uses it
// to compute a common subexpression once, the planner to recognise GROUP BY keys and ORDER BY terms.

#include "functions/Function.h"

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace mangrove
{

enum class ExpressionKind : uint8_t
{
    Column,   /// a column of the input block, by name
    Constant, /// one value
    Function, /// a scalar function of the arguments
    Lambda,   /// parameters → body; an argument of a higher-order function
};

struct Expression;
using ExpressionPtr = std::shared_ptr<const Expression>;
using Expressions = std::vector<ExpressionPtr>;

struct Expression
{
    ExpressionKind kind;
    DataTypePtr type;
    std::string key;

    std::string column;                  /// Column
    ColumnPtr constant;                  /// Constant: exactly one row
    FunctionPtr function;                /// Function
    Expressions arguments;               /// Function
    std::vector<std::string> parameters; /// Lambda: names of Column nodes in the body
    DataTypes parameter_types;           /// Lambda
    ExpressionPtr body;                  /// Lambda

    bool isConstant() const { return kind == ExpressionKind::Constant; }
    bool isFunction(std::string_view name) const { return kind == ExpressionKind::Function && function->name() == name; }
    Field constantValue() const { return constant->get(0); }
};

ExpressionPtr makeColumn(std::string name, DataTypePtr type);
ExpressionPtr makeConstant(ColumnPtr one_row, DataTypePtr type);
ExpressionPtr makeConstant(const Field & value, const DataTypePtr & type);
/// Resolves the result type; folds a deterministic call of constants.
ExpressionPtr makeCall(FunctionPtr function, Expressions arguments);
/// By name, from the registry.
ExpressionPtr makeCall(const std::string & function_name, Expressions arguments);
ExpressionPtr makeLambda(std::vector<std::string> parameters, DataTypes parameter_types, ExpressionPtr body);
/// castColumn() as an expression; the expression itself if it has the type.
ExpressionPtr makeCast(ExpressionPtr expression, const DataTypePtr & to);

/// Names of the input columns that the expression reads (lambda parameters excluded).
void collectColumns(const ExpressionPtr & expression, std::set<std::string> & names);
/// Bottom-up copy in which `replace` may return another node for any node (null: keep, look into children).
ExpressionPtr rewrite(const ExpressionPtr & expression, const std::function<ExpressionPtr(const ExpressionPtr &)> & replace);

/// a AND (b AND c) → {a, b, c}; null → {}.
Expressions splitConjunction(const ExpressionPtr & expression);
/// {} → null.
ExpressionPtr makeConjunction(const Expressions & conjuncts);

}
