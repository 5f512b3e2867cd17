#include "query/Interpreter.h"

#include "analyzer/Analyzer.h"
#include "background/MergeTask.h"
#include "functions/callFunction.h"
#include "functions/cast/Cast.h"
#include "ingest/partitionId.h"
#include "planner/TableDefinition.h"
#include "sql/AstPrinter.h"
#include "sql/Parser.h"
#include "types/DataTypes.h"

#include <map>

namespace mangrove
{

std::vector<ColumnSchema> makeColumnSchemas(const ColumnDeclaration & column);

void Interpreter::runCreate(CreateQuery & create)
{
    requireWritable("CREATE");
    if (create.temporary)
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "Temporary tables are not supported");
    switch (create.kind)
    {
        case CreateKind::Database:
        {
            const auto & name = create.name.database;
            if (name == "system" || node_.catalog().hasDatabase(name))
            {
                if (!create.if_not_exists)
                    throw Exception(ErrorCode::DATABASE_ALREADY_EXISTS, "Database {} already exists", name);
            }
            else
                node_.catalog().createDatabase(name);
            break;
        }
        case CreateKind::Table:
            createTable(create);
            break;
        case CreateKind::MaterializedView:
            createMaterializedView(create);
            break;
        case CreateKind::View:
            throw Exception(ErrorCode::NOT_IMPLEMENTED, "CREATE VIEW is not supported: use CREATE MATERIALIZED VIEW … TO");
        case CreateKind::Dictionary:
        case CreateKind::Function:
            throw Exception(ErrorCode::NOT_IMPLEMENTED, "CREATE DICTIONARY and CREATE FUNCTION are not supported");
    }
    start("");
}

void Interpreter::createTable(CreateQuery & create)
{
    auto database = databaseOf(create.name);
    if (database == "system")
        throw Exception(ErrorCode::READONLY, "Tables of the database system cannot be created");
    auto snapshot = node_.catalog().snapshot(database);
    auto existing = snapshot->findTable(create.name.name);
    if (existing && create.if_not_exists)
        return;
    if (existing && !create.or_replace && !create.replace)
        throw Exception(ErrorCode::TABLE_ALREADY_EXISTS, "Table {}.{} already exists", database, create.name.name);
    if (create.as_table_function || create.select)
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "CREATE TABLE … AS SELECT is not supported: create the table, then INSERT INTO … SELECT");
    CreateTables entry;
    if (create.as_table)
    {
        auto [source, source_snapshot] = tableOf(*create.as_table);
        auto schema = *source->schema;
        schema.uuid = node_.catalog().newUuid();
        schema.name = create.name.name;
        if (create.engine.engine)
            std::tie(schema.engine, schema.engine_arguments) = convertEngine(create.engine);
        entry.tables.push_back(schema);
    }
    else
        entry.tables.push_back(makeTableSchema(create, node_.catalog()));
    if (existing)
        entry.replaces.push_back(existing->schema->uuid);
    node_.catalog().execute(database, entry);
}

namespace
{

/// The table that a SELECT reads first, through subqueries and names of WITH: inserts into it feed a view. Null if there is none.
const TableExpression * firstTable(SelectPtr select)
{
    std::map<std::string, SelectPtr> named;
    while (select && select->select && !select->select->from.empty())
    {
        for (const auto & element : select->select->with)
            if (element.subquery)
                named.insert_or_assign(element.name, element.subquery);
        const auto & first = select->select->from[0].table;
        select = first.kind == TableExpressionKind::Subquery ? first.subquery : nullptr;
        if (first.kind != TableExpressionKind::Table)
            continue;
        auto found = first.database.empty() ? named.extract(first.table) : decltype(named)::node_type();
        if (!found)
            return &first;
        select = found.mapped(); // which is not seen inside of itself
    }
    return nullptr;
}

}

