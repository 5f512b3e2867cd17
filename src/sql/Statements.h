#pragma once
// Every statement other than SELECT as plain structs, and Statement, what the parser returns. Read by the
// executors of query and catalog. What a struct holds is what was written: nothing is resolved here, and an
// option that the project refuses is still parsed where a good message needs its name.

#include "sql/Ast.h"

#include <map>
#include <variant>

namespace mangrove
{

/// db.name; database empty: the current one.
struct QualifiedName
{
    std::string database;
    std::string name;
    bool operator==(const QualifiedName &) const = default;
};

enum class DefaultKind : uint8_t { None, Default, Materialized, Alias, Ephemeral };

struct CodecAst
{
    std::string name;    /// ZSTD
    ExprList args;
};

struct ColumnDeclaration
{
    std::string name;    /// Nested parts keep their dots: events.time
    TypePtr type;        /// null: derived from the default expression
    std::optional<bool> nullable;    /// NULL, NOT NULL
    DefaultKind default_kind = DefaultKind::None;
    ExprPtr default_expr;            /// may be null for EPHEMERAL
    std::vector<CodecAst> codec;
    std::vector<std::string> statistics;
    ExprPtr ttl;
    SettingChanges settings;
    bool primary_key = false;        /// name Type PRIMARY KEY
    std::string comment;
    bool has_comment = false;
    SourceRange range;
};

struct IndexDeclaration
{
    std::string name;
    ExprPtr expr;
    ExprPtr type;                 /// a Function: bloom_filter(0.01), minmax
    uint64_t granularity = 1;
    bool has_granularity = false;
};

struct ProjectionDeclaration
{
    std::string name;
    SelectPtr query;
};

struct ConstraintDeclaration
{
    std::string name;
    bool assume = false;    /// ASSUME instead of CHECK
    ExprPtr expr;
};

enum class TtlAction : uint8_t { Delete, ToDisk, ToVolume, GroupBy, Recompress };

struct TtlElement
{
    ExprPtr expr;
    TtlAction action = TtlAction::Delete;
    std::string destination;            /// disk or volume
    ExprPtr where;
    ExprList group_by;
    ExprList set;                       /// equals(column, expr)
    std::vector<CodecAst> recompress;
};

struct TableDeclaration
{
    std::vector<ColumnDeclaration> columns;
    std::vector<IndexDeclaration> indices;
    std::vector<ProjectionDeclaration> projections;
    std::vector<ConstraintDeclaration> constraints;
    ExprPtr primary_key;    /// PRIMARY KEY inside the list of columns
};

/// ENGINE and its clauses. partition_by and the keys are expressions: a tuple for (a, b), tuple() for ().
struct EngineDeclaration
{
    ExprPtr engine;    /// a Function; null: not given
    ExprPtr partition_by, primary_key, order_by, sample_by;
    std::vector<TtlElement> ttl;
    SettingChanges settings;
};

enum class CreateKind : uint8_t { Database, Table, View, MaterializedView, Dictionary, Function };

struct CreateQuery
{
    CreateKind kind = CreateKind::Table;
    bool attach = false;
    bool if_not_exists = false;
    bool or_replace = false;
    bool replace = false;            /// REPLACE TABLE
    bool temporary = false;
    QualifiedName name;              /// a database: in name.database
    std::string uuid;
    std::string cluster;
    TableDeclaration table;
    bool has_columns = false;
    EngineDeclaration engine;
    std::optional<QualifiedName> as_table;    /// CREATE TABLE a AS b
    ExprPtr as_table_function;                /// CREATE TABLE a AS numbers(10)
    std::optional<QualifiedName> to;          /// MATERIALIZED VIEW … TO
    SelectPtr select;
    bool populate = false;
    bool empty = false;                       /// EMPTY AS SELECT
    std::string refresh;                      /// REFRESH … as written; empty: none
    ExprPtr function_body;                    /// CREATE FUNCTION f AS lambda
    std::string comment;
    bool has_comment = false;
};

struct InsertQuery
{
    QualifiedName table;
    ExprPtr table_function;                    /// INSERT INTO FUNCTION f(…)
    ExprList columns;                          /// Identifier, Asterisk or ColumnsMatcher; empty: all
    bool has_columns = false;
    SettingChanges settings;
    std::string format;                        /// "Values" for VALUES; empty: none given (or SELECT)
    std::optional<size_t> data_offset;         /// first byte of the inline data; the rest of the text is data
    SelectPtr select;
    std::string infile;
    std::string compression;
};

enum class DropKind : uint8_t { Drop, Detach, Truncate };
enum class ObjectKind : uint8_t { Table, Database, View, Dictionary, Function, AllTables };

struct DropQuery
{
    DropKind kind = DropKind::Drop;
    ObjectKind object = ObjectKind::Table;
    bool if_exists = false;
    bool if_empty = false;
    bool temporary = false;
    bool sync = false;
    bool permanently = false;
    std::vector<QualifiedName> names;    /// a database: in .database
    std::string cluster;
};

struct RenamePair
{
    QualifiedName from, to;
};

struct RenameQuery
{
    bool exchange = false;
    bool if_exists = false;
    ObjectKind object = ObjectKind::Table;
    std::vector<RenamePair> pairs;
    std::string cluster;
};

/// PARTITION expr, PARTITION ID 'x', PARTITION ALL, or PART 'name'.
struct PartitionAst
{
    ExprPtr value;
    std::string id;
    bool all = false;
    std::string part;
};

enum class AlterKind : uint8_t
{
    AddColumn, DropColumn, ModifyColumn, RenameColumn, CommentColumn, ClearColumn, MaterializeColumn,
    AddIndex, DropIndex, ClearIndex, MaterializeIndex, AddProjection, DropProjection, MaterializeProjection,
    AddConstraint, DropConstraint, ModifyOrderBy, ModifyTtl, RemoveTtl, MaterializeTtl, ModifySetting, ResetSetting,
    ModifyQuery, ModifyComment, DropPartition, DetachPartition, DropDetachedPartition, AttachPartition,
    ReplacePartition, MovePartition, FreezePartition, FetchPartition, Update, Delete, ApplyDeletedMask,
};

struct AlterCommand
{
    AlterKind kind = AlterKind::AddColumn;
    SourceRange range;
    bool if_exists = false;
    bool if_not_exists = false;
    ColumnDeclaration column;           /// AddColumn, ModifyColumn
    std::string name;                   /// the column, index, projection or constraint
    std::string new_name;               /// RenameColumn
    bool first = false;
    std::string after;
    std::string remove;                 /// MODIFY COLUMN c REMOVE DEFAULT|TTL|CODEC|COMMENT…
    SettingChanges column_settings;     /// MODIFY COLUMN c MODIFY SETTING …
    IndexDeclaration index;
    ProjectionDeclaration projection;
    ConstraintDeclaration constraint;
    ExprPtr order_by;
    std::vector<TtlElement> ttl;
    SettingChanges settings;
    std::vector<std::string> reset_settings;
    SelectPtr query;
    std::string comment;
    std::optional<PartitionAst> partition;
    QualifiedName other_table;          /// FROM or TO TABLE
    std::string destination_kind;       /// TABLE, DISK, VOLUME, SHARD
    std::string destination;
    ExprList assignments;               /// Update: equals(column, expr)
    ExprPtr where;
};

struct AlterQuery
{
    QualifiedName table;
    std::string cluster;
    std::vector<AlterCommand> commands;
};

/// DELETE FROM t WHERE …, UPDATE t SET … WHERE …
struct DeleteQuery
{
    QualifiedName table;
    std::string cluster;
    std::optional<PartitionAst> partition;
    ExprPtr where;
};

struct UpdateQuery
{
    QualifiedName table;
    std::string cluster;
    std::optional<PartitionAst> partition;
    ExprList assignments;
    ExprPtr where;
};

struct OptimizeQuery
{
    QualifiedName table;
    std::string cluster;
    std::optional<PartitionAst> partition;
    bool final = false;
    bool deduplicate = false;
    ExprList deduplicate_by;
    bool cleanup = false;
};

enum class ShowKind : uint8_t
{
    Databases, Tables, Dictionaries, Columns, Indexes, Processlist, Settings, Setting, Functions, Clusters, Engines,
    Merges, Grants, Users, Roles, Policies, Quotas, CreateTable, CreateView, CreateDatabase, CreateDictionary,
    CreateFunction, Caches, Access,
};

struct ShowQuery
{
    ShowKind kind = ShowKind::Tables;
    bool full = false;
    bool extended = false;
    bool temporary = false;
    bool changed = false;        /// SHOW CHANGED SETTINGS
    std::string database;        /// FROM db
    QualifiedName table;         /// CREATE, COLUMNS, INDEXES; CREATE DATABASE: in .database
    bool not_like = false;
    bool case_insensitive = false;
    std::optional<std::string> like;
    ExprPtr where;
    ExprPtr limit;
};

struct DescribeQuery
{
    TableExpression table;
    SettingChanges settings;
};

struct ExistsQuery
{
    ObjectKind object = ObjectKind::Table;
    bool temporary = false;
    QualifiedName name;
};

struct UseQuery
{
    std::string database;
};

struct SetQuery
{
    SettingChanges changes;                                      /// param_x too: name "param_x"
    std::string role;                                            /// SET ROLE …, as written
};

/// SYSTEM RELOAD CONFIG: words = "RELOAD CONFIG" (upper case), and the table or argument after it.
struct SystemQuery
{
    std::string words;
    QualifiedName table;
    std::string argument;
    std::string cluster;
};

struct KillQuery
{
    bool mutation = false;
    ExprPtr where;
    bool sync = false;
    bool test = false;
    std::string cluster;
};

struct CheckQuery
{
    QualifiedName table;
    std::optional<PartitionAst> partition;
};

enum class ExplainKind : uint8_t
{
    Plan, Ast, Syntax, QueryTree, Pipeline, Estimate, TableOverride, CurrentTransaction,
};

struct ExplainQuery
{
    ExplainKind kind = ExplainKind::Plan;
    SettingChanges settings;                         /// EXPLAIN indexes = 1, …
    std::shared_ptr<struct Statement> statement;
};

struct TransactionQuery
{
    std::string words;    /// BEGIN TRANSACTION, COMMIT, ROLLBACK
};

/// A statement that is recognised only to be refused by its name: GRANT, CREATE USER, BACKUP, …
struct RefusedQuery
{
    std::string name;    /// "GRANT", "CREATE USER"
};

struct Statement
{
    std::variant<
        SelectPtr, InsertQuery, CreateQuery, DropQuery, RenameQuery, AlterQuery, DeleteQuery, UpdateQuery,
        OptimizeQuery, ShowQuery, DescribeQuery, ExistsQuery, UseQuery, SetQuery, SystemQuery, KillQuery, CheckQuery,
        ExplainQuery, TransactionQuery, RefusedQuery>
        body;
    SourceRange range;                /// without the final ';' and without inline data
    std::string format;               /// … FORMAT X after a statement that returns rows; empty: none
    std::string into_outfile;
    SettingChanges settings;          /// SETTINGS after FORMAT (those inside a SELECT are in SelectQuery)

    template <typename T>
    const T * as() const { return std::get_if<T>(&body); }
    template <typename T>
    T * as() { return std::get_if<T>(&body); }
};

}
