// round, floor, ceil, trunc with an optional number of decimal places, roundDown to a list. Floats round half to even,
// integers (places < 0) half away from zero, as ClickHouse.

#include "functions/FunctionSpec.h"
#include "functions/callFunction.h"
#include "functions/scalar/registerScalar.h"

#include <algorithm>

namespace mangrove
{

namespace
{

enum class Mode { Round, Floor, Ceil, Trunc };

double roundFloat(Mode mode, double x)
{
    switch (mode)
    {
        case Mode::Round: return std::nearbyint(x);
        case Mode::Floor: return std::floor(x);
        case Mode::Ceil: return std::ceil(x);
        case Mode::Trunc: return std::trunc(x);
    }
    __builtin_unreachable();
}

template <typename T>
T roundPlaces(Mode mode, T x, int64_t places)
{
    if constexpr (std::is_floating_point_v<T>)
    {
        if (places == 0 || !std::isfinite(x))
            return static_cast<T>(roundFloat(mode, x));
        T scale = static_cast<T>(std::pow(10.0, static_cast<double>(std::abs(places))));
        T result = places > 0 ? static_cast<T>(roundFloat(mode, x * scale)) / scale
            : static_cast<T>(roundFloat(mode, x / scale)) * scale;
        return std::isfinite(result) ? result : x;
    }
    else
    {
        if (places >= 0)
            return x;
        if (places < -18)
            return 0;
        Int128 scale = 1;
        for (int64_t k = 0; k > places; --k)
            scale *= 10;
        auto value = static_cast<Int128>(x);
        bool negative = value < 0;
        Int128 down = (negative ? -value : value) / scale * scale;
        Int128 rest = (negative ? -value : value) - down;
        bool up = mode == Mode::Round ? rest * 2 >= scale : rest != 0 && mode == (negative ? Mode::Floor : Mode::Ceil);
        Int128 result = down + (up ? scale : 0);
        return static_cast<T>(negative ? -result : result);
    }
}

FunctionSpec roundingSpec(const char * name, Mode mode)
{
    return {
        .name = name, .arguments_min = 1, .arguments_max = 2,
        .return_type = [name](const Arguments & arguments)
        {
            expectNumber(name, arguments, 0);
            if (arguments.size() == 2)
                expectInteger(name, arguments, 1);
            return arguments[0].type->id() == TypeId::Bool ? makeType(TypeId::UInt8) : arguments[0].type;
        },
        .execute = [mode](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            ColumnPtr column = arguments[0].column->materialize();
            ColumnPtr zero = makeType(TypeId::Int64)->createDefaultConst(rows);
            NumberArgument<int64_t> places(arguments.size() == 2 ? *arguments[1].column : *zero);
            return visitNumbers(*column, [&]<typename T>(const ColumnVector<T> & numbers) -> ColumnPtr
            {
                auto result = ColumnVector<T>::create(rows);
                for (size_t i = 0; i < rows; ++i)
                    result->data()[i] = roundPlaces<T>(mode, numbers.data()[i], places[i]);
                return result;
            });
        },
        .case_insensitive = true};
}

}

void registerRounding(FunctionRegistry & registry)
{
    addFunction(registry, roundingSpec("round", Mode::Round));
    addFunction(registry, roundingSpec("floor", Mode::Floor));
    addFunction(registry, roundingSpec("ceil", Mode::Ceil));
    addFunction(registry, roundingSpec("trunc", Mode::Trunc));
    registry.addAlias("ceiling", "ceil", true);
    registry.addAlias("truncate", "trunc", true);
    addFunction(registry, {
        .name = "roundDown", .arguments_min = 2, .arguments_max = 2,
        .return_type = [](const Arguments & arguments)
        {
            expectNumber("roundDown", arguments, 0);
            if (arguments[1].type->id() != TypeId::Array)
                throwIllegalType("roundDown", *arguments[1].type, 1);
            return leastSupertype({arguments[0].type, typeAs<DataTypeArray>(*arguments[1].type).element()});
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            ColumnPtr values = castColumn(arguments[0], type)->materialize();
            MutableColumnPtr steps = type->createColumn();
            DataTypePtr element = typeAs<DataTypeArray>(*arguments[1].type).element();
            const Field list = constantArgument("roundDown", arguments, 1);
            for (const Field & step : list.get<Array>())
                steps->insert(castField(step, element, type));
            if (steps->empty())
                throw Exception(ErrorCode::BAD_ARGUMENTS,
                    "Empty array is illegal for boundaries in roundDown function");
            return visitNumbers(*values, [&]<typename T>(const ColumnVector<T> & numbers) -> ColumnPtr
            {
                PodVector<T> sorted = numbersOf<T>(*steps);
                std::sort(sorted.begin(), sorted.end());
                auto result = ColumnVector<T>::create(rows);
                for (size_t i = 0; i < rows; ++i)
                {
                    auto above = std::upper_bound(sorted.begin(), sorted.end(), numbers.data()[i]);
                    result->data()[i] = above == sorted.begin() ? sorted.front() : *(above - 1);
                }
                return result;
            });
        },
        .constants = {1}});
}

}
