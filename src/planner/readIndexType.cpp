#include "planner/readIndexType.h"

#include "parts/IndexWriters.h"
#include "types/DataTypes.h"

namespace mangrove
{

namespace
{

void checkTextIndex(const Expr & type, const SkipIndex & index, std::string_view name, size_t parameters)
{
    if (type.args.size() != parameters)
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Index {} of type {} must have exactly {} arguments", index.name, name, parameters);
    for (const auto & argument : type.args)
        if (!argument->value.asUInt64())
            throw Exception(ErrorCode::BAD_ARGUMENTS, "All parameters of index {} of type {} must be unsigned integers", index.name, name);
    if (*type.args[parameters - 3]->value.asUInt64() == 0)
        throw Exception(ErrorCode::BAD_ARGUMENTS, "The size of the bloom filter of index {} cannot be zero", index.name);
    DataTypePtr element = index.type;
    if (element->id() == TypeId::Array)
        element = typeAs<DataTypeArray>(*element).element();
    if (!removeLowCardinality(element)->isStringOrFixed())
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Index {} of type {} is for strings and arrays of strings, not for {}", index.name, name,
            index.type->name());
}

}

std::optional<SkipIndex> readIndexType(const Expr & type, SkipIndex index)
{
    const std::string name = type.isIdentifier() ? type.fullName() : type.name;
    const Literal * first = type.args.empty() ? nullptr : &type.args[0]->value;
    if (name == "minmax")
        index.kind = SkipIndexKind::MinMax;
    else if (name == "set")
    {
        if (type.args.size() != 1 || !first->asUInt64())
            throw Exception(ErrorCode::INCORRECT_QUERY, "Index {} of type set must have exactly one argument, a number of values", index.name);
        index.kind = SkipIndexKind::Set;
        index.set_values_max = *first->asUInt64();
    }
    else if (name == "bloom_filter")
    {
        if (type.args.size() > 1)
            throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH, "Index {} of type bloom_filter cannot have more than one parameter", index.name);
        index.kind = SkipIndexKind::BloomFilter;
        if (first)
            index.false_positive_rate = first->asFloat64() ? *first->asFloat64() : 0;
        if (index.false_positive_rate <= 0 || index.false_positive_rate >= 1)
            throw Exception(ErrorCode::BAD_ARGUMENTS, "The false positive rate of index {} must be a number between 0 and 1", index.name);
    }
    else if (name == "tokenbf_v1" || name == "ngrambf_v1")
    {
        checkTextIndex(type, index, name, name == "tokenbf_v1" ? 3 : 4);
        return std::nullopt;
    }
    else if (name == "text" || name == "sparse_grams" || name == "vector_similarity" || name == "hypothesis")
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "Skip index type {} of index {} is not supported: use minmax, set or bloom_filter", name, index.name);
    else
        throw Exception(ErrorCode::INCORRECT_QUERY, "Unknown type {} of index {}: known are minmax, set, bloom_filter, tokenbf_v1, ngrambf_v1", name, index.name);
    if (index.kind == SkipIndexKind::MinMax)
        return MinMaxCollector::make(index.type) ? std::optional(index) : std::nullopt; // of arrays no filter asks for bounds
    indexedType(index.type); // throws for what it cannot hold
    return index;
}

}