void Interpreter::createMaterializedView(CreateQuery & create)
{
    auto database = databaseOf(create.name);
    auto snapshot = node_.catalog().snapshot(database);
    if (snapshot->findTable(create.name.name))
    {
        if (create.if_not_exists)
            return;
        throw Exception(ErrorCode::TABLE_ALREADY_EXISTS, "Table {}.{} already exists", database, create.name.name);
    }
    if (!create.to || create.populate || !create.refresh.empty())
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "A materialized view needs TO and an existing target table; POPULATE and REFRESH are not supported");
    auto [target, target_snapshot] = tableOf(*create.to);
    const auto * source_expression = firstTable(create.select);
    if (!source_expression)
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "A materialized view must select from one table first");
    const auto & from = *source_expression;
    auto source_database = from.database.empty() ? database : from.database;
    if (source_database != database || (!create.to->database.empty() && create.to->database != database))
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "A materialized view, its source and its target must be in one database: one INSERT is one log entry");
    auto source = snapshot->findTable(from.table);
    if (!source)
        throw Exception(ErrorCode::UNKNOWN_TABLE, "Table {}.{} does not exist", database, from.table);
    auto bound = analyzeSelect(create.select, analyzer_);
    TableSchema view;
    view.uuid = node_.catalog().newUuid();
    view.name = create.name.name;
    view.engine = "MaterializedView";
    view.select_query = formatAst(*create.select);
    view.view_source = source->schema->uuid;
    view.view_target = target->schema->uuid;
    view.create_query = formatAst(create);
    for (const auto & column : bound->header)
    {
        if (!target->schema->findColumn(column.name))
            throw Exception(ErrorCode::THERE_IS_NO_COLUMN, "The SELECT of materialized view {} has a column {}, which is not in its target {}: use AS to give it the name of a column there",
                view.name, column.name, target->schema->name);
        ColumnSchema schema;
        schema.name = column.name;
        schema.type = column.type->name();
        view.columns.push_back(schema);
    }
    node_.catalog().execute(database, CreateTables{{view}, {}, {}});
}

void Interpreter::runDrop(const DropQuery & drop)
{
    requireWritable(drop.kind == DropKind::Truncate ? "TRUNCATE" : "DROP");
    if (drop.kind == DropKind::Detach)
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "DETACH is not supported");
    for (const auto & name : drop.names)
    {
        if (drop.object == ObjectKind::Database)
        {
            if (drop.kind == DropKind::Truncate)
                throw Exception(ErrorCode::NOT_IMPLEMENTED, "TRUNCATE DATABASE is not supported");
            if (!node_.catalog().hasDatabase(name.database))
            {
                if (drop.if_exists)
                    continue;
                throw Exception(ErrorCode::UNKNOWN_DATABASE, "Database {} does not exist", name.database);
            }
            node_.catalog().dropDatabase(name.database);
            if (session_.database == name.database)
                session_.database = "default";
            continue;
        }
        if (drop.if_exists)
        {
            auto database = name.database.empty() ? session_.database : name.database;
            if (!node_.catalog().hasDatabase(database) || !node_.catalog().snapshot(database)->findTable(name.name))
                continue;
        }
        auto [table, snapshot] = tableOf(name);
        if (drop.kind == DropKind::Truncate)
        {
            DropRange range;
            range.table = table->schema->uuid;
            range.scope = DropRange::Scope::Table;
            node_.catalog().execute(snapshot->database(), DropRanges{{range}});
        }
        else
            node_.catalog().execute(snapshot->database(), DropTables{{table->schema->uuid}});
    }
    start("");
}

void Interpreter::runRename(const RenameQuery & rename)
{
    requireWritable("RENAME");
    RenameTables entry;
    std::string database;
    for (const auto & pair : rename.pairs)
    {
        auto [table, snapshot] = tableOf(pair.from);
        if (!database.empty() && database != snapshot->database())
            throw Exception(ErrorCode::NOT_IMPLEMENTED, "RENAME of tables of several databases in one statement is not supported");
        database = snapshot->database();
        auto to_database = pair.to.database.empty() ? session_.database : pair.to.database;
        if (to_database != database)
            throw Exception(ErrorCode::NOT_IMPLEMENTED, "RENAME into another database is not supported");
        entry.renames.push_back({table->schema->uuid, pair.to.name});
        if (rename.exchange)
        {
            auto [other, other_snapshot] = tableOf(pair.to);
            entry.renames.push_back({other->schema->uuid, pair.from.name});
        }
    }
    node_.catalog().execute(database, entry);
    start("");
}

