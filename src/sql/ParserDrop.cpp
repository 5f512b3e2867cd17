#include "sql/Grammar.h"

namespace mangrove::grammar
{

namespace
{

bool acceptObject(TokenStream & tokens, ObjectKind & object)
{
    if (tokens.accept("DATABASE"))
        object = ObjectKind::Database;
    else if (tokens.accept("VIEW"))
        object = ObjectKind::View;
    else if (tokens.accept("DICTIONARY"))
        object = ObjectKind::Dictionary;
    else if (tokens.accept("FUNCTION"))
        object = ObjectKind::Function;
    else if (tokens.accept("TABLE"))
        object = ObjectKind::Table;
    else
        return false;
    return true;
}

QualifiedName parseObjectName(TokenStream & tokens, ObjectKind object)
{
    if (object == ObjectKind::Database)
        return {parseIdentifier(tokens, "database name"), ""};
    return parseQualifiedName(tokens);
}

}

/// DROP, DETACH and TRUNCATE.
DropQuery parseDrop(TokenStream & tokens)
{
    DropQuery drop;
    if (tokens.accept("DETACH"))
        drop.kind = DropKind::Detach;
    else if (tokens.accept("TRUNCATE"))
        drop.kind = DropKind::Truncate;
    else
        tokens.require("DROP");

    if (drop.kind == DropKind::Truncate && (tokens.accept("ALL TABLES FROM") || tokens.accept("TABLES FROM")))
    {
        drop.object = ObjectKind::AllTables;
        drop.if_exists = acceptIfExists(tokens);
        drop.names.push_back({parseIdentifier(tokens, "database name"), ""});
        drop.cluster = parseOnCluster(tokens);
        return drop;
    }
    drop.temporary = tokens.accept("TEMPORARY");
    /// TRUNCATE [TABLE] t
    if (!acceptObject(tokens, drop.object) && drop.kind != DropKind::Truncate)
        tokens.fail();
    drop.if_exists = acceptIfExists(tokens);
    drop.if_empty = tokens.accept("IF EMPTY");
    do
        drop.names.push_back(parseObjectName(tokens, drop.object));
    while (drop.object != ObjectKind::Database && tokens.acceptComma());
    drop.cluster = parseOnCluster(tokens);
    drop.permanently = tokens.accept("PERMANENTLY");
    drop.sync = tokens.accept("SYNC") || tokens.accept("NO DELAY");
    return drop;
}

/// RENAME TABLE a TO b, …; EXCHANGE TABLES a AND b.
RenameQuery parseRename(TokenStream & tokens)
{
    RenameQuery rename;
    rename.exchange = tokens.accept("EXCHANGE");
    if (rename.exchange)
    {
        if (tokens.accept("DICTIONARIES"))
            rename.object = ObjectKind::Dictionary;
        else
            tokens.require("TABLES");
    }
    else
    {
        tokens.require("RENAME");
        /// RENAME a TO b: a table.
        if (!(tokens.at("TO", 1) || tokens.is(TokenType::Dot, 1)))
            if (!acceptObject(tokens, rename.object))
                tokens.fail();
    }
    rename.if_exists = acceptIfExists(tokens);
    do
    {
        RenamePair pair;
        pair.from = parseObjectName(tokens, rename.object);
        tokens.require(rename.exchange ? "AND" : "TO");
        pair.to = parseObjectName(tokens, rename.object);
        rename.pairs.push_back(std::move(pair));
    } while (tokens.acceptComma());
    rename.cluster = parseOnCluster(tokens);
    return rename;
}

}
