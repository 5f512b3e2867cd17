// roundToExp2, roundDuration, roundAge, widthBucket, bar; clamp, ifNotFinite, isZeroOrNull, isNullable;
// intDivOrNull and its relatives, which answer NULL where the function they are named after divides by zero.

#include "columns/ColumnNullable.h"
#include "functions/FunctionSpec.h"
#include "functions/callFunction.h"
#include "functions/scalar/registerScalar.h"
#include "functions/strings/mapStrings.h"

#include <algorithm>

namespace mangrove
{

namespace
{

template <typename R>
FunctionSpec stepsSpec(const char * name, TypeId type, R (*f)(double))
{
    return {
        .name = name, .arguments_min = 1, .arguments_max = 1,
        .return_type = [=](const Arguments & arguments)
        {
            expectNumber(name, arguments, 0);
            return makeType(type);
        },
        .execute = [f](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            NumberArgument<double> x(*arguments[0].column);
            auto result = ColumnVector<R>::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = f(x[i]);
            return result;
        }};
}

uint8_t roundAge(double age)
{
    if (age < 1)
        return 0;
    if (age < 18)
        return 17;
    for (uint8_t step : {25, 35, 45, 55})
        if (age < step)
            return step == 25 ? 18 : step - 10;
    return 55;
}

uint16_t roundDuration(double duration)
{
    constexpr uint16_t steps[] = {1, 10, 30, 60, 120, 180, 240, 300, 600, 1200, 1800, 3600, 7200, 18000, 36000};
    uint16_t result = 0;
    for (uint16_t step : steps)
        if (!(duration < step))
            result = step;
    return result;
}

template <typename T>
T roundToExp2(T x)
{
    if constexpr (std::is_floating_point_v<T>)
    {
        if (x == 0)
            return 0;
        if (!std::isfinite(x))
            return std::signbit(x) && !std::isnan(x) ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::infinity();
        int exponent = std::ilogb(x);
        return std::copysign(std::ldexp(T{1}, exponent), x);
    }
    else
    {
        if (x <= 0)
            return 0;
        T power = 1;
        while (static_cast<T>(x / 2) >= power)
            power = static_cast<T>(power * 2);
        return power;
    }
}

void registerSteps(FunctionRegistry & registry)
{
    addFunction(registry, stepsSpec<uint8_t>("roundAge", TypeId::UInt8, roundAge));
    addFunction(registry, stepsSpec<uint16_t>("roundDuration", TypeId::UInt16, roundDuration));
    addFunction(registry, {
        .name = "roundToExp2", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments)
        {
            expectNumber("roundToExp2", arguments, 0);
            return arguments[0].type->id() == TypeId::Bool ? makeType(TypeId::UInt8) : arguments[0].type;
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            return visitNumbers(*arguments[0].column->materialize(),
                [&]<typename T>(const ColumnVector<T> & numbers) -> ColumnPtr
            {
                auto result = ColumnVector<T>::create(rows);
                std::transform(numbers.data().begin(), numbers.data().end(), result->data().begin(), roundToExp2<T>);
                return result;
            });
        }});
}

/// 0 below `low`, count + 1 from `high` on (and if there is no room between them), else the bucket from 1.
ColumnPtr widthBucket(const Arguments & arguments, const DataTypePtr & type, size_t rows)
{
    NumberArgument<double> operand(*arguments[0].column);
    NumberArgument<double> low(*arguments[1].column);
    NumberArgument<double> high(*arguments[2].column);
    NumberArgument<uint64_t> count(*arguments[3].column);
    return visitNumberKind(type->createColumn()->kind(), [&]<typename T>(std::type_identity<T>) -> ColumnPtr
    {
        auto result = ColumnVector<T>::create(rows);
        for (size_t i = 0; i < rows; ++i)
        {
            if (std::isnan(operand[i]) || std::isnan(low[i]) || std::isnan(high[i]))
                throw Exception(ErrorCode::BAD_ARGUMENTS,
                    "The first three arguments (operand, low, high) cannot be NaN in function widthBucket");
            if (!std::isfinite(low[i]) || !std::isfinite(high[i]))
                throw Exception(ErrorCode::BAD_ARGUMENTS,
                    "The second and third arguments (low, high) cannot be Inf in function widthBucket");
            if (count[i] == 0)
                throw Exception(ErrorCode::BAD_ARGUMENTS, "Last argument (count) for function widthBucket cannot be 0");
            double x = operand[i];
            if (x < low[i] || low[i] >= high[i])
                result->data()[i] = 0;
            else if (x >= high[i])
                result->data()[i] = static_cast<T>(static_cast<T>(count[i]) + 1);
            else
                result->data()[i] = static_cast<T>((x - low[i])
                    * (static_cast<double>(count[i]) / (high[i] - low[i])) + 1);
        }
        return result;
    });
}

DataTypePtr widthBucketType(const Arguments & arguments)
{
    for (size_t k = 0; k < 3; ++k)
        expectNumber("widthBucket", arguments, k);
    switch (arguments[3].type->id())
    {
        case TypeId::UInt8: return makeType(TypeId::UInt16);
        case TypeId::UInt16: return makeType(TypeId::UInt32);
        case TypeId::UInt32:
        case TypeId::UInt64: return makeType(TypeId::UInt64);
        default: throwIllegalType("widthBucket", *arguments[3].type, 3);
    }
}

/// A bar of eighths of characters.
void drawBar(double x, double min, double max, double width, PodVector<char> & out)
{
    if (std::isnan(x) || !(x > min) || !(max > min))
        return;
    double filled = std::isinf(x) || x >= max ? width : (x - min) * width / (max - min);
    auto eighths = static_cast<uint64_t>(std::min(filled, width) * 8);
    for (uint64_t k = 0; k < eighths / 8; ++k)
        append(out, "█");
    static constexpr std::string_view parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    append(out, parts[eighths % 8]);
}

void registerBuckets(FunctionRegistry & registry)
{
    addFunction(registry, {.name = "widthBucket", .arguments_min = 4, .arguments_max = 4,
        .return_type = widthBucketType, .execute = widthBucket});
    registry.addAlias("width_bucket", "widthBucket", true);
    addFunction(registry, {
        .name = "bar", .arguments_min = 3, .arguments_max = 4,
        .return_type = [](const Arguments & arguments)
        {
            for (size_t k = 0; k < arguments.size(); ++k)
                expectNumber("bar", arguments, k);
            return makeType(TypeId::String);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            NumberArgument<double> x(*arguments[0].column);
            NumberArgument<double> min(*arguments[1].column);
            NumberArgument<double> max(*arguments[2].column);
            double width = 80;
            if (arguments.size() == 4)
            {
                if (!isConst(*arguments[3].column))
                    throw Exception(ErrorCode::ILLEGAL_COLUMN, "Argument 'max_width' of function bar must be constant");
                width = NumberArgument<double>(*arguments[3].column).value();
            }
            if (!(width >= 1))
                throw Exception(ErrorCode::ARGUMENT_OUT_OF_BOUND, "Argument 'max_width' must be >= 1");
            if (width > 1000)
                throw Exception(ErrorCode::ARGUMENT_OUT_OF_BOUND, "Argument 'max_width' must be <= 1000");
            return buildStrings(rows,
                [&](size_t i, PodVector<char> & out) { drawBar(x[i], min[i], max[i], width, out); });
        },
        .constants = {3}});
}

ColumnPtr clamp(const Arguments & arguments, const DataTypePtr & type, size_t rows)
{
    Columns columns;
    for (const auto & argument : arguments)
        columns.push_back(castColumn(argument, type)->materialize());
    const auto & [value, low, high] = std::tie(*columns[0], *columns[1], *columns[2]);
    MutableColumnPtr result = type->createColumn();
    for (size_t i = 0; i < rows; ++i)
    {
        if (low.compareAt(i, i, high, 1) > 0)
            throw Exception(ErrorCode::BAD_ARGUMENTS,
                "The minimum value cannot be greater than the maximum value for function clamp");
        const Column & chosen = value.compareAt(i, i, low, 1) < 0 ? low : value.compareAt(i, i, high, 1) > 0 ? high : value;
        result->insertFrom(chosen, i);
    }
    return result;
}

void registerTests(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "isZeroOrNull", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments)
        {
            DataTypePtr type = removeNullable(arguments[0].type);
            if (!type->isNumber() && type->id() != TypeId::Nothing)
                throw Exception(ErrorCode::BAD_ARGUMENTS,
                    "The argument of function isZeroOrNull must have simple numeric type, possibly Nullable or Null");
            return makeType(TypeId::UInt8);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            auto result = ColumnUInt8::create(rows);
            ColumnPtr column = arguments[0].column->materialize();
            if (column->kind() == ColumnKind::Nullable)
            {
                for (size_t i = 0; i < rows; ++i)
                    result->data()[i] = column->isNullAt(i);
                column = static_cast<const ColumnNullable &>(*column).nestedPtr();
            }
            else
                std::fill(result->data().begin(), result->data().end(), 0);
            visitNumbers(*column, [&]<typename T>(const ColumnVector<T> & numbers)
            {
                for (size_t i = 0; i < rows; ++i)
                    result->data()[i] |= numbers.data()[i] == T{};
            });
            return result;
        },
        .null_gives_null = false, .low_cardinality_result = false});
    addFunction(registry, {
        .name = "isNullable", .arguments_min = 1, .arguments_max = 1, .return_type = returns(TypeId::UInt8),
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows)
        {
            const DataTypePtr & argument = arguments[0].type;
            return type->createConst(rows, Field(uint64_t{removeLowCardinality(argument)->isNullable()}));
        },
        .null_gives_null = false, .low_cardinality_transparent = false});
}

