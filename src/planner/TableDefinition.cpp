#include "planner/TableDefinition.h"

#include "analyzer/Analyzer.h"
#include "expressions/Evaluator.h"
#include "planner/readIndexType.h"
#include "sql/AstPrinter.h"
#include "sql/Parser.h"
#include "types/DataTypes.h"

#include <algorithm>
#include <functional>
#include <list>
#include <mutex>

namespace mangrove
{

namespace
{

const AnalyzerContext & plainContext()
{
    static const AnalyzerContext context = []
    {
        AnalyzerContext c;
        c.find_table = [](const std::string &, const std::string & table) -> TableSourcePtr
        { throw Exception(ErrorCode::BAD_ARGUMENTS, "An expression of a table cannot read table {}", table); };
        c.find_table_function = [](const std::string & function, const std::vector<Field> &) -> TableSourcePtr
        { throw Exception(ErrorCode::BAD_ARGUMENTS, "An expression of a table cannot call table function {}", function); };
        c.run_subquery = [](const BoundQueryPtr &, uint64_t) -> Block
        { throw Exception(ErrorCode::BAD_ARGUMENTS, "An expression of a table cannot contain a subquery"); };
        return c;
    }();
    return context;
}

/// (a, b) and tuple(a, b) → {a, b}; tuple() → {}; a → {a}.
ExprList keyElements(const std::string & text)
{
    if (text.empty())
        return {};
    auto expr = parseExpression(text);
    return expr->isFunction("tuple") ? expr->args : ExprList{expr};
}

/// What is computed beside the stored columns is named by its text, which a column may have as its name too.
std::string nameOf(const ExpressionPtr & expression, const Expr & text, const NamesAndTypes & stored)
{
    if (expression->kind == ExpressionKind::Column)
        return expression->column;
    auto name = formatAst(text);
    while (std::ranges::any_of(stored, [&](const auto & column) { return column.name == name; }))
        name = "(" + name + ")";
    return name;
}

std::vector<PartsTable::KeyColumn> bindKey(const std::string & text, const NamesAndTypes & columns)
{
    std::vector<PartsTable::KeyColumn> key;
    for (const auto & element : keyElements(text))
    {
        auto expression = analyzeExpression(element, columns, plainContext());
        if (expression->isConstant())
            throw Exception(ErrorCode::BAD_ARGUMENTS, "Key expression {} is a constant", formatAst(*element));
        key.push_back({nameOf(expression, *element, columns), expression});
    }
    return key;
}

uint64_t settingOf(const TableSchema & schema, const std::string & name, uint64_t value)
{
    auto it = schema.settings.find(name);
    if (it == schema.settings.end())
        return value;
    try
    {
        return std::stoull(it->second);
    }
    catch (const std::exception &)
    {
        throw Exception(ErrorCode::INVALID_SETTING_VALUE, "Setting {} = {} is not a number", name, it->second);
    }
}

}

TableDefinition::TableDefinition(std::shared_ptr<const TableSchema> schema) : schema_(std::move(schema))
{
    bindColumns();
    if (!schema_->holdsData())
        return;
    bindKeys();
    bindIndexes();
    bindTtl();
    part_limits_ = {settingOf(*schema_, "parts_to_delay_insert", 1000), settingOf(*schema_, "parts_to_throw_insert", 3000),
        std::min<uint64_t>(settingOf(*schema_, "max_delay_to_insert", 1), 60) * 1000};
}

TableDefinitionPtr TableDefinition::of(const std::shared_ptr<const TableSchema> & schema)
{
    static std::mutex mutex;
    static std::list<TableDefinitionPtr> recent; // most recent first
    constexpr size_t recent_max = 1000;
    {
        std::lock_guard lock(mutex);
        for (auto it = recent.begin(); it != recent.end(); ++it)
            if ((*it)->schema_ == schema || ((*it)->schema_->uuid == schema->uuid && (*it)->schema_->version == schema->version && *(*it)->schema_ == *schema))
            {
                recent.splice(recent.begin(), recent, it);
                return recent.front();
            }
    }
    auto definition = std::make_shared<const TableDefinition>(schema);
    std::lock_guard lock(mutex);
    recent.push_front(definition);
    if (recent.size() > recent_max)
        recent.pop_back();
    return definition;
}

void TableDefinition::bindColumns()
{
    NamesAndTypes all;
    for (const auto & column : schema_->columns)
    {
        auto type = parseDataType(column.type);
        TableColumn::Kind kind = TableColumn::Kind::Ordinary;
        if (column.default_kind == DefaultKind::Materialized)
            kind = TableColumn::Kind::Materialized;
        else if (column.default_kind == DefaultKind::Alias)
            kind = TableColumn::Kind::Alias;
        columns_.push_back({column.name, type, kind, kind == TableColumn::Kind::Alias ? column.default_expression : ""});
        all.push_back({column.name, type});
        if (kind != TableColumn::Kind::Alias)
            stored_.push_back({column.name, type});
    }
    std::map<std::string, ExpressionPtr> aliases;
    for (size_t i = 0; i < schema_->columns.size(); ++i)
    {
        const auto & column = schema_->columns[i];
        if (column.default_kind == DefaultKind::None || column.default_expression.empty())
            continue;
        auto expression = makeCast(analyzeExpression(parseExpression(column.default_expression), all, plainContext()), columns_[i].type);
        if (column.default_kind == DefaultKind::Alias)
            aliases[column.name] = expression;
        else
        {
            auto & value = defaults_[column.name] = {column.default_kind, expression, {}};
            collectColumns(expression, value.named);
        }
    }
    std::set<std::string> under_way;
    for (auto & [name, value] : defaults_)
        value.expression = withoutAliases(value.expression, aliases, under_way);
    checkDefaults();
}

/// A block of stored columns has no ALIAS columns: what reads them reads what they are computed from.
ExpressionPtr TableDefinition::withoutAliases(
    const ExpressionPtr & expression, const std::map<std::string, ExpressionPtr> & aliases, std::set<std::string> & under_way) const
{
    std::set<std::string> names;
    collectColumns(expression, names);
    std::map<std::string, ExpressionPtr> replaced;
    for (const auto & name : names)
    {
        auto alias = aliases.find(name);
        if (alias == aliases.end())
            continue;
        if (!under_way.insert(name).second)
            throw Exception(ErrorCode::CYCLIC_ALIASES, "The ALIAS columns of table {} need each other: column {} cannot be computed", schema_->name, name);
        replaced[name] = withoutAliases(alias->second, aliases, under_way);
        under_way.erase(name);
    }
    if (replaced.empty())
        return expression;
    return rewrite(expression, [&](const ExpressionPtr & node) -> ExpressionPtr
    {
        auto it = node->kind == ExpressionKind::Column ? replaced.find(node->column) : replaced.end();
        return it == replaced.end() ? nullptr : it->second;
    });
}

void TableDefinition::checkDefaults() const
{
    std::set<std::string> done, under_way;
    std::function<void(const std::string &)> visit = [&](const std::string & name)
    {
        auto it = defaults_.find(name);
        if (it == defaults_.end() || done.contains(name))
            return;
        if (!under_way.insert(name).second)
            throw Exception(ErrorCode::CYCLIC_ALIASES, "The defaults of table {} need each other: column {} cannot be computed", schema_->name, name);
        std::set<std::string> inputs;
        collectColumns(it->second.expression, inputs);
        for (const auto & input : inputs)
            visit(input);
        done.insert(name);
    };
    for (const auto & [name, value] : defaults_)
        visit(name);
}

void TableDefinition::bindKeys()
{
    sort_key_ = bindKey(schema_->order_by, stored_);
    partition_key_ = bindKey(schema_->partition_by, stored_);
    primary_key_columns_ = sort_key_.size();
    if (!schema_->primary_key.empty())
    {
        auto primary = bindKey(schema_->primary_key, stored_);
        if (primary.size() > sort_key_.size())
            throw Exception(ErrorCode::BAD_ARGUMENTS, "Primary key must be a prefix of the sorting key, but its length {} is greater than {}", primary.size(), sort_key_.size());
        for (size_t i = 0; i < primary.size(); ++i)
            if (primary[i].expression->key != sort_key_[i].expression->key)
                throw Exception(ErrorCode::BAD_ARGUMENTS, "Primary key must be a prefix of the sorting key, but in position {} its column is {}, not {}", i, primary[i].name, sort_key_[i].name);
        primary_key_columns_ = primary.size();
    }
    for (const auto & key : sort_key_)
        merge_.sort_key.push_back(key.name);
    if (schema_->engine.find("Replacing") != std::string::npos)
    {
        merge_.mode = MergeMode::Replacing;
        auto arguments = keyElements(schema_->engine_arguments.empty() ? "" : "tuple(" + schema_->engine_arguments + ")");
        auto columnOf = [&](size_t i) -> std::string
        {
            if (i >= arguments.size())
                return "";
            auto name = arguments[i]->isIdentifier() ? arguments[i]->fullName() : "";
            if (std::none_of(stored_.begin(), stored_.end(), [&](const auto & column) { return column.name == name; }))
                throw Exception(ErrorCode::NO_SUCH_COLUMN_IN_TABLE, "Engine argument {} is not a column of the table", formatAst(*arguments[i]));
            return name;
        };
        merge_.version_column = columnOf(0);
        merge_.is_deleted_column = columnOf(1);
        checkEngineColumns();
    }
    std::set<std::string> names;
    for (const auto & key : partition_key_)
        collectColumns(key.expression, names);
    range_columns_.assign(names.begin(), names.end());
}

void TableDefinition::checkEngineColumns() const
{
    for (const auto & column : stored_)
    {
        if (column.name == merge_.version_column && !column.type->isNumber() && !column.type->isDateOrTime())
            throw Exception(ErrorCode::BAD_TYPE_OF_FIELD,
                "The column {} cannot be used as a version column for storage {} because it is of type {} (must be of an integer type or of type Date/DateTime/DateTime64)",
                column.name, schema_->engine, column.type->name());
        if (column.name == merge_.is_deleted_column && column.type->id() != TypeId::UInt8)
            throw Exception(ErrorCode::BAD_TYPE_OF_FIELD, "is_deleted column ({}) for storage {} must have type UInt8. Provided column of type {}",
                column.name, schema_->engine, column.type->name());
    }
}

void TableDefinition::bindIndexes()
{
    std::set<std::string> names;
    for (const auto & index : schema_->indexes)
    {
        if (!names.insert(index.name).second)
            throw Exception(ErrorCode::ILLEGAL_INDEX, "Duplicated index name {} is not allowed. Please use a different index name", index.name);
        auto expression = analyzeExpression(parseExpression(index.expression), stored_, plainContext());
        IndexDefinition definition;
        definition.expression = expression;
        definition.index.name = index.name;
        definition.index.column = nameOf(expression, *parseExpression(index.expression), stored_);
        definition.index.type = expression->type;
        auto skip_index = readIndexType(*parseExpression(index.type), definition.index);
        if (!skip_index)
            continue;
        definition.index = std::move(*skip_index);
        indexes_.push_back(std::move(definition));
    }
}

void TableDefinition::bindTtl()
{
    if (schema_->ttl.empty())
        return;
    auto expression = analyzeExpression(parseExpression(schema_->ttl), stored_, plainContext());
    if (!expression->type->isDateOrTime())
        throw Exception(ErrorCode::BAD_ARGUMENTS, "TTL expression must have Date, DateTime or DateTime64 type, got {}", expression->type->name());
    ttl_ = TtlDefinition{expression, settingOf(*schema_, "ttl_only_drop_parts", 0) != 0,
        static_cast<int64_t>(std::min<uint64_t>(settingOf(*schema_, "merge_with_ttl_timeout", 14'400), 1'000'000'000) * 1000)};
}

PartWriteOptions TableDefinition::writeOptions() const
{
    PartWriteOptions options;
    for (const auto & column : stored_)
        options.columns.push_back({column.name, column.type, schema_->findColumn(column.name)->codec});
    for (const auto & key : sort_key_)
        options.sort_key.push_back({key.name, key.expression->type});
    options.granule_rows = settingOf(*schema_, "index_granularity", 8192);
    for (const auto & index : indexes_)
        options.skip_indexes.push_back(index.index);
    // Columns that look like trace ids get postings from value to rows: a trace is found without a scan.
    for (const auto & column : stored_)
        if ((column.name == "trace_id" || column.name == "TraceId" || column.name == "TraceID")
            && removeLowCardinality(column.type)->isStringOrFixed())
            options.lookup_columns.push_back(column.name);
    return options;
}

bool TableDefinition::onlyStores(const std::string & column) const
{
    std::set<std::string> read;
    for (const auto & [name, value] : defaults_)
    {
        read.insert(name);
        if (value.expression)
            collectColumns(value.expression, read);
    }
    for (const auto * keys : {&sort_key_, &partition_key_})
        for (const auto & key : *keys)
            collectColumns(key.expression, read);
    for (const auto & index : indexes_)
        collectColumns(index.expression, read);
    if (ttl_)
        collectColumns(ttl_->expression, read);
    return !read.contains(column);
}

ColumnPtr TableDefinition::compute(const ExpressionPtr & expression, const Block & block)
{
    std::set<std::string> names;
    collectColumns(expression, names);
    Block input;
    for (const auto & name : names)
    {
        auto column = block.byName(name);
        if (!column.type->isLowCardinality())
            column.column = column.column->materialize();
        input.add(std::move(column));
    }
    if (names.empty())
        input.setRowsWithoutColumns(block.rows());
    return evaluate(expression, input)->materialize();
}

Block TableDefinition::addComputedColumns(Block block) const
{
    auto add = [&](const std::string & name, const ExpressionPtr & expression)
    {
        if (!block.find(name))
            block.add({compute(expression, block), removeLowCardinality(expression->type), name});
    };
    for (const auto & key : sort_key_)
        add(key.name, key.expression);
    for (const auto & index : indexes_)
        add(index.index.column, index.expression);
    return block;
}

bool partHolds(const PartReader & part, uint32_t schema_version, const TableSchema & schema, const std::string & column)
{
    const auto * described = schema.findColumn(column);
    return part.hasColumn(column) && (!described || described->added_in_version <= schema_version);
}

std::shared_ptr<const PartsTable> makePartsTable(
    SnapshotPtr snapshot, TablePtr state, std::function<PartReaderPtr(const PartInfo &)> open, size_t open_at_once)
{
    auto definition = TableDefinition::of(state->schema);
    auto table = std::make_shared<PartsTable>(std::move(snapshot), std::move(state));
    table->open = std::move(open);
    table->open_at_once = open_at_once;
    table->columns_ = definition->columns();
    for (const auto & [name, value] : definition->defaults())
        table->defaults[name] = value.expression;
    table->sort_key = definition->sortKey();
    table->primary_key_columns = definition->primaryKeyColumns();
    table->partition_key = definition->partitionKey();
    table->merge = definition->merge();
    return table;
}

}
