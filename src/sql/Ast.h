#pragma once
// Expressions and SELECT as plain trees, the product of sql/Parser.h and the input of the analyzer and the
// printer. Nodes are shared_ptr so that a rewrite can reuse subtrees: clone() before changing a node that
// somebody else may hold. A tree is not synchronised: build in one thread, then only read.
// Operators are Function nodes with ClickHouse's names (a + b is plus(a, b)), so that there is one way to see
// a call. Every node knows the bytes it came from, and its depth, which the parser bounds (ParserLimits), so
// that recursion over a tree is safe. Statements other than SELECT are in sql/Statements.h.

#include "sql/Literal.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mangrove
{

struct Expr;
struct SelectNode;
struct SelectQuery;
struct TypeAst;
using ExprPtr = std::shared_ptr<Expr>;
using ExprList = std::vector<ExprPtr>;
using SelectPtr = std::shared_ptr<SelectNode>;
using TypePtr = std::shared_ptr<TypeAst>;

/// Byte offsets into the text given to the parser: [begin, end).
struct SourceRange
{
    uint32_t begin = 0;
    uint32_t end = 0;
};

enum class ExprKind : uint8_t
{
    Literal,           /// value (literal_text: the digits as written, numbers only)
    Identifier,        /// parts: {"t", "a"} for t.a
    Function,          /// name, args, parameters, distinct, filter, window; every operator too
    Lambda,            /// parts: the parameter names; args[0]: the body
    Asterisk,          /// * or t.* (parts: the qualifier); transformers
    ColumnsMatcher,    /// COLUMNS('regexp') (value) or COLUMNS(a, b) (args); qualifier in parts; transformers
    Subquery,          /// subquery
    QueryParameter,    /// {name:Type}: name, type
};

enum class NullsOrder : uint8_t { Default, First, Last };

struct WithFill
{
    ExprPtr from, to, step, staleness;    /// each may be null
};

struct OrderElement
{
    ExprPtr expr;
    bool descending = false;
    NullsOrder nulls = NullsOrder::Default;
    std::string collation;    /// COLLATE 'de'; empty: none
    std::optional<WithFill> fill;
};

enum class FrameUnit : uint8_t { Default, Rows, Range, Groups };
enum class FrameBoundKind : uint8_t { UnboundedPreceding, Preceding, CurrentRow, Following, UnboundedFollowing };

struct FrameBound
{
    FrameBoundKind kind = FrameBoundKind::CurrentRow;
    ExprPtr offset;    /// for Preceding and Following
};

/// What stands in OVER (…) or after WINDOW name AS. Default frame: RANGE UNBOUNDED PRECEDING .. CURRENT ROW.
struct WindowSpec
{
    std::string parent;    /// OVER name, or (name PARTITION BY …); empty: none
    bool only_name = false;    /// OVER name without parentheses
    ExprList partition_by;
    std::vector<OrderElement> order_by;
    FrameUnit frame = FrameUnit::Default;
    FrameBound frame_begin{FrameBoundKind::UnboundedPreceding, nullptr};
    FrameBound frame_end{FrameBoundKind::CurrentRow, nullptr};
};

enum class ColumnTransformerKind : uint8_t { Except, Replace, Apply };

/// * EXCEPT (a, b), * EXCEPT 'regexp', * REPLACE (x + 1 AS x), * APPLY (f) or APPLY (x -> …).
struct ColumnTransformer
{
    ColumnTransformerKind kind = ColumnTransformerKind::Except;
    bool strict = false;
    std::vector<std::string> columns;    /// Except
    std::string regexp;                  /// Except 'regexp'
    ExprList replacements;               /// Replace: expressions with an alias
    ExprPtr function;                    /// Apply: a Function (with its parameters, no args) or a Lambda
};

struct Expr
{
    ExprKind kind = ExprKind::Literal;
    SourceRange range;
    uint32_t depth = 1;
    std::string alias;    /// expr AS alias; empty: none. Aliases are visible in the whole SELECT.

    Literal value;
    std::string literal_text;

    std::vector<std::string> parts;

    std::string name;
    ExprList args;
    ExprList parameters;    /// quantile(0.9)(x): {0.9}
    bool has_parameters = false;    /// f()(x) has an empty list of them
    bool distinct = false;
    bool ignore_nulls = false;
    bool respect_nulls = false;
    /// Written as an operator or in a special form (a + b, [1, 2], CASE); the printer may use it, nobody else.
    bool is_operator = false;
    ExprPtr filter;         /// FILTER (WHERE …)
    std::shared_ptr<WindowSpec> window;

    std::vector<ColumnTransformer> transformers;
    SelectPtr subquery;
    TypePtr type;

    bool isFunction(std::string_view called) const { return kind == ExprKind::Function && name == called; }
    bool isLiteral() const { return kind == ExprKind::Literal; }
    bool isIdentifier() const { return kind == ExprKind::Identifier; }
    /// "t.a" for an Identifier (unquoted parts joined by dots), as ClickHouse names a column.
    std::string fullName() const;
};

ExprPtr makeLiteral(Literal value, SourceRange range = {});
ExprPtr makeIdentifier(std::vector<std::string> parts, SourceRange range = {});
ExprPtr makeFunction(std::string name, ExprList args, SourceRange range = {});
/// Deep copies; null gives null.
ExprPtr clone(const ExprPtr & expr);
SelectPtr clone(const SelectPtr & select);

using ExprVisitor = std::function<void(ExprPtr &)>;
/// Calls visit for each direct child that is not null: arguments, parameters, filter, parts of the window and
/// of the transformers. Does not enter a subquery.
void forEachChild(Expr & expr, const ExprVisitor & visit);
/// Calls visit for each expression of one SELECT, table functions and ON included; not for those of subqueries.
void forEachExpr(SelectQuery & select, const ExprVisitor & visit);
/// 1 + the deepest child or subquery; what Expr::depth must be after a rewrite.
uint32_t depthFromChildren(const Expr & expr);
/// Nodes of the tree, subqueries included.
size_t elementCount(const Expr & expr);

/// One argument of a data type: exactly one of type and literal is set, except for a bare keyword.
struct TypeArgument
{
    std::string name;     /// Tuple(a UInt8), Nested(a UInt8): "a"; Enum8('x' = 1): 'x' is in literal
    TypePtr type;
    ExprPtr literal;      /// DateTime64(9, 'UTC'), Enum8('x' = 1), quantiles(0.5)
    std::optional<int64_t> enum_value;
};

/// A data type as written. The types module parses `text` itself; this tree is for rewriting DDL.
struct TypeAst
{
    std::string name;
    std::vector<TypeArgument> args;
    bool has_parentheses = false;
    std::string text;    /// one line, normalised: Map(LowCardinality(String), String)
    SourceRange range;
};

struct SettingChange
{
    std::string name;
    Literal value;
    bool is_default = false;    /// SET x = DEFAULT
};
using SettingChanges = std::vector<SettingChange>;

enum class TableExpressionKind : uint8_t { Table, Function, Subquery };

struct TableExpression
{
    TableExpressionKind kind = TableExpressionKind::Table;
    SourceRange range;
    std::string database;    /// empty: the current one
    std::string table;
    ExprPtr function;        /// numbers(10)
    SelectPtr subquery;
    std::string alias;
    std::vector<std::string> column_aliases;    /// AS t(a, b)
    bool final = false;
};

enum class JoinKind : uint8_t { Inner, Left, Right, Full, Cross, Comma, Paste };
enum class JoinStrictness : uint8_t { Unspecified, All, Any, Semi, Anti, Asof };

struct JoinSpec
{
    JoinKind kind = JoinKind::Inner;
    JoinStrictness strictness = JoinStrictness::Unspecified;
    bool global = false;
    ExprPtr on;                  /// null: none
    ExprList using_columns;      /// empty: none
};

enum class FromKind : uint8_t { First, Join, ArrayJoin };

/// FROM is left-deep: the first table, then each element joins what stands before it.
struct FromElement
{
    FromKind kind = FromKind::First;
    SourceRange range;
    TableExpression table;     /// First, Join
    JoinSpec join;             /// Join
    bool array_join_left = false;
    ExprList array_join;       /// ArrayJoin: expressions, with their aliases
};

enum class GroupingMode : uint8_t { Plain, All, Rollup, Cube, GroupingSets };

struct WithElement
{
    std::string name;
    SelectPtr subquery;                      /// name AS (SELECT …)
    ExprPtr expr;                            /// expr AS name (name is its alias too)
    std::vector<std::string> column_aliases; /// name(a, b) AS (SELECT …)
};

struct LimitBy
{
    ExprPtr limit;
    ExprPtr offset;    /// null: none
    ExprList columns;
};

struct NamedWindow
{
    std::string name;
    WindowSpec spec;
};

/// One SELECT.
struct SelectQuery
{
    SourceRange range;
    bool with_recursive = false;
    std::vector<WithElement> with;
    bool distinct = false;
    ExprList distinct_on;
    ExprList columns;
    std::vector<FromElement> from;    /// empty: no FROM (system.one)
    ExprPtr prewhere;
    ExprPtr where;
    GroupingMode grouping = GroupingMode::Plain;
    ExprList group_by;
    std::vector<ExprList> grouping_sets;
    bool with_totals = false;
    ExprPtr having;
    std::vector<NamedWindow> windows;
    ExprPtr qualify;
    bool order_by_all = false;
    std::vector<OrderElement> order_by;
    bool has_interpolate = false;
    ExprList interpolate;             /// column AS expr: the alias is the column
    std::optional<LimitBy> limit_by;
    ExprPtr limit;
    ExprPtr offset;
    bool limit_with_ties = false;
    SettingChanges settings;
};

enum class SetOperation : uint8_t
{
    None, UnionAll, UnionDistinct, UnionDefault, Intersect, IntersectDistinct, Except, ExceptDistinct,
};

/// A SELECT, or a set operation over inputs (UNION: two or more; INTERSECT and EXCEPT: two).
/// UnionDefault: UNION alone, the meaning of which is the setting union_default_mode.
struct SelectNode
{
    SetOperation operation = SetOperation::None;
    SourceRange range;
    uint32_t depth = 1;
    std::shared_ptr<SelectQuery> select;    /// when operation is None
    std::vector<SelectPtr> inputs;          /// otherwise
};

}