namespace
{

/// One row of the type: what does not fit would be another partition's value.
ColumnPtr castPartitionValue(const Expression & constant, const DataTypePtr & type)
{
    if (constant.constantValue().isNull() && !type->isNullable())
        throw Exception(ErrorCode::TYPE_MISMATCH, "Cannot convert NULL to {}", type->name());
    const ColumnWithType given{constant.constant, constant.type, ""};
    if (!removeNullable(type)->isNumber())
        return castColumn(given, type);
    PodVector<uint8_t> failed;
    auto value = tryCastColumn(given, type, true, failed);
    if (!failed[0])
        return value;
    PodVector<uint8_t> not_a_number;
    tryCastColumn(given, makeType(TypeId::Float64), false, not_a_number);
    if (not_a_number[0])
        throw Exception(ErrorCode::TYPE_MISMATCH, "Cannot convert {} to type {}", constant.key, type->name());
    throw Exception(ErrorCode::ARGUMENT_OUT_OF_BOUND, "Cannot convert value {}: it cannot be represented as {}", constant.key, type->name());
}

}

Expressions Interpreter::partitionValues(const Expr & value)
{
    if (value.isFunction("tuple") && value.args.empty())
        return {};
    auto bound = analyzeExpression(std::make_shared<Expr>(value), {}, analyzer_);
    if (!bound->isConstant())
        throw Exception(ErrorCode::INVALID_PARTITION_VALUE, "The partition value {} must be a constant", formatAst(value));
    if (bound->type->id() != TypeId::Tuple)
        return {bound};
    Expressions values;
    const auto tuple = bound->constantValue().get<Tuple>();
    for (size_t i = 0; i < tuple.size(); ++i)
        values.push_back(makeConstant(tuple[i], typeAs<DataTypeTuple>(*bound->type).elements()[i]));
    return values;
}

std::vector<std::string> Interpreter::partitionIds(const TableState & table, const PartitionAst & partition)
{
    std::vector<std::string> ids;
    if (partition.all)
    {
        for (const auto & [id, state] : table.partitions)
            ids.push_back(id);
        return ids;
    }
    if (!partition.id.empty())
        return {partition.id};
    auto definition = TableDefinition::of(table.schema);
    const auto & key = definition->partitionKey();
    auto values = partitionValues(*partition.value);
    if (values.size() != key.size())
        throw Exception(ErrorCode::INVALID_PARTITION_VALUE, "Wrong number of fields in the partition expression: {}, must be: {}", values.size(), key.size());
    // A partition may be given by its id as a string or number, as ClickHouse allows for PARTITION BY toYYYYMM(…).
    Block block;
    for (size_t i = 0; i < values.size(); ++i)
    {
        auto type = removeLowCardinality(key[i].expression->type);
        block.add({castPartitionValue(*values[i], type), type, key[i].name});
    }
    return {partitionId(block, 0)};
}

namespace
{

void requireUnread(const TableDefinition & definition, const std::string & dropped)
{
    for (const auto & [name, value] : definition.defaults())
        if (name != dropped && value.named.contains(dropped))
            throw Exception(ErrorCode::ILLEGAL_COLUMN, "Cannot drop column {}, because column {} depends on it", dropped, name);
}

}

