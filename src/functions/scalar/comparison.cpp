// equals, notEquals, less, greater, lessOrEquals, greaterOrEquals, isDistinctFrom, isNotDistinctFrom.
//
// A string literal against another type is read as that type first. Dates and times compare as moments, numbers
// exactly, tuples element by element (with NULL as unknown), arrays and maps by their common type.

#include "columns/ColumnTuple.h"
#include "functions/callFunction.h"
#include "functions/cast/Cast.h"
#include "functions/registerFunctions.h"
#include "functions/scalar/compareNumbers.h"

namespace mangrove
{

namespace
{

bool isStringLiteral(const ColumnWithType & argument)
{
    return argument.type->isString() && argument.column && isConst(*argument.column);
}

bool isTime(const DataType & type)
{
    return type.id() == TypeId::DateTime || type.id() == TypeId::DateTime64;
}

/// The one value of a literal. It comes as a full column if the other argument was constant too.
ColumnWithType literalValue(const ColumnWithType & literal)
{
    return {isConst(*literal.column) ? static_cast<const ColumnConst &>(*literal.column).valuePtr() : literal.column->cut(0, 1),
        literal.type, ""};
}

/// A string literal as a number of whatever type holds it: 300 compared with a UInt8 is just not equal.
ColumnWithType parseNumber(const ColumnWithType & literal, const DataType & other)
{
    for (TypeId id : {TypeId::UInt64, TypeId::Int64, TypeId::Float64})
    {
        PodVector<uint8_t> failed;
        ColumnPtr value = tryCastColumn(literalValue(literal), makeType(id), false, failed);
        if (!failed[0])
            return {ColumnConst::create(value, literal.column->size()), makeType(id), ""};
    }
    throw Exception(ErrorCode::TYPE_MISMATCH, "Cannot convert string '{}' to type {}", literal.column->stringAt(0),
        other.name());
}

ColumnWithType parseLiteral(const ColumnWithType & literal, const DataTypePtr & other)
{
    if (other->isInteger() || other->isFloat())
        return parseNumber(literal, *other);
    if (isTime(*other))
        return {castColumn(literal, other, false), other, ""};
    PodVector<uint8_t> failed;
    ColumnPtr value = tryCastColumn(literalValue(literal), other, false, failed);
    if (failed[0])
        throw Exception(ErrorCode::TYPE_MISMATCH, "Cannot convert string '{}' to type {}",
            literal.column->stringAt(0), other->name());
    return {ColumnConst::create(value, literal.column->size()), other, ""};
}

DataTypePtr commonTimeType(const DataType & a, const DataType & b)
{
    if (a.id() == TypeId::DateTime64 || b.id() == TypeId::DateTime64)
    {
        const DataType & wide = a.id() == TypeId::DateTime64 ? a : b;
        const DataType & other = &wide == &a ? b : a;
        uint32_t precision = typeAs<DataTypeDateTime64>(wide).precision();
        if (other.id() == TypeId::DateTime64)
            precision = std::max(precision, typeAs<DataTypeDateTime64>(other).precision());
        return std::make_shared<DataTypeDateTime64>(precision, typeAs<DataTypeDateTime64>(wide).zoneName());
    }
    const DataType & time = a.id() == TypeId::DateTime ? a : b;
    return std::make_shared<DataTypeDateTime>(typeAs<DataTypeDateTime>(time).zoneName());
}

class FunctionComparison final : public Function
{
public:
    FunctionComparison(std::string name, Comparison op) : name_(std::move(name)), op_(op) { }

    std::string name() const override { return name_; }

    DataTypePtr returnType(const Arguments & arguments) const override
    {
        if (arguments.size() != 2)
            throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH,
                "Number of arguments for function {} doesn't match: passed {}, should be 2", name_, arguments.size());
        const DataType & a = *arguments[0].type;
        const DataType & b = *arguments[1].type;
        if (a.id() == TypeId::Tuple && b.id() == TypeId::Tuple)
            return tupleResult(arguments);
        auto numeric = [](const DataType & type) { return type.isNumber() || type.id() == TypeId::Interval; };
        const bool legal = (numeric(a) && numeric(b)) || (a.isStringOrFixed() && b.isStringOrFixed())
            || (a.isDateOrTime() && b.isDateOrTime()) || (isTime(a) && b.isNumber()) || (isTime(b) && a.isNumber())
            || (a.id() == TypeId::UUID && b.id() == TypeId::UUID)
                || (a.isEnum() && (b.isEnum() || b.isStringOrFixed() || b.isInteger()))
            || (b.isEnum() && (a.isStringOrFixed() || a.isInteger())) || isStringLiteral(arguments[0])
                || isStringLiteral(arguments[1])
            || a.id() == TypeId::Nothing || b.id() == TypeId::Nothing
            || (a.id() == b.id() && (a.id() == TypeId::Array || a.id() == TypeId::Map
                || a.id() == TypeId::AggregateFunction));
        if (!legal)
            throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "Illegal types of arguments ({}, {}) of function {}",
                a.name(), b.name(), name_);
        if (a.id() == TypeId::Array || a.id() == TypeId::Map)
            if (a.id() == b.id())
                commonContainer(arguments);
        return makeType(TypeId::UInt8);
    }

