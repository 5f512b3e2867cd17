#include "planner/mapTest.h"

#include "expressions/Evaluator.h"
#include "expressions/isDeterministic.h"
#include "planner/containedBytes.h"
#include "types/DataTypes.h"

#include <algorithm>

namespace mangrove
{

namespace
{

ValueTestPtr makeTest(const ExpressionPtr & body, const std::string & parameter, const DataTypePtr & type, bool negated)
{
    const auto plain = removeLowCardinality(type);
    // The condition was typed for what the array holds; over bare values it must be typed again.
    auto condition = rewrite(body, [&](const ExpressionPtr & node) -> ExpressionPtr
        { return node->kind == ExpressionKind::Column && node->column == parameter ? makeColumn(parameter, plain) : nullptr; });
    auto evaluate = [condition, parameter, plain, negated](const ColumnPtr & values)
    {
        Block block;
        block.add({values, plain, parameter});
        Filter passed;
        makeFilter(mangrove::evaluate(condition, block), values->size(), passed);
        for (auto & flag : passed)
            flag ^= negated;
        return passed;
    };
    return std::make_shared<ValueTest>(evaluate, negated ? ContainedBytes() : containedBytes(condition, parameter));
}

struct MapView
{
    std::string column;
    DataTypePtr element;
    ReadColumn::Kind kind;
};

std::optional<MapView> viewOf(const ExpressionPtr & map, ReadColumn::Kind kind)
{
    if (map->kind != ExpressionKind::Column || map->type->id() != TypeId::Map)
        return std::nullopt;
    const auto & type = typeAs<DataTypeMap>(*map->type);
    if (!removeLowCardinality(type.key())->isString())
        return std::nullopt;
    return MapView{map->column, kind == ReadColumn::Kind::MapKeyMatches ? type.key() : type.value(), kind};
}

/// mapValues(column) or mapKeys(column)
std::optional<MapView> viewOfArray(const ExpressionPtr & array)
{
    if (array->isFunction("mapValues"))
        return viewOf(array->arguments[0], ReadColumn::Kind::MapValueMatches);
    if (array->isFunction("mapKeys"))
        return viewOf(array->arguments[0], ReadColumn::Kind::MapKeyMatches);
    return std::nullopt;
}

bool takesLambda(const Expression & call)
{
    return call.isFunction("arrayExists") || call.isFunction("arrayAll") || call.isFunction("arrayCount");
}

}

std::optional<MapTest> mapTestOf(const Expression & call)
{
    if (call.kind != ExpressionKind::Function || call.arguments.size() != 2)
        return std::nullopt;
    if (takesLambda(call))
    {
        const auto & lambda = call.arguments[0];
        auto view = viewOfArray(call.arguments[1]);
        std::set<std::string> captured;
        collectColumns(lambda, captured);
        if (!view || lambda->kind != ExpressionKind::Lambda || lambda->parameters.size() != 1 || !captured.empty()
            || !isDeterministic(lambda->body))
            return std::nullopt;
        const bool negated = call.isFunction("arrayAll");
        return MapTest{view->kind, view->column, (negated ? "not " : "") + lambda->key,
            makeTest(lambda->body, lambda->parameters[0], view->element, negated)};
    }
    const bool in_array = call.isFunction("has") || call.isFunction("countEqual");
    if (!in_array && !call.isFunction("mapContainsValue"))
        return std::nullopt;
    auto view = in_array ? viewOfArray(call.arguments[0]) : viewOf(call.arguments[0], ReadColumn::Kind::MapValueMatches);
    const auto & wanted = call.arguments[1];
    if (!view || !removeLowCardinality(view->element)->isString() || !wanted->isConstant() || !wanted->type->isString())
        return std::nullopt;
    auto condition = makeCall("equals", {makeColumn("x", removeLowCardinality(view->element)), wanted});
    return MapTest{view->kind, view->column, condition->key, makeTest(condition, "x", view->element, false)};
}

ExpressionPtr makeFromMatches(const Expression & call, const ExpressionPtr & matches)
{
    if (call.isFunction("arrayCount") || call.isFunction("countEqual"))
        return makeCast(matches, call.type);
    auto zero = makeConstant(Field(uint64_t{0}), makeType(TypeId::UInt64));
    return makeCast(makeCall(call.isFunction("arrayAll") ? "equals" : "notEquals", {matches, zero}), call.type);
}

}
