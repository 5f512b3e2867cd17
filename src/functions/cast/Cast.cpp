#include "functions/cast/Cast.h"

#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnNullable.h"
#include "functions/callFunction.h"

namespace mangrove
{

namespace
{

ColumnPtr castAny(const ColumnPtr & column, const DataTypePtr & from, const DataTypePtr & to, const CastRules & rules);

ColumnPtr noNulls(size_t rows)
{
    auto map = ColumnUInt8::create();
    map->insertManyDefaults(rows);
    return map;
}

/// Columns of NULL literals and of empty arrays' elements.
ColumnPtr castNothing(const ColumnPtr & column, const DataTypePtr & to)
{
    MutableColumnPtr result = to->createColumn();
    result->insertManyDefaults(column->size());
    return result;
}

/// As ClickHouse: a text that is no value of a Nullable type is NULL.
bool parsesToNull(const DataType & from, const DataType & to, const CastRules & rules)
{
    if (rules.failed || !from.isString() || !to.isNullable())
        return false;
    const DataType & nested = *typeAs<DataTypeNullable>(to).nested();
    return nested.isInteger() || nested.isFloat() || nested.isDateOrTime() || nested.id() == TypeId::UUID || nested.id() == TypeId::FixedString;
}

PodVector<uint8_t> noFailures(size_t rows)
{
    PodVector<uint8_t> failed(rows);
    std::fill(failed.begin(), failed.end(), 0);
    return failed;
}

ColumnPtr parseOrNull(const ColumnPtr & column, const DataTypePtr & from, const DataTypePtr & to, const CastRules & rules)
{
    PodVector<uint8_t> failed = noFailures(column->size());
    ColumnPtr values = castPlain(column, from, removeNullable(to), CastRules{rules.accurate, &failed});
    return ColumnNullable::create(values, std::make_shared<ColumnUInt8>(std::move(failed)));
}

ColumnPtr castNullable(const ColumnPtr & column, const DataTypePtr & from, const DataTypePtr & to,
    const CastRules & rules)
{
    const DataTypePtr & nested_from = typeAs<DataTypeNullable>(*from).nested();
    if (PodVector<uint8_t> failed; parsesToNull(*nested_from, *to, rules))
    {
        failed = noFailures(column->size());
        ColumnPtr parsed = castNullable(column, from, to, CastRules{rules.accurate, &failed});
        auto & known = static_cast<const ColumnNullable &>(*parsed);
        for (size_t i = 0; i < failed.size(); ++i)
            failed[i] |= known.nullMap()[i];
        return ColumnNullable::create(known.nestedPtr(), std::make_shared<ColumnUInt8>(std::move(failed)));
    }
    auto & nullable = static_cast<const ColumnNullable &>(*column);
    const auto & nulls = nullable.nullMap();
    size_t rows = nulls.size();
    size_t null_count = 0;
    for (uint8_t is_null : nulls)
        null_count += is_null;
    DataTypePtr nested_to = removeNullable(to);
    if (null_count && !to->isNullable())
    {
        if (!rules.failed)
            throw Exception(ErrorCode::CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN,
                "Cannot convert NULL value to non-Nullable type {}", to->name());
        for (size_t i = 0; i < rows; ++i)
            (*rules.failed)[i] |= nulls[i];
    }
    ColumnPtr values;
    if (nested_from->id() == TypeId::Nothing)
        values = castNothing(column, nested_to);
    else if (null_count == 0)
        values = castAny(nullable.nestedPtr(), nested_from, nested_to, rules);
    else
    {
        /// What lies under a NULL must not be converted: the empty string is no number.
        Filter not_null(rows);
        for (size_t i = 0; i < rows; ++i)
            not_null[i] = !nulls[i];
        size_t kept = rows - null_count;
        ColumnPtr some = nullable.nested().filter(not_null, kept);
        PodVector<uint8_t> some_failed(kept);
        std::fill(some_failed.begin(), some_failed.end(), 0);
        CastRules some_rules = rules;
        if (rules.failed)
            some_rules.failed = &some_failed;
        some = castAny(some, nested_from, nested_to, some_rules);
        MutableColumnPtr with_default = nested_to->createColumn();
        with_default->insertDefault();
        with_default->insertRangeFrom(*some, 0, kept);
        Permutation source(rows);
        uint32_t next = 0;
        for (size_t i = 0; i < rows; ++i)
        {
            source[i] = not_null[i] ? ++next : 0;
            if (not_null[i] && rules.failed)
                (*rules.failed)[i] = some_failed[next - 1];
        }
        values = with_default->gather(source);
    }
    if (!to->isNullable())
        return values;
    return ColumnNullable::create(values, nullable.nullMapPtr());
}

ColumnPtr castAny(const ColumnPtr & column, const DataTypePtr & from, const DataTypePtr & to, const CastRules & rules)
{
    if (from->equals(*to))
        return column;
    if (from->isLowCardinality())
    {
        const DataTypePtr & nested = typeAs<DataTypeLowCardinality>(*from).nested();
        auto & coded = static_cast<const ColumnLowCardinality &>(*column);
        if (to->isLowCardinality() || rules.failed || coded.dictionary().size() > coded.size())
            return castAny(column->materialize(), nested, to, rules);
        /// The default in row 0 is often not a value of the column and need not be convertible.
        auto compact = coded.compact();
        PodVector<uint8_t> bad(compact->dictionary().size());
        std::fill(bad.begin(), bad.end(), 0);
        CastRules tolerant{rules.accurate, &bad};
        ColumnPtr values = castAny(compact->dictionaryPtr(), nested, to, tolerant);
        for (uint32_t code : compact->codes())
            if (bad[code])
                return castAny(column->materialize(), nested, to, rules); /// throws
        return values->gather(compact->codes());
    }
    if (to->isLowCardinality())
        return ColumnLowCardinality::encode(*castAny(column, from, typeAs<DataTypeLowCardinality>(*to).nested(),
            rules));
    if (from->isNullable())
        return castNullable(column, from, to, rules);
    if (parsesToNull(*from, *to, rules))
        return parseOrNull(column, from, to, rules);
    if (to->isNullable())
        return ColumnNullable::create(castAny(column, from, removeNullable(to), rules), noNulls(column->size()));
    if (from->id() == TypeId::Nothing)
        return castNothing(column, to);
    return castPlain(column, from, to, rules);
}

}

void throwCannotCast(const DataType & from, const DataType & to)
{
    throw Exception(ErrorCode::CANNOT_CONVERT_TYPE, "Conversion from {} to {} is not supported", from.name(),
        to.name());
}

ColumnPtr castPlain(const ColumnPtr & column, const DataTypePtr & from, const DataTypePtr & to, const CastRules & rules)
{
    if (from->equals(*to))
        return column;
    if (to->isString())
        return castToString(column, from);
    if (from->isStringOrFixed())
        return castFromString(column, from, to, rules);
    auto isContainer = [](const DataType & type)
    { return type.id() == TypeId::Array || type.id() == TypeId::Tuple || type.id() == TypeId::Map; };
    if (isContainer(*from) || isContainer(*to))
    {
        if (isContainer(*from) && isContainer(*to))
            return castContainer(column, from, to, rules);
        throwCannotCast(*from, *to);
    }
    if (to->id() == TypeId::FixedString)
        throw Exception(ErrorCode::NOT_IMPLEMENTED,
            "CAST AS FixedString is only implemented for types String and FixedString");
    if (from->id() == TypeId::AggregateFunction || to->id() == TypeId::AggregateFunction
        || from->id() == TypeId::Lambda)
        throwCannotCast(*from, *to);
    return castNumber(column, from, to, rules);
}

ColumnPtr castColumn(const ColumnWithType & from, const DataTypePtr & to, bool accurate)
{
    if (from.type->equals(*to))
        return from.column;
    CastRules rules{accurate, nullptr};
    if (from.column->kind() == ColumnKind::Const)
        return ColumnConst::create(castAny(static_cast<const ColumnConst &>(*from.column).valuePtr(), from.type, to,
            rules),
            from.column->size());
    return castAny(from.column, from.type, to, rules);
}

ColumnPtr tryCastColumn(const ColumnWithType & from, const DataTypePtr & to, bool accurate, PodVector<uint8_t> & failed)
{
    failed.resize(from.column->size());
    std::fill(failed.begin(), failed.end(), 0);
    return castAny(from.column->materialize(), removeLowCardinality(from.type), to, CastRules{accurate, &failed});
}

ColumnPtr castColumn(const ColumnWithType & from, const DataTypePtr & to)
{
    return castColumn(from, to, false);
}

Field castField(const Field & value, const DataTypePtr & from, const DataTypePtr & to)
{
    if (value.isNull() && !removeLowCardinality(to)->isNullable())
        throw Exception(ErrorCode::CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN,
            "Cannot convert NULL value to non-Nullable type {}", to->name());
    MutableColumnPtr column = from->createColumn();
    column->insert(value);
    return castColumn({column, from, ""}, to, false)->get(0);
}

DataTypePtr literalType(const Field & value)
{
    if (value.isNull())
        return std::make_shared<DataTypeNullable>(makeType(TypeId::Nothing));
    if (value.is<uint64_t>())
    {
        uint64_t x = value.get<uint64_t>();
        return makeType(x <= 0xff ? TypeId::UInt8 : x <= 0xffff ? TypeId::UInt16 : x <= 0xffffffff ? TypeId::UInt32
            : TypeId::UInt64);
    }
    if (value.is<int64_t>())
    {
        int64_t x = value.get<int64_t>();
        return makeType(x >= INT8_MIN && x <= INT8_MAX ? TypeId::Int8
                : x >= INT16_MIN && x <= INT16_MAX     ? TypeId::Int16
                : x >= INT32_MIN && x <= INT32_MAX     ? TypeId::Int32
                                                       : TypeId::Int64);
    }
    if (value.is<double>())
        return makeType(TypeId::Float64);
    if (value.is<UInt128>())
        return makeType(TypeId::UInt128);
    if (value.is<std::string>())
        return makeType(TypeId::String);
    if (value.is<Array>())
    {
        DataTypes elements;
        for (const Field & element : value.get<Array>())
            elements.push_back(literalType(element));
        return std::make_shared<DataTypeArray>(elements.empty() ? makeType(TypeId::Nothing) : leastSupertype(elements));
    }
    DataTypes elements;
    for (const Field & element : value.get<Tuple>())
        elements.push_back(literalType(element));
    return std::make_shared<DataTypeTuple>(elements);
}

}
