#include "planner/passes.h"

#include "columns/ColumnVector.h"
#include "planner/mapTest.h"
#include "types/DataTypes.h"

#include <functional>
#include <map>

namespace mangrove
{

namespace
{

/// What an expression asks of a column alone, if it is of such a form: attributes['k'], length(arr)…
struct Use
{
    std::string column;
    ReadColumn::Kind kind;
    std::string key;
    ValueTestPtr test = nullptr;

    std::string id() const { return fmt::format("{}.{}[{}]", column, size_t(kind), key); }
};

std::optional<Use> subcolumnUse(const Expression & node)
{
    if (auto test = mapTestOf(node))
        return Use{test->column, test->kind, test->key, test->test};
    if (node.kind != ExpressionKind::Function || node.arguments.empty() || node.arguments[0]->kind != ExpressionKind::Column)
        return std::nullopt;
    const auto & column = *node.arguments[0];
    const auto function = node.function->name();
    bool is_map = column.type->id() == TypeId::Map;
    if (is_map && node.arguments.size() == 2 && node.arguments[1]->isConstant() && (function == "arrayElement" || function == "mapContainsKey"))
    {
        auto key = node.arguments[1]->constantValue();
        if (!key.is<std::string>() || !removeLowCardinality(typeAs<DataTypeMap>(*column.type).key())->isString())
            return std::nullopt;
        return Use{column.column, function == "arrayElement" ? ReadColumn::Kind::MapKey : ReadColumn::Kind::MapHasKey, key.get<std::string>()};
    }
    if (node.arguments.size() != 1)
        return std::nullopt;
    if (is_map && function == "mapKeys")
        return Use{column.column, ReadColumn::Kind::MapKeys, ""};
    if (is_map && function == "mapValues")
        return Use{column.column, ReadColumn::Kind::MapValues, ""};
    if (column.type->isNullable() && function == "isNull")
        return Use{column.column, ReadColumn::Kind::Null, ""};
    return std::nullopt;
}

void forExpressions(PlanStep & step, const std::function<void(ExpressionPtr &)> & visit)
{
    if (auto * read = dynamic_cast<ReadPartsStep *>(&step))
        for (auto & filter : read->filters)
            visit(filter);
    if (auto * filter = dynamic_cast<FilterStep *>(&step))
        visit(filter->condition);
    if (auto * project = dynamic_cast<ProjectStep *>(&step))
        for (auto & column : project->columns)
            visit(column.expression);
    if (auto * aggregate = dynamic_cast<AggregateStep *>(&step))
    {
        for (auto & key : aggregate->keys)
            visit(key.expression);
        for (auto & call : aggregate->aggregates)
            for (auto & argument : call.arguments)
                visit(argument);
    }
    if (auto * array_join = dynamic_cast<ArrayJoinStep *>(&step))
        for (auto & join : array_join->joins)
            visit(join.array);
    if (auto * window = dynamic_cast<WindowStep *>(&step))
        for (auto & call : window->windows)
        {
            for (auto & argument : call.arguments)
                visit(argument);
            for (auto & expression : call.partition_by)
                visit(expression);
            for (auto & order : call.order_by)
                visit(order.expression);
        }
    if (auto * join = dynamic_cast<JoinStep *>(&step))
    {
        for (auto & key : join->left_keys)
            visit(key);
        for (auto & key : join->right_keys)
            visit(key);
    }
    for (auto & input : step.inputs)
        forExpressions(*input, visit);
}

bool hasJoin(const PlanStep & step)
{
    return dynamic_cast<const JoinStep *>(&step)
        || std::any_of(step.inputs.begin(), step.inputs.end(), [](const auto & input) { return hasJoin(*input); });
}

void forAggregates(PlanStep & step, const std::function<void(BoundAggregate &)> & visit)
{
    if (auto * aggregate = dynamic_cast<AggregateStep *>(&step))
        for (auto & call : aggregate->aggregates)
            visit(call);
    for (auto & input : step.inputs)
        forAggregates(*input, visit);
}

/// -Array: it sees elements, of whatever column.
bool readsArrayElements(const std::string & aggregate)
{
    return aggregate.ends_with("Array") && aggregate != "groupArray" && aggregate != "groupUniqArray";
}

/// Functions that compare dictionary codes.
bool searchesArray(const std::string & function)
{
    return function == "has" || function == "indexOf" || function == "countEqual" || function == "length" || function == "empty"
        || function == "notEmpty";
}

void collectReads(PlanStep & step, std::vector<ReadPartsStep *> & reads)
{
    if (auto * read = dynamic_cast<ReadPartsStep *>(&step))
        reads.push_back(read);
    for (auto & input : step.inputs)
        collectReads(*input, reads);
}

/// Columns by name that some step needs whole: sort keys, DISTINCT…
void collectPlainUses(const PlanStep & step, std::set<std::string> & names)
{
    if (auto * sort = dynamic_cast<const SortStep *>(&step))
        for (const auto & column : sort->order)
            names.insert(column.column);
    if (auto * distinct = dynamic_cast<const DistinctStep *>(&step))
        names.insert(distinct->columns.begin(), distinct->columns.end());
    if (auto * limit_by = dynamic_cast<const LimitByStep *>(&step))
        names.insert(limit_by->columns.begin(), limit_by->columns.end());
    for (const auto & input : step.inputs)
        collectPlainUses(*input, names);
}

/// Names read outside of subcolumn forms.
void collectWholeUses(const ExpressionPtr & expression, std::set<std::string> & whole, std::vector<Use> & uses)
{
    if (auto use = subcolumnUse(*expression))
    {
        uses.push_back(*use);
        return;
    }
    if (expression->kind == ExpressionKind::Column)
        whole.insert(expression->column);
    for (const auto & argument : expression->arguments)
        collectWholeUses(argument, whole, uses);
    if (expression->body)
        collectWholeUses(expression->body, whole, uses);
}

void replaceInHeaders(PlanStep & step, const std::string & id, const NamesAndTypes & subcolumns)
{
    auto it = std::find_if(step.header.begin(), step.header.end(), [&](const auto & column) { return column.name == id; });
    if (it != step.header.end())
    {
        step.header.erase(it);
        step.header.insert(step.header.end(), subcolumns.begin(), subcolumns.end());
    }
    for (auto & input : step.inputs)
        replaceInHeaders(*input, id, subcolumns);
}

DataTypePtr typeOfUse(const DataTypePtr & type, ReadColumn::Kind kind)
{
    switch (kind)
    {
        case ReadColumn::Kind::MapKey:
            return typeAs<DataTypeMap>(*type).value();
        case ReadColumn::Kind::MapHasKey:
        case ReadColumn::Kind::Null:
            return makeType(TypeId::UInt8);
        case ReadColumn::Kind::MapKeys:
            return std::make_shared<DataTypeArray>(typeAs<DataTypeMap>(*type).key());
        case ReadColumn::Kind::MapValues:
            return std::make_shared<DataTypeArray>(typeAs<DataTypeMap>(*type).value());
        case ReadColumn::Kind::MapKeyMatches:
        case ReadColumn::Kind::MapValueMatches:
            return makeType(TypeId::UInt64);
        default:
            CHECK(false);
    }
}

/// Has the read make what is asked of its column alone; returns that, by id.
NamesAndTypes addSubcolumns(ReadPartsStep & read, const SourceColumn & column, const std::vector<Use> & uses)
{
    NamesAndTypes subcolumns;
    for (const auto & use : uses)
    {
        if (use.column != column.id)
            continue;
        auto id = use.id();
        if (std::any_of(subcolumns.begin(), subcolumns.end(), [&](const auto & existing) { return existing.name == id; }))
            continue;
        subcolumns.push_back({id, typeOfUse(column.type, use.kind)});
        read.subcolumns.push_back(ReadColumn(use.kind, column.name, use.key, id));
        read.subcolumns.back().test = use.test;
    }
    return subcolumns;
}

using TypesById = std::map<std::string, DataTypePtr>;

/// The subcolumn that stands for the node, if it is among `replaced`. mapKeys() of a Map(LowCardinality(String), …) is an
/// Array(String), what is read has dictionary codes. They stay for those that understand them.
ExpressionPtr replacementOf(const Expression & node, const TypesById & replaced, bool codes_allowed)
{
    auto use = subcolumnUse(node);
    auto it = use ? replaced.find(use->id()) : replaced.end();
    if (it == replaced.end())
        return nullptr;
    auto column = makeColumn(it->first, it->second);
    if (use->test)
        return makeFromMatches(node, column);
    return codes_allowed || it->second->equals(*node.type) ? column : makeCast(column, node.type);
}

ExpressionPtr withSubcolumns(const ExpressionPtr & expression, const TypesById & replaced)
{
    std::function<ExpressionPtr(const ExpressionPtr &)> replace = [&](const ExpressionPtr & node) -> ExpressionPtr
    {
        if (auto column = replacementOf(*node, replaced, false))
            return column;
        if (node->kind != ExpressionKind::Function || !searchesArray(node->function->name()))
            return nullptr;
        auto first = replacementOf(*node->arguments[0], replaced, true);
        if (!first)
            return nullptr;
        Expressions arguments{first};
        for (size_t i = 1; i < node->arguments.size(); ++i)
            arguments.push_back(rewrite(node->arguments[i], replace));
        return makeCall(node->function, arguments);
    };
    return rewrite(expression, replace);
}

/// SELECT * … WHERE attributes['k'] = 'v': the answer needs the whole column, but only of the rows that pass.
void splitFromFilters(ReadPartsStep & read, const SourceColumn & column)
{
    std::set<std::string> whole;
    std::vector<Use> uses;
    for (const auto & filter : read.filters)
        collectWholeUses(filter, whole, uses);
    if (whole.contains(column.id))
        return;
    TypesById replaced;
    for (const auto & subcolumn : addSubcolumns(read, column, uses))
    {
        replaced.emplace(subcolumn.name, subcolumn.type);
        read.filter_columns.push_back(subcolumn);
    }
    if (!replaced.empty())
        for (auto & filter : read.filters)
            filter = withSubcolumns(filter, replaced);
}

}

void readSubcolumns(PlannedQuery & query)
{
    std::set<std::string> whole(query.ids.begin(), query.ids.end());
    std::vector<Use> uses;
    collectPlainUses(*query.root, whole);
    forExpressions(*query.root, [&](ExpressionPtr & expression) { collectWholeUses(expression, whole, uses); });

    std::vector<ReadPartsStep *> reads;
    collectReads(*query.root, reads);
    const bool joins = hasJoin(*query.root);
    TypesById replaced; // everywhere in the query
    for (auto * read : reads)
    {
        if (read->final)
            continue;
        for (size_t i = 0; i < read->columns.size();)
        {
            auto column = read->columns[i];
            bool used_in_parts = std::any_of(uses.begin(), uses.end(), [&](const auto & use) { return use.column == column.id; });
            if (whole.contains(column.id) || !used_in_parts)
            {
                if (used_in_parts)
                    splitFromFilters(*read, column);
                ++i;
                continue;
            }
            // A row without a partner has NULL there, but 0 as the default of the subcolumn.
            bool nulls = std::any_of(uses.begin(), uses.end(), [&](const auto & use) { return use.column == column.id && use.kind == ReadColumn::Kind::Null; });
            if (nulls && joins)
            {
                ++i;
                continue;
            }
            auto subcolumns = addSubcolumns(*read, column, uses);
            for (const auto & subcolumn : subcolumns)
                replaced[subcolumn.name] = subcolumn.type;
            bool only_filters = std::any_of(read->filter_columns.begin(), read->filter_columns.end(), [&](const auto & c) { return c.name == column.id; });
            if (only_filters)
            {
                std::erase_if(read->filter_columns, [&](const auto & c) { return c.name == column.id; });
                read->filter_columns.insert(read->filter_columns.end(), subcolumns.begin(), subcolumns.end());
            }
            replaceInHeaders(*query.root, column.id, subcolumns);
            read->columns.erase(read->columns.begin() + i);
        }
    }
    if (replaced.empty())
        return;
    forAggregates(*query.root, [&](BoundAggregate & call)
    {
        if (readsArrayElements(call.function->name()))
            for (auto & argument : call.arguments)
                if (auto column = replacementOf(*argument, replaced, true))
                    argument = column;
    });
    forExpressions(*query.root, [&](ExpressionPtr & expression) { expression = withSubcolumns(expression, replaced); });
}

}
