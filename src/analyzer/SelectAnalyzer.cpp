#include "analyzer/SelectAnalyzer.h"

#include "functions/callFunction.h"
#include "sql/AstPrinter.h"
#include "types/DataTypes.h"

#include <algorithm>
#include <ranges>

namespace mangrove
{

SelectAnalyzer::SelectAnalyzer(const AnalyzerContext & context, AnalyzerIds & ids, const Scope * parent) : context_(context), ids_(ids)
{
    scope_.parent = parent;
    select_ = std::make_shared<BoundSelect>();
}

namespace
{

void refuseUnsupported(const SelectQuery & query)
{
    auto refuse = [](bool present, const char * what)
    {
        if (present)
            throw Exception(ErrorCode::NOT_IMPLEMENTED, "{} is not supported", what);
    };
    refuse(query.with_recursive, "WITH RECURSIVE");
    refuse(query.grouping == GroupingMode::Rollup, "GROUP BY … WITH ROLLUP");
    refuse(query.grouping == GroupingMode::Cube, "GROUP BY … WITH CUBE");
    refuse(query.grouping == GroupingMode::GroupingSets, "GROUPING SETS");
    refuse(query.has_interpolate, "INTERPOLATE");
    for (const auto & element : query.order_by)
    {
        refuse(element.fill.has_value(), "ORDER BY … WITH FILL");
        refuse(!element.collation.empty(), "COLLATE");
    }
}

void collectAllAliases(Scope & scope, const SelectQuery & query)
{
    scope.collectWith(query);
    for (const auto & list : {&query.columns, &query.group_by, &query.distinct_on})
        for (const auto & expr : *list)
            scope.collectAliases(expr);
    for (const auto & expr : {query.prewhere, query.where, query.having, query.qualify})
        scope.collectAliases(expr);
    for (const auto & element : query.order_by)
        scope.collectAliases(element.expr);
}

}

BoundQueryPtr SelectAnalyzer::analyze(const SelectQuery & query)
{
    refuseUnsupported(query);
    query_ = &query;
    collectAllAliases(scope_, query);
    select_->from = bindFrom(query.from);

    no_aggregates_in_ = "PREWHERE";
    if (query.prewhere)
    {
        if (select_->from && select_->from->kind == BoundFromKind::Subquery)
            throw Exception(ErrorCode::UNSUPPORTED_METHOD, "A subquery does not support PREWHERE: use WHERE");
        select_->prewhere = bindFilter(query.prewhere);
    }
    no_aggregates_in_ = "WHERE";
    if (query.where)
        select_->where = bindFilter(query.where);
    no_aggregates_in_ = nullptr;

    bindProjection(query);
    bindGroupBy(query);
    if (query.having)
        select_->having = bind(query.having);
    if (query.qualify)
        select_->qualify = bind(query.qualify);
    if (query.order_by_all)
        for (const auto & column : select_->projection)
            select_->order_by.push_back({column.expression, query.order_by[0].descending, query.order_by[0].nulls == NullsOrder::First});
    else
        select_->order_by = bindOrder(query.order_by, true);
    for (const auto & expr : query.distinct_on)
        select_->distinct_on.push_back(bind(expr));
    select_->distinct = query.distinct;
    if (query.limit_by)
    {
        for (const auto & expr : query.limit_by->columns)
            select_->limit_by.push_back(bindPositional(expr));
        select_->limit_by_rows = bindLimit(query.limit_by->limit, "LIMIT BY").value();
        select_->limit_by_offset = bindLimit(query.limit_by->offset, "LIMIT BY OFFSET").value_or(0);
    }
    select_->limit = bindLimit(query.limit, "LIMIT");
    select_->offset = bindLimit(query.offset, "OFFSET").value_or(0);
    select_->with_ties = query.limit_with_ties;
    if (select_->with_ties && select_->order_by.empty())
        throw Exception(ErrorCode::BAD_ARGUMENTS, "LIMIT WITH TIES needs ORDER BY");

    select_->with_totals = query.with_totals;
    select_->aggregates = !select_->aggregate_calls.empty() || !select_->group_keys.empty() || query.with_totals;
    if (select_->aggregates)
        rewriteOverAggregation();
    else if (select_->having)
    {
        // Without aggregation HAVING filters like WHERE.
        select_->where = select_->where ? makeCall("and", {select_->where, select_->having}) : select_->having;
        select_->having = nullptr;
    }

    auto bound = std::make_shared<BoundQuery>();
    for (const auto & column : select_->projection)
        bound->header.push_back({column.name, column.expression->type});
    bound->select = select_;
    return bound;
}

ExpressionPtr SelectAnalyzer::bindFilter(const ExprPtr & expr)
{
    auto condition = bind(expr);
    auto type = removeLowCardinalityAndNullable(condition->type);
    if (!type->isNumber() && type->id() != TypeId::Nothing)
        throw Exception(ErrorCode::ILLEGAL_TYPE_OF_COLUMN_FOR_FILTER, "Illegal type {} of the filter {}: it must be a number", condition->type->name(), formatAst(*expr));
    return condition;
}

void SelectAnalyzer::bindProjection(const SelectQuery & query)
{
    for (const auto & expr : query.columns)
    {
        if (expr->kind == ExprKind::Asterisk || expr->kind == ExprKind::ColumnsMatcher)
            for (auto & column : expandAsterisk(*expr))
                select_->projection.push_back(std::move(column));
        else
            select_->projection.push_back({scope_.shownName(expr), bind(expr)});
    }
    if (select_->projection.empty())
        throw Exception(ErrorCode::EMPTY_LIST_OF_COLUMNS_QUERIED, "The SELECT list is empty");
}

/// GROUP BY 2, ORDER BY 1 and LIMIT 1 BY 2 mean the columns of the SELECT list; * there stands for as many as it has.
ExpressionPtr SelectAnalyzer::bindPositional(const ExprPtr & expr)
{
    if (!context_.settings.enable_positional_arguments || expr->kind != ExprKind::Literal)
        return bind(expr);
    const auto count = static_cast<int64_t>(select_->projection.size());
    int64_t position = 0;
    if (const auto * number = expr->value.asUInt64())
        position = static_cast<int64_t>(std::min<uint64_t>(*number, INT64_MAX));
    else if (const auto * from_end = expr->value.asInt64())
        position = *from_end < -count ? 0 : *from_end + count + 1;
    else
        return bind(expr);
    if (position <= 0 || position > count)
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Positional argument {} is out of the bounds of the SELECT list, which has {} columns",
            formatAst(*expr), count);
    return select_->projection[position - 1].expression;
}

