#include "functions/callFunction.h"

#include "columns/ColumnConst.h"
#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnNullable.h"
#include "functions/Numbers.h"
#include "types/DataTypes.h"

#include <algorithm>

namespace mangrove
{

namespace
{

using Arguments = std::vector<ColumnWithType>;

bool isConst(const ColumnPtr & column)
{
    return column && column->kind() == ColumnKind::Const;
}

bool isNullLiteral(const DataType & type)
{
    return type.isNullable() && typeAs<DataTypeNullable>(type).nested()->id() == TypeId::Nothing;
}

bool fitsLowCardinality(const DataType & type)
{
    const DataType & inner = type.isNullable() ? *typeAs<DataTypeNullable>(type).nested() : type;
    return (inner.isNumber() && inner.id() != TypeId::Bool) || inner.isStringOrFixed() || inner.id() == TypeId::Date
        || inner.id() == TypeId::DateTime || inner.id() == TypeId::UUID;
}

/// Without LowCardinality at any depth: what ClickHouse's functions return, except those that see it as it is.
DataTypePtr withoutNestedLowCardinality(const DataTypePtr & type)
{
    switch (type->id())
    {
        case TypeId::LowCardinality: return withoutNestedLowCardinality(typeAs<DataTypeLowCardinality>(*type).nested());
        case TypeId::Array:
        {
            const DataTypePtr & element = typeAs<DataTypeArray>(*type).element();
            DataTypePtr plain = withoutNestedLowCardinality(element);
            return plain == element ? type : std::make_shared<DataTypeArray>(plain);
        }
        case TypeId::Map:
        {
            auto & map = typeAs<DataTypeMap>(*type);
            DataTypePtr key = withoutNestedLowCardinality(map.key());
            DataTypePtr value = withoutNestedLowCardinality(map.value());
            return key == map.key() && value == map.value() ? type : std::make_shared<DataTypeMap>(key, value);
        }
        case TypeId::Tuple:
        {
            auto & tuple = typeAs<DataTypeTuple>(*type);
            DataTypes elements;
            for (const DataTypePtr & element : tuple.elements())
                elements.push_back(withoutNestedLowCardinality(element));
            return elements == tuple.elements() ? type : std::make_shared<DataTypeTuple>(elements, tuple.names());
        }
        default: return type;
    }
}

bool isContainer(const DataType & type)
{
    return type.id() == TypeId::Array || type.id() == TypeId::Map || type.id() == TypeId::Tuple;
}

/// The same arguments without LowCardinality in the types and around the columns.
Arguments withoutLowCardinality(Arguments arguments)
{
    for (auto & argument : arguments)
    {
        if (argument.type->isLowCardinality())
        {
            argument.type = removeLowCardinality(argument.type);
            if (isConst(argument.column))
                argument.column = ColumnConst::create(
                    static_cast<const ColumnConst &>(*argument.column).value().materialize(), argument.column->size());
            else if (argument.column)
                argument.column = argument.column->materialize();
        }
    }
    return arguments;
}

ColumnPtr stripNullable(const ColumnPtr & column)
{
    if (column->kind() == ColumnKind::Nullable)
        return static_cast<const ColumnNullable &>(*column).nestedPtr();
    if (column->kind() == ColumnKind::Const)
    {
        auto & constant = static_cast<const ColumnConst &>(*column);
        if (constant.value().kind() == ColumnKind::Nullable)
            return ColumnConst::create(static_cast<const ColumnNullable &>(constant.value()).nestedPtr(),
                constant.size());
    }
    return column;
}

Arguments withoutNullable(Arguments arguments)
{
    for (auto & argument : arguments)
    {
        if (argument.type->isNullable())
        {
            argument.type = removeNullable(argument.type);
            if (argument.column)
                argument.column = stripNullable(argument.column);
        }
    }
    return arguments;
}

DataTypePtr resultTypeWithoutLowCardinality(const Function & function, const Arguments & arguments)
{
    if (function.nullArgumentsGiveNull())
    {
        bool any_nullable = false;
        for (const auto & argument : arguments)
        {
            if (isNullLiteral(*argument.type))
            {
                return argument.type;
            }
            any_nullable |= argument.type->isNullable();
        }
        if (any_nullable)
            return makeNullable(function.returnType(withoutNullable(arguments)));
    }
    return function.returnType(arguments);
}

ColumnPtr callFull(const Function & function, const Arguments & arguments, const DataTypePtr & result_type,
    size_t rows);

ColumnPtr callOnNullable(const Function & function, const Arguments & arguments, const DataTypePtr & result_type,
    size_t rows);

/// Constants once: on one row each. Where NULLs are taken away first they stay constants until then: returnType() may
/// depend on it (a string is compared with a date only if it is a literal).
ColumnPtr callOnConstants(const Function & function, const Arguments & arguments, const DataTypePtr & result_type,
    size_t rows)
{
    std::vector<size_t> keep = function.alwaysConstArguments();
    Arguments single = arguments;
    bool nullable = function.nullArgumentsGiveNull()
        && std::ranges::any_of(arguments, [](const auto & argument) { return argument.type->isNullable(); })
        && std::ranges::none_of(arguments, [](const auto & argument) { return isNullLiteral(*argument.type); });
    for (size_t i = 0; i < single.size(); ++i)
    {
        ColumnPtr value = static_cast<const ColumnConst &>(*single[i].column).valuePtr();
        bool stays = nullable || std::find(keep.begin(), keep.end(), i) != keep.end();
        single[i].column = stays ? ColumnPtr(ColumnConst::create(value, 1)) : value;
    }
    ColumnPtr result = nullable ? callOnNullable(function, single, result_type, 1) : callFull(function, single, result_type, 1);
    if (result->kind() == ColumnKind::Const)
        result = static_cast<const ColumnConst &>(*result).valuePtr();
    return ColumnConst::create(result, rows);
}

/// Rows with a NULL argument give NULL and are not computed at all, so that a default value under a NULL cannot throw.
ColumnPtr callOnNullable(const Function & function, const Arguments & arguments, const DataTypePtr & result_type,
    size_t rows)
{
    auto nulls = ColumnUInt8::create(rows);
    std::fill(nulls->data().begin(), nulls->data().end(), 0);
    size_t null_count = 0;
    for (const auto & argument : arguments)
    {
        if (argument.column->kind() == ColumnKind::Const)
        {
            if (argument.column->isNullAt(0))
                return result_type->createConst(rows, Null{});
        }
        else if (argument.column->kind() == ColumnKind::Nullable)
        {
            const auto & map = static_cast<const ColumnNullable &>(*argument.column).nullMap();
            for (size_t i = 0; i < rows; ++i)
                nulls->data()[i] |= map[i];
        }
    }
    for (uint8_t is_null : nulls->data())
        null_count += is_null;
    Arguments nested = withoutNullable(arguments);
    DataTypePtr nested_type = resultTypeWithoutLowCardinality(function, nested);

    ColumnPtr values;
    if (null_count == 0)
        values = callFull(function, nested, nested_type, rows);
    else
    {
        Filter not_null(rows);
        for (size_t i = 0; i < rows; ++i)
            not_null[i] = !nulls->data()[i];
        const size_t kept = rows - null_count;
        for (auto & argument : nested)
            argument.column = argument.column->filter(not_null, kept);
        MutableColumnPtr with_default = nested_type->createColumn();
        with_default->insertDefault();
        if (kept)
            with_default->insertRangeFrom(*callFull(function, nested, nested_type, kept)->materialize(), 0, kept);
        Permutation source(rows);
        uint32_t next = 1;
        for (size_t i = 0; i < rows; ++i)
            source[i] = not_null[i] ? next++ : 0;
        values = with_default->gather(source);
    }
    values = values->materialize();
    if (!result_type->isNullable())
        return values; /// arrays, maps: NULL gives the empty one
    if (values->kind() == ColumnKind::Nullable)
    {
        auto & nullable = static_cast<const ColumnNullable &>(*values);
        for (size_t i = 0; i < rows; ++i)
            nulls->data()[i] |= nullable.nullMap()[i];
        return ColumnNullable::create(nullable.nestedPtr(), nulls);
    }
    return ColumnNullable::create(values, nulls);
}

/// Without LowCardinality: constants, then NULLs, then the function.
ColumnPtr callFull(const Function & function, const Arguments & arguments, const DataTypePtr & result_type, size_t rows)
{
    bool all_const = !arguments.empty();
    bool any_nullable = false;
    std::vector<size_t> always_const = function.alwaysConstArguments();
    size_t unwrappable = 0;
    for (size_t i = 0; i < arguments.size(); ++i)
    {
        if (isConst(arguments[i].column))
            unwrappable += std::find(always_const.begin(), always_const.end(), i) == always_const.end();
        else
            all_const = false;
        any_nullable |= arguments[i].type->isNullable();
    }
    if (all_const && unwrappable && function.constantArgumentsGiveConstant())
        return callOnConstants(function, arguments, result_type, rows);
    if (function.nullArgumentsGiveNull() && any_nullable)
    {
        for (const auto & argument : arguments)
            if (isNullLiteral(*argument.type))
                return result_type->createConst(rows, Null{});
        return callOnNullable(function, arguments, result_type, rows);
    }
    return function.execute(arguments, result_type, rows);
}

/// Runs the function on the dictionary values in use and maps the codes.
ColumnPtr callOnDictionary(const Function & function, const Arguments & arguments, size_t position,
    const DataTypePtr & result_type, size_t rows)
{
    auto & column = static_cast<const ColumnLowCardinality &>(*arguments[position].column);
    const size_t dictionary_size = column.dictionary().size();
    PodVector<uint32_t> new_code(dictionary_size);
    std::fill(new_code.begin(), new_code.end(), 0);
    for (uint32_t code : column.codes())
        new_code[code] = 1;
    Permutation used;
    for (uint32_t code = 0; code < dictionary_size; ++code)
    {
        if (new_code[code])
        {
            new_code[code] = static_cast<uint32_t>(used.size());
            used.push_back(code);
        }
    }
    ColumnPtr values = used.size() == dictionary_size ? column.dictionaryPtr() : column.dictionary().gather(used);

    Arguments on_values = arguments;
    for (size_t i = 0; i < on_values.size(); ++i)
        if (i != position)
            on_values[i].column = ColumnConst::create(static_cast<const ColumnConst &>(*on_values[i].column).valuePtr(), values->size());
    on_values[position].column = values;
    on_values = withoutLowCardinality(std::move(on_values));
    DataTypePtr value_type = removeLowCardinality(result_type);
    ColumnPtr computed = callFull(function, on_values, value_type, values->size())->materialize();

    PodVector<uint32_t> codes(rows);
    if (!result_type->isLowCardinality())
    {
        for (size_t i = 0; i < rows; ++i)
            codes[i] = new_code[column.codes()[i]];
        return computed->gather(codes);
    }
    auto encoded = ColumnLowCardinality::encode(*computed);
    for (size_t i = 0; i < rows; ++i)
        codes[i] = encoded->codes()[new_code[column.codes()[i]]];
    return ColumnLowCardinality::create(encoded->dictionaryPtr(), std::move(codes));
}

void checkAlwaysConst(const Function & function, const Arguments & arguments)
{
    for (size_t position : function.alwaysConstArguments())
        if (position < arguments.size() && !isConst(arguments[position].column))
            throw Exception(ErrorCode::ILLEGAL_COLUMN, "Argument {} of function {} must be constant", position + 1,
                function.name());
}

}

DataTypePtr resultType(const Function & function, const std::vector<ColumnWithType> & arguments)
{
    checkAlwaysConst(function, arguments);
    if (!function.lowCardinalityIsTransparent())
        return resultTypeWithoutLowCardinality(function, arguments);
    bool any = false;
    size_t full_low_cardinality = 0;
    size_t full_ordinary = 0;
    for (const auto & argument : arguments)
    {
        bool is_low_cardinality = argument.type->isLowCardinality();
        any |= is_low_cardinality;
        if (!isConst(argument.column))
            ++(is_low_cardinality ? full_low_cardinality : full_ordinary);
    }
    if (!any)
        return withoutNestedLowCardinality(resultTypeWithoutLowCardinality(function, arguments));
    DataTypePtr type = resultTypeWithoutLowCardinality(function, withoutLowCardinality(arguments));
    type = withoutNestedLowCardinality(type);
    if (function.resultMayBeLowCardinality() && full_low_cardinality <= 1 && full_ordinary == 0
        && fitsLowCardinality(*type))
        return std::make_shared<DataTypeLowCardinality>(type);
    return type;
}

ColumnPtr callFunction(
    const Function & function, const std::vector<ColumnWithType> & arguments, const DataTypePtr & result_type,
        size_t rows)
{
    checkAlwaysConst(function, arguments);
    if (!function.lowCardinalityIsTransparent())
        return callFull(function, arguments, result_type, rows);
    size_t dictionary_position = arguments.size();
    size_t not_const = 0;
    bool any_low_cardinality = result_type->isLowCardinality();
    for (size_t i = 0; i < arguments.size(); ++i)
    {
        any_low_cardinality |= arguments[i].type->isLowCardinality();
        if (isConst(arguments[i].column))
            continue;
        ++not_const;
        if (arguments[i].column->kind() == ColumnKind::LowCardinality)
            dictionary_position = i;
    }
    if (!any_low_cardinality)
    {
        if (!isContainer(*result_type))
            return callFull(function, arguments, result_type, rows);
        /// The function itself keeps LowCardinality inside of arrays, where that is fast.
        DataTypePtr own_type = resultTypeWithoutLowCardinality(function, arguments);
        return castColumn({callFull(function, arguments, own_type, rows), own_type, ""}, result_type);
    }
    if (not_const == 1 && dictionary_position < arguments.size() && function.constantArgumentsGiveConstant())
        return callOnDictionary(function, arguments, dictionary_position, result_type, rows);

    ColumnPtr result = callFull(function, withoutLowCardinality(arguments), removeLowCardinality(result_type), rows);
    if (!result_type->isLowCardinality())
        return result;
    if (result->kind() == ColumnKind::Const)
        return ColumnConst::create(ColumnLowCardinality::encode(static_cast<const ColumnConst &>(*result).value()),
            rows);
    return ColumnLowCardinality::encode(*result);
}

}
