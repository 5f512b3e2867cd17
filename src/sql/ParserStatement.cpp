#include "sql/Grammar.h"

#include "base/Exception.h"

namespace mangrove::grammar
{

namespace
{

DescribeQuery parseDescribe(TokenStream & tokens)
{
    DescribeQuery describe;
    if (!tokens.accept("DESCRIBE"))
        tokens.require("DESC");
    if (tokens.at("TABLE") && !tokens.is(TokenType::EndOfStream, 1) && !tokens.is(TokenType::Semicolon, 1)
        && !tokens.is(TokenType::Dot, 1)
        && !tokens.at("FORMAT", 1) && !tokens.at("SETTINGS", 1))
        tokens.take();
    describe.table = parseTableExpression(tokens);
    if (tokens.accept("SETTINGS"))
        describe.settings = parseSettings(tokens);
    return describe;
}

/// EXISTS [TEMPORARY] [TABLE|VIEW|DATABASE|DICTIONARY] name
ExistsQuery parseExists(TokenStream & tokens)
{
    ExistsQuery exists;
    tokens.require("EXISTS");
    if (tokens.at("DATABASE") && isIdentifier(tokens, 1))
    {
        tokens.take();
        exists.object = ObjectKind::Database;
        exists.name.database = parseIdentifier(tokens, "database name");
        return exists;
    }
    exists.temporary = tokens.accept("TEMPORARY");
    auto kind = [&](std::string_view word, ObjectKind object)
    {
        if (!tokens.at(word) || !isIdentifier(tokens, 1))
            return false;
        tokens.take();
        exists.object = object;
        return true;
    };
    if (!kind("TABLE", ObjectKind::Table) && !kind("VIEW", ObjectKind::View))
        kind("DICTIONARY", ObjectKind::Dictionary);
    exists.name = parseQualifiedName(tokens);
    return exists;
}

SetQuery parseSet(TokenStream & tokens)
{
    SetQuery set;
    tokens.require("SET");
    if (!tokens.is(TokenType::Equals, 1) && (tokens.at("ROLE") || tokens.at("DEFAULT ROLE")))
    {
        uint32_t begin = tokens.beginOffset();
        while (!tokens.atEnd())
            tokens.take();
        set.role = std::string(tokens.textOf(SourceRange{begin, tokens.endOffset()}));
        return set;
    }
    set.changes = parseSettings(tokens);
    return set;
}

KillQuery parseKill(TokenStream & tokens)
{
    KillQuery kill;
    tokens.require("KILL");
    kill.mutation = tokens.accept("MUTATION");
    if (!kill.mutation)
        tokens.require("QUERY");
    kill.cluster = parseOnCluster(tokens);
    tokens.require("WHERE");
    kill.where = parseExpr(tokens);
    if (tokens.accept("SYNC"))
        kill.sync = true;
    else if (tokens.accept("TEST"))
        kill.test = true;
    else
        tokens.accept("ASYNC");
    return kill;
}

OptimizeQuery parseOptimize(TokenStream & tokens)
{
    OptimizeQuery optimize;
    tokens.require("OPTIMIZE TABLE");
    optimize.table = parseQualifiedName(tokens);
    optimize.cluster = parseOnCluster(tokens);
    optimize.partition = acceptPartition(tokens);
    optimize.final = tokens.accept("FINAL") || tokens.accept("FORCE");
    optimize.deduplicate = tokens.accept("DEDUPLICATE");
    if (optimize.deduplicate && tokens.accept("BY"))
        optimize.deduplicate_by = parseExprList(tokens);
    optimize.cleanup = tokens.accept("CLEANUP");
    return optimize;
}

DeleteQuery parseDelete(TokenStream & tokens)
{
    DeleteQuery query;
    tokens.require("DELETE FROM");
    query.table = parseQualifiedName(tokens);
    query.cluster = parseOnCluster(tokens);
    if (tokens.accept("IN"))
        query.partition = acceptPartition(tokens);
    tokens.require("WHERE");
    query.where = parseExpr(tokens);
    return query;
}

UpdateQuery parseUpdate(TokenStream & tokens)
{
    UpdateQuery query;
    tokens.require("UPDATE");
    query.table = parseQualifiedName(tokens);
    query.cluster = parseOnCluster(tokens);
    tokens.require("SET");
    query.assignments = parseAssignments(tokens);
    if (tokens.accept("IN"))
        query.partition = acceptPartition(tokens);
    tokens.require("WHERE");
    query.where = parseExpr(tokens);
    return query;
}

ExplainQuery parseExplain(TokenStream & tokens)
{
    TokenStream::DepthGuard guard(tokens);
    ExplainQuery explain;
    tokens.require("EXPLAIN");
    struct Kind
    {
        std::string_view words;
        ExplainKind kind;
    };
    static constexpr Kind kinds[] = {
        {"AST", ExplainKind::Ast}, {"SYNTAX", ExplainKind::Syntax}, {"QUERY TREE", ExplainKind::QueryTree},
        {"PLAN", ExplainKind::Plan}, {"PIPELINE", ExplainKind::Pipeline}, {"ESTIMATE", ExplainKind::Estimate},
        {"TABLE OVERRIDE", ExplainKind::TableOverride}, {"CURRENT TRANSACTION", ExplainKind::CurrentTransaction},
    };
    for (const Kind & kind : kinds)
        if (tokens.accept(kind.words))
        {
            explain.kind = kind.kind;
            break;
        }
    if (isIdentifier(tokens) && tokens.is(TokenType::Equals, 1))
        explain.settings = parseSettings(tokens);
    if (explain.kind != ExplainKind::CurrentTransaction && explain.kind != ExplainKind::TableOverride)
        explain.statement = std::make_shared<Statement>(parseStatement(tokens));
    return explain;
}

CheckQuery parseCheck(TokenStream & tokens)
{
    CheckQuery check;
    tokens.require("CHECK TABLE");
    check.table = parseQualifiedName(tokens);
    check.partition = acceptPartition(tokens);
    return check;
}

/// Statements that are known and not offered; the executor refuses them by this name.
constexpr std::string_view refused[] = {
    "GRANT", "REVOKE", "BACKUP", "RESTORE", "WATCH", "MOVE", "UNDROP", "EXECUTE AS", "CREATE USER", "CREATE ROLE",
    "CREATE QUOTA", "CREATE ROW POLICY", "CREATE POLICY", "CREATE SETTINGS PROFILE", "CREATE PROFILE",
    "CREATE DICTIONARY", "CREATE OR REPLACE DICTIONARY", "ATTACH DICTIONARY", "CREATE NAMED COLLECTION",
    "CREATE LIVE VIEW", "CREATE WINDOW VIEW", "CREATE RESOURCE", "CREATE WORKLOAD", "CREATE INDEX",
    "CREATE UNIQUE INDEX", "ALTER USER", "ALTER ROLE", "ALTER QUOTA", "ALTER ROW POLICY", "ALTER POLICY",
    "ALTER SETTINGS PROFILE", "ALTER PROFILE", "ALTER NAMED COLLECTION", "ALTER DATABASE", "DROP USER", "DROP ROLE",
    "DROP QUOTA", "DROP ROW POLICY", "DROP POLICY", "DROP SETTINGS PROFILE", "DROP PROFILE", "DROP NAMED COLLECTION",
    "DROP INDEX", "DROP RESOURCE", "DROP WORKLOAD", "CHECK ALL TABLES", "CHECK GRANT",
};

bool acceptRefused(TokenStream & tokens, Statement & statement)
{
    for (std::string_view words : refused)
        if (tokens.at(words))
        {
            statement.body = RefusedQuery{std::string(words)};
            while (!tokens.atEnd())
                tokens.take();
            return true;
        }
    return false;
}

bool atCreate(TokenStream & tokens)
{
    return tokens.at("CREATE") || tokens.at("ATTACH") || (tokens.at("REPLACE TABLE"));
}

bool acceptTransaction(TokenStream & tokens, Statement & statement)
{
    for (std::string_view words : {"BEGIN TRANSACTION", "COMMIT", "ROLLBACK", "SET TRANSACTION SNAPSHOT"})
        if (tokens.accept(words))
        {
            statement.body = TransactionQuery{std::string(words)};
            while (!tokens.atEnd())
                tokens.take();
            return true;
        }
    return false;
}

void parseBody(TokenStream & tokens, Statement & statement)
{
    if (acceptRefused(tokens, statement) || acceptTransaction(tokens, statement))
        return;
    auto at = [&](std::string_view word)
    {
        tokens.expect(word);
        return tokens.at(word);
    };
    if (isSelectStart(tokens) || tokens.at("FROM") || tokens.is(TokenType::OpenRound))
        statement.body = parseSelectTree(tokens);
    else if (at("EXPLAIN"))
        statement.body = parseExplain(tokens);
    else if (tokens.expect("SELECT"), tokens.expect("WITH"), at("INSERT"))
        statement.body = parseInsert(tokens);
    else if (tokens.expect("CREATE"), tokens.expect("ATTACH"), atCreate(tokens))
        statement.body = parseCreate(tokens);
    else if (at("ALTER"))
        statement.body = parseAlter(tokens);
    else if (at("DROP") || at("DETACH") || at("TRUNCATE"))
        statement.body = parseDrop(tokens);
    else if (at("RENAME") || at("EXCHANGE"))
        statement.body = parseRename(tokens);
    else if (at("SHOW"))
        statement.body = parseShow(tokens);
    else if (at("DESCRIBE") || at("DESC"))
        statement.body = parseDescribe(tokens);
    else if (at("EXISTS"))
        statement.body = parseExists(tokens);
    else if (tokens.accept("USE"))
    {
        tokens.accept("DATABASE");
        statement.body = UseQuery{parseIdentifier(tokens, "database name")};
    }
    else if (at("SET"))
        statement.body = parseSet(tokens);
    else if (at("OPTIMIZE"))
        statement.body = parseOptimize(tokens);
    else if (at("DELETE"))
        statement.body = parseDelete(tokens);
    else if (at("UPDATE"))
        statement.body = parseUpdate(tokens);
    else if (at("SYSTEM"))
        statement.body = parseSystem(tokens);
    else if (at("KILL"))
        statement.body = parseKill(tokens);
    else if (at("CHECK"))
        statement.body = parseCheck(tokens);
    else
        tokens.fail();
}

void parseOutput(TokenStream & tokens, Statement & statement)
{
    if (tokens.accept("INTO OUTFILE"))
        statement.into_outfile = parseString(tokens);
    if (statement.format.empty() && tokens.accept("FORMAT"))
        statement.format = parseIdentifier(tokens, "format name");
    if (tokens.accept("SETTINGS"))
        statement.settings = parseSettings(tokens);
    if (statement.format.empty() && tokens.accept("FORMAT"))
        statement.format = parseIdentifier(tokens, "format name");
}

}

/// Up to the end of the statement, which the caller checks. After VALUES or FORMAT of an INSERT there is data.
Statement parseStatement(TokenStream & tokens)
{
    Statement statement;
    statement.range.begin = tokens.beginOffset();
    parseBody(tokens, statement);
    if (auto * explain = statement.as<ExplainQuery>(); explain && explain->statement)
    {
        /// EXPLAIN SELECT … FORMAT X: the format is that of the explanation.
        statement.format = std::move(explain->statement->format);
        statement.into_outfile = std::move(explain->statement->into_outfile);
    }
    const InsertQuery * insert = statement.as<InsertQuery>();
    if (!insert || !insert->data_offset)
        parseOutput(tokens, statement);
    statement.range.end = tokens.endOffset();
    return statement;
}

}
