#include "analyzer/SelectAnalyzer.h"

#include "analyzer/valuesFunction.h"
#include "sql/AstPrinter.h"
#include "types/DataTypes.h"

#include <re2/re2.h>

#include <algorithm>

namespace mangrove
{

namespace
{

void checkAliases(const std::vector<FromElement> & elements)
{
    std::set<std::string> seen;
    for (const auto & element : elements)
        if (element.kind != FromKind::ArrayJoin && !element.table.alias.empty() && !seen.insert(element.table.alias).second)
            throw Exception(ErrorCode::MULTIPLE_EXPRESSIONS_FOR_ALIAS, "Multiple table expressions with same alias {}", element.table.alias);
}

}

BoundFromPtr SelectAnalyzer::bindFrom(const std::vector<FromElement> & elements)
{
    checkAliases(elements);
    BoundFromPtr from = std::make_shared<BoundFrom>();
    for (const auto & element : elements)
    {
        switch (element.kind)
        {
            case FromKind::First:
                from = bindTableExpression(element.table);
                break;
            case FromKind::Join:
                from = bindJoin(from, element);
                break;
            case FromKind::ArrayJoin:
                from = bindArrayJoin(from, element);
                break;
        }
    }
    return from;
}

BoundFromPtr SelectAnalyzer::bindTableExpression(const TableExpression & table)
{
    switch (table.kind)
    {
        case TableExpressionKind::Subquery:
            return bindSubquerySource(table.subquery, table);
        case TableExpressionKind::Function:
        {
            Expressions bound;
            for (const auto & argument : table.function->args)
            {
                bound.push_back(argument->isIdentifier() ? makeConstant(argument->fullName(), makeType(TypeId::String)) : bind(argument));
                if (!bound.back()->isConstant())
                    throw Exception(ErrorCode::BAD_ARGUMENTS, "Argument {} of table function {} must be a constant",
                        formatAst(*argument), table.function->name);
            }
            if (strcasecmp(table.function->name.c_str(), "values") == 0)
                return bindSubquerySource(valuesAsSelect(table.function->args, bound), table);
            std::vector<Field> arguments;
            for (const auto & argument : bound)
                arguments.push_back(argument->constantValue());
            return bindTableSource(context_.find_table_function(table.function->name, arguments), table);
        }
        case TableExpressionKind::Table:
            break;
    }
    if (table.database.empty())
        if (const auto * with_query = scope_.findWithQuery(table.table, ids_.with_in_progress))
        {
            auto named = table;
            if (named.alias.empty())
                named.alias = table.table;
            if (named.column_aliases.empty())
                named.column_aliases = with_query->column_aliases;
            return bindSubquerySource(with_query->select, named);
        }
    return bindTableSource(context_.find_table(table.database, table.table), table);
}

BoundFromPtr SelectAnalyzer::bindSubquerySource(const SelectPtr & subquery, const TableExpression & table)
{
    auto from = std::make_shared<BoundFrom>();
    from->kind = BoundFromKind::Subquery;
    const bool entered = ids_.with_in_progress.insert(subquery.get()).second;
    from->subquery = analyzeSubquery(subquery);
    if (entered)
        ids_.with_in_progress.erase(subquery.get());
    ScopeSource source{table.alias, "", "", {}};
    size_t number = ids_.source++;
    for (size_t i = 0; i < from->subquery->header.size(); ++i)
    {
        const auto & column = from->subquery->header[i];
        auto name = i < table.column_aliases.size() ? table.column_aliases[i] : column.name;
        // The position makes the id unique when the subquery has two columns of one name.
        auto id = fmt::format("t{}.{}{}", number, name, source.find(name) ? fmt::format("#{}", i) : "");
        from->columns.push_back({column.name, id, column.type});
        source.columns.push_back({name, id, column.type, TableColumn::Kind::Ordinary, ""});
    }
    scope_.sources.push_back(std::move(source));
    return from;
}

BoundFromPtr SelectAnalyzer::bindTableSource(TableSourcePtr table_source, const TableExpression & table)
{
    if (table.final && !table_source->supportsFinal())
        throw Exception(ErrorCode::ILLEGAL_FINAL, "Table {}.{} does not support FINAL", table_source->database(), table_source->name());
    auto from = std::make_shared<BoundFrom>();
    from->kind = BoundFromKind::Table;
    from->final = table.final || (context_.settings.final && table_source->supportsFinal());
    ScopeSource source{table.alias, table_source->database(), table_source->name(), {}};
    size_t number = ids_.source++;
    for (const auto & column : table_source->columns())
    {
        auto id = fmt::format("t{}.{}", number, column.name);
        source.columns.push_back({column.name, id, column.type, column.kind, column.alias_expression});
        if (column.kind != TableColumn::Kind::Alias)
            from->columns.push_back({column.name, id, column.type});
    }
    scope_.sources.push_back(std::move(source));
    from->table = std::move(table_source);
    return from;
}

namespace
{

void collectIds(const BoundFrom & from, std::set<std::string> & ids)
{
    for (const auto & column : from.columns)
        ids.insert(column.id);
    for (const auto & array_join : from.array_joins)
        ids.insert(array_join.id);
    if (from.left)
        collectIds(*from.left, ids);
    if (from.right)
        collectIds(*from.right, ids);
}

bool readsOnly(const ExpressionPtr & expression, const std::set<std::string> & ids)
{
    std::set<std::string> names;
    collectColumns(expression, names);
    return std::includes(ids.begin(), ids.end(), names.begin(), names.end());
}

}

BoundFromPtr SelectAnalyzer::bindJoin(BoundFromPtr left, const FromElement & element)
{
    size_t left_source_count = scope_.sources.size();
    auto right = bindTableExpression(element.table);
    auto join = std::make_shared<BoundFrom>();
    join->kind = BoundFromKind::Join;
    join->join_kind = element.join.kind == JoinKind::Comma ? JoinKind::Cross : element.join.kind;
    join->strictness = element.join.strictness;
    if (join->strictness == JoinStrictness::Unspecified)
        join->strictness = context_.settings.join_default_strictness == "ANY" ? JoinStrictness::Any : JoinStrictness::All;
    if (join->join_kind == JoinKind::Full || join->join_kind == JoinKind::Paste || join->strictness == JoinStrictness::Asof)
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "FULL, PASTE and ASOF joins are not supported: use INNER, LEFT, RIGHT or CROSS");
    if (context_.settings.join_use_nulls)
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "The setting join_use_nulls = 1 is not supported: missing rows have default values");

    std::set<std::string> left_ids, right_ids;
    collectIds(*left, left_ids);
    collectIds(*right, right_ids);
    for (const auto & expr : element.join.using_columns)
    {
        auto name = expr->fullName();
        // What the name means so far: of an earlier USING or ARRAY JOIN, or a column of the first table that has one.
        ExpressionPtr left_column;
        if (auto it = scope_.overrides.find(name); it != scope_.overrides.end())
            left_column = it->second;
        for (size_t i = 0; i < left_source_count && !left_column; ++i)
            if (const auto * column = scope_.sources[i].find(name))
                left_column = bindColumn(*column);
        const auto * right_column = scope_.sources.back().find(name);
        if (!left_column || !right_column)
            throw Exception(ErrorCode::UNKNOWN_IDENTIFIER, "JOIN USING column {} is missing in the {} table", name, left_column ? "right" : "left");
        addJoinCondition(*join, left_ids, right_ids, makeCall("equals", {left_column, bindColumn(*right_column)}));
        // The joined column is one: unqualified it means the side whose rows are all kept, of the type that has both.
        auto kept = join->join_kind == JoinKind::Right ? bindColumn(*right_column) : left_column;
        if (!left_column->type->equals(*right_column->type))
            kept = makeCast(kept, leastSupertype({left_column->type, right_column->type}));
        scope_.overrides[name] = kept;
    }
    if (element.join.on)
    {
        no_aggregates_in_ = "JOIN ON";
        for (const auto & conjunct : splitConjunction(bind(element.join.on)))
            addJoinCondition(*join, left_ids, right_ids, conjunct);
        addSideConditions(*join, left_ids, right_ids);
        no_aggregates_in_ = nullptr;
        if (join->left_keys.empty() && join->join_kind == JoinKind::Inner && join->strictness == JoinStrictness::All)
            join->join_kind = JoinKind::Cross;
    }
    if (join->join_kind != JoinKind::Cross && join->left_keys.empty())
        throw Exception(ErrorCode::INVALID_JOIN_ON_EXPRESSION,
            "Cannot determine join keys: JOIN ON must contain at least one equality between the two tables, joined by AND");
    if (join->residual && join->join_kind != JoinKind::Inner && join->join_kind != JoinKind::Cross)
        throw Exception(ErrorCode::INVALID_JOIN_ON_EXPRESSION,
            "JOIN ON of a LEFT or RIGHT join supports only equalities between the tables and conditions on one of them");
    if (join->residual && join->strictness != JoinStrictness::All)
        throw Exception(ErrorCode::INVALID_JOIN_ON_EXPRESSION, "ANY, SEMI and ANTI joins support only equalities between the tables and conditions on one of them");

    join->left = std::move(left);
    join->right = std::move(right);
    if (join->join_kind == JoinKind::Right)
    {
        std::swap(join->left, join->right);
        std::swap(join->left_keys, join->right_keys);
        join->join_kind = JoinKind::Left;
    }
    return join;
}

