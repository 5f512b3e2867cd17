// IN, NOT IN, GLOBAL IN: the right side as a set of values of the left side's type.

#include "analyzer/FunctionIn.h"
#include "analyzer/SelectAnalyzer.h"

#include "columns/ColumnConst.h"
#include "functions/callFunction.h"
#include "functions/cast/Cast.h"
#include "sql/AstPrinter.h"
#include "sql/Parser.h"
#include "types/DataTypes.h"

#include <algorithm>

namespace mangrove
{

namespace
{

/// A literal of IN as the type at left; NULL for a number which that type cannot hold: it equals none of its values.
Field setValue(const Field & value, const DataTypePtr & from, const DataTypePtr & to)
{
    if (value.is<std::string>() && to->isNumber())
        try
        {
            return castField(value, from, to);
        }
        catch (const Exception &)
        {
            throw Exception(ErrorCode::TYPE_MISMATCH, "Cannot convert string {} to type {}", toString(value), to->name());
        }
    if (value.isNull() || !removeNullable(from)->isNumber() || !to->isNumber())
        return castField(value, from, to);
    PodVector<uint8_t> failed;
    auto column = tryCastColumn({from->createConst(1, value), from, ""}, makeNullable(to), true, failed);
    return failed[0] ? Field() : column->get(0);
}

}

ExpressionPtr SelectAnalyzer::bindIn(const Expr & expr)
{
    bool negative = expr.name == "notIn" || expr.name == "globalNotIn" || expr.name == "notNullIn";
    const bool null_is_value = expr.name == "nullIn" || expr.name == "notNullIn";
    auto left = bind(expr.args[0]);
    auto plain_left = removeLowCardinalityAndNullable(left->type);
    const bool left_is_null = plain_left->id() == TypeId::Nothing;
    // NULL is in no set. IN says NULL of it, nullIn() 0.
    auto finish = [&](ExpressionPtr in)
    {
        return null_is_value && removeLowCardinality(in->type)->isNullable()
            ? makeCall("ifNull", {in, makeConstant(Field(uint64_t(negative)), makeType(TypeId::UInt8))}) : in;
    };
    if (left_is_null && left->isConstant())
        return finish(left);
    DataTypes types = plain_left->id() == TypeId::Tuple ? typeAs<DataTypeTuple>(*plain_left).elements() : DataTypes{plain_left};
    for (auto & type : types)
        type = removeLowCardinalityAndNullable(type);

    auto right = expr.args[1];
    SelectPtr subquery = right->subquery;
    if (right->isIdentifier() && right->parts.size() <= 2 && !tryAlias(right->fullName()) && !tryColumn(right->parts))
    {
        subquery = scope_.findWithQuery(right->fullName());
        if (!subquery)
            subquery = parseSelect("SELECT * FROM " + formatAst(*right));
    }
    if (right->kind == ExprKind::Subquery || subquery)
    {
        auto bound = analyzeSubquery(subquery);
        if (bound->header.size() != types.size())
            throw Exception(ErrorCode::NUMBER_OF_COLUMNS_DOESNT_MATCH, "Number of columns in section IN doesn't match: {} at left, {} at right",
                types.size(), bound->header.size());
        auto block = context_.run_subquery(bound, 0);
        auto set = std::make_shared<Set>(types);
        Columns columns;
        Filter representable(block.rows(), 1);
        for (size_t i = 0; i < types.size(); ++i)
        {
            auto target = bound->header[i].type->isNullable() || removeLowCardinality(bound->header[i].type)->isNullable() ? makeNullable(types[i]) : types[i];
            PodVector<uint8_t> failed;
            auto from = removeLowCardinality(block.at(i).type);
            auto values = block.at(i).column->materialize();
            bool numbers = removeNullable(from)->isNumber() && removeNullable(target)->isNumber();
            columns.push_back(numbers ? tryCastColumn({values, from, ""}, target, true, failed) : castColumn({values, from, ""}, target));
            for (size_t row = 0; row < failed.size(); ++row)
                representable[row] &= !failed[row];
        }
        // A number that the left type cannot hold equals none of its values.
        if (size_t count = countSelected(representable); count < representable.size())
            for (auto & column : columns)
                column = column->filter(representable, count);
        set->insert(columns);
        if (context_.settings.set_rows_max && set->size() > context_.settings.set_rows_max)
            throw Exception(ErrorCode::SET_SIZE_LIMIT_EXCEEDED, "IN-set size limit exceeded: {} rows, max_rows_in_set is {}", set->size(), context_.settings.set_rows_max);
        return finish(makeCall(std::make_shared<FunctionIn>(set, negative, fmt::format("#{}", ids_.set++)), {left}));
    }
    auto bound_right = bind(right);
    if (!bound_right->isConstant())
    {
        if (bound_right->type->id() == TypeId::Array)
        {
            auto has = makeCall("has", {bound_right, left});
            return negative ? makeCall("not", {has}) : has;
        }
        if (!bound_right->isFunction("tuple"))
            throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "The right side of IN must be a tuple, an array, a subquery or a table, got {}", formatAst(*right));
        Expressions equalities;
        for (const auto & argument : bound_right->arguments)
            equalities.push_back(makeCall("equals", {left, argument}));
        auto any = equalities.size() == 1 ? equalities[0] : makeCall("or", equalities);
        return negative ? makeCall("not", {any}) : any;
    }
    // A literal: one value, or a tuple or array of values.
    auto value = bound_right->constantValue();
    auto type = bound_right->type;
    std::vector<std::pair<Field, DataTypePtr>> elements;
    bool left_is_tuple = plain_left->id() == TypeId::Tuple;
    auto is_row = [&](const DataTypePtr & t) { return left_is_tuple && t->id() == TypeId::Tuple; };
    if (type->id() == TypeId::Tuple && !(is_row(type) && !typeAs<DataTypeTuple>(*type).elements().empty() && typeAs<DataTypeTuple>(*type).elements()[0]->id() != TypeId::Tuple))
    {
        const auto & element_types = typeAs<DataTypeTuple>(*type).elements();
        for (size_t i = 0; i < element_types.size(); ++i)
            elements.emplace_back(value.get<Tuple>()[i], element_types[i]);
    }
    else if (type->id() == TypeId::Array && plain_left->id() != TypeId::Array)
        for (const auto & element : value.get<Array>())
            elements.emplace_back(element, typeAs<DataTypeArray>(*type).element());
    else
        elements.emplace_back(value, type);