bool SelectAnalyzer::readsAggregates(const ExpressionPtr & expression) const
{
    std::set<std::string> names;
    collectColumns(expression, names);
    auto in = [&](const auto & calls) { return std::ranges::any_of(calls, [&](const auto & call) { return names.contains(call.id); }); };
    return in(select_->aggregate_calls) || in(select_->windows);
}

void SelectAnalyzer::bindGroupBy(const SelectQuery & query)
{
    std::set<std::string> seen;
    auto add = [&](const ExpressionPtr & key)
    {
        if (key->isConstant() || !seen.insert(key->key).second)
            return;
        select_->group_keys.push_back({fmt::format("key{}", select_->group_keys.size()), key});
    };
    if (query.grouping == GroupingMode::All)
    {
        // The largest expressions without aggregates: of sum(x) / y + z that is y and z.
        std::function<void(const ExpressionPtr &)> add_plain = [&](const ExpressionPtr & expression)
        {
            if (expression->kind != ExpressionKind::Lambda && !readsAggregates(expression))
                return add(expression);
            for (const auto & argument : expression->arguments)
                add_plain(argument);
        };
        for (const auto & column : select_->projection)
            add_plain(column.expression);
        return;
    }
    no_aggregates_in_ = "GROUP BY";
    for (const auto & expr : query.group_by)
    {
        auto key = bindPositional(expr);
        if (readsAggregates(key))
            throw Exception(ErrorCode::ILLEGAL_AGGREGATION, "Aggregate function is found in GROUP BY in query: column {} of the SELECT list has one", formatAst(*expr));
        add(key);
    }
    no_aggregates_in_ = nullptr;
    // GROUP BY of constants only is still an aggregation, with one group for a non-empty input.
    if (!query.group_by.empty() && select_->group_keys.empty())
        select_->group_keys.push_back({"key0", makeCall("materialize", {makeConstant(Field(uint64_t(0)), makeType(TypeId::UInt8))})});
}

std::vector<BoundOrder> SelectAnalyzer::bindOrder(const std::vector<OrderElement> & elements, bool allow_positional)
{
    std::vector<BoundOrder> order;
    for (const auto & element : elements)
    {
        auto expression = allow_positional ? bindPositional(element.expr) : bind(element.expr);
        bool nulls_first = element.nulls == NullsOrder::First;
        order.push_back({expression, element.descending, nulls_first});
    }
    return order;
}

