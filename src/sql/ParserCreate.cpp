#include "sql/Grammar.h"

#include "base/Exception.h"

namespace mangrove::grammar
{

namespace
{

void parseEngineClauses(TokenStream & tokens, CreateQuery & create)
{
    while (acceptEngineClause(tokens, create))
        ;
}

void parseUuid(TokenStream & tokens, CreateQuery & create)
{
    if (tokens.accept("UUID"))
        create.uuid = parseString(tokens);
}

void acceptComment(TokenStream & tokens, CreateQuery & create)
{
    if (!create.has_comment && tokens.accept("COMMENT"))
    {
        create.has_comment = true;
        create.comment = parseString(tokens);
    }
}

void parseColumnsIfAny(TokenStream & tokens, CreateQuery & create)
{
    if (create.has_columns || !tokens.is(TokenType::OpenRound) || isSelectStart(tokens, 1))
        return;
    create.table = parseTableDeclaration(tokens);
    create.has_columns = true;
}

/// After AS: a SELECT, another table, or a table function.
void parseAs(TokenStream & tokens, CreateQuery & create)
{
    if (isSelectStart(tokens) || tokens.is(TokenType::OpenRound))
    {
        create.select = parseSelectTree(tokens);
        return;
    }
    uint32_t begin = tokens.beginOffset();
    QualifiedName name = parseQualifiedName(tokens);
    if (name.database.empty() && tokens.is(TokenType::OpenRound))
        create.as_table_function = parseCall(tokens, std::move(name.name), begin);
    else
        create.as_table = std::move(name);
}

void parseTable(TokenStream & tokens, CreateQuery & create)
{
    create.kind = CreateKind::Table;
    create.if_not_exists = acceptIfNotExists(tokens);
    create.name = parseQualifiedName(tokens);
    parseUuid(tokens, create);
    create.cluster = parseOnCluster(tokens);
    parseColumnsIfAny(tokens, create);
    parseEngineClauses(tokens, create);
    create.empty = tokens.accept("EMPTY");
    if (create.empty)
        tokens.require("AS");
    if (create.empty || tokens.accept("AS"))
    {
        parseAs(tokens, create);
        if (!create.select)
            parseEngineClauses(tokens, create);
    }
    acceptComment(tokens, create);
}

/// Refresh schedules are kept as text: SHOW CREATE and the refusal need no more.
void parseRefresh(TokenStream & tokens, CreateQuery & create)
{
    if (!tokens.at("REFRESH"))
        return;
    uint32_t begin = tokens.beginOffset();
    while (!tokens.atEnd() && !tokens.at("TO") && !tokens.at("AS") && !tokens.at("ENGINE") && !tokens.at("EMPTY")
        && !tokens.is(TokenType::OpenRound))
        tokens.take();
    create.refresh = std::string(tokens.textOf(SourceRange{begin, tokens.endOffset()}));
}

/// DEFINER = name SQL SECURITY NONE: rights of views are not checked by definer; read and dropped.
void skipSqlSecurity(TokenStream & tokens)
{
    while (true)
    {
        if (tokens.accept("DEFINER"))
        {
            tokens.accept(TokenType::Equals, "equals");
            parseStringOrIdentifier(tokens);
        }
        else if (tokens.accept("SQL SECURITY"))
            parseIdentifier(tokens);
        else
            return;
    }
}

void parseView(TokenStream & tokens, CreateQuery & create, bool materialized)
{
    create.kind = materialized ? CreateKind::MaterializedView : CreateKind::View;
    create.if_not_exists = acceptIfNotExists(tokens);
    create.name = parseQualifiedName(tokens);
    parseUuid(tokens, create);
    create.cluster = parseOnCluster(tokens);
    if (materialized)
    {
        parseRefresh(tokens, create);
        if (tokens.accept("TO"))
            create.to = parseQualifiedName(tokens);
    }
    parseColumnsIfAny(tokens, create);
    if (materialized)
    {
        parseEngineClauses(tokens, create);
        if (tokens.accept("POPULATE"))
            create.populate = true;
        else
            create.empty = tokens.accept("EMPTY");
    }
    skipSqlSecurity(tokens);
    acceptComment(tokens, create);
    tokens.require("AS");
    create.select = parseSelectTree(tokens);
    acceptComment(tokens, create);
}

void parseDatabase(TokenStream & tokens, CreateQuery & create)
{
    create.kind = CreateKind::Database;
    create.if_not_exists = acceptIfNotExists(tokens);
    create.name.database = parseIdentifier(tokens, "database name");
    parseUuid(tokens, create);
    create.cluster = parseOnCluster(tokens);
    parseEngineClauses(tokens, create);
}

void parseFunction(TokenStream & tokens, CreateQuery & create)
{
    create.kind = CreateKind::Function;
    create.if_not_exists = acceptIfNotExists(tokens);
    create.name.name = parseIdentifier(tokens, "function name");
    create.cluster = parseOnCluster(tokens);
    tokens.require("AS");
    create.function_body = parseExpr(tokens);
}

}

CreateQuery parseCreate(TokenStream & tokens)
{
    CreateQuery create;
    create.attach = tokens.accept("ATTACH");
    create.replace = !create.attach && tokens.accept("REPLACE");
    if (!create.attach && !create.replace)
    {
        tokens.require("CREATE");
        create.or_replace = tokens.accept("OR REPLACE");
    }
    create.temporary = tokens.accept("TEMPORARY");
    if (tokens.accept("TABLE"))
        parseTable(tokens, create);
    else if (tokens.accept("MATERIALIZED VIEW"))
        parseView(tokens, create, true);
    else if (tokens.accept("VIEW"))
        parseView(tokens, create, false);
    else if (tokens.accept("DATABASE"))
        parseDatabase(tokens, create);
    else if (tokens.accept("FUNCTION"))
        parseFunction(tokens, create);
    else
        tokens.fail();
    return create;
}

}
