// Casts between arrays, tuples and maps: element by element, sharing offsets.

#include "columns/ColumnArray.h"
#include "columns/ColumnMap.h"
#include "columns/ColumnTuple.h"
#include "functions/cast/Cast.h"

namespace mangrove
{

namespace
{

/// Elements of a container keep the caller's `accurate`, but a value that fails throws: rows and elements differ.
ColumnPtr castElements(const ColumnPtr & column, const DataTypePtr & from, const DataTypePtr & to,
    const CastRules & rules)
{
    return castColumn({column, from, ""}, to, rules.accurate);
}

ColumnPtr castTuple(const ColumnPtr & column, const DataTypeTuple & from, const DataTypeTuple & to,
    const CastRules & rules)
{
    auto & tuple = static_cast<const ColumnTuple &>(*column);
    Columns elements;
    const bool both_named = !from.names().empty() && !to.names().empty();
    bool by_name = false;
    if (both_named)
        for (const std::string & name : to.names())
            by_name |= from.positionOf(name).has_value();
    if (!by_name && from.elements().size() != to.elements().size())
        throw Exception(ErrorCode::TYPE_MISMATCH,
            "CAST AS Tuple can be performed only between tuple types with the same number of elements: {} and {}",
                from.name(), to.name());
    for (size_t i = 0; i < to.elements().size(); ++i)
    {
        auto position = by_name ? from.positionOf(to.names()[i]) : std::optional<size_t>(i);
        if (position)
            elements.push_back(castElements(tuple.elements()[*position], from.elements()[*position], to.elements()[i],
                rules));
        else
        {
            MutableColumnPtr missing = to.elements()[i]->createColumn();
            missing->insertManyDefaults(column->size());
            elements.push_back(missing);
        }
    }
    return std::make_shared<ColumnTuple>(std::move(elements), column->size());
}

ColumnPtr arraysToMap(const ColumnPtr & column, const DataTypeTuple & from, const DataTypeMap & to,
    const CastRules & rules)
{
    auto & tuple = static_cast<const ColumnTuple &>(*column);
    bool arrays = from.elements().size() == 2 && from.elements()[0]->id() == TypeId::Array
        && from.elements()[1]->id() == TypeId::Array;
    if (!arrays)
        throwCannotCast(from, to);
    auto & keys = static_cast<const ColumnArray &>(tuple.element(0));
    auto & values = static_cast<const ColumnArray &>(tuple.element(1));
    if (keys.offsets() != values.offsets())
        throw Exception(ErrorCode::TYPE_MISMATCH, "CAST AS Map from tuple requires arrays of equal sizes");
    ColumnPtr cast_keys = castElements(keys.dataPtr(), typeAs<DataTypeArray>(*from.elements()[0]).element(), to.key(),
        rules);
    ColumnPtr cast_values = castElements(values.dataPtr(), typeAs<DataTypeArray>(*from.elements()[1]).element(),
        to.value(), rules);
    return ColumnMap::create(cast_keys, cast_values, keys.offsetsPtr());
}

}

ColumnPtr castContainer(const ColumnPtr & column, const DataTypePtr & from, const DataTypePtr & to,
    const CastRules & rules)
{
    auto castArray = [&](const ColumnPtr & array_column, const DataTypePtr & array_from,
        const DataTypePtr & array_to) -> ColumnPtr
    {
        auto & array = static_cast<const ColumnArray &>(*array_column);
        ColumnPtr data = castElements(
            array.dataPtr(), typeAs<DataTypeArray>(*array_from).element(), typeAs<DataTypeArray>(*array_to).element(),
                rules);
        return ColumnArray::create(data, array.offsetsPtr());
    };
    if (from->id() == TypeId::Array && to->id() == TypeId::Array)
        return castArray(column, from, to);
    if (from->id() == TypeId::Tuple && to->id() == TypeId::Tuple)
        return castTuple(column, typeAs<DataTypeTuple>(*from), typeAs<DataTypeTuple>(*to), rules);
    if (from->id() == TypeId::Tuple && to->id() == TypeId::Map)
        return arraysToMap(column, typeAs<DataTypeTuple>(*from), typeAs<DataTypeMap>(*to), rules);
    if (to->id() == TypeId::Map)
    {
        auto & map_type = typeAs<DataTypeMap>(*to);
        if (from->id() == TypeId::Map)
        {
            auto & map = static_cast<const ColumnMap &>(*column);
            auto & from_type = typeAs<DataTypeMap>(*from);
            return ColumnMap::create(castElements(map.keysPtr(), from_type.key(), map_type.key(), rules),
                castElements(map.valuesPtr(), from_type.value(), map_type.value(), rules), map.pairs().offsetsPtr());
        }
        if (from->id() == TypeId::Array)
        {
            const auto & element = typeAs<DataTypeArray>(*from).element();
            if (element->id() != TypeId::Nothing && (element->id() != TypeId::Tuple || typeAs<DataTypeTuple>(*element).elements().size() != 2))
                throw Exception(ErrorCode::TYPE_MISMATCH, "CAST AS Map from array requires tuples of 2 elements: {} to {}", from->name(), to->name());
            return std::make_shared<ColumnMap>(castArray(column, from, map_type.pairs()));
        }
    }
    if (from->id() == TypeId::Map && to->id() == TypeId::Array)
        return castArray(static_cast<const ColumnMap &>(*column).pairsPtr(), typeAs<DataTypeMap>(*from).pairs(), to);
    throwCannotCast(*from, *to);
}

}
