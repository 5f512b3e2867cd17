// IN, NOT IN, GLOBAL IN: the right side as a set of values of the left side's type.

#include "analyzer/FunctionIn.h"
#include "analyzer/SelectAnalyzer.h"

#include "columns/ColumnConst.h"
#include "columns/ColumnString.h"
#include "columns/ColumnTuple.h"
#include "columns/ColumnVector.h"
#include "functions/callFunction.h"
#include "functions/cast/Cast.h"
#include "io/Checksum.h"
#include "sql/AstPrinter.h"
#include "sql/Parser.h"
#include "types/DataTypes.h"

#include <algorithm>

namespace mangrove
{

namespace
{

/// A literal of IN as the type at left; NULL for a number or name which that type cannot hold: it equals none of its values.
/// Nor does anything equal a NULL at left, whose type is Nothing.
Field setValue(const Field & value, const DataTypePtr & from, const DataTypePtr & to)
{
    if (to->id() == TypeId::Nothing)
        return {};
    if (value.is<std::string>() && to->isNumber())
        try
        {
            return castField(value, from, to);
        }
        catch (const Exception &)
        {
            throw Exception(ErrorCode::TYPE_MISMATCH, "Cannot convert string {} to type {}", toString(value), to->name());
        }
    if (value.isNull() || !(to->isEnum() || (removeNullable(from)->isNumber() && to->isNumber())))
        return castField(value, from, to);
    PodVector<uint8_t> failed;
    auto column = tryCastColumn({from->createConst(1, value), from, ""}, makeNullable(to), true, failed);
    return failed[0] ? Field() : column->get(0);
}

/// The set that a list of literals makes, without a constant of as many columns as it has elements.
class SetValues
{
public:
    explicit SetValues(DataTypes types, bool tuples) : types_(std::move(types)), tuples_(tuples)
    {
        for (const auto & type : types_)
            columns_.push_back(type->createColumn());
    }

    void add(const Field & element, const DataTypePtr & type)
    {
        if (element.isNull())
            return; // NULL is in no set
        std::vector<Field> row;
        if (tuples_)
        {
            if (type->id() != TypeId::Tuple || element.get<Tuple>().size() != types_.size())
                throw Exception(ErrorCode::INCORRECT_ELEMENT_OF_SET, "Incorrect element of the set in IN: {} is not a tuple of {}", toString(element), types_.size());
            // A row with a NULL is in no set. Of a tuple of one element ClickHouse says that it is: refused.
            const auto & values = element.get<Tuple>();
            if (values.size() == 1 && values[0].isNull())
                throw Exception(ErrorCode::NOT_IMPLEMENTED, "IN with a tuple of nothing but one NULL is not supported; compare with isNull()");
            for (size_t i = 0; i < types_.size(); ++i)
                row.push_back(values[i].isNull() ? Field() : setValue(values[i], typeAs<DataTypeTuple>(*type).elements()[i], types_[i]));
        }
        else
            row.push_back(setValue(element, type, types_[0]));
        // A value that the left type cannot hold equals none of its values.
        if (std::any_of(row.begin(), row.end(), [](const auto & field) { return field.isNull(); }))
            return;
        for (size_t i = 0; i < row.size(); ++i)
            columns_[i]->insert(row[i]);
    }

    void add(const std::vector<Literal> & literals)
    {
        for (size_t i = 0; i < literals.size();)
        {
            const size_t numbers = tuples_ || !types_[0]->isNumber() ? 0 : addNumbers(literals, i);
            i += numbers;
            if (numbers)
                continue;
            const Literal & literal = literals[i++];
            if (auto * text = literal.asString(); text && !tuples_ && types_[0]->isString())
                static_cast<ColumnString &>(*columns_[0]).append(*text);
            else
                add(fieldOfLiteral(literal), typeOfLiteral(literal));
        }
    }

    ExpressionPtr makeIn(const ExpressionPtr & left, bool negative) const
    {
        auto set = std::make_shared<Set>(types_);
        set->insert(Columns(columns_.begin(), columns_.end()));
        return makeCall(std::make_shared<FunctionIn>(set, negative, key()), {left});
    }

private:
    /// Those of one kind from `begin` on, cast together; how many.
    size_t addNumbers(const std::vector<Literal> & literals, size_t begin)
    {
        const size_t kind = literals[begin].value.index();
        if (!literals[begin].asUInt64() && !literals[begin].asInt64() && !literals[begin].asFloat64())
            return 0;
        size_t end = begin;
        while (end < literals.size() && literals[end].value.index() == kind && end - begin < numbers_at_once)
            ++end;
        auto cast = [&]<typename T>(TypeId type)
        {
            auto values = ColumnVector<T>::create();
            for (size_t i = begin; i < end; ++i)
                values->data().push_back(std::get<T>(literals[i].value));
            PodVector<uint8_t> failed;
            auto column = tryCastColumn({values, makeType(type), ""}, types_[0], true, failed);
            for (auto & flag : failed)
                flag = !flag;
            auto fitting = column->filter(failed, countSelected(failed));
            columns_[0]->insertRangeFrom(*fitting, 0, fitting->size());
            return end - begin;
        };
        if (literals[begin].asUInt64())
            return cast.template operator()<uint64_t>(TypeId::UInt64);
        if (literals[begin].asInt64())
            return cast.template operator()<int64_t>(TypeId::Int64);
        return cast.template operator()<double>(TypeId::Float64);
    }