void SelectAnalyzer::addJoinCondition(
    BoundFrom & join, const std::set<std::string> & left_ids, const std::set<std::string> & right_ids, const ExpressionPtr & condition)
{
    if (condition->isFunction("equals"))
    {
        auto a = condition->arguments[0], b = condition->arguments[1];
        if (readsOnly(b, left_ids) && readsOnly(a, right_ids) && !a->isConstant() && !b->isConstant())
            std::swap(a, b);
        if (readsOnly(a, left_ids) && readsOnly(b, right_ids) && !a->isConstant() && !b->isConstant())
        {
            auto common = leastSupertype({removeLowCardinality(a->type), removeLowCardinality(b->type)});
            join.left_keys.push_back(removeLowCardinality(a->type)->equals(*common) ? a : makeCast(a, common));
            join.right_keys.push_back(removeLowCardinality(b->type)->equals(*common) ? b : makeCast(b, common));
            return;
        }
    }
    join.residual = join.residual ? makeCall("and", {join.residual, condition}) : condition;
}

void SelectAnalyzer::addSideConditions(BoundFrom & join, const std::set<std::string> & left_ids, const std::set<std::string> & right_ids)
{
    bool filters_result = join.join_kind == JoinKind::Inner && join.strictness == JoinStrictness::All;
    if (!join.residual || filters_result || join.join_kind == JoinKind::Cross || join.left_keys.empty())
        return;
    auto one = makeConstant(Field(uint64_t(1)), makeType(TypeId::UInt8));
    auto zero = makeConstant(Field(uint64_t(0)), makeType(TypeId::UInt8));
    auto conditions = splitConjunction(join.residual);
    join.residual = nullptr;
    for (const auto & condition : conditions)
    {
        bool on_left = readsOnly(condition, left_ids);
        if (!on_left && !readsOnly(condition, right_ids))
        {
            join.residual = join.residual ? makeCall("and", {join.residual, condition}) : condition;
            continue;
        }
        auto holds = makeCall("notEquals", {makeCall("ifNull", {condition, zero}), zero});
        join.left_keys.push_back(on_left ? holds : one);
        join.right_keys.push_back(on_left ? one : holds);
    }
}

