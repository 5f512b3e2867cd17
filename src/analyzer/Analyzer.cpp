#include "analyzer/Analyzer.h"

#include "analyzer/SelectAnalyzer.h"
#include "functions/callFunction.h"
#include "types/DataTypes.h"

namespace mangrove
{

namespace
{

/// WITH of the first SELECT of a UNION holds for all of them.
const SelectQuery & firstSelect(const SelectNode & node)
{
    return node.operation == SetOperation::None ? *node.select : firstSelect(*node.inputs[0]);
}

/// Gives every input the common header: names of the first, least supertypes. Casts go on top of the inputs.
BoundQueryPtr analyzeSetOperation(const SelectPtr & node, const AnalyzerContext & context, AnalyzerIds & ids, const Scope * parent)
{
    auto bound = std::make_shared<BoundQuery>();
    bound->operation = node->operation;
    if (node->operation == SetOperation::UnionDefault)
    {
        const auto & mode = context.settings.union_default_mode;
        if (mode != "ALL" && mode != "DISTINCT")
            throw Exception(ErrorCode::EXPECTED_ALL_OR_DISTINCT, "Expected ALL or DISTINCT after UNION: the setting union_default_mode is empty");
        bound->operation = mode == "ALL" ? SetOperation::UnionAll : SetOperation::UnionDistinct;
    }
    Scope first;
    first.parent = parent;
    first.collectWith(firstSelect(*node));
    for (const auto & input : node->inputs)
    {
        bound->inputs.push_back(analyzeNode(input, context, ids, bound->inputs.empty() ? parent : &first));
        const auto & header = bound->inputs.back()->header;
        if (header.size() != bound->inputs[0]->header.size())
            throw Exception(ErrorCode::UNION_ALL_RESULT_STRUCTURES_MISMATCH, "Different number of columns in UNION: {} and {}", bound->inputs[0]->header.size(), header.size());
    }
    for (size_t i = 0; i < bound->inputs[0]->header.size(); ++i)
    {
        NameAndType column = bound->inputs[0]->header[i];
        for (size_t input = 1; input < bound->inputs.size(); ++input) // one after the other, as ClickHouse: zones of times differ
            column.type = leastSupertype({column.type, bound->inputs[input]->header[i].type});
        bound->header.push_back(std::move(column));
    }
    return bound;
}

}

BoundQueryPtr analyzeNode(const SelectPtr & select, const AnalyzerContext & context, AnalyzerIds & ids, const Scope * parent)
{
    if (++ids.depth > context.settings.subquery_depth_max)
        throw Exception(ErrorCode::TOO_DEEP_SUBQUERIES, "Too deep subqueries: more than {}", context.settings.subquery_depth_max);
    auto bound = select->operation == SetOperation::None ? SelectAnalyzer(context, ids, parent).analyze(*select->select)
                                                         : analyzeSetOperation(select, context, ids, parent);
    --ids.depth;
    return bound;
}

BoundQueryPtr analyzeSelect(const SelectPtr & select, const AnalyzerContext & context)
{
    AnalyzerIds ids;
    return analyzeNode(select, context, ids, nullptr);
}

ExpressionPtr analyzeExpression(const ExprPtr & expression, const NamesAndTypes & columns, const AnalyzerContext & context)
{
    AnalyzerIds ids;
    return SelectAnalyzer(context, ids, nullptr).analyzeOver(expression, columns);
}

Field fieldOfLiteral(const Literal & literal)
{
    if (literal.isNull())
        return Null{};
    if (auto * x = literal.asBool())
        return Field(uint64_t(*x));
    if (auto * x = literal.asUInt64())
        return Field(*x);
    if (auto * x = literal.asInt64())
        return Field(*x);
    if (auto * x = literal.asFloat64())
        return Field(*x);
    if (auto * x = literal.asString())
        return Field(*x);
    if (auto * x = literal.asArray())
    {
        Array array;
        for (const auto & element : x->elements)
            array.push_back(fieldOfLiteral(element));
        return array;
    }
    if (auto * x = literal.asTuple())
    {
        Tuple tuple;
        for (const auto & element : x->elements)
            tuple.push_back(fieldOfLiteral(element));
        return tuple;
    }
    throw Exception(ErrorCode::NOT_IMPLEMENTED, "A map literal cannot stand here: {}", toSql(literal));
}

DataTypePtr typeOfLiteral(const Literal & literal)
{
    if (literal.asBool())
        return makeType(TypeId::Bool);
    if (auto * x = literal.asArray())
    {
        DataTypes types;
        for (const auto & element : x->elements)
            types.push_back(typeOfLiteral(element));
        return std::make_shared<DataTypeArray>(types.empty() ? makeType(TypeId::Nothing) : leastSupertype(types));
    }
    if (auto * x = literal.asTuple())
    {
        DataTypes types;
        for (const auto & element : x->elements)
            types.push_back(typeOfLiteral(element));
        return std::make_shared<DataTypeTuple>(types);
    }
    return literalType(fieldOfLiteral(literal));
}

}
