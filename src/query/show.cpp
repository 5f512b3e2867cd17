#include "query/Interpreter.h"

#include "planner/TableDefinition.h"
#include "query/SystemTables.h"
#include "query/currentCreate.h"
#include "sql/AstPrinter.h"
#include "sql/Parser.h"
#include "types/DataTypes.h"
#include "types/prettyTypeName.h"

namespace mangrove
{

namespace
{

std::string likeCondition(const ShowQuery & show, const std::string & column)
{
    if (!show.like)
        return "";
    return fmt::format(" AND {} {}{} {}", column, show.not_like ? "NOT " : "", show.case_insensitive ? "ILIKE" : "LIKE", quoteString(*show.like));
}

}

void Interpreter::runShow(const ShowQuery & show, const std::string & format)
{
    std::string limit = show.limit ? " LIMIT " + formatAst(*show.limit) : "";
    std::string where = show.where ? " AND (" + formatAst(*show.where) + ")" : "";
    auto database = show.database.empty() ? session_.database : show.database;
    switch (show.kind)
    {
        case ShowKind::Databases:
            return runSelectText("SELECT name FROM system.databases WHERE 1" + likeCondition(show, "name") + where + " ORDER BY name" + limit, format);
        case ShowKind::Tables:
            if (database != "system" && !node_.catalog().hasDatabase(database))
                throw Exception(ErrorCode::UNKNOWN_DATABASE, "Database {} does not exist", database);
            return runSelectText("SELECT name FROM system.tables WHERE database = " + quoteString(database) + likeCondition(show, "name") + where + " ORDER BY name" + limit, format);
        case ShowKind::Columns:
            return runSelectText("SELECT name AS field, type, startsWith(type, 'Nullable') ? 'YES' : 'NO' AS `null`, is_in_primary_key ? 'PRI' : '' AS key, "
                "default_expression AS `default`, '' AS extra FROM system.columns WHERE database = "
                + quoteString(show.table.database.empty() ? database : show.table.database) + " AND table = " + quoteString(show.table.name)
                + likeCondition(show, "name") + " ORDER BY position" + limit, format);
        case ShowKind::Processlist:
            return runSelectText("SELECT * FROM system.processes", format);
        case ShowKind::Settings:
            return runSelectText("SELECT name, type, value FROM system.settings WHERE " + std::string(show.changed ? "changed" : "1") + likeCondition(show, "name"), format);
        case ShowKind::Functions:
            return runSelectText("SELECT * FROM system.functions WHERE 1" + likeCondition(show, "name"), format);
        case ShowKind::Clusters:
            return runSelectText("SELECT DISTINCT cluster FROM system.clusters WHERE 1" + likeCondition(show, "cluster"), format);
        case ShowKind::Engines:
            return runSelectText("SELECT * FROM system.table_engines", format);
        case ShowKind::CreateTable:
        case ShowKind::CreateView:
        {
            auto [table, snapshot] = tableOf(show.table);
            return writeRows({{"statement", makeType(TypeId::String)}}, {{Field(prettyCreate(currentCreate(*table->schema, snapshot->database())))}}, format);
        }
        case ShowKind::CreateDatabase:
            if (!node_.catalog().hasDatabase(show.table.database))
                throw Exception(ErrorCode::UNKNOWN_DATABASE, "Database {} does not exist", show.table.database);
            return writeRows({{"statement", makeType(TypeId::String)}}, {{Field("CREATE DATABASE " + quoteIdentifierIfNeeded(show.table.database) + "\nENGINE = Shared")}}, format);
        default:
            throw Exception(ErrorCode::NOT_IMPLEMENTED, "This SHOW statement is not supported");
    }
}

void Interpreter::runDescribe(const DescribeQuery & describe, const std::string & format)
{
    auto text = makeType(TypeId::String);
    NamesAndTypes header;
    for (const auto * name : {"name", "type", "default_type", "default_expression", "comment", "codec_expression", "ttl_expression"})
        header.push_back({name, text});
    std::vector<std::vector<Field>> rows;
    if (describe.table.kind == TableExpressionKind::Subquery)
    {
        auto bound = analyzeSelect(describe.table.subquery, analyzer_);
        for (const auto & column : bound->header)
            rows.push_back({column.name, prettyTypeName(*column.type), "", "", "", "", ""});
    }
    else if (describe.table.kind == TableExpressionKind::Function)
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "DESCRIBE of a table function is not supported");
    else if (describe.table.database == "system" || (describe.table.database.empty() && session_.database == "system"))
    {
        auto table = makeSystemTable(describe.table.table, node_, session_, context_); // a temporary would not outlive the head of the loop
        for (const auto & column : table->columns())
            rows.push_back({column.name, column.type->name(), "", "", "", "", ""});
    }
    else
    {
        auto [table, snapshot] = tableOf({describe.table.database, describe.table.table});
        for (const auto & column : table->schema->columns)
        {
            static constexpr const char * kinds[] = {"", "DEFAULT", "MATERIALIZED", "ALIAS", "EPHEMERAL"};
            rows.push_back({column.name, prettyTypeName(*parseDataType(column.type)), kinds[size_t(column.default_kind)], column.default_expression, column.comment, column.codec, column.ttl});
        }
    }
    writeRows(header, rows, format);
}

