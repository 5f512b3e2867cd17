#include "query/Interpreter.h"

#include "query/SystemTables.h"
#include "sql/AstPrinter.h"
#include "types/DataTypes.h"

#include <unistd.h>

namespace mangrove
{

Interpreter::Interpreter(Node & node, Session & session, const QueryRequest & request, std::shared_ptr<RunningQuery> query, WriteBuffer & out)
    : node_(node), session_(session), request_(request), query_(std::move(query)), context_(*query_->context), out_(out), settings_(session.settings)
{
    analyzer_.current_database = session.database;
    analyzer_.parameters = session.parameters;
    analyzer_.find_table = [this](const std::string & database, const std::string & table) { return findTable(database, table); };
    analyzer_.find_table_function = [](const std::string & function, const std::vector<Field> & arguments)
    { return makeTableFunction(function, arguments); };
    analyzer_.run_subquery = [this](const BoundQueryPtr & bound, uint64_t rows_max) { return runSubquery(bound, rows_max); };
    analyzer_.find_setting = [this](const std::string & name) { return settings_.find(name); };
    auto text = [&](const std::string & name, const std::string & value)
    { analyzer_.session_functions[name] = {Field(value), makeType(TypeId::String)}; };
    text("version", node.config().version);
    for (const auto * name : {"currentDatabase", "database", "schema", "current_database"})
        text(name, session.database);
    for (const auto * name : {"currentUser", "user", "current_user", "session_user"})
        text(name, session.user);
    text("displayName", node.config().node_name);
    text("queryID", query_->query_id);
    text("query_id", query_->query_id);
    text("timezone", TimeZone::get("")->name());
    text("serverTimezone", TimeZone::get("")->name());
    char host[256] = "";
    gethostname(host, sizeof(host) - 1);
    text("hostName", host);
    text("hostname", host);
    text("fqdn", host);
    analyzer_.session_functions["revision"] = {Field(uint64_t(54460)), makeType(TypeId::UInt32)};
    analyzer_.session_functions["uptime"] = {Field(uint64_t(node.uptimeMs() / 1000)), makeType(TypeId::UInt32)};
}

void Interpreter::applySettings(const SettingChanges & changes)
{
    for (const auto & change : changes)
        if (change.is_default)
            settings_.reset(change.name);
        else
            settings_.set(change.name, toPlainText(change.value));
}

void Interpreter::requireWritable(const char * statement) const
{
    if (session_.readonly || settings_.getUInt64("readonly"))
        throw Exception(ErrorCode::READONLY, "Cannot execute {} in readonly mode. For queries over HTTP, method GET implies readonly: use POST", statement);
}

namespace
{

void collectSettings(const SelectNode & node, SettingChanges & changes)
{
    if (node.select)
        changes.insert(changes.end(), node.select->settings.begin(), node.select->settings.end());
    for (const auto & input : node.inputs)
        collectSettings(*input, changes);
}

}

void Interpreter::run(Statement & statement)
{
    if (!statement.into_outfile.empty())
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "INTO OUTFILE is done by the client, the server does not support it");
    SettingChanges changes;
    if (auto * select = statement.as<SelectPtr>())
        collectSettings(**select, changes);
    else if (auto * insert = statement.as<InsertQuery>())
    {
        changes = insert->settings;
        if (insert->select)
            collectSettings(*insert->select, changes);
    }
    changes.insert(changes.end(), statement.settings.begin(), statement.settings.end());
    applySettings(changes);
    analyzer_.settings = settings_.analyzerSettings();
    context_.limits = settings_.limits();
    context_.memory().setLimit(settings_.getUInt64("max_memory_usage"));
    context_.threads = settings_.getUInt64("max_threads") ? settings_.getUInt64("max_threads") : node_.config().query_threads;
    // More threads than twice the cores only cost memory.
    context_.threads = std::min<size_t>(context_.threads, 2 * node_.config().query_threads);
    context_.block_rows_max = std::clamp<uint64_t>(settings_.getUInt64("max_block_size"), 1, 1'000'000);
    if (request_.on_progress)
        context_.on_progress = [this]
        {
            if (!request_.on_progress(summary()))
                context_.cancel();
        };

