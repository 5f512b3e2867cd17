#include "sql/AstFormatter.h"

namespace mangrove
{

void AstFormatter::objectWord(ObjectKind object)
{
    switch (object)
    {
        case ObjectKind::Table: add("TABLE "); break;
        case ObjectKind::Database: add("DATABASE "); break;
        case ObjectKind::View: add("VIEW "); break;
        case ObjectKind::Dictionary: add("DICTIONARY "); break;
        case ObjectKind::Function: add("FUNCTION "); break;
        case ObjectKind::AllTables: add("ALL TABLES FROM "); break;
    }
}

void AstFormatter::insert(const InsertQuery & insert)
{
    add("INSERT INTO ");
    if (insert.table_function)
    {
        add("FUNCTION ");
        expr(*insert.table_function, Place::Operand);
    }
    else
        name(insert.table);
    if (insert.has_columns)
    {
        add(" (");
        exprList(insert.columns);
        add(")");
    }
    if (!insert.infile.empty())
        add(" FROM INFILE " + quoteString(insert.infile));
    if (!insert.compression.empty())
        add(" COMPRESSION " + quoteString(insert.compression));
    if (!insert.settings.empty())
    {
        add(" SETTINGS ");
        settings(insert.settings);
    }
    if (insert.select)
    {
        separator();
        select(*insert.select);
    }
    else if (!insert.format.empty())
    {
        add(" FORMAT ");
        name(insert.format);
    }
}

void AstFormatter::drop(const DropQuery & drop)
{
    add(drop.kind == DropKind::Drop ? "DROP " : drop.kind == DropKind::Detach ? "DETACH " : "TRUNCATE ");
    if (drop.temporary)
        add("TEMPORARY ");
    objectWord(drop.object);
    if (drop.if_exists)
        add("IF EXISTS ");
    if (drop.if_empty)
        add("IF EMPTY ");
    for (size_t i = 0; i < drop.names.size(); ++i)
    {
        add(i ? ", " : "");
        if (drop.names[i].name.empty())
            name(drop.names[i].database);
        else
            name(drop.names[i]);
    }
    cluster(drop.cluster);
    if (drop.permanently)
        add(" PERMANENTLY");
    if (drop.sync)
        add(" SYNC");
}

namespace
{

std::string_view showWords(ShowKind kind)
{
    switch (kind)
    {
        case ShowKind::Databases: return "DATABASES";
        case ShowKind::Tables: return "TABLES";
        case ShowKind::Dictionaries: return "DICTIONARIES";
        case ShowKind::Columns: return "COLUMNS";
        case ShowKind::Indexes: return "INDEXES";
        case ShowKind::Processlist: return "PROCESSLIST";
        case ShowKind::Settings: return "SETTINGS";
        case ShowKind::Setting: return "SETTING";
        case ShowKind::Functions: return "FUNCTIONS";
        case ShowKind::Clusters: return "CLUSTERS";
        case ShowKind::Engines: return "ENGINES";
        case ShowKind::Merges: return "MERGES";
        case ShowKind::Grants: return "GRANTS";
        case ShowKind::Users: return "USERS";
        case ShowKind::Roles: return "ROLES";
        case ShowKind::Policies: return "POLICIES";
        case ShowKind::Quotas: return "QUOTAS";
        case ShowKind::CreateTable: return "CREATE TABLE";
        case ShowKind::CreateView: return "CREATE VIEW";
        case ShowKind::CreateDatabase: return "CREATE DATABASE";
        case ShowKind::CreateDictionary: return "CREATE DICTIONARY";
        case ShowKind::CreateFunction: return "CREATE FUNCTION";
        case ShowKind::Caches: return "FILESYSTEM CACHES";
        case ShowKind::Access: return "ACCESS";
    }
    return "";
}

}

void AstFormatter::show(const ShowQuery & show)
{
    add("SHOW ");
    add(show.extended ? "EXTENDED " : "");
    add(show.full ? "FULL " : "");
    bool create_temporary = show.temporary && show.kind == ShowKind::CreateTable;
    add(create_temporary ? "CREATE TEMPORARY TABLE" : show.temporary ? "TEMPORARY " : "");
    add(show.changed ? "CHANGED " : "");
    if (!create_temporary)
        add(showWords(show.kind));
    if (!show.table.database.empty() || !show.table.name.empty())
    {
        add(show.kind == ShowKind::Columns || show.kind == ShowKind::Indexes ? " FROM " : " ");
        if (show.table.name.empty())
            name(show.table.database);
        else
            name(show.table);
    }
    if (!show.database.empty())
    {
        add(" FROM ");
        name(show.database);
    }
    if (show.like)
    {
        add(show.not_like ? " NOT" : "");
        add(show.case_insensitive ? " ILIKE " : " LIKE ");
        add(quoteString(*show.like));
    }
    if (show.where)
    {
        add(" WHERE ");
        expr(*show.where, Place::NoAlias);
    }
    if (show.limit)
    {
        add(" LIMIT ");
        expr(*show.limit, Place::NoAlias);
    }
}

namespace
{

/// One overload per statement; those with their own text are methods of the formatter.
struct StatementPrinter
{
    AstFormatter & out;

    void where(const ExprPtr & condition) const
    {
        out.add(" WHERE ");
        out.expr(*condition, AstFormatter::Place::NoAlias);
    }
    void inPartition(const std::optional<PartitionAst> & partition, std::string_view word) const
    {
        if (!partition)
            return;
        out.add(word);
        out.partition(*partition);
    }