    /// Equal for equal lists; of long ones their hash.
    std::string key() const
    {
        std::string key;
        if (columns_[0]->size() <= spelled_max)
        {
            for (size_t row = 0; row < columns_[0]->size(); ++row)
                for (const auto & column : columns_)
                    key += toString(column->get(row)) + ",";
            return "{" + key + "}";
        }
        for (size_t row = 0; row < columns_[0]->size(); ++row)
            for (const auto & column : columns_)
                column->serializeKey(row, key);
        const UInt128 hash = xxh3_128(key);
        return fmt::format("{{{} elements, {:016x}{:016x}}}", columns_[0]->size(), static_cast<uint64_t>(hash >> 64), static_cast<uint64_t>(hash));
    }

    static constexpr size_t numbers_at_once = 65536;
    static constexpr size_t spelled_max = 1000;

    DataTypes types_;
    bool tuples_;
    std::vector<MutableColumnPtr> columns_;
};

/// The elements of a list of literals that need no common type; null if the literal is something else.
const std::vector<Literal> * listOf(const Expr & right, bool left_is_tuple)
{
    if (!right.isLiteral() || !right.alias.empty())
        return nullptr;
    const auto * tuple = right.value.asTuple();
    if (!tuple || tuple->elements.empty() || (left_is_tuple && !tuple->elements[0].asTuple()))
        return nullptr; // (1, 2) may be one row
    return &tuple->elements;
}

/// (a, b) IN (SELECT (a, b)): one column of tuples is as many columns as they have elements.
DataTypes columnsOfRows(const NamesAndTypes & header, size_t wanted)
{
    if (wanted > 1 && header.size() == 1 && header[0].type->id() == TypeId::Tuple)
        return typeAs<DataTypeTuple>(*header[0].type).elements();
    DataTypes types;
    for (const auto & column : header)
        types.push_back(column.type);
    return types;
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

    if (plain_left->id() == TypeId::Nothing)
        return finish(makeCall("equals", {left, left})); // NULL, whatever is at right
    auto right = expr.args[1];
    SelectPtr subquery = right->subquery;
    if (right->isIdentifier() && right->parts.size() <= 2 && !tryAlias(right->fullName()) && !tryColumn(right->parts) && !tryOuterAlias(right->fullName()))
    {
        const auto * with_query = scope_.findWithQuery(right->fullName(), ids_.with_in_progress);
        subquery = with_query ? with_query->select : parseSelect("SELECT * FROM " + formatAst(*right));
    }
    if (right->kind == ExprKind::Subquery || subquery)
    {
        auto bound = analyzeSubquery(subquery);
        const auto header = columnsOfRows(bound->header, types.size());
        if (header.size() != types.size())
            throw Exception(ErrorCode::NUMBER_OF_COLUMNS_DOESNT_MATCH, "Number of columns in section IN doesn't match: {} at left, {} at right",
                types.size(), header.size());
        auto block = context_.run_subquery(bound, 0);
        auto set = std::make_shared<Set>(types);
        const bool tuples = bound->header.size() != types.size();
        const Columns found = tuples ? columnAs<ColumnTuple>(*block.at(0).column->materialize()).elements() : Columns();
        Columns columns;
        Filter representable(block.rows(), 1);
        for (size_t i = 0; i < types.size(); ++i)
        {
            auto from = removeLowCardinality(header[i]);
            auto values = (tuples ? found[i] : block.at(i).column)->materialize();
            for (size_t row = 0; tuples && from->isNullable() && row < values->size(); ++row)
                if (values->isNullAt(row)) // equal to NULL in ClickHouse, other than in a set of several columns
                    throw Exception(ErrorCode::NOT_IMPLEMENTED, "IN with a subquery of tuples that contain NULL is not supported; select several columns");
            if (types[i]->id() == TypeId::Nothing) // NULL at left equals nothing
            {
                columns.push_back(makeNullable(types[i])->createConst(block.rows(), Field())->materialize());
                continue;
            }
            auto target = from->isNullable() ? makeNullable(types[i]) : types[i];
            PodVector<uint8_t> failed;
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
    const bool left_is_tuple = plain_left->id() == TypeId::Tuple;
    SetValues values(types, left_is_tuple);
    if (const auto * literals = listOf(*right, left_is_tuple))
    {
        values.add(*literals);
        return finish(values.makeIn(left, negative));
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
    auto is_row = [&](const DataTypePtr & t) { return left_is_tuple && t->id() == TypeId::Tuple; };
    if (type->id() == TypeId::Tuple && !(is_row(type) && !typeAs<DataTypeTuple>(*type).elements().empty() && typeAs<DataTypeTuple>(*type).elements()[0]->id() != TypeId::Tuple))
    {
        const auto & element_types = typeAs<DataTypeTuple>(*type).elements();
        for (size_t i = 0; i < element_types.size(); ++i)
            values.add(value.get<Tuple>()[i], element_types[i]);
    }
    else if (type->id() == TypeId::Array && plain_left->id() != TypeId::Array)
        for (const auto & element : value.get<Array>())
            values.add(element, typeAs<DataTypeArray>(*type).element());
    else
        values.add(value, type);
    return finish(values.makeIn(left, negative));
}

}