BoundFromPtr SelectAnalyzer::bindArrayJoin(BoundFromPtr input, const FromElement & element)
{
    auto from = std::make_shared<BoundFrom>();
    from->kind = BoundFromKind::ArrayJoin;
    from->left = std::move(input);
    from->array_join_left = element.array_join_left;
    std::unordered_map<std::string, ExpressionPtr> results;
    auto add = [&](const std::string & name, const ExpressionPtr & array)
    {
        DataTypePtr type;
        if (array->type->id() == TypeId::Array)
            type = typeAs<DataTypeArray>(*array->type).element();
        else if (array->type->id() == TypeId::Map)
            type = typeAs<DataTypeArray>(*typeAs<DataTypeMap>(*array->type).pairs()).element();
        else
            throw Exception(ErrorCode::TYPE_MISMATCH, "ARRAY JOIN requires an array or map argument, {} is {}", name, array->type->name());
        auto id = fmt::format("element{}.{}", ids_.source++, name);
        from->array_joins.push_back({array, id, type});
        results[name] = makeColumn(id, type);
    };
    for (const auto & expr : element.array_join)
    {
        // ARRAY JOIN events: every events.* column of a Nested, side by side.
        if (expr->isIdentifier() && !tryColumn(expr->parts) && !tryAlias(expr->fullName()))
        {
            auto prefix = expr->fullName() + ".";
            size_t found = 0;
            for (size_t s = 0; s < scope_.sources.size(); ++s)
                for (const auto & column : scope_.sources[s].columns)
                    if (column.name.starts_with(prefix))
                    {
                        auto target = expr->alias.empty() ? column.name : expr->alias + "." + column.name.substr(prefix.size());
                        add(target, bindColumn(column));
                        ++found;
                    }
            if (found)
                continue;
        }
        auto stripped = clone(expr);
        stripped->alias.clear();
        add(expr->alias.empty() ? columnName(*expr) : expr->alias, bind(stripped));
    }
    for (auto & [name, column] : results)
        scope_.overrides[name] = column;
    return from;
}

