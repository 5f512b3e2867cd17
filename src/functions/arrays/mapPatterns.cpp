// mapContainsKeyLike, mapContainsValueLike, mapExtractKeyLike, mapExtractValueLike: pairs of maps by LIKE patterns.
// mapSort, mapReverseSort: pairs in the order of their keys, or of what a lambda makes of them.

#include "columns/ColumnLambda.h"
#include "columns/ColumnMap.h"
#include "functions/arrays/ArrayArguments.h"
#include "functions/arrays/registerOrdered.h"
#include "functions/strings/Regex.h"

#include <algorithm>
#include <numeric>

namespace mangrove
{

namespace
{

const DataTypeMap & expectMap(std::string_view function, const Arguments & arguments, size_t position)
{
    if (position >= arguments.size() || arguments[position].type->id() != TypeId::Map)
        throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "Argument {} of function {} must be a map", position + 1, function);
    return typeAs<DataTypeMap>(*arguments[position].type);
}

void checkPattern(const char * name, const Arguments & arguments, bool by_key)
{
    auto & map = expectMap(name, arguments, 0);
    if (!removeLowCardinality(by_key ? map.key() : map.value())->isStringOrFixed())
        throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "{} type of map for function {} must be String or FixedString",
            by_key ? "Key" : "Value", name);
    constantString(name, arguments, 1);
}

/// Which pairs of all maps match.
Filter matchingPairs(const char * name, const ColumnMap & map, const Arguments & arguments, bool by_key)
{
    auto regex = Regex::get(likeToRegex(constantString(name, arguments, 1)), Regex::DotMatchesNewline | Regex::NoCaptures);
    ColumnPtr texts = (by_key ? map.keysPtr() : map.valuesPtr())->materialize();
    Filter matches(texts->size());
    for (size_t k = 0; k < matches.size(); ++k)
        matches[k] = regex->matches(texts->stringAt(k));
    return matches;
}

void addContainsLike(FunctionRegistry & registry, const char * name, bool by_key)
{
    addFunction(registry, {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [=](const Arguments & arguments)
        {
            checkPattern(name, arguments, by_key);
            return makeType(TypeId::UInt8);
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            ColumnPtr full = arguments[0].column->materialize();
            auto & map = static_cast<const ColumnMap &>(*full);
            Filter matches = matchingPairs(name, map, arguments, by_key);
            auto result = ColumnUInt8::create(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                const auto begin = matches.begin() + static_cast<ptrdiff_t>(map.pairs().beginOf(i));
                const auto end = matches.begin() + static_cast<ptrdiff_t>(map.pairs().endOf(i));
                result->data()[i] = std::find(begin, end, 1) != end;
            }
            return result;
        },
        .constants = {1}});
}

void addExtractLike(FunctionRegistry & registry, const char * name, bool by_key)
{
    addFunction(registry, {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [=](const Arguments & arguments)
        {
            checkPattern(name, arguments, by_key);
            return arguments[0].type;
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            ColumnPtr full = arguments[0].column->materialize();
            auto & map = static_cast<const ColumnMap &>(*full);
            Filter matches = matchingPairs(name, map, arguments, by_key);
            auto offsets = ColumnUInt64::create(rows);
            size_t kept = 0;
            for (size_t i = 0; i < rows; ++i)
            {
                for (size_t k = map.pairs().beginOf(i); k < map.pairs().endOf(i); ++k)
                    kept += matches[k];
                offsets->data()[i] = kept;
            }
            return ColumnMap::create(map.keysPtr()->filter(matches, kept), map.valuesPtr()->filter(matches, kept), offsets);
        },
        .constants = {1}});
}

void addSort(FunctionRegistry & registry, const char * name, bool descending)
{
    addFunction(registry, {
        .name = name, .arguments_min = 1, .arguments_max = 2,
        .return_type = [name](const Arguments & arguments)
        {
            const bool lambda = hasLambda(arguments);
            if (arguments.size() != 1u + lambda)
                throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH, "Function {} takes a map, and a lambda before it", name);
            expectMap(name, arguments, lambda);
            return arguments[lambda].type;
        },
        .execute = [descending](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            const bool lambda = hasLambda(arguments);
            ColumnPtr full = arguments[lambda].column->materialize();
            auto & map = static_cast<const ColumnMap &>(*full);
            ColumnPtr keys = map.keysPtr();
            if (lambda)
            {
                ColumnPtr body = arguments[0].column->replicate(map.offsets());
                keys = columnAs<ColumnLambda>(*body).apply({map.keysPtr(), map.valuesPtr()}, map.pairs().data().size());
            }
            keys = keys->materialize();
            Permutation order(keys->size());
            std::iota(order.begin(), order.end(), 0);
            for (size_t i = 0; i < rows; ++i)
                std::stable_sort(order.begin() + static_cast<ptrdiff_t>(map.pairs().beginOf(i)),
                    order.begin() + static_cast<ptrdiff_t>(map.pairs().endOf(i)), [&](uint32_t a, uint32_t b)
                { return descending ? keys->compareAt(a, b, *keys, -1) > 0 : keys->compareAt(a, b, *keys, 1) < 0; });
            return ColumnMap::create(map.keysPtr()->gather(order), map.valuesPtr()->gather(order), map.pairs().offsetsPtr());
        },
        .higher_order = true});
}

}

void registerMapPatterns(FunctionRegistry & registry)
{
    addContainsLike(registry, "mapContainsKeyLike", true);
    addContainsLike(registry, "mapContainsValueLike", false);
    addExtractLike(registry, "mapExtractKeyLike", true);
    addExtractLike(registry, "mapExtractValueLike", false);
    addSort(registry, "mapSort", false);
    addSort(registry, "mapReverseSort", true);
}

}
