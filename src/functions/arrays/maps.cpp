// map, mapKeys, mapValues, mapContains*, mapFromArrays, mapFilter, mapApply, mapExists, mapAll, mapConcat, mapUpdate.

#include "columns/ColumnLambda.h"
#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnMap.h"
#include "functions/arrays/ArrayArguments.h"
#include "functions/arrays/registerArrays.h"
#include "functions/callFunction.h"
#include "functions/scalar/selectRows.h"

namespace mangrove
{

namespace
{

const DataTypeMap & expectMap(std::string_view function, const Arguments & arguments, size_t position)
{
    if (position >= arguments.size() || arguments[position].type->id() != TypeId::Map)
        throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "Argument {} of function {} must be a map", position + 1,
            function);
    return typeAs<DataTypeMap>(*arguments[position].type);
}

ColumnPtr pairsToMap(ColumnPtr keys, ColumnPtr values, ColumnPtr offsets)
{
    return ColumnMap::create(std::move(keys), std::move(values), std::move(offsets));
}

DataTypePtr mapType(const Arguments & arguments)
{
    if (arguments.size() % 2)
        throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH,
            "Function map requires even number of arguments, but {} given", arguments.size());
    if (arguments.empty())
        return std::make_shared<DataTypeMap>(makeType(TypeId::Nothing), makeType(TypeId::Nothing));
    DataTypes keys;
    DataTypes values;
    for (size_t i = 0; i < arguments.size(); i += 2)
    {
        keys.push_back(arguments[i].type);
        values.push_back(arguments[i + 1].type);
    }
    DataTypePtr key = leastSupertype(keys);
    if (removeLowCardinality(key)->isNullable())
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Map cannot have a key of type {}", key->name());
    return std::make_shared<DataTypeMap>(key, leastSupertype(values));
}

/// Column i of `parts` gives element i of each row.
ColumnPtr interleave(const Columns & parts, const DataType & type, size_t rows)
{
    MutableColumnPtr result = type.createColumn();
    result->reserve(rows * parts.size());
    for (size_t row = 0; row < rows; ++row)
        for (const ColumnPtr & part : parts)
            result->insertFrom(fullOf(*part), isConst(*part) ? 0 : row);
    return result;
}

ColumnPtr makeMap(const Arguments & arguments, const DataTypePtr & type, size_t rows)
{
    auto & map = typeAs<DataTypeMap>(*type);
    Columns keys;
    Columns values;
    for (size_t i = 0; i < arguments.size(); i += 2)
    {
        keys.push_back(castColumn(arguments[i], map.key()));
        values.push_back(castColumn(arguments[i + 1], map.value()));
    }
    auto offsets = ColumnUInt64::create(rows);
    for (size_t row = 0; row < rows; ++row)
        offsets->data()[row] = (row + 1) * keys.size();
    return pairsToMap(interleave(keys, *map.key(), rows), interleave(values, *map.value(), rows), offsets);
}

/// has(mapKeys(m), k) and has(mapValues(m), v).
FunctionSpec containsSpec(const char * name, bool keys)
{
    auto asArray = [keys](const ColumnWithType & argument) -> ColumnWithType
    {
        auto & type = typeAs<DataTypeMap>(*argument.type);
        DataTypePtr array = std::make_shared<DataTypeArray>(keys ? type.key() : type.value());
        if (!argument.column)
            return {nullptr, array, ""};
        ColumnPtr full = argument.column->materialize();
        auto & map = static_cast<const ColumnMap &>(*full);
        return {ColumnArray::create(keys ? map.keysPtr() : map.valuesPtr(), map.pairs().offsetsPtr()), array, ""};
    };
    return {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [=](const Arguments & arguments)
        {
            expectMap(name, arguments, 0);
            return resultType(*FunctionRegistry::instance().get("has"), {asArray(arguments[0]), arguments[1]});
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr & type, size_t rows)
        { return callFunction(*FunctionRegistry::instance().get("has"), {asArray(arguments[0]), arguments[1]}, type,
            rows); },
        .null_gives_null = false, .low_cardinality_result = false};
}

