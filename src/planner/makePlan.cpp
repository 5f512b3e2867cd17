#include "planner/Planner.h"

#include "types/DataTypes.h"

namespace mangrove
{

namespace
{

class PlanBuilder
{
public:
    /// The plan's columns, in the header's order, have the returned ids.
    std::pair<PlanStepPtr, std::vector<std::string>> build(const BoundQuery & query)
    {
        return query.operation == SetOperation::None ? buildSelect(*query.select) : buildSetOperation(query);
    }

private:
    template <typename Step>
    static std::shared_ptr<Step> over(PlanStepPtr input)
    {
        auto step = std::make_shared<Step>();
        step->header = input->header;
        step->inputs = {std::move(input)};
        return step;
    }

    static PlanStepPtr project(PlanStepPtr input, std::vector<NamedExpression> columns)
    {
        auto step = over<ProjectStep>(std::move(input));
        step->header = headerOf(columns);
        step->columns = std::move(columns);
        return step;
    }

    static PlanStepPtr filter(PlanStepPtr input, ExpressionPtr condition)
    {
        if (!condition)
            return input;
        auto step = over<FilterStep>(std::move(input));
        step->condition = std::move(condition);
        return step;
    }

    std::pair<PlanStepPtr, std::vector<std::string>> buildSetOperation(const BoundQuery & query)
    {
        if (query.operation != SetOperation::UnionAll && query.operation != SetOperation::UnionDistinct)
            throw Exception(ErrorCode::NOT_IMPLEMENTED, "INTERSECT and EXCEPT are not supported");
        auto result = std::make_shared<UnionStep>();
        std::vector<std::string> ids;
        size_t number = next_id_++;
        for (size_t i = 0; i < query.header.size(); ++i)
        {
            ids.push_back(fmt::format("u{}.{}", number, i));
            result->header.push_back({ids.back(), query.header[i].type});
        }
        for (const auto & input : query.inputs)
        {
            auto [plan, input_ids] = build(*input);
            std::vector<NamedExpression> columns;
            for (size_t i = 0; i < ids.size(); ++i)
                columns.push_back({ids[i], makeCast(makeColumn(input_ids[i], input->header[i].type), query.header[i].type)});
            result->inputs.push_back(project(plan, std::move(columns)));
        }
        if (query.operation == SetOperation::UnionAll)
            return {result, ids};
        auto distinct = over<DistinctStep>(result);
        distinct->columns = ids;
        return {distinct, ids};
    }

    PlanStepPtr buildFrom(const BoundFrom & from)
    {
        switch (from.kind)
        {
            case BoundFromKind::Nothing:
                return std::make_shared<OneRowStep>();
            case BoundFromKind::Table:
                return buildTable(from);
            case BoundFromKind::Subquery:
            {
                auto [plan, ids] = build(*from.subquery);
                std::vector<NamedExpression> columns;
                for (size_t i = 0; i < ids.size(); ++i)
                    columns.push_back({from.columns[i].id, makeColumn(ids[i], from.columns[i].type)});
                return project(plan, std::move(columns));
            }
            case BoundFromKind::Join:
            {
                auto step = std::make_shared<JoinStep>();
                step->inputs = {buildFrom(*from.left), buildFrom(*from.right)};
                step->kind = from.join_kind;
                step->strictness = from.strictness;
                step->left_keys = from.left_keys;
                step->right_keys = from.right_keys;
                for (const auto & input : step->inputs)
                    step->header.insert(step->header.end(), input->header.begin(), input->header.end());
                return filter(step, from.residual);
            }
            case BoundFromKind::ArrayJoin:
                return arrayJoin(buildFrom(*from.left), from.array_joins, from.array_join_left);
        }
        CHECK(false);
    }

