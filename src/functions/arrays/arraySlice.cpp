// arraySlice, arrayPopBack, arrayPopFront, arrayReverse.

#include "functions/arrays/ArrayArguments.h"
#include "functions/arrays/registerArrays.h"

#include <algorithm>

namespace mangrove
{

namespace
{

/// Keeps [begin, end) of each array, as f(size, row) says.
template <typename F>
ColumnPtr sliceArrays(const ColumnPtr & column, size_t rows, F && f)
{
    ColumnPtr full = column->materialize();
    auto & array = static_cast<const ColumnArray &>(*full);
    Permutation source;
    auto offsets = ColumnUInt64::create(rows);
    for (size_t i = 0; i < rows; ++i)
    {
        auto size = static_cast<int64_t>(array.endOf(i) - array.beginOf(i));
        auto [begin, end] = f(size, i);
        begin = std::clamp<int64_t>(begin, 0, size);
        end = std::clamp<int64_t>(end, begin, size);
        for (int64_t k = begin; k < end; ++k)
            source.push_back(static_cast<uint32_t>(array.beginOf(i) + k));
        offsets->data()[i] = source.size();
    }
    return ColumnArray::create(array.data().gather(source), offsets);
}

using Range = std::pair<int64_t, int64_t>;

FunctionSpec popSpec(const char * name, bool back)
{
    return {
        .name = name, .arguments_min = 1, .arguments_max = 1,
        .return_type = [name](const Arguments & arguments)
        {
            expectArray(name, arguments, 0);
            return arguments[0].type;
        },
        .execute = [back](const Arguments & arguments, const DataTypePtr &, size_t rows)
        { return sliceArrays(arguments[0].column, rows,
            [&](int64_t size, size_t) { return back ? Range{0, size - 1} : Range{1, size}; }); }};
}

}

void registerArraySlice(FunctionRegistry & registry)
{
    addFunction(registry, popSpec("arrayPopBack", true));
    addFunction(registry, popSpec("arrayPopFront", false));
    addFunction(registry, {
        .name = "arraySlice", .arguments_min = 2, .arguments_max = 3,
        .return_type = [](const Arguments & arguments)
        {
            expectArray("arraySlice", arguments, 0);
            for (size_t i = 1; i < arguments.size(); ++i)
                expectInteger("arraySlice", arguments, i);
            return arguments[0].type;
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            NumberArgument<int64_t> offset(*arguments[1].column);
            const bool has_length = arguments.size() == 3;
            NumberArgument<int64_t> length(*arguments[has_length ? 2 : 1].column);
            return sliceArrays(arguments[0].column, rows, [&](int64_t size, size_t i) -> Range
            {
                constexpr int64_t far = 1LL << 40; /// beyond any array, and safe to add
                int64_t from = std::clamp(offset[i], -far, far);
                if (from == 0)
                    return {0, 0};
                int64_t begin = from > 0 ? from - 1 : size + from;
                if (!has_length)
                    return {begin, size};
                int64_t count = std::clamp(length[i], -far, far);
                return {begin, count >= 0 ? begin + count : size + count};
            });
        }});
    addFunction(registry, {
        .name = "arrayReverse", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments)
        {
            expectArray("arrayReverse", arguments, 0);
            return arguments[0].type;
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows)
        { return FunctionRegistry::instance().get("reverse")->execute(arguments, type, rows); }});
}

}
