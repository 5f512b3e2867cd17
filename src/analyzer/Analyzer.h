#pragma once
// Names and types: AST → BoundQuery, against one view of the catalog. Called by query/ for every SELECT, INSERT …
// SELECT and view. Pure but for the callbacks of AnalyzerContext; one Analyzer per statement, not thread-safe.
//
// ClickHouse's alias rules: an alias of any expression is visible in the whole SELECT and wins over a column of the
// same name, except inside its own definition. Scalar and IN subqueries are run during analysis through
// `run_subquery`: their results are constants and sets, which lets the planner use them for pruning.

#include "analyzer/BoundQuery.h"

#include <functional>
#include <map>
#include <string>

namespace mangrove
{

struct AnalyzerSettings
{
    bool prefer_column_name_to_alias = false;
    bool enable_positional_arguments = true;
    bool join_use_nulls = false;
    bool transform_null_in = false;
    bool final = false;                  /// every table that can be read with FINAL is
    std::string union_default_mode;      /// "", "ALL" or "DISTINCT"
    std::string join_default_strictness = "ALL";
    uint64_t subquery_depth_max = 100;
    uint64_t set_rows_max = 0;           /// 0: no limit
};

struct AnalyzerContext
{
    AnalyzerSettings settings;
    std::string current_database;
    /// UNKNOWN_TABLE (60) if there is none. `database` is empty for the current one.
    std::function<TableSourcePtr(const std::string & database, const std::string & table)> find_table;
    /// numbers(10): arguments are constants. UNKNOWN_FUNCTION (46).
    std::function<TableSourcePtr(const std::string & function, const std::vector<Field> & arguments)> find_table_function;
    /// Rows of a subquery, at most `rows_max` (0: all).
    std::function<Block(const BoundQueryPtr &, uint64_t rows_max)> run_subquery;
    /// version(), currentDatabase()…: functions whose value the session knows.
    std::map<std::string, std::pair<Field, DataTypePtr>> session_functions;
    /// The value of getSetting('name'); nullopt if there is no such setting.
    std::function<std::optional<std::pair<Field, DataTypePtr>>(const std::string & name)> find_setting;
    /// {name:Type}
    std::map<std::string, std::string> parameters;
};

BoundQueryPtr analyzeSelect(const SelectPtr & select, const AnalyzerContext & context);

/// An expression over given columns, ids = names: defaults, keys, TTL, row filters.
ExpressionPtr analyzeExpression(const ExprPtr & expression, const NamesAndTypes & columns, const AnalyzerContext & context);

}