    static PlanStepPtr buildTable(const BoundFrom & from)
    {
        NamesAndTypes header;
        for (const auto & column : from.columns)
            header.push_back({column.id, column.type});
        if (auto parts = std::dynamic_pointer_cast<const PartsTable>(from.table))
        {
            auto step = std::make_shared<ReadPartsStep>();
            step->table = parts;
            step->final = from.final;
            step->columns = from.columns;
            step->header = header;
            return step;
        }
        auto step = std::make_shared<ReadGeneratedStep>();
        step->table = std::dynamic_pointer_cast<const GeneratedTable>(from.table);
        CHECK(step->table, "table {} cannot be read", from.table->name());
        step->columns = from.columns;
        step->header = header;
        return step;
    }

    static PlanStepPtr arrayJoin(PlanStepPtr input, std::vector<BoundArrayJoin> joins, bool left)
    {
        auto step = over<ArrayJoinStep>(std::move(input));
        for (const auto & join : joins)
            step->header.push_back({join.id, join.type});
        step->joins = std::move(joins);
        step->left = left;
        return step;
    }

    /// Performs the arrayJoin() calls whose results `expressions` read and that are not done yet.
    PlanStepPtr arrayJoinCalls(PlanStepPtr plan, const BoundSelect & select, std::set<std::string> names)
    {
        // An argument may contain another arrayJoin: take what it reads first.
        for (size_t i = select.array_join_calls.size(); i-- > 0;)
            if (names.contains(select.array_join_calls[i].id))
                collectColumns(select.array_join_calls[i].array, names);
        for (const auto & call : select.array_join_calls)
            if (names.contains(call.id) && done_array_joins_.insert(call.id).second)
                plan = arrayJoin(std::move(plan), {call}, false);
        return plan;
    }

    static void collect(const ExpressionPtr & expression, std::set<std::string> & names)
    {
        if (expression)
            collectColumns(expression, names);
    }

    std::pair<PlanStepPtr, std::vector<std::string>> buildSelect(const BoundSelect & select)
    {
        auto outer_done = std::exchange(done_array_joins_, {});
        auto plan = buildFrom(*select.from);
        std::set<std::string> names;
        collect(select.prewhere, names);
        collect(select.where, names);
        plan = arrayJoinCalls(plan, select, names);
        plan = filter(filter(plan, select.prewhere), select.where);
        if (select.aggregates)
            plan = aggregate(plan, select);
        plan = windows(plan, select);
        auto result = project(plan, select);
        done_array_joins_ = std::move(outer_done);
        return result;
    }

    PlanStepPtr aggregate(PlanStepPtr plan, const BoundSelect & select)
    {
        std::set<std::string> names;
        for (const auto & key : select.group_keys)
            collect(key.expression, names);
        for (const auto & call : select.aggregate_calls)
            for (const auto & argument : call.arguments)
                collect(argument, names);
        plan = arrayJoinCalls(plan, select, names);
        auto step = std::make_shared<AggregateStep>();
        step->inputs = {plan};
        step->keys = select.group_keys;
        step->aggregates = select.aggregate_calls;
        step->with_totals = select.with_totals;
        step->header = headerOf(step->keys);
        for (const auto & call : step->aggregates)
            step->header.push_back({call.id, call.function->returnType()});
        names.clear();
        collect(select.having, names);
        if (!select.with_totals)
            return filter(arrayJoinCalls(step, select, names), select.having);
        for (const auto & call : select.array_join_calls)
            if (names.contains(call.id) && !done_array_joins_.contains(call.id))
                throw Exception(ErrorCode::NOT_IMPLEMENTED, "arrayJoin in HAVING is not supported together with WITH TOTALS");
        step->having = select.having;
        return step;
    }

    PlanStepPtr windows(PlanStepPtr plan, const BoundSelect & select)
    {
        if (select.windows.empty())
            return filter(plan, select.qualify);
        std::set<std::string> names;
        for (const auto & window : select.windows)
        {
            for (const auto * expressions : {&window.arguments, &window.partition_by})
                for (const auto & expression : *expressions)
                    collect(expression, names);
            for (const auto & order : window.order_by)
                collect(order.expression, names);
        }
        auto step = over<WindowStep>(arrayJoinCalls(plan, select, names));
        step->windows = select.windows;
        for (const auto & window : select.windows)
            step->header.push_back({window.id, window.type});
        return filter(step, select.qualify);
    }

