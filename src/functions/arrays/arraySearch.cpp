// has, indexOf, countEqual, hasAll, hasAny, hasSubstr. NULL is found among NULLs.

#include "columns/ColumnLowCardinality.h"
#include "functions/arrays/ArrayArguments.h"
#include "functions/arrays/registerArrays.h"
#include "functions/callFunction.h"
#include "functions/cast/Cast.h"

#include <algorithm>
#include <unordered_set>

namespace mangrove
{

namespace
{

/// The type in which both are compared; null if they cannot be. Of numbers without a common type: the element's.
DataTypePtr comparedType(const DataTypePtr & element, const DataTypePtr & wanted)
{
    try
    {
        return leastSupertype({element, wanted});
    }
    catch (const Exception &)
    {
        return removeNullable(element)->isNumber() && removeNullable(wanted)->isNumber() ? makeNullable(element) : nullptr;
    }
}

/// Both sides as one type. A wanted number that this type cannot hold is equal to nothing.
struct Comparable
{
    ColumnPtr array; /// full
    ColumnPtr elements;
    ColumnPtr wanted;
    PodVector<uint8_t> not_representable;

    Comparable(const Arguments & arguments)
    {
        array = arguments[0].column->materialize();
        DataTypePtr element = typeAs<DataTypeArray>(*arguments[0].type).element();
        DataTypePtr common = comparedType(removeLowCardinality(element), removeLowCardinality(arguments[1].type));
        elements = castColumn({static_cast<const ColumnArray &>(*array).dataPtr(), element, ""}, common)->materialize();
        wanted = tryCastColumn(arguments[1], common, true, not_representable)->materialize();
    }
    bool equal(size_t element, size_t row) const
    {
        return !not_representable[row] && elements->compareAt(element, row, *wanted, 1) == 0;
    }
};

DataTypePtr checkSearch(const char * name, const Arguments & arguments, TypeId type)
{
    DataTypePtr element = removeLowCardinality(expectArray(name, arguments, 0).element());
    if (!comparedType(element, removeLowCardinality(arguments[1].type)))
        throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT,
            "Types of array and 2nd argument of function {} must be identical up to nullability, cardinality, numeric types, or Enum and numeric type. "
            "Passed: {} and {}", name, arguments[0].type->name(), arguments[1].type->name());
    return makeType(type);
}

/// One string in an array of LowCardinality(String): compares codes. False if the shape is another one.
template <typename F>
bool searchCodes(const Arguments & arguments, size_t rows, F && f)
{
    if (!isConst(*arguments[1].column) || !arguments[1].type->isString()
        || arguments[0].column->kind() != ColumnKind::Array)
        return false;
    auto & array = static_cast<const ColumnArray &>(*arguments[0].column);
    if (array.data().kind() != ColumnKind::LowCardinality)
        return false;
    auto & coded = static_cast<const ColumnLowCardinality &>(array.data());
    std::string_view wanted = arguments[1].column->stringAt(0);
    uint32_t code = ~0U;
    for (uint32_t c = 0; c < coded.dictionary().size() && code == ~0U; ++c)
        if (!coded.dictionary().isNullAt(c) && coded.dictionary().stringAt(c) == wanted)
            code = c;
    for (size_t i = 0; i < rows; ++i)
        f(i, array.beginOf(i), array.endOf(i), [&](size_t k) { return coded.codes()[k] == code; });
    return true;
}

/// fold(begin, end, equal) → R
template <typename R, typename F>
FunctionSpec searchSpec(const char * name, TypeId type, F fold)
{
    return {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [=](const Arguments & arguments) { return checkSearch(name, arguments, type); },
        .execute = [=](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            auto result = ColumnVector<R>::create(rows);
            auto setRow = [&](size_t i, size_t begin, size_t end,
                auto equal) { result->data()[i] = fold(begin, end, equal); };
            if (searchCodes(arguments, rows, setRow))
                return result;
            Comparable both(arguments);
            auto & array = static_cast<const ColumnArray &>(*both.array);
            for (size_t i = 0; i < rows; ++i)
                setRow(i, array.beginOf(i), array.endOf(i), [&](size_t k) { return both.equal(k, i); });
            return result;
        },
        .null_gives_null = false, .low_cardinality_result = false};
}

constexpr auto position = [](size_t begin, size_t end, auto equal) -> uint64_t
{
    for (size_t k = begin; k < end; ++k)
        if (equal(k))
            return k - begin + 1;
    return 0;
};

enum class Relation { All, Any, Substring };

bool related(Relation relation, const std::vector<std::string> & set, const std::vector<std::string> & wanted)
{
    if (relation == Relation::Substring)
        return std::search(set.begin(), set.end(), wanted.begin(), wanted.end()) != set.end() || wanted.empty();
    std::unordered_set<std::string_view> present(set.begin(), set.end());
    for (const std::string & key : wanted)
        if (present.contains(key) != (relation == Relation::All))
            return relation == Relation::Any;
    return relation == Relation::All;
}

FunctionSpec relationSpec(const char * name, Relation relation)
{
    return {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [=](const Arguments & arguments)
        {
            expectArray(name, arguments, 0);
            expectArray(name, arguments, 1);
            leastSupertype({arguments[0].type, arguments[1].type});
            return makeType(TypeId::UInt8);
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            DataTypePtr common = leastSupertype({arguments[0].type, arguments[1].type});
            ColumnPtr left = castColumn(arguments[0], common)->materialize();
            ColumnPtr right = castColumn(arguments[1], common)->materialize();
            auto keysOf = [](const Column & column, size_t row)
            {
                auto & array = static_cast<const ColumnArray &>(column);
                std::vector<std::string> keys(array.endOf(row) - array.beginOf(row));
                for (size_t k = 0; k < keys.size(); ++k)
                    array.data().serializeKey(array.beginOf(row) + k, keys[k]);
                return keys;
            };
            auto result = ColumnUInt8::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = related(relation, keysOf(*left, i), keysOf(*right, i));
            return result;
        }};
}

}

void registerArraySearch(FunctionRegistry & registry)
{
    addFunction(registry, searchSpec<uint8_t>("has", TypeId::UInt8,
        [](size_t begin, size_t end, auto equal) { return position(begin, end, equal) != 0; }));
    addFunction(registry, searchSpec<uint64_t>("indexOf", TypeId::UInt64, position));
    addFunction(registry, searchSpec<uint64_t>("countEqual", TypeId::UInt64, [](size_t begin, size_t end, auto equal)
    {
        uint64_t count = 0;
        for (size_t k = begin; k < end; ++k)
            count += equal(k);
        return count;
    }));
    addFunction(registry, relationSpec("hasAll", Relation::All));
    addFunction(registry, relationSpec("hasAny", Relation::Any));
    addFunction(registry, relationSpec("hasSubstr", Relation::Substring));
}

}