    ColumnPtr execute(const Arguments & arguments, const DataTypePtr & result_type, size_t rows) const override
    {
        if (rows == 0)
            return result_type->createColumn();
        ColumnWithType a = arguments[0];
        ColumnWithType b = arguments[1];
        if (isConst(*a.column) && isConst(*b.column))
            a.column = a.column->materialize();
        if (a.type->isStringOrFixed() && b.type->isStringOrFixed())
            return compareStrings(op_, *a.column, *b.column, rows);
        if (a.type->isEnum() && b.type->isStringOrFixed())
            return compareEnum(op_, a, b, rows);
        if (b.type->isEnum() && a.type->isStringOrFixed())
            return compareEnum(swapped(op_), b, a, rows);
        if (a.type->isString()) // with any other type than the above it is a literal: see returnType()
            a = parseLiteral(arguments[0], b.type);
        else if (b.type->isString())
            b = parseLiteral(arguments[1], a.type);
        if (isConst(*a.column) && isConst(*b.column))
            a.column = a.column->materialize();

        if (a.type->id() == TypeId::Tuple)
            return compareTuples(a, b, result_type, rows);
        if (a.type->id() == TypeId::Array || a.type->id() == TypeId::Map)
        {
            DataTypePtr common = commonContainer({a, b});
            return compareGeneric(*castColumn(a, common, false)->materialize(),
                *castColumn(b, common, false)->materialize(), rows);
        }
        if (a.type->isDateOrTime() && b.type->isDateOrTime()
            && (a.type->id() != b.type->id() || a.type->id() == TypeId::DateTime64))
        {
            DataTypePtr common = commonTimeType(*a.type, *b.type);
            a.column = castColumn(a, common, false);
            b.column = castColumn(b, common, false);
        }
        else if (a.type->id() == TypeId::DateTime64 || b.type->id() == TypeId::DateTime64)
        {
            /// Against a number: as seconds.
            auto & time = a.type->id() == TypeId::DateTime64 ? a : b;
            time.column = castColumn(time, makeType(TypeId::Float64), false);
        }
        if (a.type->id() == TypeId::AggregateFunction)
            return compareStrings(op_, *a.column, *b.column, rows);
        return compareNumbers(op_, *a.column, *b.column, rows);
    }

private:
    /// Throws if the element types have nothing in common.
    DataTypePtr commonContainer(const Arguments & arguments) const
    {
        try
        {
            return leastSupertype({arguments[0].type, arguments[1].type});
        }
        catch (const Exception & e)
        {
            throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT,
                "Illegal types of arguments ({}, {}) of function {}: {}",
                arguments[0].type->name(), arguments[1].type->name(), name_, e.message());
        }
    }

    ColumnPtr compareGeneric(const Column & a, const Column & b, size_t rows) const
    {
        auto result = ColumnUInt8::create(rows);
        for (size_t i = 0; i < rows; ++i)
            result->data()[i] = compareValues(op_, a.compareAt(i, i, b, 1), 0);
        return result;
    }

    static ColumnPtr compareEnum(Comparison op, const ColumnWithType & values, const ColumnWithType & names,
        size_t rows)
    {
        const bool equality = op == Comparison::Equals || op == Comparison::NotEquals;
        if (isConst(*names.column))
        {
            auto & type = typeAs<DataTypeEnum>(*values.type);
            std::string_view name = names.column->stringAt(0);
            if (auto value = type.valueOf(name))
            {
                auto constant = ColumnInt16::create(1);
                constant->data()[0] = *value;
                return compareNumbers(op, *values.column->materialize(), *ColumnConst::create(constant, rows), rows);
            }
            if (equality)
                return makeType(TypeId::UInt8)->createConst(rows,
                    Field(uint64_t{op == Comparison::NotEquals}))->materialize();
            throw Exception(ErrorCode::UNKNOWN_ELEMENT_OF_ENUM, "Unknown element '{}' for {}", name, type.name());
        }
        return compareStrings(op, *castColumn(values, makeType(TypeId::String), false), *names.column, rows);
    }

    std::vector<Arguments> elementPairs(const ColumnWithType & a, const ColumnWithType & b) const
    {
        auto & a_type = typeAs<DataTypeTuple>(*a.type);
        auto & b_type = typeAs<DataTypeTuple>(*b.type);
        if (a_type.elements().size() != b_type.elements().size())
            throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "Illegal types of arguments ({}, {}) of function {}",
                a_type.name(), b_type.name(), name_);
        std::vector<Arguments> pairs;
        auto element = [](const ColumnWithType & tuple, const DataTypePtr & type, size_t i) -> ColumnWithType
        {
            if (!tuple.column)
                return {nullptr, type, ""};
            ColumnPtr values = static_cast<const ColumnTuple &>(fullOf(*tuple.column)).elements()[i];
            if (isConst(*tuple.column))
                values = ColumnConst::create(values, tuple.column->size());
            return {values, type, ""};
        };
        for (size_t i = 0; i < a_type.elements().size(); ++i)
            pairs.push_back({element(a, a_type.elements()[i], i), element(b, b_type.elements()[i], i)});
        return pairs;
    }

    DataTypePtr tupleResult(const Arguments & arguments) const
    {
        bool nullable = false;
        for (const Arguments & pair : elementPairs(arguments[0], arguments[1]))
            nullable |= removeLowCardinality(resultType(*this, pair))->isNullable();
        DataTypePtr type = makeType(TypeId::UInt8);
        return nullable ? makeNullable(type) : type;
    }

    static ColumnWithType call(const Function & function, const Arguments & arguments, size_t rows)
    {
        DataTypePtr type = resultType(function, arguments);
        ColumnPtr column = callFunction(function, arguments, type, rows);
        return {column->materialize(), removeLowCardinality(type), ""};
    }

    /// a0 < b0 or (a0 = b0 and (a1 < b1 or …)), by functions that know NULL.
    ColumnPtr compareTuples(const ColumnWithType & a, const ColumnWithType & b, const DataTypePtr & result_type,
        size_t rows) const
    {
        std::vector<Arguments> pairs = elementPairs(a, b);
        if (pairs.empty())
            return result_type->createConst(rows, Field(uint64_t{compareValues(op_, 0, 0)}));
        const FunctionRegistry & registry = FunctionRegistry::instance();
        const FunctionPtr conjunction = registry.get("and");
        const FunctionPtr disjunction = registry.get("or");
        ColumnWithType result = call(*this, pairs.back(), rows);
        const FunctionComparison equals("equals", Comparison::Equals);
        const bool or_equal = op_ == Comparison::LessOrEquals || op_ == Comparison::GreaterOrEquals;
        const FunctionComparison strict(name_,
            !or_equal ? op_ : op_ == Comparison::LessOrEquals ? Comparison::Less : Comparison::Greater);
        for (size_t i = pairs.size() - 1; i-- > 0;)
        {
            if (op_ == Comparison::Equals)
                result = call(*conjunction, {call(*this, pairs[i], rows), result}, rows);
            else if (op_ == Comparison::NotEquals)
                result = call(*disjunction, {call(*this, pairs[i], rows), result}, rows);
            else
                result = call(*disjunction, {call(strict, pairs[i], rows),
                    call(*conjunction, {call(equals, pairs[i], rows), result}, rows)}, rows);
        }
        return castColumn(result, result_type, false);
    }

    std::string name_;
    Comparison op_;
};

