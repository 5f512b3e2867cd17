// arraySort, arrayReverseSort, with or without a lambda that gives the keys. Stable; NaN and NULL come last.

#include "functions/arrays/ArrayArguments.h"
#include "functions/arrays/registerArrays.h"

#include <algorithm>
#include <numeric>

namespace mangrove
{

namespace
{

FunctionSpec sortSpec(const char * name, bool descending)
{
    return {
        .name = name, .arguments_min = 1, .arguments_max = FunctionSpec::any_number,
        .return_type = [name](const Arguments & arguments)
        {
            arrayCallType(name, arguments);
            return arguments[hasLambda(arguments)].type;
        },
        .execute = [name, descending](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            ArrayCall call(name, arguments);
            const Column & keys = *call.values;
            Permutation order(keys.size());
            std::iota(order.begin(), order.end(), 0);
            for (size_t i = 0; i < rows; ++i)
                std::stable_sort(order.begin() + call.array().beginOf(i), order.begin() + call.array().endOf(i),
                    [&](uint32_t a, uint32_t b)
                { return descending ? keys.compareAt(a, b, keys, -1) > 0 : keys.compareAt(a, b, keys, 1) < 0; });
            return ColumnArray::create(call.array().data().gather(order), call.array().offsetsPtr());
        },
        .higher_order = true};
}

}

void registerArraySort(FunctionRegistry & registry)
{
    addFunction(registry, sortSpec("arraySort", false));
    addFunction(registry, sortSpec("arrayReverseSort", true));
}

}
