#include "query/Interpreter.h"

#include "expressions/isDeterministic.h"
#include "parts/ColumnWriter.h"
#include "planner/TableDefinition.h"
#include "sql/AstPrinter.h"
#include "types/DataTypes.h"

#include <set>

namespace mangrove
{

std::pair<std::string, std::string> convertEngine(const EngineDeclaration & declaration)
{
    if (!declaration.engine)
        return {"SharedMergeTree", ""};
    std::string name = declaration.engine->isIdentifier() ? declaration.engine->fullName() : declaration.engine->name;
    ExprList arguments = declaration.engine->args;
    std::string plain = name;
    bool replicated = false;
    for (const auto * prefix : {"Replicated", "Shared"})
        if (plain.starts_with(prefix) && plain.ends_with("MergeTree"))
        {
            plain = plain.substr(std::string(prefix).size());
            replicated = true;
        }
    if (plain == "ReplacingSharedMergeTree")
        plain = "ReplacingMergeTree";
    static const std::set<std::string> supported{"MergeTree", "ReplacingMergeTree"};
    static const std::set<std::string> later{"SummingMergeTree", "AggregatingMergeTree", "CollapsingMergeTree",
        "VersionedCollapsingMergeTree", "CoalescingMergeTree", "GraphiteMergeTree"};
    if (later.contains(plain))
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "Engine {} is not supported: its merges are not implemented. Use MergeTree or ReplacingMergeTree", name);
    if (!supported.contains(plain))
        throw Exception(ErrorCode::UNKNOWN_STORAGE, "Unknown table engine {}: use MergeTree or ReplacingMergeTree, plain, Replicated or Shared", name);
    // The Keeper path and the replica name mean nothing here.
    auto is_string = [](const ExprPtr & expr) { return expr->isLiteral() && expr->value.isString(); };
    if (replicated && arguments.size() >= 2 && is_string(arguments[0]) && is_string(arguments[1]))
        arguments.erase(arguments.begin(), arguments.begin() + 2);
    if (plain == "MergeTree" && !arguments.empty())
        throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH, "Engine {} takes no arguments here: write ORDER BY and PARTITION BY as clauses", name);
    std::string text;
    for (const auto & argument : arguments)
        text += (text.empty() ? "" : ", ") + formatAst(*argument);
    return {"Shared" + plain, text};
}

namespace
{

std::string codecText(const std::vector<CodecAst> & codec)
{
    std::string text;
    for (const auto & element : codec)
    {
        text += (text.empty() ? "" : ", ") + element.name;
        if (element.args.empty())
            continue;
        std::string arguments;
        for (const auto & argument : element.args)
            arguments += (arguments.empty() ? "" : ", ") + formatAst(*argument);
        text += "(" + arguments + ")";
    }
    return text;
}

std::string ttlText(const std::vector<TtlElement> & ttl)
{
    if (ttl.empty())
        return "";
    if (ttl.size() > 1 || ttl[0].action != TtlAction::Delete || ttl[0].where)
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "Only one TTL … DELETE without WHERE is supported");
    return formatAst(*ttl[0].expr);
}

/// What is computed again later must come out the same; NaN has no place among partitions.
void checkKeys(const TableDefinition & table)
{
    auto deterministic = [](const ExpressionPtr & expression, const std::string & text, std::string_view what)
    {
        if (!isDeterministic(expression))
            throw Exception(ErrorCode::BAD_ARGUMENTS, "{} {} must be deterministic: it may not use functions like rand() and now()", what, text);
    };
    for (const auto & key : table.sortKey())
        deterministic(key.expression, key.name, "Sorting key");
    for (const auto & key : table.partitionKey())
    {
        deterministic(key.expression, key.name, "Partition key");
        if (key.expression->type->isFloat())
            throw Exception(ErrorCode::BAD_ARGUMENTS, "Floating point partition key is not supported: {}", key.name);
    }
    for (const auto & index : table.indexes())
        deterministic(index.expression, index.index.column, "The expression of skip index");
}

}