    const auto & format = statement.format;
    std::visit([&](auto & body)
    {
        using Body = std::decay_t<decltype(body)>;
        if constexpr (std::is_same_v<Body, SelectPtr>)
            runSelect(body, format);
        else if constexpr (std::is_same_v<Body, InsertQuery>)
            runInsert(body);
        else if constexpr (std::is_same_v<Body, CreateQuery>)
            runCreate(body);
        else if constexpr (std::is_same_v<Body, DropQuery>)
            runDrop(body);
        else if constexpr (std::is_same_v<Body, RenameQuery>)
            runRename(body);
        else if constexpr (std::is_same_v<Body, AlterQuery>)
            runAlter(body);
        else if constexpr (std::is_same_v<Body, OptimizeQuery>)
            runOptimize(body);
        else if constexpr (std::is_same_v<Body, ShowQuery>)
            runShow(body, format);
        else if constexpr (std::is_same_v<Body, DescribeQuery>)
            runDescribe(body, format);
        else if constexpr (std::is_same_v<Body, ExistsQuery>)
            runExists(body, format);
        else if constexpr (std::is_same_v<Body, UseQuery>)
        {
            if (body.database != "system" && !node_.catalog().hasDatabase(body.database))
                throw Exception(ErrorCode::UNKNOWN_DATABASE, "Database {} does not exist", body.database);
            session_.database = body.database;
            start("");
        }
        else if constexpr (std::is_same_v<Body, SetQuery>)
            runSet(body);
        else if constexpr (std::is_same_v<Body, SystemQuery>)
            runSystem(body);
        else if constexpr (std::is_same_v<Body, KillQuery>)
            runKill(body, format);
        else if constexpr (std::is_same_v<Body, ExplainQuery>)
            runExplain(body, format);
        else if constexpr (std::is_same_v<Body, RefusedQuery>)
            throw Exception(ErrorCode::NOT_IMPLEMENTED, "{} is not supported", body.name);
        else if constexpr (std::is_same_v<Body, CheckQuery>)
            throw Exception(ErrorCode::NOT_IMPLEMENTED, "CHECK TABLE is not supported");
        else if constexpr (std::is_same_v<Body, TransactionQuery>)
            throw Exception(ErrorCode::NOT_IMPLEMENTED, "Transactions are not supported: {}", body.words);
        else
            throw Exception(ErrorCode::NOT_IMPLEMENTED, "Mutations (DELETE, UPDATE) are not supported: use DROP PARTITION or TTL");
    }, statement.body);
    if (request_.flush_output)
        out_.flush();
}

void Interpreter::start(const std::string & format)
{
    if (!std::exchange(started_, true) && request_.on_start)
        request_.on_start(query_->query_id, format);
}

QuerySummary Interpreter::summary() const
{
    std::unique_lock lock(summary_mutex_);
    auto summary = summary_;
    lock.unlock();
    summary.read_rows = context_.rows_read;
    summary.read_bytes = context_.bytes_read;
    summary.total_rows_to_read = context_.total_rows_to_read;
    summary.elapsed_ns = context_.elapsedMs() * 1'000'000;
    return summary;
}

SnapshotPtr Interpreter::snapshotOf(const std::string & database)
{
    auto & snapshot = snapshots_[database];
    if (!snapshot)
        snapshot = settings_.getUInt64("select_sequential_consistency") ? node_.catalog().snapshotAtHead(database) : node_.catalog().snapshot(database);
    return snapshot;
}

std::string Interpreter::databaseOf(const QualifiedName & name) const
{
    auto database = name.database.empty() ? session_.database : name.database;
    if (database != "system" && !node_.catalog().hasDatabase(database))
        throw Exception(ErrorCode::UNKNOWN_DATABASE, "Database {} does not exist", database);
    return database;
}

std::pair<TablePtr, SnapshotPtr> Interpreter::tableOf(const QualifiedName & name)
{
    auto database = databaseOf(name);
    if (database == "system")
        throw Exception(ErrorCode::READONLY, "Tables of the database system cannot be changed");
    auto snapshot = node_.catalog().snapshot(database);
    auto table = snapshot->findTable(name.name);
    if (!table)
        throw Exception(ErrorCode::UNKNOWN_TABLE, "Table {}.{} does not exist", database, name.name);
    return {table, snapshot};
}

}
