// leastSupertype: the rules of ClickHouse's getLeastSupertype, from the outside of the types to the inside. Where
// ClickHouse 26 would answer Variant(…), there is no common type.

#include "types/DataTypes.h"

#include <algorithm>

namespace mangrove
{

namespace
{

[[noreturn]] void throwNoCommonType(const DataTypes & types, std::string_view why)
{
    std::string names;
    for (const auto & type : types)
        names += (names.empty() ? "" : ", ") + type->name();
    throw Exception(ErrorCode::NO_COMMON_TYPE, "There is no supertype for types {} because {}", names, why);
}

template <typename Predicate>
size_t countOf(const DataTypes & types, Predicate && predicate)
{
    return std::count_if(types.begin(), types.end(), [&](const DataTypePtr & type) { return predicate(*type); });
}

size_t countOf(const DataTypes & types, TypeId id)
{
    return countOf(types, [&](const DataType & type) { return type.id() == id; });
}

/// Supertype of `part(type)` over all types.
template <typename T, typename Part>
DataTypePtr supertypeOf(const DataTypes & types, Part && part)
{
    DataTypes parts;
    for (const auto & type : types)
        parts.push_back(part(static_cast<const T &>(*type)));
    return leastSupertype(parts);
}

DataTypePtr supertypeOfTuples(const DataTypes & types)
{
    const auto & first = static_cast<const DataTypeTuple &>(*types[0]);
    bool same_names = true;
    for (const auto & type : types)
    {
        const auto & tuple = static_cast<const DataTypeTuple &>(*type);
        if (tuple.elements().size() != first.elements().size())
            throwNoCommonType(types, "Tuples have different sizes");
        same_names = same_names && tuple.names() == first.names();
    }
    DataTypes elements;
    for (size_t i = 0; i < first.elements().size(); ++i)
        elements.push_back(supertypeOf<DataTypeTuple>(types, [&](const DataTypeTuple & tuple) { return tuple.elements()[i]; }));
    return std::make_shared<DataTypeTuple>(std::move(elements), same_names ? first.names() : std::vector<std::string>{});
}

/// The smallest unit, unless some units are months and some are not.
DataTypePtr supertypeOfIntervals(const DataTypes & types)
{
    auto unit_of = [](const DataTypePtr & type) { return static_cast<const DataTypeInterval &>(*type).unit(); };
    auto by_unit = [&](const DataTypePtr & a, const DataTypePtr & b) { return unit_of(a) < unit_of(b); };
    auto [smallest, largest] = std::minmax_element(types.begin(), types.end(), by_unit);
    auto in_months = [&](const DataTypePtr & type) { return unit_of(type) >= DataTypeInterval::Unit::Month; };
    if (in_months(*smallest) != in_months(*largest))
        throwNoCommonType(types, "the number of days in a month is not fixed");
    return *smallest;
}

/// The finest precision wins; of several types that have it the first if there are no others, else the last DateTime64
/// and the first DateTime: its time zone too (ClickHouse).
DataTypePtr supertypeOfDates(const DataTypes & types)
{
    auto rank = [](const DataTypePtr & type) -> uint32_t
    {
        if (type->id() == TypeId::DateTime64)
            return 2 + static_cast<const DataTypeDateTime64 &>(*type).precision();
        return type->id() == TypeId::DateTime ? 1 : 0;
    };
    auto less = [&](const DataTypePtr & a, const DataTypePtr & b) { return rank(a) < rank(b); };
    const DataTypePtr & finest = *std::max_element(types.begin(), types.end(), less);
    bool alike = std::all_of(types.begin(), types.end(), [&](const DataTypePtr & type) { return rank(type) == rank(finest); });
    if (alike || finest->id() != TypeId::DateTime64)
        return finest;
    return *std::max_element(types.rbegin(), types.rend(), less);
}

size_t bitsOf(const DataType & type)
{
    switch (type.id())
    {
        case TypeId::UInt8:
        case TypeId::Int8:
        case TypeId::Bool:
        case TypeId::Enum8: return 8;
        case TypeId::UInt16:
        case TypeId::Int16:
        case TypeId::Enum16: return 16;
        case TypeId::UInt32:
        case TypeId::Int32: return 32;
        case TypeId::UInt64:
        case TypeId::Int64: return 64;
        case TypeId::UInt128: return 128;
        case TypeId::Float32: return 24; /// of the mantissa
        case TypeId::Float64: return 53;
        default: return 0;
    }
}

DataTypePtr supertypeOfNumbers(const DataTypes & types)
{
    // Bool is a UInt8 by another name.
    if (countOf(types, [](const DataType & type) { return type.id() == TypeId::Bool || type.id() == TypeId::UInt8; }) == types.size())
        return types[0];

    size_t unsigned_bits = 0;
    size_t signed_bits = 0;
    size_t mantissa_bits = 0;
    for (const auto & type : types)
    {
        size_t & bits = type->isFloat() ? mantissa_bits : type->isSigned() || type->isEnum() ? signed_bits : unsigned_bits;
        bits = std::max(bits, bitsOf(*type));
    }
    size_t integer_bits = std::max(unsigned_bits, signed_bits);
    if (signed_bits && unsigned_bits >= signed_bits)
        ++integer_bits;

    if (mantissa_bits)
    {
        if (size_t bits = std::max(integer_bits, mantissa_bits); bits <= 53)
            return makeType(bits <= 24 ? TypeId::Float32 : TypeId::Float64);
        throwNoCommonType(types, "some of them are integers and some are floating point, but there is no floating point "
                                 "type that can exactly represent all required integers");
    }
    if (signed_bits)
    {
        if (integer_bits > 64)
            throwNoCommonType(types, "some of them are signed integers and some are unsigned integers, but there is no "
                                     "signed integer type that can exactly represent all required unsigned integer values");
        return makeType(integer_bits <= 8 ? TypeId::Int8 : integer_bits <= 16 ? TypeId::Int16 : integer_bits <= 32 ? TypeId::Int32 : TypeId::Int64);
    }
    switch (integer_bits)
    {
        case 8: return makeType(TypeId::UInt8);
        case 16: return makeType(TypeId::UInt16);
        case 32: return makeType(TypeId::UInt32);
        case 64: return makeType(TypeId::UInt64);
        default: return makeType(TypeId::UInt128);
    }
}

/// LowCardinality stays if every type has it; Nullable if any has.
DataTypePtr supertypeOfWrapped(const DataTypes & types)
{
    size_t low_cardinality_count = countOf(types, TypeId::LowCardinality);
    bool any_nullable = false;
    DataTypes bare;
    for (const auto & type : types)
    {
        auto unwrapped = removeLowCardinality(type);
        any_nullable = any_nullable || unwrapped->isNullable();
        bare.push_back(removeNullable(unwrapped));
    }
    auto result = leastSupertype(bare);
    if (any_nullable)
    {
        auto nullable = makeNullable(result);
        if (!nullable->isNullable())
            throwNoCommonType(types, "some of them are Nullable and " + result->name() + " cannot be inside Nullable");
        result = nullable;
    }
    return low_cardinality_count == types.size() ? std::make_shared<DataTypeLowCardinality>(result) : result;
}

}

DataTypePtr leastSupertype(const DataTypes & types)
{
    if (types.empty())
        return makeType(TypeId::Nothing);
    if (countOf(types, [&](const DataType & type) { return type.equals(*types[0]); }) == types.size())
        return types[0];

    auto all = [&](auto && what) { return countOf(types, what) == types.size(); };
    auto any = [&](auto && what) { return countOf(types, what) != 0; };

    if (any(TypeId::Nothing))
    {
        DataTypes others;
        std::copy_if(
            types.begin(), types.end(), std::back_inserter(others), [](const auto & type) { return type->id() != TypeId::Nothing; });
        return leastSupertype(others);
    }
    if (any([](const DataType & type) { return type.isLowCardinality() || type.isNullable(); }))
        return supertypeOfWrapped(types);

    if (any(TypeId::Array))
    {
        if (!all(TypeId::Array))
            throwNoCommonType(types, "some of them are Array and some of them are not");
        return std::make_shared<DataTypeArray>(supertypeOf<DataTypeArray>(types, [](const auto & type) { return type.element(); }));
    }
    if (any(TypeId::Tuple))
    {
        if (!all(TypeId::Tuple))
            throwNoCommonType(types, "some of them are Tuple and some of them are not");
        return supertypeOfTuples(types);
    }
    if (any(TypeId::Map))
    {
        if (!all(TypeId::Map))
            throwNoCommonType(types, "some of them are Maps and some of them are not");
        return std::make_shared<DataTypeMap>(
            supertypeOf<DataTypeMap>(types, [](const auto & type) { return type.key(); }),
            supertypeOf<DataTypeMap>(types, [](const auto & type) { return type.value(); }));
    }
    if (any([](const DataType & type) { return type.isStringOrFixed(); }))
    {
        if (!all([](const DataType & type) { return type.isStringOrFixed() || type.isEnum(); }))
            throwNoCommonType(types, "some of them are String/FixedString/Enum and some of them are not");
        return makeType(TypeId::String);
    }
    if (any([](const DataType & type) { return type.isDateOrTime(); }))
    {
        if (!all([](const DataType & type) { return type.isDateOrTime(); }))
            throwNoCommonType(types, "some of them are Date/DateTime/DateTime64 and some of them are not");
        return supertypeOfDates(types);
    }
    if (all(TypeId::Interval))
        return supertypeOfIntervals(types);
    if (all([](const DataType & type) { return type.isNumber() || type.isEnum(); }))
        return supertypeOfNumbers(types);
    throwNoCommonType(types, "they are of different kinds");
}

}