bool SelectAnalyzer::isSourceColumn(const std::string & id) const
{
    return std::ranges::any_of(scope_.sources, [&](const auto & source)
        { return std::ranges::any_of(source.columns, [&](const auto & column) { return column.id == id; }); });
}

std::vector<NamedExpression> SelectAnalyzer::expandAsterisk(const Expr & expr)
{
    std::vector<NamedExpression> columns;
    bool matched_source = false;
    auto add = [&](const ScopeColumn & column)
    {
        // b.* has b's column, also where USING makes one of two for *.
        auto it = scope_.overrides.find(column.name);
        auto isOfSource = [&](const ExpressionPtr & e) { return isSourceColumn(e->isFunction("_CAST") ? e->arguments[0]->column : e->column); };
        bool joined = it != scope_.overrides.end() && !(expr.parts.size() && isOfSource(it->second));
        columns.push_back({column.name, joined ? it->second : bindColumn(column)});
    };
    std::unique_ptr<re2::RE2> pattern;
    if (expr.kind == ExprKind::ColumnsMatcher && expr.args.empty())
    {
        pattern = std::make_unique<re2::RE2>(*expr.value.asString(), re2::RE2::Quiet);
        if (!pattern->ok())
            throw Exception(ErrorCode::CANNOT_COMPILE_REGEXP, "COLUMNS pattern {} cannot be compiled: {}", *expr.value.asString(), pattern->error());
    }
    if (expr.kind == ExprKind::ColumnsMatcher && !expr.args.empty())
    {
        for (const auto & argument : expr.args)
            columns.push_back({scope_.shownName(argument), bind(argument)});
        return applyTransformers(expr, std::move(columns));
    }
    std::set<std::string> using_done;
    for (const auto & source : scope_.sources)
    {
        if (!expr.parts.empty() && !source.isCalled(expr.parts))
            continue;
        matched_source = true;
        for (const auto & column : source.columns)
        {
            if (column.kind != TableColumn::Kind::Ordinary || (pattern && !re2::RE2::PartialMatch(column.name, *pattern)))
                continue;
            if (expr.parts.empty() && scope_.overrides.contains(column.name) && !using_done.insert(column.name).second)
                continue;
            add(column);
        }
    }
    if (!matched_source && (!expr.parts.empty() || scope_.sources.empty()))
    {
        if (expr.parts.empty())
        {
            // SELECT * without FROM reads system.one.
            columns.push_back({"dummy", makeConstant(Field(uint64_t(0)), makeType(TypeId::UInt8))});
            return columns;
        }
        throw Exception(ErrorCode::UNKNOWN_IDENTIFIER, "There is no table {} for {}", expr.parts.back(), formatAst(expr));
    }
    if (expr.parts.empty() && !pattern)
        for (const auto & [name, override_column] : scope_.overrides)
            if (std::none_of(columns.begin(), columns.end(), [&](const auto & column) { return column.name == name; }))
                columns.push_back({name, override_column});
    columns = applyTransformers(expr, std::move(columns)); // which know them by their plain names
    for (auto & column : columns)
        if (!scope_.overrides.contains(column.name) || expr.parts.size())
            for (size_t i = 0; i < scope_.sources.size(); ++i)
                if (const auto * known = scope_.sources[i].find(column.name); known && known->id == column.expression->column)
                    column.name = scope_.shownName(i, column.name);
    return columns;
}

std::vector<NamedExpression> SelectAnalyzer::applyTransformers(const Expr & matcher, std::vector<NamedExpression> columns)
{
    for (const auto & transformer : matcher.transformers)
    {
        switch (transformer.kind)
        {
            case ColumnTransformerKind::Except:
            {
                re2::RE2 pattern(transformer.regexp, re2::RE2::Quiet);
                std::erase_if(columns, [&](const auto & column)
                {
                    if (!transformer.regexp.empty())
                        return re2::RE2::PartialMatch(column.name, pattern);
                    return std::find(transformer.columns.begin(), transformer.columns.end(), column.name) != transformer.columns.end();
                });
                break;
            }
            case ColumnTransformerKind::Replace:
                for (const auto & replacement : transformer.replacements)
                    for (auto & column : columns)
                        if (column.name == replacement->alias)
                        {
                            auto stripped = clone(replacement);
                            stripped->alias.clear();
                            column.expression = bind(stripped);
                        }
                break;
            case ColumnTransformerKind::Apply:
                throw Exception(ErrorCode::NOT_IMPLEMENTED, "The column transformer APPLY is not supported");
        }
    }
    return columns;
}

}
