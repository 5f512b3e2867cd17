#pragma once
// A query with all names and types resolved: what the analyzer gives to the planner. Plain data.
//
// Every column that flows through the plan has a unique name ("t0.service" for a column of source 0, "agg1",
// "window0", "arrayjoin2"); the names that the user sees are in BoundSelect::projection only.

#include "analyzer/TableSource.h"
#include "expressions/Expression.h"
#include "functions/AggregateFunction.h"
#include "sql/Ast.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mangrove
{

struct BoundQuery;
using BoundQueryPtr = std::shared_ptr<const BoundQuery>;
struct BoundFrom;
using BoundFromPtr = std::shared_ptr<const BoundFrom>;

struct SourceColumn
{
    std::string name;   /// in the source
    std::string id;     /// in the plan
    DataTypePtr type;
};

struct BoundArrayJoin
{
    ExpressionPtr array; /// Array or Map
    std::string id;      /// of the element column
    DataTypePtr type;
};

enum class BoundFromKind : uint8_t { Nothing, Table, Subquery, Join, ArrayJoin };

struct BoundFrom
{
    BoundFromKind kind = BoundFromKind::Nothing;

    // Table, Subquery
    TableSourcePtr table;
    bool final = false;
    BoundQueryPtr subquery;
    std::vector<SourceColumn> columns;

    // Join: left_keys[i] = right_keys[i]; the rest of ON in `residual`. A RIGHT join is a LEFT join swapped.
    BoundFromPtr left, right; /// ArrayJoin: left is the input
    JoinKind join_kind = JoinKind::Inner;
    JoinStrictness strictness = JoinStrictness::All;
    Expressions left_keys, right_keys;
    ExpressionPtr residual;

    // ArrayJoin
    std::vector<BoundArrayJoin> array_joins;
    bool array_join_left = false;
};

struct BoundAggregate
{
    AggregateFunctionPtr function;
    Expressions arguments;
    std::string id;
};

struct BoundOrder
{
    ExpressionPtr expression;
    bool descending = false;
    bool nulls_first = false; /// NaN too
};

struct BoundWindow
{
    std::string function;              /// row_number, rank, dense_rank, lagInFrame, …; or an aggregate:
    AggregateFunctionPtr aggregate;    /// null for window-only functions
    Expressions arguments;
    Expressions partition_by;
    std::vector<BoundOrder> order_by;
    FrameUnit frame = FrameUnit::Default;
    FrameBoundKind begin_kind = FrameBoundKind::UnboundedPreceding, end_kind = FrameBoundKind::CurrentRow;
    int64_t begin_offset = 0, end_offset = 0;
    std::string id;
    DataTypePtr type;
};

struct NamedExpression
{
    std::string name; /// as the user sees it
    ExpressionPtr expression;
};

struct BoundSelect
{
    BoundFromPtr from;
    std::vector<BoundArrayJoin> array_join_calls; /// arrayJoin(x): done where first needed
    ExpressionPtr prewhere, where;

    bool aggregates = false; /// GROUP BY or aggregate functions; then all below is over keys and aggregates
    std::vector<NamedExpression> group_keys; /// name: the key's id in the plan
    std::vector<BoundAggregate> aggregate_calls;
    bool with_totals = false;
    ExpressionPtr having;

    std::vector<BoundWindow> windows;
    ExpressionPtr qualify;
    std::vector<NamedExpression> projection;
    bool distinct = false;
    Expressions distinct_on;
    std::vector<BoundOrder> order_by;
    Expressions limit_by;
    uint64_t limit_by_rows = 0, limit_by_offset = 0;
    std::optional<uint64_t> limit;
    uint64_t offset = 0;
    bool with_ties = false;
};

struct BoundQuery
{
    SetOperation operation = SetOperation::None;
    std::shared_ptr<BoundSelect> select;
    std::vector<BoundQueryPtr> inputs; /// of the same header after casts
    NamesAndTypes header;
};

}
