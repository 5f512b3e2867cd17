// arrayElement(array | map, index | key), tupleElement(tuple, position | 'name').
//
// map['key'] is the hottest of all for traces: the key is looked up once in a LowCardinality dictionary of keys, then
// codes are compared.

#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnMap.h"
#include "columns/ColumnNullable.h"
#include "columns/ColumnTuple.h"
#include "functions/arrays/ArrayArguments.h"
#include "functions/arrays/registerArrays.h"
#include "functions/callFunction.h"
#include "functions/cast/Cast.h"

namespace mangrove
{

namespace
{

constexpr uint32_t absent = ~0U;

/// values[rows[i]], or the default where rows[i] is `absent`.
ColumnPtr gatherOrDefault(const Column & values, const Permutation & rows)
{
    Permutation source(rows.size());
    size_t used = 0;
    for (size_t i = 0; i < rows.size(); ++i)
    {
        source[i] = rows[i] == absent ? 0 : static_cast<uint32_t>(++used);
    }
    Permutation present(used);
    for (size_t i = 0, k = 0; i < rows.size(); ++i)
        if (rows[i] != absent)
            present[k++] = rows[i];
    if (used == rows.size())
        return values.gather(present);
    MutableColumnPtr with_default = values.cloneEmpty();
    with_default->insertDefault();
    with_default->insertRangeFrom(*values.gather(present), 0, used);
    return with_default->gather(source);
}

/// The position of the first key equal to a constant, per row.
template <typename IsKey>
Permutation findKeys(const Offsets & offsets, IsKey is_key)
{
    Permutation found(offsets.size());
    uint64_t k = 0;
    for (size_t i = 0; i < offsets.size(); ++i)
    {
        found[i] = absent;
        for (; k < offsets[i]; ++k)
        {
            if (is_key(k))
            {
                found[i] = static_cast<uint32_t>(k);
                break;
            }
        }
        k = offsets[i];
    }
    return found;
}

Permutation findStringKey(const ColumnMap & map, std::string_view key)
{
    const Column & keys = *map.keysPtr();
    if (keys.kind() == ColumnKind::LowCardinality)
    {
        auto & coded = static_cast<const ColumnLowCardinality &>(keys);
        uint32_t code = absent;
        for (uint32_t c = 0; c < coded.dictionary().size() && code == absent; ++c)
            if (coded.dictionary().stringAt(c) == key && !coded.dictionary().isNullAt(c))
                code = c;
        if (code == absent)
        {
            Permutation none(map.size());
            std::fill(none.begin(), none.end(), absent);
            return none;
        }
        const uint32_t * codes = coded.codes().data();
        return findKeys(map.offsets(), [=](size_t k) { return codes[k] == code; });
    }
    auto & strings = columnAs<ColumnString>(keys);
    return findKeys(map.offsets(), [&](size_t k) { return strings.at(k) == key; });
}

ColumnPtr mapElement(const Arguments & arguments, size_t rows)
{
    ColumnPtr full = arguments[0].column->materialize();
    auto & map = static_cast<const ColumnMap &>(*full);
    auto & type = typeAs<DataTypeMap>(*arguments[0].type);
    DataTypePtr key_type = removeLowCardinality(type.key());
    ColumnPtr values = map.valuesPtr()->materialize();
    if (key_type->isString() && isConst(*arguments[1].column) && arguments[1].type->isStringOrFixed())
        return gatherOrDefault(*values, findStringKey(map, arguments[1].column->stringAt(0)));
    /// Any other key: compare as the key's type; a key that the type cannot hold is absent.
    PodVector<uint8_t> failed;
    ColumnPtr wanted = tryCastColumn(arguments[1], key_type, true, failed);
    ColumnPtr keys = map.keysPtr()->materialize();
    Permutation found(rows);
    for (size_t i = 0; i < rows; ++i)
    {
        found[i] = absent;
        for (size_t k = map.pairs().beginOf(i); k < map.pairs().endOf(i) && found[i] == absent && !failed[i]; ++k)
            if (keys->compareAt(k, i, *wanted, 1) == 0)
                found[i] = static_cast<uint32_t>(k);
    }
    return gatherOrDefault(*values, found);
}

ColumnPtr arrayElement(const Arguments & arguments, size_t rows)
{
    ColumnPtr full = arguments[0].column->materialize();
    auto & array = static_cast<const ColumnArray &>(*full);
    NumberArgument<int64_t> index(*arguments[1].column);
    Permutation found(rows);
    for (size_t i = 0; i < rows; ++i)
    {
        auto size = static_cast<int64_t>(array.endOf(i) - array.beginOf(i));
        int64_t at = index[i];
        bool exists = (at > 0 && at <= size) || (at < 0 && at >= -size);
        found[i] = exists ? static_cast<uint32_t>(at > 0 ? array.beginOf(i) + at - 1 : array.endOf(i) + at) : absent;
    }
    return gatherOrDefault(*array.data().materialize(), found);
}

/// Through arrays down to the tuple: Array(Tuple(a, b)) has elements of type Array(a), Array(b).
DataTypePtr tupleElementType(const DataTypePtr & type, const Field & element, size_t & position)
{
    if (type->id() == TypeId::Array)
        return std::make_shared<DataTypeArray>(tupleElementType(typeAs<DataTypeArray>(*type).element(), element,
            position));
    if (type->id() != TypeId::Tuple)
        throwIllegalType("tupleElement", *type, 0);
    auto & tuple = typeAs<DataTypeTuple>(*type);
    if (element.is<std::string>())
    {
        auto found = tuple.positionOf(element.get<std::string>());
        if (!found)
            throw Exception(ErrorCode::BAD_ARGUMENTS, "Tuple doesn't have element with name '{}'",
                element.get<std::string>());
        position = *found;
    }
    else
    {
        int64_t index = element.is<uint64_t>() ? static_cast<int64_t>(element.get<uint64_t>()) : element.is<int64_t>()
            ? element.get<int64_t>() : 0;
        auto size = static_cast<int64_t>(tuple.elements().size());
        if (index < 0)
            index += size + 1;
        if (index < 1 || index > size)
            throw Exception(ErrorCode::ARGUMENT_OUT_OF_BOUND, "Tuple doesn't have element with index '{}'", index);
        position = index - 1;
    }
    return tuple.elements()[position];
}

bool saysNoElement(const Exception & e)
{
    return e.code() == ErrorCode::BAD_ARGUMENTS || e.code() == ErrorCode::ARGUMENT_OUT_OF_BOUND;
}

ColumnPtr tupleElementColumn(const ColumnPtr & column, size_t position)
{
    if (column->kind() == ColumnKind::Array)
    {
        auto & array = static_cast<const ColumnArray &>(*column);
        return ColumnArray::create(tupleElementColumn(array.dataPtr(), position), array.offsetsPtr());
    }
    return columnAs<ColumnTuple>(*column).elements()[position];
}

}

void registerElement(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "arrayElement", .arguments_min = 2, .arguments_max = 2,
        .return_type = [](const Arguments & arguments)
        {
            const DataType & container = *arguments[0].type;
            if (container.id() == TypeId::Map)
            {
                auto & map = typeAs<DataTypeMap>(container);
                auto key = removeLowCardinality(map.key()), wanted = removeLowCardinalityAndNullable(arguments[1].type);
                if (key->isStringOrFixed() != wanted->isStringOrFixed() && (key->isNumber() || wanted->isNumber()))
                    throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "Illegal types of arguments: {}, {} for function arrayElement",
                        container.name(), arguments[1].type->name());
                return removeLowCardinality(map.value());
            }
            DataTypePtr element = expectArray("arrayElement", arguments, 0).element();
            expectInteger("arrayElement", arguments, 1);
            return removeLowCardinality(element);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
        { return arguments[0].type->id() == TypeId::Map ? mapElement(arguments, rows)
            : arrayElement(arguments, rows); },
        .low_cardinality_result = false});
    addFunction(registry, {
        .name = "tupleElement", .arguments_min = 2, .arguments_max = 3,
        .return_type = [](const Arguments & arguments)
        {
            Field element = constantArgument("tupleElement", arguments, 1);
            size_t position = 0;
            try
            {
                return tupleElementType(arguments[0].type, element, position);
            }
            catch (const Exception & e)
            {
                if (arguments.size() < 3 || !saysNoElement(e))
                    throw;
                return arguments[2].type;
            }
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t) -> ColumnPtr
        {
            Field element = constantArgument("tupleElement", arguments, 1);
            size_t position = 0;
            try
            {
                tupleElementType(arguments[0].type, element, position);
            }
            catch (const Exception & e)
            {
                if (arguments.size() < 3 || !saysNoElement(e))
                    throw;
                return arguments[2].column;
            }
            return tupleElementColumn(arguments[0].column->materialize(), position);
        },
        .constants = {1}, .null_gives_null = false, .low_cardinality_transparent = false});
}

}