/// The arguments of if(isFinite(x), x, y).
Arguments ifFinite(const Arguments & arguments, ColumnPtr condition)
{
    DataTypePtr type = resultType(*FunctionRegistry::instance().get("isFinite"), {arguments[0]});
    return {{std::move(condition), type, ""}, arguments[0], arguments[1]};
}

/// The numbers with 1 in place of 0.
ColumnPtr withoutZeros(const Column & column)
{
    return visitNumbers(*column.materialize(), []<typename T>(const ColumnVector<T> & numbers) -> ColumnPtr
    {
        auto result = std::make_shared<ColumnVector<T>>(numbers.data());
        std::replace(result->data().begin(), result->data().end(), T{0}, T{1});
        return result;
    });
}

/// `name`OrNull: `base` where it is defined, else NULL.
void addOrNull(FunctionRegistry & registry, const std::string & name, const char * base, const char * or_zero)
{
    addFunction(registry, {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [=](const Arguments & arguments)
        { return makeNullable(resultType(*FunctionRegistry::instance().get(base), arguments)); },
        .execute = [=](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            FunctionPtr function = FunctionRegistry::instance().get(or_zero);
            DataTypePtr plain = removeNullable(type);
            Arguments divisible{arguments[0], {withoutZeros(*arguments[1].column), arguments[1].type, ""}};
            DataTypePtr own = resultType(*function, divisible);
            ColumnPtr value = castColumn({callFunction(*function, divisible, own, rows), own, ""}, plain)->materialize();
            NumberArgument<double> divisor(*arguments[1].column);
            NumberArgument<double> dividend(*arguments[0].column);
            /// The one quotient of integers that overflows is that of the least number and -1.
            const bool overflows = std::string_view(base) == "intDiv" && arguments[0].type->isInteger();
            NumberArgument<double> quotient(*value);
            auto nulls = ColumnUInt8::create(rows);
            for (size_t i = 0; i < rows; ++i)
                nulls->data()[i] = divisor[i] == 0
                    || (overflows && divisor[i] == -1 && quotient[i] == 0 && dividend[i] != 0);
            return std::make_shared<ColumnNullable>(value, nulls);
        },
        .case_insensitive = name == "positiveModuloOrNull"});
}

}