void Interpreter::runExists(const ExistsQuery & exists, const std::string & format)
{
    bool found = false;
    if (exists.object == ObjectKind::Database)
        found = exists.name.database == "system" || node_.catalog().hasDatabase(exists.name.database);
    else
    {
        auto database = exists.name.database.empty() ? session_.database : exists.name.database;
        if (database == "system")
            found = std::any_of(systemTables().begin(), systemTables().end(), [&](const auto & table) { return exists.name.name == table.name; });
        else
            found = node_.catalog().hasDatabase(database) && node_.catalog().snapshot(database)->findTable(exists.name.name);
    }
    writeRows({{"result", makeType(TypeId::UInt8)}}, {{Field(uint64_t(found))}}, format);
}

void Interpreter::runSet(const SetQuery & set)
{
    if (!set.role.empty())
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "Roles are not supported");
    if (session_.settings.getUInt64("readonly") == 1)
        throw Exception(ErrorCode::READONLY, "Cannot modify settings in readonly mode");
    for (const auto & change : set.changes)
    {
        if (change.name.starts_with("param_"))
            session_.parameters[change.name.substr(6)] = toPlainText(change.value);
        else if (change.is_default)
            session_.settings.reset(change.name);
        else
            session_.settings.set(change.name, toPlainText(change.value));
    }
    start("");
}

void Interpreter::runSystem(const SystemQuery & system)
{
    static const std::set<std::string_view> nothing_to_do{"FLUSH LOGS", "FLUSH ASYNC INSERT QUEUE", "RELOAD CONFIG", "DROP QUERY CACHE",
        "DROP QUERY CONDITION CACHE", "DROP DNS CACHE", "DROP COMPILED EXPRESSION CACHE"};
    // One cache holds marks, indexes and pages.
    static const std::set<std::string_view> caches{"DROP MARK CACHE", "DROP UNCOMPRESSED CACHE", "DROP PRIMARY INDEX CACHE", "DROP FILESYSTEM CACHE",
        "DROP INDEX MARK CACHE", "DROP INDEX UNCOMPRESSED CACHE", "CLEAR MARK CACHE", "CLEAR UNCOMPRESSED CACHE", "CLEAR PRIMARY INDEX CACHE"};
    if (system.words == "SYNC REPLICA")
        node_.catalog().refresh();
    else if (system.words == "STOP MERGES" || system.words == "START MERGES")
    {
        auto act = [&](const Uuid & table)
        { system.words == "STOP MERGES" ? node_.mergeClaims().stop(table) : node_.mergeClaims().start(table); };
        if (!system.table.name.empty())
        {
            // As ClickHouse, which does not mind a table that is not there.
            if (auto table = node_.catalog().snapshot(databaseOf(system.table))->findTable(system.table.name))
                act(table->schema->uuid);
        }
        else
            for (const auto & database : node_.catalog().databases())
                for (const auto & [uuid, table] : node_.catalog().snapshot(database)->tables())
                    act(uuid);
    }
    else if (caches.contains(system.words))
        node_.dropCaches();
    else if (!nothing_to_do.contains(system.words))
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "SYSTEM {} is not supported", system.words);
    start("");
}

void Interpreter::runKill(const KillQuery & kill, const std::string & format)
{
    if (kill.mutation)
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "KILL MUTATION is not supported: there are no mutations");
    requireWritable("KILL QUERY");
    auto bound = analyzeSelect(parseSelect("SELECT query_id, user, query FROM system.processes WHERE " + formatAst(*kill.where)), analyzer_);
    auto block = runSubquery(bound, 0);
    std::vector<std::vector<Field>> rows;
    for (size_t row = 0; row < block.rows(); ++row)
    {
        auto id = block.at(0).column->get(row).get<std::string>();
        if (id == query_->query_id)
            continue;
        bool found = kill.test || node_.processes().cancel(id);
        rows.push_back({found ? "waiting" : "finished", id, block.at(1).column->get(row), block.at(2).column->get(row)});
    }
    auto text = makeType(TypeId::String);
    writeRows({{"kill_status", text}, {"query_id", text}, {"user", text}, {"query", text}}, rows, format);
}

}