    void operator()(const RenameQuery & rename) const
    {
        std::string_view object = rename.object == ObjectKind::Database ? "DATABASE "
            : rename.object == ObjectKind::Dictionary ? "DICTIONARY " : "TABLE ";
        if (rename.exchange)
            out.add(rename.object == ObjectKind::Dictionary ? "EXCHANGE DICTIONARIES " : "EXCHANGE TABLES ");
        else
        {
            out.add("RENAME ");
            out.add(object);
        }
        out.add(rename.if_exists ? "IF EXISTS " : "");
        for (size_t i = 0; i < rename.pairs.size(); ++i)
        {
            const auto & [from, to] = rename.pairs[i];
            out.add(i ? ", " : "");
            object_name(from);
            out.add(rename.exchange ? " AND " : " TO ");
            object_name(to);
        }
        out.cluster(rename.cluster);
    }
    void object_name(const QualifiedName & name) const
    {
        if (name.name.empty())
            out.name(name.database);
        else
            out.name(name);
    }
    void operator()(const DeleteQuery & query) const
    {
        out.add("DELETE FROM ");
        out.name(query.table);
        out.cluster(query.cluster);
        inPartition(query.partition, " IN ");
        where(query.where);
    }
    void operator()(const UpdateQuery & query) const
    {
        out.add("UPDATE ");
        out.name(query.table);
        out.cluster(query.cluster);
        out.add(" SET ");
        out.exprList(query.assignments, AstFormatter::Place::NoAlias);
        inPartition(query.partition, " IN ");
        where(query.where);
    }
    void operator()(const OptimizeQuery & query) const
    {
        out.add("OPTIMIZE TABLE ");
        out.name(query.table);
        out.cluster(query.cluster);
        inPartition(query.partition, " ");
        out.add(query.final ? " FINAL" : "");
        out.add(query.deduplicate ? " DEDUPLICATE" : "");
        if (!query.deduplicate_by.empty())
        {
            out.add(" BY ");
            out.exprList(query.deduplicate_by);
        }
        out.add(query.cleanup ? " CLEANUP" : "");
    }
    void operator()(const DescribeQuery & query) const
    {
        out.add("DESCRIBE TABLE ");
        out.tableExpression(query.table);
        if (query.settings.empty())
            return;
        out.add(" SETTINGS ");
        out.settings(query.settings);
    }
    void operator()(const ExistsQuery & query) const
    {
        out.add(query.temporary ? "EXISTS TEMPORARY " : "EXISTS ");
        out.add(query.object == ObjectKind::Database ? "DATABASE " : query.object == ObjectKind::View ? "VIEW "
                : query.object == ObjectKind::Dictionary ? "DICTIONARY " : "TABLE ");
        object_name(query.name);
    }
    void operator()(const UseQuery & query) const
    {
        out.add("USE ");
        out.name(query.database);
    }
    void operator()(const SetQuery & query) const
    {
        out.add("SET ");
        if (query.role.empty())
            out.settings(query.changes);
        else
            out.add(query.role);
    }
    void operator()(const SystemQuery & query) const
    {
        out.add("SYSTEM ");
        out.add(query.words);
        out.cluster(query.cluster);
        if (!query.table.name.empty())
        {
            out.add(" ");
            out.name(query.table);
        }
        if (!query.argument.empty())
            out.add(" " + query.argument);
    }
    void operator()(const KillQuery & query) const
    {
        out.add(query.mutation ? "KILL MUTATION" : "KILL QUERY");
        out.cluster(query.cluster);
        where(query.where);
        out.add(query.sync ? " SYNC" : query.test ? " TEST" : " ASYNC");
    }
    void operator()(const CheckQuery & query) const
    {
        out.add("CHECK TABLE ");
        out.name(query.table);
        inPartition(query.partition, " ");
    }
    void operator()(const ExplainQuery & query) const
    {
        out.add("EXPLAIN ");
        switch (query.kind)
        {
            case ExplainKind::Plan: break;
            case ExplainKind::Ast: out.add("AST "); break;
            case ExplainKind::Syntax: out.add("SYNTAX "); break;
            case ExplainKind::QueryTree: out.add("QUERY TREE "); break;
            case ExplainKind::Pipeline: out.add("PIPELINE "); break;
            case ExplainKind::Estimate: out.add("ESTIMATE "); break;
            case ExplainKind::TableOverride: out.add("TABLE OVERRIDE "); break;
            case ExplainKind::CurrentTransaction: out.add("CURRENT TRANSACTION "); break;
        }
        if (!query.settings.empty())
        {
            out.settings(query.settings);
            out.add(" ");
        }
        if (query.statement)
            out.statement(*query.statement);
    }
    void operator()(const TransactionQuery & query) const { out.add(query.words); }
    void operator()(const RefusedQuery & query) const { out.add(query.name); }
};

}

void AstFormatter::statement(const Statement & statement)
{
    if (const auto * select_query = statement.as<SelectPtr>())
        select(**select_query);
    else if (const auto * insert_query = statement.as<InsertQuery>())
        insert(*insert_query);
    else if (const auto * create_query = statement.as<CreateQuery>())
        create(*create_query);
    else if (const auto * alter_query = statement.as<AlterQuery>())
        alter(*alter_query);
    else if (const auto * drop_query = statement.as<DropQuery>())
        drop(*drop_query);
    else if (const auto * show_query = statement.as<ShowQuery>())
        show(*show_query);
    else
        std::visit([&](const auto & body)
        {
            if constexpr (requires(StatementPrinter printer) { printer(body); })
                StatementPrinter{*this}(body);
        }, statement.body);
    if (!statement.into_outfile.empty())
        add(" INTO OUTFILE " + quoteString(statement.into_outfile));
    if (!statement.format.empty())
    {
        add(" FORMAT ");
        name(statement.format);
    }
    if (!statement.settings.empty())
    {
        add(" SETTINGS ");
        settings(statement.settings);
    }
}

}