/// The lambda's result for every pair of the map.
struct MapCall
{
    explicit MapCall(const Arguments & arguments) : column(arguments[1].column->materialize())
    {
        ColumnPtr body = arguments[0].column->replicate(map().offsets());
        values = columnAs<ColumnLambda>(*body).apply({map().keysPtr(), map().valuesPtr()},
            map().pairs().data().size())->materialize();
    }
    const ColumnMap & map() const { return static_cast<const ColumnMap &>(*column); }
    PodVector<uint8_t> conditions() const
    {
        PodVector<uint8_t> flags(values->size());
        readCondition(*values, flags.size(), flags.data());
        return flags;
    }

    ColumnPtr column;
    ColumnPtr values;
};

void expectLambdaAndMap(const char * name, const Arguments & arguments)
{
    if (!hasLambda(arguments))
        throwIllegalType(name, *arguments[0].type, 0);
    expectMap(name, arguments, 1);
}

FunctionSpec quantifierSpec(const char * name, bool all)
{
    return {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [name](const Arguments & arguments)
        {
            expectLambdaAndMap(name, arguments);
            return makeType(TypeId::UInt8);
        },
        .execute = [all](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            MapCall call(arguments);
            PodVector<uint8_t> flags = call.conditions();
            auto result = ColumnUInt8::create(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                bool value = all;
                for (size_t k = call.map().pairs().beginOf(i); k < call.map().pairs().endOf(i); ++k)
                    value = all ? value && flags[k] : value || flags[k];
                result->data()[i] = value;
            }
            return result;
        },
        .higher_order = true};
}

void registerMapLambdas(FunctionRegistry & registry)
{
    addFunction(registry, quantifierSpec("mapExists", false));
    addFunction(registry, quantifierSpec("mapAll", true));
    addFunction(registry, {
        .name = "mapFilter", .arguments_min = 2, .arguments_max = 2,
        .return_type = [](const Arguments & arguments)
        {
            expectLambdaAndMap("mapFilter", arguments);
            return arguments[1].type;
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            MapCall call(arguments);
            PodVector<uint8_t> flags = call.conditions();
            auto offsets = ColumnUInt64::create(rows);
            size_t kept = 0;
            for (size_t i = 0; i < rows; ++i)
            {
                for (size_t k = call.map().pairs().beginOf(i); k < call.map().pairs().endOf(i); ++k)
                    kept += flags[k];
                offsets->data()[i] = kept;
            }
            return pairsToMap(call.map().keysPtr()->filter(flags, kept), call.map().valuesPtr()->filter(flags, kept),
                offsets);
        },
        .low_cardinality_transparent = false, .higher_order = true});
    addFunction(registry, {
        .name = "mapApply", .arguments_min = 2, .arguments_max = 2,
        .return_type = [](const Arguments & arguments) -> DataTypePtr
        {
            expectLambdaAndMap("mapApply", arguments);
            const DataType & pair = *typeAs<DataTypeLambda>(*arguments[0].type).result();
            if (pair.id() != TypeId::Tuple || typeAs<DataTypeTuple>(pair).elements().size() != 2)
                throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT,
                    "Function mapApply needs a lambda that gives a tuple of 2 elements, not {}", pair.name());
            auto & elements = typeAs<DataTypeTuple>(pair).elements();
            return std::make_shared<DataTypeMap>(elements[0], elements[1]);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t) -> ColumnPtr
        {
            MapCall call(arguments);
            auto & pairs = columnAs<ColumnTuple>(*call.values);
            return pairsToMap(pairs.elements()[0], pairs.elements()[1], call.map().pairs().offsetsPtr());
        },
        .higher_order = true});
}