std::vector<ColumnSchema> makeColumnSchemas(const ColumnDeclaration & column)
{
    if (column.default_kind == DefaultKind::Ephemeral)
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "EPHEMERAL columns are not supported: column {}", column.name);
    if (column.ttl)
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "TTL of a column is not supported: column {}", column.name);
    if (!column.type)
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "Column {} needs a type: deriving it from DEFAULT is not supported", column.name);
    std::vector<ColumnSchema> result;
    for (auto & [name, type] : flattenNested(column.name, column.type->text))
    {
        ColumnSchema schema;
        schema.name = name;
        auto parsed = parseDataType(type);
        if (column.nullable && *column.nullable)
            parsed = makeNullable(parsed);
        schema.type = parsed->name();
        schema.default_kind = column.default_kind;
        if (column.default_expr)
            schema.default_expression = formatAst(*column.default_expr);
        schema.codec = codecText(column.codec);
        schema.comment = column.comment;
        result.push_back(std::move(schema));
    }
    return result;
}

TableSchema makeTableSchema(const CreateQuery & create, Catalog & catalog)
{
    TableSchema schema;
    schema.uuid = catalog.newUuid();
    if (!create.uuid.empty())
        if (auto given = Uuid::parse(create.uuid))
            schema.uuid = *given;
    schema.name = create.name.name;
    if (schema.name.size() > 200)
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Table name is {} bytes long, at most 200 are allowed", schema.name.size());
    std::tie(schema.engine, schema.engine_arguments) = convertEngine(create.engine);
    if (!create.table.projections.empty())
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "Projections are not supported");
    if (!create.table.constraints.empty())
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "Constraints are not supported");
    if (create.engine.sample_by)
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "SAMPLE BY is not supported");

    std::set<std::string> names;
    ExprPtr column_primary_key;
    for (const auto & column : create.table.columns)
    {
        for (auto & flat : makeColumnSchemas(column))
        {
            if (!names.insert(flat.name).second)
                throw Exception(ErrorCode::DUPLICATE_COLUMN, "Column {} is declared more than once", flat.name);
            schema.columns.push_back(std::move(flat));
        }
        if (column.primary_key)
            column_primary_key = makeIdentifier({column.name});
    }
    if (schema.columns.empty())
        throw Exception(ErrorCode::INCORRECT_QUERY, "Table {} must have at least one column", schema.name);
    for (const auto & index : create.table.indices)
        schema.indexes.push_back({index.name, formatAst(*index.expr), formatAst(*index.type), index.granularity});

    auto text = [](const ExprPtr & expr) { return expr ? formatAst(*expr) : std::string(); };
    auto primary = create.engine.primary_key ? create.engine.primary_key : create.table.primary_key ? create.table.primary_key : column_primary_key;
    auto order = create.engine.order_by ? create.engine.order_by : primary;
    if (!order)
        throw Exception(ErrorCode::BAD_ARGUMENTS,
            "ORDER BY or PRIMARY KEY is missing. If you don't need any order, write ORDER BY tuple()");
    schema.order_by = text(order);
    schema.primary_key = create.engine.primary_key || create.table.primary_key || column_primary_key ? text(primary) : "";
    schema.partition_by = text(create.engine.partition_by);
    schema.ttl = ttlText(create.engine.ttl);
    static const std::set<std::string> known{"index_granularity", "ttl_only_drop_parts", "index_granularity_bytes", "storage_policy",
        "min_bytes_for_wide_part", "min_rows_for_wide_part", "merge_with_ttl_timeout", "non_replicated_deduplication_window", "allow_nullable_key",
        "min_bytes_for_full_part_storage", "parts_to_throw_insert", "parts_to_delay_insert", "max_delay_to_insert", "string_serialization_version"};
    for (const auto & setting : create.engine.settings)
    {
        if (!known.contains(setting.name))
            throw Exception(ErrorCode::UNKNOWN_SETTING, "Unknown setting '{}' of a table", setting.name);
        schema.settings[setting.name] = toPlainText(setting.value);
    }
    schema.comment = create.comment;
    schema.create_query = formatAst(create);
    TableDefinition check(std::make_shared<TableSchema>(schema));
    for (const auto & column : check.storedColumns())
        compressionOf(schema.findColumn(column.name)->codec, column.type, 1); // throws for an unknown codec
    checkKeys(check);
    if (auto it = schema.settings.find("allow_nullable_key"); it == schema.settings.end() || it->second == "0")
        for (const auto * keys : {&check.sortKey(), &check.partitionKey()})
            for (const auto & key : *keys)
                if (removeLowCardinality(key.expression->type)->isNullable())
                    throw Exception(ErrorCode::ILLEGAL_COLUMN, "Key {} is Nullable, but the setting `allow_nullable_key` of the table is 0", key.name);
    return schema;
}

}
