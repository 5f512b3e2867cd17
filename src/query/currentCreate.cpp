#include "query/currentCreate.h"

#include "base/Exception.h"
#include "sql/AstPrinter.h"
#include "sql/Parser.h"

#include <algorithm>

namespace mangrove
{

namespace
{

std::vector<CodecAst> codecOf(const ColumnSchema & column)
{
    std::vector<CodecAst> result;
    if (!column.codec.empty())
        for (const auto & codec : parseExpressionList(column.codec))
            result.push_back({codec->isIdentifier() ? codec->fullName() : codec->name, codec->args});
    return result;
}

ColumnDeclaration declarationOf(const ColumnSchema & column)
{
    ColumnDeclaration result;
    result.name = column.name;
    result.type = parseType(column.type);
    result.default_kind = column.default_kind;
    if (!column.default_expression.empty())
        result.default_expr = parseExpression(column.default_expression);
    result.codec = codecOf(column);
    result.comment = column.comment;
    result.has_comment = !column.comment.empty();
    return result;
}

void fillEngine(EngineDeclaration & engine, const TableSchema & schema)
{
    auto name = std::make_shared<Expr>();
    name->kind = ExprKind::Function;
    name->name = schema.engine;
    if (!schema.engine_arguments.empty())
        name->args = parseExpressionList(schema.engine_arguments);
    engine.engine = std::move(name);
    if (!engine.order_by)
        engine.order_by = parseExpression(schema.order_by);
    engine.ttl.clear();
    if (!schema.ttl.empty())
        engine.ttl.push_back({parseExpression(schema.ttl), TtlAction::Delete, "", nullptr, {}, {}, {}});
    auto is_granularity = [](const SettingChange & setting) { return setting.name == "index_granularity"; };
    if (std::none_of(engine.settings.begin(), engine.settings.end(), is_granularity))
        engine.settings.push_back({"index_granularity", Literal{uint64_t(8192)}});
}

}

CreateQuery currentCreate(const TableSchema & schema, const std::string & database)
{
    auto statement = parseStatement(schema.create_query);
    auto * create = statement.as<CreateQuery>();
    CHECK(create, "table {} was not created by a CREATE statement", schema.name);
    create->name = {database, schema.name};
    create->if_not_exists = create->or_replace = false;
    create->cluster.clear();
    create->uuid.clear();
    create->as_table.reset();
    if (schema.holdsData())
    {
        create->table.columns.clear();
        create->has_columns = true;
        for (const auto & column : schema.columns)
            create->table.columns.push_back(declarationOf(column));
        fillEngine(create->engine, schema);
    }
    return std::move(*create);
}

std::string engineFull(const CreateQuery & create)
{
    constexpr std::string_view prefix = " ENGINE = ";
    return create.engine.engine ? formatAst(create.engine).substr(prefix.size()) : "";
}

}
