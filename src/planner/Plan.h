#pragma once
// A query plan: a tree of steps, each making rows with the columns of its header (unique ids, see
// analyzer/BoundQuery.h) from its inputs' rows. Made by makePlan(), changed by the passes of optimize(), opened by
// exec. Plain data; each step is a small struct told apart by its type.

#include "analyzer/BoundQuery.h"
#include "planner/PartsTable.h"

#include <memory>
#include <string>
#include <vector>

namespace mangrove
{

struct PlanStep;
using PlanStepPtr = std::shared_ptr<PlanStep>;

struct PlanStep
{
    virtual ~PlanStep() = default;
    virtual std::string describe() const = 0; /// one line of EXPLAIN
    std::vector<PlanStepPtr> inputs;
    NamesAndTypes header;
};

/// One row without columns: SELECT 1.
struct OneRowStep : PlanStep
{
    std::string describe() const override { return "OneRow"; }
};


/// ORDER BY x … LIMIT n above a read: only rows that may be among the first n are needed.
struct ReadOrder
{
    std::string column; /// the id of x: an integer, a date or a time, never NULL
    bool descending = false;
    bool ties = false; /// x alone does not decide: rows equal to the last one are needed too
    uint64_t rows = 0; /// n > 0
};

struct ReadPartsStep : PlanStep
{
    std::shared_ptr<const PartsTable> table;
    bool final = false;
    std::vector<SourceColumn> columns;  /// read and handed on
    std::vector<ReadColumn> subcolumns; /// `name` is the id; types in the header
    Expressions filters;                /// conjuncts over ids, tested while reading (PREWHERE)
    NamesAndTypes filter_columns;       /// ids that only the filters need
    std::set<std::string> coded;        /// ids whose dictionary codes the next step understands, whatever their type
    std::optional<uint64_t> rows_max;   /// no more rows are needed
    std::optional<ReadOrder> top;       /// no other rows are needed
    std::string describe() const override;
};

struct ReadGeneratedStep : PlanStep
{
    std::shared_ptr<const GeneratedTable> table;
    std::vector<SourceColumn> columns;
    std::optional<uint64_t> rows_max;
    std::string describe() const override { return "ReadGenerated " + table->database() + "." + table->name(); }
};

/// count() answered from the catalog: one row.
struct ConstantRowsStep : PlanStep
{
    Block block;
    std::string describe() const override { return "ConstantRows"; }
};

struct FilterStep : PlanStep
{
    ExpressionPtr condition;
    std::string describe() const override { return "Filter " + condition->key; }
};

/// The header is exactly `columns`.
struct ProjectStep : PlanStep
{
    std::vector<NamedExpression> columns;
    std::string describe() const override;
};

struct ArrayJoinStep : PlanStep
{
    std::vector<BoundArrayJoin> joins;
    bool left = false;
    std::string describe() const override { return left ? "LeftArrayJoin" : "ArrayJoin"; }
};

struct AggregateStep : PlanStep
{
    std::vector<NamedExpression> keys;
    std::vector<BoundAggregate> aggregates;
    bool with_totals = false;
    ExpressionPtr having; /// here, and not in a FilterStep, only WITH TOTALS: totals are over the groups that pass
    std::string describe() const override;
};

struct WindowStep : PlanStep
{
    std::vector<BoundWindow> windows;
    std::string describe() const override { return "Window"; }
};

struct DistinctStep : PlanStep
{
    std::vector<std::string> columns;
    std::string describe() const override { return "Distinct"; }
};

struct SortColumn
{
    std::string column;
    bool descending = false;
    bool nulls_first = false;
};

struct SortStep : PlanStep
{
    std::vector<SortColumn> order;
    std::optional<uint64_t> rows_max; /// top-N
    bool with_ties = false;
    std::string describe() const override;
};

struct LimitByStep : PlanStep
{
    std::vector<std::string> columns;
    uint64_t rows = 0, offset = 0;
    std::string describe() const override { return fmt::format("LimitBy {} offset {}", rows, offset); }
};

struct LimitStep : PlanStep
{
    std::optional<uint64_t> rows;
    uint64_t offset = 0;
    std::vector<SortColumn> ties; /// WITH TIES: rows equal in these to the last one pass too
    std::string describe() const override;
};

struct JoinStep : PlanStep
{
    JoinKind kind = JoinKind::Inner;
    JoinStrictness strictness = JoinStrictness::All;
    Expressions left_keys, right_keys;
    std::string describe() const override;
};

/// All inputs have this step's header.
struct UnionStep : PlanStep
{
    std::string describe() const override { return "Union"; }
};

/// The whole plan as indented lines.
std::string explain(const PlanStep & step);
NamesAndTypes headerOf(const std::vector<NamedExpression> & columns);

}