void Interpreter::runAlter(AlterQuery & alter)
{
    requireWritable("ALTER");
    std::optional<TableSchema> altered; // by the commands since the last entry, which become the next
    auto commit = [&]
    {
        if (!altered)
            return;
        TableDefinition check(std::make_shared<TableSchema>(*altered));
        AlterTable entry;
        entry.from_version = altered->version;
        entry.schema = std::move(*altered);
        altered.reset();
        node_.catalog().execute(tableOf(alter.table).second->database(), entry);
    };
    std::set<std::string> dropped;
    for (auto & command : alter.commands)
    {
        // What an added column of the same name must not get is the values of a dropped one: two versions.
        if (command.kind == AlterKind::DropPartition || (command.kind == AlterKind::AddColumn && dropped.contains(command.column.name)))
            commit();
        auto [table, snapshot] = tableOf(alter.table);
        auto schema = altered ? *altered : *table->schema;
        auto position = [&](const std::string & name)
        { return std::find_if(schema.columns.begin(), schema.columns.end(), [&](const auto & column) { return column.name == name; }); };
        switch (command.kind)
        {
            case AlterKind::AddColumn:
            {
                if (position(command.column.name) != schema.columns.end())
                {
                    if (command.if_not_exists)
                        continue;
                    throw Exception(ErrorCode::DUPLICATE_COLUMN, "Cannot add column {}: column with this name already exists", command.column.name);
                }
                auto place = schema.columns.end();
                if (command.first)
                    place = schema.columns.begin();
                else if (!command.after.empty())
                {
                    place = position(command.after);
                    if (place == schema.columns.end())
                        throw Exception(ErrorCode::NO_SUCH_COLUMN_IN_TABLE, "Column {} of AFTER does not exist", command.after);
                    ++place;
                }
                auto added = makeColumnSchemas(command.column);
                schema.columns.insert(place, added.begin(), added.end());
                break;
            }
            case AlterKind::DropColumn:
            {
                auto it = position(command.name);
                if (it == schema.columns.end())
                {
                    if (command.if_exists)
                        continue;
                    throw Exception(ErrorCode::NO_SUCH_COLUMN_IN_TABLE, "Wrong column name. Cannot find column {} to drop", command.name);
                }
                requireUnread(TableDefinition(std::make_shared<TableSchema>(schema)), command.name);
                schema.columns.erase(it);
                dropped.insert(command.name);
                break;
            }
            case AlterKind::CommentColumn:
            {
                auto it = position(command.name);
                if (it == schema.columns.end())
                    throw Exception(ErrorCode::NO_SUCH_COLUMN_IN_TABLE, "Cannot find column {}", command.name);
                it->comment = command.comment;
                break;
            }
            case AlterKind::ModifyTtl:
                if (command.ttl.size() != 1 || command.ttl[0].action != TtlAction::Delete || command.ttl[0].where)
                    throw Exception(ErrorCode::NOT_IMPLEMENTED, "Only one TTL … DELETE without WHERE is supported");
                schema.ttl = formatAst(*command.ttl[0].expr);
                break;
            case AlterKind::RemoveTtl:
                schema.ttl.clear();
                break;
            case AlterKind::DropPartition:
            {
                DropRange range;
                range.table = schema.uuid;
                if (!command.partition->part.empty())
                {
                    range.scope = DropRange::Scope::Parts;
                    for (const auto & [id, partition] : table->partitions)
                        for (const auto & part : partition->parts)
                            if (part->name() == command.partition->part)
                                range.parts.push_back(part->uuid);
                    if (range.parts.empty())
                        throw Exception(ErrorCode::NO_SUCH_DATA_PART, "No part {} in table {}", command.partition->part, schema.name);
                }
                else
                {
                    range.scope = DropRange::Scope::Partitions;
                    range.partition_ids = partitionIds(*table, *command.partition);
                    if (range.partition_ids.empty())
                        continue;
                }
                node_.catalog().execute(snapshot->database(), DropRanges{{range}});
                continue;
            }
            default:
                throw Exception(ErrorCode::NOT_IMPLEMENTED,
                    "This ALTER command is not supported: use ADD COLUMN, DROP COLUMN, COMMENT COLUMN, MODIFY TTL, REMOVE TTL or DROP PARTITION");
        }
        altered = std::move(schema);
    }
    commit();
    start("");
}

void Interpreter::runOptimize(const OptimizeQuery & optimize)
{
    requireWritable("OPTIMIZE");
    if (optimize.deduplicate)
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "OPTIMIZE … DEDUPLICATE is not supported");
    auto [table, snapshot] = tableOf(optimize.table);
    std::vector<std::string> ids;
    if (optimize.partition)
        ids = partitionIds(*table, *optimize.partition);
    else
        for (const auto & [id, partition] : table->partitions)
            ids.push_back(id);
    MergeTask merges(node_.catalog(), node_.merges(), node_.objectsPtr(), [this](const PartInfo & part) { return node_.openPart(part); }, [this] { context_.check(); });
    for (const auto & id : ids)
    {
        auto claim = node_.mergeClaims().claimPartition(table->schema->uuid, id, [this] { context_.check(); });
        merges.mergePartition(snapshot->database(), table->schema->uuid, id, optimize.final, optimize.cleanup);
    }
    start("");
}

}