std::optional<uint64_t> SelectAnalyzer::bindLimit(const ExprPtr & expr, const char * clause)
{
    if (!expr)
        return std::nullopt;
    auto bound = bind(expr);
    if (!bound->isConstant())
        throw Exception(ErrorCode::INVALID_LIMIT_EXPRESSION, "The {} expression must be a constant, got {}", clause, formatAst(*expr));
    auto value = bound->constantValue();
    if (value.is<uint64_t>())
        return value.get<uint64_t>();
    if (value.is<int64_t>() && value.get<int64_t>() >= 0)
        return static_cast<uint64_t>(value.get<int64_t>());
    if (value.isNull())
        return std::nullopt;
    throw Exception(ErrorCode::INVALID_LIMIT_EXPRESSION, "The {} expression must be a non-negative integer, got {}", clause, toString(value));
}

/// After aggregation only keys and aggregates exist: replaces key expressions by their columns, and reports what
/// is neither.
void SelectAnalyzer::rewriteOverAggregation()
{
    std::unordered_map<std::string, ExpressionPtr> keys;
    std::set<std::string> available;
    for (const auto & key : select_->group_keys)
    {
        keys[key.expression->key] = makeColumn(key.name, key.expression->type);
        available.insert(key.name);
    }
    for (const auto & call : select_->aggregate_calls)
        available.insert(call.id);
    for (const auto & window : select_->windows)
        available.insert(window.id);
    // arrayJoin() of what the groups are made from comes before them, any other after them.
    std::set<std::string> read_before;
    auto reads_before = [&](const ExpressionPtr & expression)
    {
        if (expression)
            collectColumns(expression, read_before);
    };
    reads_before(select_->prewhere);
    reads_before(select_->where);
    for (const auto & key : select_->group_keys)
        reads_before(key.expression);
    for (const auto & call : select_->aggregate_calls)
        std::ranges::for_each(call.arguments, reads_before);
    std::vector<BoundArrayJoin *> joined_after;
    for (auto & call : select_->array_join_calls | std::views::reverse) // an argument may have another arrayJoin() in it
        if (read_before.contains(call.id))
            reads_before(call.array);
        else
            joined_after.push_back(&call);
    for (const auto * call : joined_after)
        available.insert(call->id);

    std::function<ExpressionPtr(const ExpressionPtr &)> replace_keys = [&](const ExpressionPtr & node) -> ExpressionPtr
    {
        auto it = keys.find(node->key);
        return it == keys.end() ? nullptr : it->second;
    };
    auto over = [&](const ExpressionPtr & expression, const std::string & shown) -> ExpressionPtr
    {
        if (!expression)
            return nullptr;
        auto result = rewrite(expression, replace_keys);
        std::set<std::string> names;
        collectColumns(result, names);
        for (const auto & name : names)
            if (!available.contains(name))
                throw Exception(ErrorCode::NOT_AN_AGGREGATE, "Column {} is not under an aggregate function and not in GROUP BY keys{}",
                    name.find('.') == std::string::npos ? name : name.substr(name.find('.') + 1), shown.empty() ? "" : ": in query " + shown);
        return result;
    };
    for (auto & column : select_->projection)
        column.expression = over(column.expression, column.name);
    select_->having = over(select_->having, "HAVING");
    select_->qualify = over(select_->qualify, "QUALIFY");
    for (auto & order : select_->order_by)
        order.expression = over(order.expression, "ORDER BY");
    for (auto & expression : select_->limit_by)
        expression = over(expression, "LIMIT BY");
    for (auto & expression : select_->distinct_on)
        expression = over(expression, "DISTINCT ON");
    for (auto * call : joined_after)
        call->array = over(call->array, "arrayJoin");
    for (auto & window : select_->windows)
    {
        for (auto & argument : window.arguments)
            argument = over(argument, "window function");
        for (auto & expression : window.partition_by)
            expression = over(expression, "PARTITION BY");
        for (auto & order : window.order_by)
            order.expression = over(order.expression, "ORDER BY of a window");
    }
}

ExpressionPtr SelectAnalyzer::analyzeOver(const ExprPtr & expression, const NamesAndTypes & columns)
{
    ScopeSource source;
    for (const auto & column : columns)
        source.columns.push_back({column.name, column.name, column.type, TableColumn::Kind::Ordinary, ""});
    scope_.sources.push_back(std::move(source));
    scope_.collectAliases(expression);
    no_aggregates_in_ = "an expression over table columns";
    return bind(expression);
}

}