    std::vector<MutableColumnPtr> columns;
    for (const auto & t : types)
        columns.push_back(t->createColumn());
    for (const auto & [element, element_type] : elements)
    {
        if (element.isNull())
            continue; // NULL is in no set
        std::vector<Field> row;
        if (left_is_tuple)
        {
            if (element_type->id() != TypeId::Tuple || element.get<Tuple>().size() != types.size())
                throw Exception(ErrorCode::INCORRECT_ELEMENT_OF_SET, "Incorrect element of the set in IN: {} is not a tuple of {}", toString(element), types.size());
            for (size_t i = 0; i < types.size(); ++i)
                row.push_back(setValue(element.get<Tuple>()[i], typeAs<DataTypeTuple>(*element_type).elements()[i], types[i]));
        }
        else
            row.push_back(setValue(element, element_type, types[0]));
        // A value that the left type cannot hold equals none of its values.
        if (std::any_of(row.begin(), row.end(), [](const auto & field) { return field.isNull(); }))
            continue;
        for (size_t i = 0; i < row.size(); ++i)
            columns[i]->insert(row[i]);
    }
    auto set = std::make_shared<Set>(types);
    set->insert(Columns(columns.begin(), columns.end()));
    std::string key = "{";
    for (size_t row = 0; row < columns[0]->size(); ++row)
        for (const auto & column : columns)
            key += toString(column->get(row)) + ",";
    return finish(makeCall(std::make_shared<FunctionIn>(set, negative, key + "}"), {left}));
}

}