/// NULL is equal to NULL: never NULL itself.
FunctionSpec notDistinct(std::string name, bool negate)
{
    return {
        .name = name, .arguments_min = 2, .arguments_max = 2, .return_type = returns(TypeId::UInt8),
        .execute = [negate](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            FunctionComparison equals("equals", Comparison::Equals);
            DataTypePtr type = resultType(equals, arguments);
            ColumnPtr equal = callFunction(equals, arguments, type, rows)->materialize();
            auto result = ColumnUInt8::create(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                bool a_null = arguments[0].column->isNullAt(i);
                bool b_null = arguments[1].column->isNullAt(i);
                bool same = a_null || b_null ? a_null && b_null : equal->get(i) == Field(uint64_t{1});
                result->data()[i] = same != negate;
            }
            return result;
        },
        .null_gives_null = false, .low_cardinality_result = false};
}

}

void registerComparison(FunctionRegistry & registry)
{
    const std::pair<const char *, Comparison> functions[] = {{"equals", Comparison::Equals},
        {"notEquals", Comparison::NotEquals},
        {"less", Comparison::Less}, {"greater", Comparison::Greater}, {"lessOrEquals", Comparison::LessOrEquals},
        {"greaterOrEquals", Comparison::GreaterOrEquals}};
    for (const auto & [name, op] : functions)
    {
        FunctionPtr function = std::make_shared<FunctionComparison>(name, op);
        registry.add(name, [function] { return function; });
    }
    addFunction(registry, notDistinct("isNotDistinctFrom", false));
    addFunction(registry, notDistinct("isDistinctFrom", true));
}

}
