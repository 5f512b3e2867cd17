// arraySplit, arrayReverseSplit: an array in pieces that begin (end) where the lambda is true. arrayFill,
// arrayReverseFill: elements for which it is false become the nearest one before (after) them for which it is true.

#include "functions/arrays/ArrayArguments.h"
#include "functions/arrays/registerOrdered.h"
#include "functions/scalar/selectRows.h"

#include <numeric>

namespace mangrove
{

namespace
{

DataTypePtr checkedArray(const char * name, const Arguments & arguments)
{
    if (!hasLambda(arguments))
        throwIllegalType(name, *arguments[0].type, 0);
    DataTypePtr condition = removeNullable(arrayCallType(name, arguments));
    if (condition->id() != TypeId::UInt8 && condition->id() != TypeId::Bool && condition->id() != TypeId::Nothing)
        throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "Condition of function {} must be UInt8, not {}", name, condition->name());
    return arguments[1].type;
}

PodVector<uint8_t> conditionsOf(const ArrayCall & call)
{
    PodVector<uint8_t> flags(call.values->size());
    readCondition(*call.values, flags.size(), flags.data());
    return flags;
}

void addFill(FunctionRegistry & registry, const char * name, bool reverse)
{
    addFunction(registry, {
        .name = name, .arguments_min = 2, .arguments_max = FunctionSpec::any_number,
        .return_type = [name](const Arguments & arguments) { return checkedArray(name, arguments); },
        .execute = [name, reverse](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            ArrayCall call(name, arguments);
            PodVector<uint8_t> flags = conditionsOf(call);
            Permutation source(flags.size());
            std::iota(source.begin(), source.end(), 0);
            for (size_t i = 0; i < rows; ++i)
            {
                const size_t begin = call.array().beginOf(i);
                const size_t end = call.array().endOf(i);
                for (size_t k = begin + 1; k < end; ++k)
                {
                    const size_t element = reverse ? end - 1 - (k - begin) : k;
                    if (!flags[element])
                        source[element] = source[reverse ? element + 1 : element - 1];
                }
            }
            return ColumnArray::create(call.array().data().gather(source), call.array().offsetsPtr());
        },
        .higher_order = true});
}

void addSplit(FunctionRegistry & registry, const char * name, bool reverse)
{
    addFunction(registry, {
        .name = name, .arguments_min = 2, .arguments_max = FunctionSpec::any_number,
        .return_type = [name](const Arguments & arguments) -> DataTypePtr
        { return std::make_shared<DataTypeArray>(checkedArray(name, arguments)); },
        .execute = [name, reverse](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            ArrayCall call(name, arguments);
            PodVector<uint8_t> flags = conditionsOf(call);
            auto piece_ends = ColumnUInt64::create();
            auto row_ends = ColumnUInt64::create(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                const size_t begin = call.array().beginOf(i);
                const size_t end = call.array().endOf(i);
                for (size_t k = begin + 1; k < end; ++k)
                    if (flags[reverse ? k - 1 : k])
                        piece_ends->data().push_back(k);
                if (begin < end)
                    piece_ends->data().push_back(end);
                row_ends->data()[i] = piece_ends->size();
            }
            return ColumnArray::create(ColumnArray::create(call.array().dataPtr(), piece_ends), row_ends);
        },
        .higher_order = true});
}

}

void registerArrayRuns(FunctionRegistry & registry)
{
    addFill(registry, "arrayFill", false);
    addFill(registry, "arrayReverseFill", true);
    addSplit(registry, "arraySplit", false);
    addSplit(registry, "arrayReverseSplit", true);
}

}
