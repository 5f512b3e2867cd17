#include "exec/subcolumnOf.h"

#include "parts/ValueTest.h"
#include "types/DataTypes.h"

#include <algorithm>

namespace mangrove
{

namespace
{

/// Keys (0) or values (1) of a map.
Array elementsOf(const Array & pairs, size_t element)
{
    Array result;
    for (const auto & pair : pairs)
        result.push_back(pair.get<Tuple>()[element]);
    return result;
}

uint64_t countPassing(const Array & values, const DataTypePtr & type, const ValueTest & test)
{
    auto column = removeLowCardinality(type)->createColumn();
    for (const auto & value : values)
        column->insert(value);
    auto passed = test.test(column);
    return static_cast<uint64_t>(std::count_if(passed.begin(), passed.end(), [](uint8_t pass) { return pass != 0; }));
}

}

Field subcolumnOf(const Field & value, const DataTypePtr & column_type, const ReadColumn & subcolumn, const DataTypePtr & type)
{
    using Kind = ReadColumn::Kind;
    if (subcolumn.kind == Kind::Null)
        return uint64_t(value.isNull());
    CHECK(column_type->id() == TypeId::Map, "no subcolumn {} of {}", static_cast<int>(subcolumn.kind), column_type->name());
    const auto & map = typeAs<DataTypeMap>(*column_type);
    const auto & pairs = value.get<Array>();
    auto found = std::find_if(pairs.begin(), pairs.end(), [&](const auto & pair) { return pair.template get<Tuple>()[0] == Field(subcolumn.key); });
    switch (subcolumn.kind)
    {
        case Kind::MapKey: return found == pairs.end() ? type->defaultValue() : found->get<Tuple>()[1];
        case Kind::MapHasKey: return uint64_t(found != pairs.end());
        case Kind::MapKeys: return elementsOf(pairs, 0);
        case Kind::MapValues: return elementsOf(pairs, 1);
        case Kind::MapKeyMatches: return countPassing(elementsOf(pairs, 0), map.key(), *subcolumn.test);
        case Kind::MapValueMatches: return countPassing(elementsOf(pairs, 1), map.value(), *subcolumn.test);
        default: CHECK(false, "no subcolumn {} of a map", static_cast<int>(subcolumn.kind));
    }
}

}
