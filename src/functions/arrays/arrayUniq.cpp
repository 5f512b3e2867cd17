// arrayUniq, arrayDistinct, arrayEnumerate, arrayEnumerateUniq, arrayEnumerateDense, arrayIntersect, arrayCompact.

#include "functions/arrays/ArrayArguments.h"
#include "functions/arrays/commonSubtype.h"
#include "functions/arrays/registerArrays.h"
#include "functions/callFunction.h"

#include <unordered_map>
#include <unordered_set>

namespace mangrove
{

namespace
{

/// The key of element k: of one array or of several at the same place.
std::string keyOf(const Columns & arrays, size_t k)
{
    std::string key;
    for (const ColumnPtr & column : arrays)
        static_cast<const ColumnArray &>(*column).data().serializeKey(k, key);
    return key;
}

Columns materialized(const char * name, const Arguments & arguments)
{
    Columns arrays;
    for (const auto & argument : arguments)
        arrays.push_back(argument.column->materialize());
    checkEqualSizes(name, arrays);
    return arrays;
}

DataTypePtr checkArrays(const char * name, const Arguments & arguments, DataTypePtr type)
{
    for (size_t i = 0; i < arguments.size(); ++i)
        expectArray(name, arguments, i);
    return type;
}

/// One UInt32 per element: f(times the value was seen before, number of distinct values before).
template <typename F>
FunctionSpec enumerateSpec(const char * name, size_t arguments_max, F f)
{
    return {
        .name = name, .arguments_min = 1, .arguments_max = arguments_max,
        .return_type = [=](const Arguments & arguments)
        { return checkArrays(name, arguments, std::make_shared<DataTypeArray>(makeType(TypeId::UInt32))); },
        .execute = [=](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            Columns arrays = materialized(name, arguments);
            auto & array = static_cast<const ColumnArray &>(*arrays[0]);
            auto numbers = ColumnUInt32::create(array.data().size());
            for (size_t i = 0; i < rows; ++i)
            {
                std::unordered_map<std::string, std::pair<uint32_t, uint32_t>> seen; /// count, dense number
                for (size_t k = array.beginOf(i); k < array.endOf(i); ++k)
                {
                    auto [it, is_new] = seen.try_emplace(keyOf(arrays, k), 0, seen.size() + 1);
                    ++it->second.first;
                    numbers->data()[k] = f(it->second.first, it->second.second);
                }
            }
            return ColumnArray::create(numbers, array.offsetsPtr());
        }};
}

/// Elements that keep(row state, k) accepts, in order.
ColumnPtr filterElements(const ColumnArray & array, size_t rows, const std::function<bool(size_t row, size_t k)> & keep)
{
    Permutation source;
    auto offsets = ColumnUInt64::create(rows);
    for (size_t i = 0; i < rows; ++i)
    {
        for (size_t k = array.beginOf(i); k < array.endOf(i); ++k)
            if (keep(i, k))
                source.push_back(static_cast<uint32_t>(k));
        offsets->data()[i] = source.size();
    }
    return ColumnArray::create(array.data().gather(source), offsets);
}

ColumnPtr intersect(const Arguments & arguments, const DataTypePtr & type, size_t rows)
{
    DataTypes types;
    for (const auto & argument : arguments)
        types.push_back(argument.type);
    const DataTypePtr common = leastSupertype(types);
    Columns arrays;
    for (const auto & argument : arguments)
        arrays.push_back(castColumn(argument, common)->materialize());
    auto & first = static_cast<const ColumnArray &>(*arrays[0]);
    std::vector<std::unordered_set<std::string>> others;
    std::unordered_set<std::string> taken;
    size_t current = ~size_t{0};
    ColumnPtr shared = filterElements(first, rows, [&](size_t row, size_t k)
    {
        if (row != current)
        {
            current = row;
            taken.clear();
            others.assign(arrays.size() - 1, {});
            for (size_t a = 1; a < arrays.size(); ++a)
            {
                auto & array = static_cast<const ColumnArray &>(*arrays[a]);
                for (size_t p = array.beginOf(row); p < array.endOf(row); ++p)
                    others[a - 1].insert(keyOf({arrays[a]}, p));
            }
        }
        std::string key = keyOf({arrays[0]}, k);
        for (const auto & other : others)
            if (!other.contains(key))
                return false;
        return taken.insert(std::move(key)).second;
    });
    return castColumn({shared, common, ""}, type);
}

}

void registerArrayUniq(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "arrayUniq", .arguments_min = 1, .arguments_max = FunctionSpec::any_number,
        .return_type = [](const Arguments & arguments)
        { return checkArrays("arrayUniq", arguments, makeType(TypeId::UInt32)); },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            Columns arrays = materialized("arrayUniq", arguments);
            auto & array = static_cast<const ColumnArray &>(*arrays[0]);
            auto result = ColumnUInt32::create(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                std::unordered_set<std::string> seen;
                for (size_t k = array.beginOf(i); k < array.endOf(i); ++k)
                    seen.insert(keyOf(arrays, k));
                result->data()[i] = seen.size();
            }
            return result;
        }});
    addFunction(registry, enumerateSpec("arrayEnumerateUniq", FunctionSpec::any_number,
        [](uint32_t count, uint32_t) { return count; }));
    addFunction(registry, enumerateSpec("arrayEnumerateDense", 1, [](uint32_t, uint32_t number) { return number; }));
    addFunction(registry, {
        .name = "arrayEnumerate", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments)
        { return checkArrays("arrayEnumerate", arguments, std::make_shared<DataTypeArray>(makeType(TypeId::UInt32))); },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            ColumnPtr full = arguments[0].column->materialize();
            auto & array = static_cast<const ColumnArray &>(*full);
            auto numbers = ColumnUInt32::create(array.data().size());
            for (size_t i = 0; i < rows; ++i)
                for (size_t k = array.beginOf(i); k < array.endOf(i); ++k)
                    numbers->data()[k] = k - array.beginOf(i) + 1;
            return ColumnArray::create(numbers, array.offsetsPtr());
        }});
    addFunction(registry, {
        .name = "arrayDistinct", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments) -> DataTypePtr
        { return std::make_shared<DataTypeArray>(removeLowCardinalityAndNullable(expectArray("arrayDistinct",
            arguments, 0).element())); },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            Columns arrays = materialized("arrayDistinct", arguments);
            auto & array = static_cast<const ColumnArray &>(*arrays[0]);
            std::unordered_set<std::string> seen;
            size_t current = ~size_t{0};
            ColumnPtr distinct = filterElements(array, rows, [&](size_t row, size_t k)
            {
                if (row != current)
                    seen.clear();
                current = row;
                return !array.data().isNullAt(k) && seen.insert(keyOf(arrays, k)).second;
            });
            return castColumn({distinct, arguments[0].type, ""}, type);
        }});
    addFunction(registry, {
        .name = "arrayCompact", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments)
        { return checkArrays("arrayCompact", arguments, arguments[0].type); },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            ColumnPtr full = arguments[0].column->materialize();
            auto & array = static_cast<const ColumnArray &>(*full);
            return filterElements(array, rows, [&](size_t row, size_t k)
            { return k == array.beginOf(row) || array.data().compareAt(k, k - 1, array.data(), 1) != 0; });
        }});
    addFunction(registry, {
        .name = "arrayIntersect", .arguments_min = 1, .arguments_max = FunctionSpec::any_number,
        .return_type = [](const Arguments & arguments) -> DataTypePtr
        {
            DataTypes elements;
            for (size_t i = 0; i < arguments.size(); ++i)
                elements.push_back(removeLowCardinality(expectArray("arrayIntersect", arguments, i).element()));
            return std::make_shared<DataTypeArray>(commonSubtype(elements));
        },
        .execute = intersect});
}

}