/// Pairs of all maps in order; with `update`, without those of the first whose key is in the second.
ColumnPtr joinMaps(const Arguments & arguments, const DataTypePtr & type, size_t rows, bool update)
{
    Columns maps;
    for (const auto & argument : arguments)
        maps.push_back(castColumn(argument, type)->materialize());
    MutableColumnPtr result = type->createColumn();
    auto & pairs = static_cast<ColumnMap &>(*result).pairsMutable();
    for (size_t i = 0; i < rows; ++i)
    {
        auto updated = [&](const ColumnMap & first, size_t pair)
        {
            auto & second = static_cast<const ColumnMap &>(*maps[1]);
            for (size_t p = second.pairs().beginOf(i); p < second.pairs().endOf(i); ++p)
                if (second.keysPtr()->compareAt(p, pair, *first.keysPtr(), 1) == 0)
                    return true;
            return false;
        };
        for (size_t m = 0; m < maps.size(); ++m)
        {
            auto & map = static_cast<const ColumnMap &>(*maps[m]);
            for (size_t k = map.pairs().beginOf(i); k < map.pairs().endOf(i); ++k)
                if (!update || m > 0 || !updated(map, k))
                    pairs.dataMutable().insertFrom(map.pairs().data(), k);
        }
        pairs.offsetsMutable().push_back(pairs.data().size());
    }
    return result;
}

FunctionSpec joinSpec(const char * name, bool update)
{
    return {
        .name = name, .arguments_min = update ? 2u : 1u, .arguments_max = update ? 2 : FunctionSpec::any_number,
        .return_type = [name](const Arguments & arguments)
        {
            DataTypes types;
            for (size_t i = 0; i < arguments.size(); ++i)
            {
                expectMap(name, arguments, i);
                types.push_back(arguments[i].type);
            }
            return leastSupertype(types);
        },
        .execute = [update](const Arguments & arguments, const DataTypePtr & type, size_t rows)
        { return joinMaps(arguments, type, rows, update); }};
}

}

void registerMaps(FunctionRegistry & registry)
{
    addFunction(registry, {.name = "map", .arguments_min = 0, .arguments_max = FunctionSpec::any_number,
        .return_type = mapType,
        .execute = makeMap, .null_gives_null = false, .low_cardinality_transparent = false});
    for (bool keys : {true, false})
    {
        const char * name = keys ? "mapKeys" : "mapValues";
        addFunction(registry, {
            .name = name, .arguments_min = 1, .arguments_max = 1,
            .return_type = [=](const Arguments & arguments) -> DataTypePtr
            {
                auto & map = expectMap(name, arguments, 0);
                return std::make_shared<DataTypeArray>(keys ? map.key() : map.value());
            },
            .execute = [=](const Arguments & arguments, const DataTypePtr &, size_t) -> ColumnPtr
            {
                ColumnPtr full = arguments[0].column->materialize();
                auto & map = static_cast<const ColumnMap &>(*full);
                return ColumnArray::create(keys ? map.keysPtr() : map.valuesPtr(), map.pairs().offsetsPtr());
            }});
    }
    addFunction(registry, containsSpec("mapContainsKey", true));
    addFunction(registry, containsSpec("mapContainsValue", false));
    registry.addAlias("mapContains", "mapContainsKey");
    addFunction(registry, {
        .name = "mapFromArrays", .arguments_min = 2, .arguments_max = 2,
        .return_type = [](const Arguments & arguments) -> DataTypePtr
        {
            return std::make_shared<DataTypeMap>(
                expectArray("mapFromArrays", arguments, 0).element(),
                    expectArray("mapFromArrays", arguments, 1).element());
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t) -> ColumnPtr
        {
            Columns arrays{arguments[0].column->materialize(), arguments[1].column->materialize()};
            checkEqualSizes("mapFromArrays", arrays);
            auto & keys = static_cast<const ColumnArray &>(*arrays[0]);
            return pairsToMap(keys.dataPtr(), static_cast<const ColumnArray &>(*arrays[1]).dataPtr(),
                keys.offsetsPtr());
        },
        .low_cardinality_transparent = false});
    registry.addAlias("MAP_FROM_ARRAYS", "mapFromArrays");
    registerMapLambdas(registry);
    addFunction(registry, joinSpec("mapConcat", false));
    addFunction(registry, joinSpec("mapUpdate", true));
}

}
