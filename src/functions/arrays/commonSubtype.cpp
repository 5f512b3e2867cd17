#include "functions/arrays/commonSubtype.h"

#include "functions/FunctionSpec.h"

namespace mangrove
{

namespace
{

/// Narrow integers first, of two equally narrow the unsigned one; floats last.
int numberRank(const DataType & type)
{
    if (type.id() == TypeId::Bool)
        return -1;
    if (type.isFloat())
        return 100 + static_cast<int>(type.id());
    const TypeId first = type.isUnsigned() ? TypeId::UInt8 : TypeId::Int8;
    return 2 * (static_cast<int>(type.id()) - static_cast<int>(first)) + type.isSigned();
}

DataTypePtr narrower(const DataTypePtr & a, const DataTypePtr & b)
{
    if (a->equals(*b))
        return a;
    if (a->isLowCardinality() || b->isLowCardinality())
        return narrower(removeLowCardinality(a), removeLowCardinality(b));
    if (a->isNullable() && b->isNullable())
        return makeNullable(narrower(removeNullable(a), removeNullable(b)));
    if (a->isNullable() || b->isNullable())
        return narrower(removeNullable(a), removeNullable(b));
    if (a->id() == TypeId::Nothing || b->id() == TypeId::Nothing)
        return a->id() == TypeId::Nothing ? a : b;
    if (a->isNumber() && b->isNumber())
        return numberRank(*a) <= numberRank(*b) ? a : b;
    if (a->isStringOrFixed() && b->isStringOrFixed())
        return a->isString() ? b : a;
    if (a->isDateOrTime() && b->isDateOrTime())
        return a->id() <= b->id() ? a : b;
    if (a->id() == TypeId::Array && b->id() == TypeId::Array)
        return std::make_shared<DataTypeArray>(
            narrower(typeAs<DataTypeArray>(*a).element(), typeAs<DataTypeArray>(*b).element()));
    if (a->id() == TypeId::Tuple && b->id() == TypeId::Tuple)
    {
        auto & left = typeAs<DataTypeTuple>(*a).elements();
        auto & right = typeAs<DataTypeTuple>(*b).elements();
        DataTypes elements;
        for (size_t i = 0; i < left.size() && left.size() == right.size(); ++i)
            elements.push_back(narrower(left[i], right[i]));
        if (left.size() == right.size())
            return std::make_shared<DataTypeTuple>(elements, std::vector<std::string>{});
    }
    throw Exception(ErrorCode::NO_COMMON_TYPE, "There is no subtype for types {}, {}", a->name(), b->name());
}

}

DataTypePtr commonSubtype(const DataTypes & types)
{
    DataTypePtr result = types.at(0);
    for (const auto & type : types)
        result = narrower(result, type);
    return result->isLowCardinality() ? removeLowCardinality(result) : result;
}

}