void registerNumberClasses(FunctionRegistry & registry)
{
    registerSteps(registry);
    registerBuckets(registry);
    registerTests(registry);
    addOrNull(registry, "intDivOrNull", "intDiv", "intDivOrZero");
    addOrNull(registry, "moduloOrNull", "modulo", "moduloOrZero");
    addOrNull(registry, "positiveModuloOrNull", "positiveModulo", "positiveModulo");
    registry.addAlias("modOrNull", "moduloOrNull", true);
    registry.addAlias("pmodOrNull", "positiveModuloOrNull", true);
    registry.addAlias("positive_modulo_or_null", "positiveModuloOrNull", true);
    addOrNull(registry, "divideOrNull", "divide", "divide");
    addFunction(registry, {
        .name = "clamp", .arguments_min = 3, .arguments_max = 3,
        .return_type = [](const Arguments & arguments)
        { return leastSupertype({arguments[0].type, arguments[1].type, arguments[2].type}); },
        .execute = clamp});
    addFunction(registry, {
        .name = "ifNotFinite", .arguments_min = 2, .arguments_max = 2,
        .return_type = [](const Arguments & arguments)
        { return resultType(*FunctionRegistry::instance().get("if"), ifFinite(arguments, {})); },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows)
        {
            FunctionPtr finite = FunctionRegistry::instance().get("isFinite");
            ColumnPtr condition = callFunction(*finite, {arguments[0]}, resultType(*finite, {arguments[0]}), rows);
            return callFunction(*FunctionRegistry::instance().get("if"), ifFinite(arguments, condition), type, rows);
        },
        .null_gives_null = false});
}

}
