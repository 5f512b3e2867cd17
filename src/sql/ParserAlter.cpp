#include "sql/Grammar.h"

namespace mangrove::grammar
{

namespace
{

void parsePosition(TokenStream & tokens, AlterCommand & command)
{
    if (tokens.accept("FIRST"))
        command.first = true;
    else if (tokens.accept("AFTER"))
        command.after = parseDottedName(tokens);
}

void parseInPartition(TokenStream & tokens, AlterCommand & command)
{
    if (!tokens.accept("IN"))
        return;
    command.partition = acceptPartition(tokens);
    if (!command.partition)
        tokens.fail();
}

void requirePartition(TokenStream & tokens, AlterCommand & command, AlterKind kind)
{
    command.kind = kind;
    command.partition = acceptPartition(tokens);
    if (!command.partition)
        tokens.fail();
}

void parseAdd(TokenStream & tokens, AlterCommand & command)
{
    if (tokens.accept("INDEX"))
    {
        command.kind = AlterKind::AddIndex;
        command.if_not_exists = acceptIfNotExists(tokens);
        command.index = parseIndex(tokens);
        command.name = command.index.name;
    }
    else if (tokens.accept("PROJECTION"))
    {
        command.kind = AlterKind::AddProjection;
        command.if_not_exists = acceptIfNotExists(tokens);
        command.projection = parseProjection(tokens);
        command.name = command.projection.name;
    }
    else if (tokens.accept("CONSTRAINT"))
    {
        command.kind = AlterKind::AddConstraint;
        command.if_not_exists = acceptIfNotExists(tokens);
        command.constraint = parseConstraint(tokens);
        command.name = command.constraint.name;
    }
    else
    {
        tokens.require("COLUMN");
        command.kind = AlterKind::AddColumn;
        command.if_not_exists = acceptIfNotExists(tokens);
        command.column = parseColumn(tokens, false);
        command.name = command.column.name;
    }
    parsePosition(tokens, command);
}

/// DROP, CLEAR and MATERIALIZE of something that has a name.
bool acceptNamed(TokenStream & tokens, AlterCommand & command, std::string_view word, AlterKind kind)
{
    if (!tokens.accept(word))
        return false;
    command.kind = kind;
    command.if_exists = acceptIfExists(tokens);
    command.name = parseDottedName(tokens);
    parseInPartition(tokens, command);
    return true;
}

void parseDropCommand(TokenStream & tokens, AlterCommand & command)
{
    if (acceptNamed(tokens, command, "COLUMN", AlterKind::DropColumn)
        || acceptNamed(tokens, command, "INDEX", AlterKind::DropIndex)
        || acceptNamed(tokens, command, "PROJECTION", AlterKind::DropProjection)
        || acceptNamed(tokens, command, "CONSTRAINT", AlterKind::DropConstraint))
        return;
    requirePartition(tokens, command, tokens.accept("DETACHED") ? AlterKind::DropDetachedPartition
        : AlterKind::DropPartition);
}

void parseModifyColumn(TokenStream & tokens, AlterCommand & command)
{
    command.kind = AlterKind::ModifyColumn;
    command.if_exists = acceptIfExists(tokens);
    command.column = parseColumn(tokens, true);
    command.name = command.column.name;
    if (tokens.accept("REMOVE"))
        command.remove = upperCase(parseIdentifier(tokens));
    else if (tokens.accept("MODIFY SETTING"))
        command.column_settings = parseSettings(tokens);
    else if (tokens.accept("RESET SETTING"))
    {
        do
            command.reset_settings.push_back(parseIdentifier(tokens));
        while (tokens.acceptComma());
    }
    parsePosition(tokens, command);
}

void parseModify(TokenStream & tokens, AlterCommand & command)
{
    if (tokens.accept("COLUMN"))
        parseModifyColumn(tokens, command);
    else if (tokens.accept("ORDER BY"))
    {
        command.kind = AlterKind::ModifyOrderBy;
        command.order_by = parseExpr(tokens);
    }
    else if (tokens.accept("TTL"))
    {
        command.kind = AlterKind::ModifyTtl;
        command.ttl = parseTtl(tokens);
    }
    else if (tokens.accept("SETTING") || tokens.accept("SETTINGS"))
    {
        command.kind = AlterKind::ModifySetting;
        command.settings = parseSettings(tokens);
    }
    else if (tokens.accept("QUERY"))
    {
        command.kind = AlterKind::ModifyQuery;
        command.query = parseSelectTree(tokens);
    }
    else if (tokens.accept("COMMENT"))
    {
        command.kind = AlterKind::ModifyComment;
        command.comment = parseString(tokens);
    }
    else
        parseModifyColumn(tokens, command);    /// MODIFY c Type
}

void parseMaterialize(TokenStream & tokens, AlterCommand & command)
{
    if (acceptNamed(tokens, command, "COLUMN", AlterKind::MaterializeColumn)
        || acceptNamed(tokens, command, "INDEX", AlterKind::MaterializeIndex)
        || acceptNamed(tokens, command, "PROJECTION", AlterKind::MaterializeProjection))
        return;
    tokens.require("TTL");
    command.kind = AlterKind::MaterializeTtl;
    parseInPartition(tokens, command);
}

void parseMove(TokenStream & tokens, AlterCommand & command)
{
    requirePartition(tokens, command, AlterKind::MovePartition);
    tokens.require("TO");
    if (tokens.accept("TABLE"))
    {
        command.destination_kind = "TABLE";
        command.other_table = parseQualifiedName(tokens);
        return;
    }
    for (std::string_view kind : {"DISK", "VOLUME", "SHARD"})
        if (tokens.accept(kind))
        {
            command.destination_kind = std::string(kind);
            command.destination = parseString(tokens);
            return;
        }
    tokens.fail();
}

bool acceptPartitionCommand(TokenStream & tokens, AlterCommand & command)
{
    if (tokens.accept("DETACH"))
        requirePartition(tokens, command, AlterKind::DetachPartition);
    else if (tokens.accept("ATTACH"))
    {
        requirePartition(tokens, command, AlterKind::AttachPartition);
        if (tokens.accept("FROM"))
            command.other_table = parseQualifiedName(tokens);
    }
    else if (tokens.accept("REPLACE"))
    {
        requirePartition(tokens, command, AlterKind::ReplacePartition);
        tokens.require("FROM");
        command.other_table = parseQualifiedName(tokens);
    }
    else if (tokens.accept("MOVE"))
        parseMove(tokens, command);
    else if (tokens.accept("FREEZE"))
    {
        command.kind = AlterKind::FreezePartition;
        command.partition = acceptPartition(tokens);
        if (tokens.accept("WITH NAME"))
            command.destination = parseString(tokens);
    }
    else if (tokens.accept("FETCH"))
    {
        requirePartition(tokens, command, AlterKind::FetchPartition);
        tokens.require("FROM");
        command.destination = parseString(tokens);
    }
    else
        return false;
    return true;
}

void parseNamedChanges(TokenStream & tokens, AlterCommand & command)
{
    if (tokens.accept("RENAME COLUMN"))
    {
        command.kind = AlterKind::RenameColumn;
        command.if_exists = acceptIfExists(tokens);
        command.name = parseDottedName(tokens);
        tokens.require("TO");
        command.new_name = parseDottedName(tokens);
    }
    else if (tokens.accept("COMMENT COLUMN"))
    {
        command.kind = AlterKind::CommentColumn;
        command.if_exists = acceptIfExists(tokens);
        command.name = parseDottedName(tokens);
        command.comment = parseString(tokens);
    }
    else if (tokens.accept("ALTER COLUMN"))
    {
        command.kind = AlterKind::ModifyColumn;
        command.if_exists = acceptIfExists(tokens);
        command.column.name = command.name = parseDottedName(tokens);
        tokens.accept("TYPE");
        command.column.type = parseType(tokens);
        parseColumnProperties(tokens, command.column);
    }
    else if (tokens.accept("RESET SETTING"))
    {
        command.kind = AlterKind::ResetSetting;
        do
            command.reset_settings.push_back(parseIdentifier(tokens));
        while (tokens.acceptComma());
    }
    else if (tokens.accept("REMOVE TTL"))
        command.kind = AlterKind::RemoveTtl;
    else if (tokens.accept("APPLY DELETED MASK"))
    {
        command.kind = AlterKind::ApplyDeletedMask;
        parseInPartition(tokens, command);
    }
    else if (tokens.accept("CLEAR"))
    {
        if (!acceptNamed(tokens, command, "COLUMN", AlterKind::ClearColumn)
            && !acceptNamed(tokens, command, "INDEX", AlterKind::ClearIndex))
            tokens.fail();
    }
    else
        tokens.fail();
}

AlterCommand parseCommand(TokenStream & tokens)
{
    AlterCommand command;
    command.range.begin = tokens.beginOffset();
    bool brackets = tokens.accept(TokenType::OpenRound, "opening round bracket");
    if (tokens.accept("ADD"))
        parseAdd(tokens, command);
    else if (tokens.accept("DROP"))
        parseDropCommand(tokens, command);
    else if (tokens.accept("MODIFY"))
        parseModify(tokens, command);
    else if (tokens.accept("MATERIALIZE"))
        parseMaterialize(tokens, command);
    else if (tokens.accept("UPDATE"))
    {
        command.kind = AlterKind::Update;
        command.assignments = parseAssignments(tokens);
        parseInPartition(tokens, command);
        tokens.require("WHERE");
        command.where = parseExpr(tokens);
    }
    else if (tokens.accept("DELETE"))
    {
        command.kind = AlterKind::Delete;
        parseInPartition(tokens, command);
        tokens.require("WHERE");
        command.where = parseExpr(tokens);
    }
    else if (!acceptPartitionCommand(tokens, command))
        parseNamedChanges(tokens, command);
    if (brackets)
        tokens.requireClose();
    command.range.end = tokens.endOffset();
    tokens.countElements(1);
    return command;
}

}

AlterQuery parseAlter(TokenStream & tokens)
{
    AlterQuery alter;
    tokens.require("ALTER TABLE");
    alter.table = parseQualifiedName(tokens);
    alter.cluster = parseOnCluster(tokens);
    do
        alter.commands.push_back(parseCommand(tokens));
    while (tokens.acceptComma());
    return alter;
}

}
