#include "sql/AstFormatter.h"

namespace mangrove
{

void AstFormatter::name(const QualifiedName & qualified)
{
    if (!qualified.database.empty())
    {
        name(qualified.database);
        add(".");
    }
    name(qualified.name);
}

void AstFormatter::cluster(const std::string & cluster_name)
{
    if (cluster_name.empty())
        return;
    add(" ON CLUSTER ");
    name(cluster_name);
}

void AstFormatter::partition(const PartitionAst & partition)
{
    if (!partition.part.empty())
        add("PART " + quoteString(partition.part));
    else if (partition.all)
        add("PARTITION ALL");
    else if (!partition.value)
        add("PARTITION ID " + quoteString(partition.id));
    else
    {
        add("PARTITION ");
        expr(*partition.value, Place::NoAlias);
    }
}

void AstFormatter::codec(const std::vector<CodecAst> & codecs)
{
    add("CODEC(");
    for (size_t i = 0; i < codecs.size(); ++i)
    {
        if (i)
            add(", ");
        name(codecs[i].name);
        if (codecs[i].args.empty())
            continue;
        add("(");
        exprList(codecs[i].args);
        add(")");
    }
    add(")");
}

void AstFormatter::column(const ColumnDeclaration & column)
{
    add(quoteIdentifier(column.name));
    if (column.type)
        add(" " + column.type->text);
    if (column.nullable)
        add(*column.nullable ? " NULL" : " NOT NULL");
    switch (column.default_kind)
    {
        case DefaultKind::None: break;
        case DefaultKind::Default: add(" DEFAULT"); break;
        case DefaultKind::Materialized: add(" MATERIALIZED"); break;
        case DefaultKind::Alias: add(" ALIAS"); break;
        case DefaultKind::Ephemeral: add(" EPHEMERAL"); break;
    }
    if (column.default_expr)
    {
        add(" ");
        expr(*column.default_expr, Place::NoAlias);
    }
    if (column.has_comment)
        add(" COMMENT " + quoteString(column.comment));
    if (!column.codec.empty())
    {
        add(" ");
        codec(column.codec);
    }
    for (size_t i = 0; i < column.statistics.size(); ++i)
    {
        add(i ? ", " : " STATISTICS(");
        name(column.statistics[i]);
    }
    if (!column.statistics.empty())
        add(")");
    if (column.ttl)
    {
        add(" TTL ");
        expr(*column.ttl, Place::NoAlias);
    }
    if (!column.settings.empty())
    {
        add(" SETTINGS (");
        settings(column.settings);
        add(")");
    }
    if (column.primary_key)
        add(" PRIMARY KEY");
}

void AstFormatter::index(const IndexDeclaration & index)
{
    name(index.name);
    add(" ");
    expr(*index.expr, Place::NoAlias);
    add(" TYPE ");
    if (index.type->args.empty() && index.type->parameters.empty())
        name(index.type->name);
    else
        expr(*index.type, Place::Operand);
    if (index.has_granularity)
        add(" GRANULARITY " + std::to_string(index.granularity));
}

void AstFormatter::projection(const ProjectionDeclaration & projection)
{
    name(projection.name);
    separator();
    subqueryInBrackets(*projection.query);
}

void AstFormatter::constraint(const ConstraintDeclaration & constraint)
{
    name(constraint.name);
    add(constraint.assume ? " ASSUME " : " CHECK ");
    expr(*constraint.expr, Place::NoAlias);
}

void AstFormatter::columnsOfTable(const TableDeclaration & table)
{
    separator();
    add("(");
    ++indent_;
    bool first = true;
    auto next = [&]
    {
        if (!first)
            add(pretty_ ? "," : ", ");
        first = false;
        newLineIfPretty();
    };
    for (const ColumnDeclaration & declaration : table.columns)
    {
        next();
        column(declaration);
    }
    for (const IndexDeclaration & declaration : table.indices)
    {
        next();
        add("INDEX ");
        index(declaration);
    }
    for (const ConstraintDeclaration & declaration : table.constraints)
    {
        next();
        add("CONSTRAINT ");
        constraint(declaration);
    }
    for (const ProjectionDeclaration & declaration : table.projections)
    {
        next();
        add("PROJECTION ");
        projection(declaration);
    }
    if (table.primary_key)
    {
        next();
        add("PRIMARY KEY ");
        expr(*table.primary_key, Place::NoAlias);
    }
    --indent_;
    newLineIfPretty();
    add(")");
}

void AstFormatter::ttl(const std::vector<TtlElement> & elements)
{
    for (size_t i = 0; i < elements.size(); ++i)
    {
        const TtlElement & element = elements[i];
        if (i)
            add(", ");
        expr(*element.expr, Place::NoAlias);
        switch (element.action)
        {
            case TtlAction::Delete: break;
            case TtlAction::ToDisk: add(" TO DISK " + quoteString(element.destination)); break;
            case TtlAction::ToVolume: add(" TO VOLUME " + quoteString(element.destination)); break;
            case TtlAction::GroupBy:
                add(" GROUP BY ");
                exprList(element.group_by);
                if (!element.set.empty())
                {
                    add(" SET ");
                    exprList(element.set, Place::NoAlias);
                }
                break;
            case TtlAction::Recompress:
                add(" RECOMPRESS ");
                codec(element.recompress);
                break;
        }
        if (element.where)
        {
            /// Without DELETE the words after an interval could be read on; ClickHouse prints it only here.
            add(element.action == TtlAction::Delete ? " DELETE WHERE " : " WHERE ");
            expr(*element.where, Place::NoAlias);
        }
    }
}

void AstFormatter::engine(const EngineDeclaration & engine)
{
    if (engine.engine)
    {
        separator();
        add("ENGINE = ");
        if (engine.engine->args.empty() && engine.engine->parameters.empty())
            name(engine.engine->name);
        else
            expr(*engine.engine, Place::Operand);
    }
    const std::pair<std::string_view, ExprPtr> keys[] = {
        {"PARTITION BY ", engine.partition_by},
        {"PRIMARY KEY ", engine.primary_key},
        {"ORDER BY ", engine.order_by},
        {"SAMPLE BY ", engine.sample_by},
    };
    for (const auto & [words, key] : keys)
        if (key)
        {
            separator();
            add(words);
            expr(*key, Place::NoAlias);
        }
    if (!engine.ttl.empty())
    {
        separator();
        add("TTL ");
        ttl(engine.ttl);
    }
    if (!engine.settings.empty())
    {
        separator();
        add("SETTINGS ");
        settings(engine.settings);
    }
}

void AstFormatter::create(const CreateQuery & create)
{
    add(create.attach ? "ATTACH " : create.replace ? "REPLACE " : create.or_replace ? "CREATE OR REPLACE " : "CREATE ");
    if (create.temporary)
        add("TEMPORARY ");
    switch (create.kind)
    {
        case CreateKind::Database: add("DATABASE "); break;
        case CreateKind::Table: add("TABLE "); break;
        case CreateKind::View: add("VIEW "); break;
        case CreateKind::MaterializedView: add("MATERIALIZED VIEW "); break;
        case CreateKind::Dictionary: add("DICTIONARY "); break;
        case CreateKind::Function: add("FUNCTION "); break;
    }
    if (create.if_not_exists)
        add("IF NOT EXISTS ");
    if (create.kind == CreateKind::Database)
        name(create.name.database);
    else
        name(create.name);
    if (!create.uuid.empty())
        add(" UUID " + quoteString(create.uuid));
    cluster(create.cluster);
    if (create.kind == CreateKind::Function)
    {
        add(" AS ");
        expr(*create.function_body, Place::NoAlias);
        return;
    }
    if (!create.refresh.empty())
        add(" " + create.refresh);
    if (create.to)
    {
        add(" TO ");
        name(*create.to);
    }
    if (create.has_columns)
        columnsOfTable(create.table);
    bool as_before_engine = create.as_table || create.as_table_function;
    if (create.as_table)
    {
        add(" AS ");
        name(*create.as_table);
    }
    if (create.as_table_function)
    {
        add(" AS ");
        expr(*create.as_table_function, Place::Operand);
    }
    engine(create.engine);
    if (create.populate)
        add(" POPULATE");
    auto comment = [&]
    {
        if (!create.has_comment)
            return;
        separator();
        add("COMMENT " + quoteString(create.comment));
    };
    /// After a SELECT it would be read as an alias by older servers, so ClickHouse puts it last there too.
    if (!create.select || as_before_engine)
        comment();
    if (!create.select)
        return;
    if (create.empty)
        add(" EMPTY");
    separator();
    add("AS ");
    select(*create.select);
    comment();
}

}
