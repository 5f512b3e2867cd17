#include "sql/AstFormatter.h"

namespace mangrove
{

namespace
{

/// Commands that are words and a name.
std::string_view namedCommand(AlterKind kind)
{
    switch (kind)
    {
        case AlterKind::DropColumn: return "DROP COLUMN ";
        case AlterKind::ClearColumn: return "CLEAR COLUMN ";
        case AlterKind::MaterializeColumn: return "MATERIALIZE COLUMN ";
        case AlterKind::DropIndex: return "DROP INDEX ";
        case AlterKind::ClearIndex: return "CLEAR INDEX ";
        case AlterKind::MaterializeIndex: return "MATERIALIZE INDEX ";
        case AlterKind::DropProjection: return "DROP PROJECTION ";
        case AlterKind::MaterializeProjection: return "MATERIALIZE PROJECTION ";
        case AlterKind::DropConstraint: return "DROP CONSTRAINT ";
        default: return {};
    }
}

std::string_view partitionCommand(AlterKind kind)
{
    switch (kind)
    {
        case AlterKind::DropPartition: return "DROP ";
        case AlterKind::DetachPartition: return "DETACH ";
        case AlterKind::DropDetachedPartition: return "DROP DETACHED ";
        case AlterKind::AttachPartition: return "ATTACH ";
        case AlterKind::ReplacePartition: return "REPLACE ";
        case AlterKind::MovePartition: return "MOVE ";
        case AlterKind::FreezePartition: return "FREEZE ";
        case AlterKind::FetchPartition: return "FETCH ";
        default: return {};
    }
}

}

void AstFormatter::alterCommand(const AlterCommand & command)
{
    auto position = [&]
    {
        if (command.first)
            add(" FIRST");
        else if (!command.after.empty())
        {
            add(" AFTER ");
            name(command.after);
        }
    };
    auto inPartition = [&]
    {
        if (!command.partition)
            return;
        add(" IN ");
        partition(*command.partition);
    };
    std::string_view if_exists = command.if_exists ? "IF EXISTS " : "";
    std::string_view if_not_exists = command.if_not_exists ? "IF NOT EXISTS " : "";
    if (std::string_view words = namedCommand(command.kind); !words.empty())
    {
        add(words);
        add(if_exists);
        name(command.name);
        inPartition();
        return;
    }
    if (std::string_view words = partitionCommand(command.kind); !words.empty())
    {
        add(words);
        if (command.partition)
            partition(*command.partition);
        if (command.kind == AlterKind::MovePartition)
            add(" TO " + command.destination_kind + " ");
        if (!command.other_table.name.empty())
        {
            add(command.kind == AlterKind::MovePartition ? "" : " FROM ");
            name(command.other_table);
        }
        else if (command.kind == AlterKind::FetchPartition)
            add(" FROM " + quoteString(command.destination));
        else if (command.kind == AlterKind::FreezePartition && !command.destination.empty())
            add(" WITH NAME " + quoteString(command.destination));
        else if (command.kind == AlterKind::MovePartition)
            add(quoteString(command.destination));
        return;
    }
    switch (command.kind)
    {
        case AlterKind::AddColumn:
        case AlterKind::ModifyColumn:
            add(command.kind == AlterKind::AddColumn ? "ADD COLUMN " : "MODIFY COLUMN ");
            add(if_exists);
            add(if_not_exists);
            column(command.column);
            if (!command.remove.empty())
                add(" REMOVE " + command.remove);
            if (!command.column_settings.empty())
            {
                add(" MODIFY SETTING ");
                settings(command.column_settings);
            }
            for (size_t i = 0; i < command.reset_settings.size(); ++i)
            {
                add(i ? ", " : " RESET SETTING ");
                name(command.reset_settings[i]);
            }
            position();
            break;
        case AlterKind::RenameColumn:
            add("RENAME COLUMN ");
            add(if_exists);
            name(command.name);
            add(" TO ");
            name(command.new_name);
            break;
        case AlterKind::CommentColumn:
            add("COMMENT COLUMN ");
            add(if_exists);
            name(command.name);
            add(" " + quoteString(command.comment));
            break;
        case AlterKind::AddIndex:
            add("ADD INDEX ");
            add(if_not_exists);
            index(command.index);
            position();
            break;
        case AlterKind::AddProjection:
            add("ADD PROJECTION ");
            add(if_not_exists);
            projection(command.projection);
            position();
            break;
        case AlterKind::AddConstraint:
            add("ADD CONSTRAINT ");
            add(if_not_exists);
            constraint(command.constraint);
            position();
            break;
        case AlterKind::ModifyOrderBy:
            add("MODIFY ORDER BY ");
            expr(*command.order_by, Place::NoAlias);
            break;
        case AlterKind::ModifyTtl:
            add("MODIFY TTL ");
            ttl(command.ttl);
            break;
        case AlterKind::RemoveTtl: add("REMOVE TTL"); break;
        case AlterKind::MaterializeTtl:
            add("MATERIALIZE TTL");
            inPartition();
            break;
        case AlterKind::ModifySetting:
            add("MODIFY SETTING ");
            settings(command.settings);
            break;
        case AlterKind::ResetSetting:
            for (size_t i = 0; i < command.reset_settings.size(); ++i)
            {
                add(i ? ", " : "RESET SETTING ");
                name(command.reset_settings[i]);
            }
            break;
        case AlterKind::ModifyQuery:
            add("MODIFY QUERY ");
            select(*command.query);
            break;
        case AlterKind::ModifyComment: add("MODIFY COMMENT " + quoteString(command.comment)); break;
        case AlterKind::ApplyDeletedMask:
            add("APPLY DELETED MASK");
            inPartition();
            break;
        case AlterKind::Update:
        case AlterKind::Delete:
            if (command.kind == AlterKind::Update)
            {
                add("UPDATE ");
                exprList(command.assignments, Place::NoAlias);
            }
            else
                add("DELETE");
            inPartition();
            add(" WHERE ");
            expr(*command.where, Place::NoAlias);
            break;
        default: break;
    }
}

void AstFormatter::alter(const AlterQuery & alter)
{
    add("ALTER TABLE ");
    name(alter.table);
    cluster(alter.cluster);
    add(" ");
    bool brackets = alter.commands.size() > 1;
    for (size_t i = 0; i < alter.commands.size(); ++i)
    {
        if (i)
            add(", ");
        add(brackets ? "(" : "");
        alterCommand(alter.commands[i]);
        add(brackets ? ")" : "");
    }
}

}