    /// SELECT list, DISTINCT, ORDER BY, LIMIT BY, LIMIT. Without DISTINCT the list is computed last, for the rows
    /// that are left.
    std::pair<PlanStepPtr, std::vector<std::string>> project(PlanStepPtr plan, const BoundSelect & select)
    {
        std::set<std::string> names;
        for (const auto & column : select.projection)
            collect(column.expression, names);
        for (const auto & order : select.order_by)
            collect(order.expression, names);
        for (const auto & expression : select.limit_by)
            collect(expression, names);
        for (const auto & expression : select.distinct_on)
            collect(expression, names);
        plan = arrayJoinCalls(plan, select, names);

        size_t number = next_id_++;
        std::vector<NamedExpression> output;
        std::vector<std::string> ids;
        for (size_t i = 0; i < select.projection.size(); ++i)
        {
            ids.push_back(fmt::format("q{}.{}", number, i));
            output.push_back({ids[i], select.projection[i].expression});
        }

        bool early = select.distinct;
        std::vector<NamedExpression> before; // what flows through sort and limits
        std::unordered_map<std::string, std::string> column_of; // expression key → column
        auto have = [&](const std::string & id, const ExpressionPtr & expression)
        {
            column_of.emplace(expression->key, id);
            before.push_back({id, expression});
        };
        if (early)
            for (const auto & column : output)
                have(column.name, column.expression);
        else
            for (const auto & column : plan->header)
                have(column.name, makeColumn(column.name, column.type));
        auto columnFor = [&](const ExpressionPtr & expression)
        {
            if (auto it = column_of.find(expression->key); it != column_of.end())
                return it->second;
            auto id = fmt::format("q{}.sort{}", number, before.size());
            have(id, expression);
            return id;
        };
        std::vector<SortColumn> order;
        for (const auto & element : select.order_by)
            if (!element.expression->isConstant())
                order.push_back({columnFor(element.expression), element.descending, element.nulls_first});
        std::vector<std::string> limit_by, distinct_on;
        for (const auto & expression : select.limit_by)
            limit_by.push_back(columnFor(expression));
        for (const auto & expression : select.distinct_on)
            distinct_on.push_back(columnFor(expression));

        if (early || before.size() != plan->header.size())
            plan = project(plan, before);
        if (select.distinct)
        {
            auto step = over<DistinctStep>(plan);
            step->columns = ids;
            plan = step;
        }
        if (!order.empty())
        {
            auto step = over<SortStep>(plan);
            step->order = order;
            plan = step;
        }
        if (!distinct_on.empty())
            plan = limitBy(plan, distinct_on, 1, 0);
        if (!select.limit_by.empty())
            plan = limitBy(plan, limit_by, select.limit_by_rows, select.limit_by_offset);
        if (select.limit || select.offset)
        {
            auto step = over<LimitStep>(plan);
            step->rows = select.limit;
            step->offset = select.offset;
            if (select.with_ties)
                step->ties = order;
            if (select.with_ties && order.empty() && select.limit.value_or(0) > 0)
                step->rows.reset(); // ordered by constants all rows are equal
            plan = step;
        }
        if (early)
        {
            for (auto & column : output)
                column.expression = makeColumn(column.name, column.expression->type);
            if (plan->header.size() == output.size())
                return {plan, ids};
        }
        return {project(plan, std::move(output)), ids};
    }

    static PlanStepPtr limitBy(PlanStepPtr plan, std::vector<std::string> columns, uint64_t rows, uint64_t offset)
    {
        auto step = over<LimitByStep>(std::move(plan));
        step->columns = std::move(columns);
        step->rows = rows;
        step->offset = offset;
        return step;
    }

    size_t next_id_ = 0;
    std::set<std::string> done_array_joins_;
};

}

PlannedQuery makePlan(const BoundQuery & query)
{
    auto [root, ids] = PlanBuilder().build(query);
    return {root, ids, query.header};
}

}
