// exp, log, sqrt, pow, trigonometry, sign, isNaN…: Float64 in, Float64 out.

#include "functions/FunctionSpec.h"
#include "functions/scalar/registerScalar.h"

#include <numbers>

namespace mangrove
{

namespace
{

void addUnary(FunctionRegistry & registry, const char * name, double (*f)(double), bool case_insensitive = true)
{
    addFunction(registry, {
        .name = name, .arguments_min = 1, .arguments_max = 1,
        .return_type = [name](const Arguments & arguments)
        {
            expectNumber(name, arguments, 0);
            return makeType(TypeId::Float64);
        },
        .execute = [f](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            NumberArgument<double> x(*arguments[0].column);
            auto result = ColumnFloat64::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = f(x[i]);
            return result;
        },
        .case_insensitive = case_insensitive});
}

void addBinary(FunctionRegistry & registry, const char * name, double (*f)(double, double))
{
    addFunction(registry, {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [name](const Arguments & arguments)
        {
            expectNumber(name, arguments, 0);
            expectNumber(name, arguments, 1);
            return makeType(TypeId::Float64);
        },
        .execute = [f](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            NumberArgument<double> x(*arguments[0].column);
            NumberArgument<double> y(*arguments[1].column);
            auto result = ColumnFloat64::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = f(x[i], y[i]);
            return result;
        },
        .case_insensitive = true});
}

void addConstant(FunctionRegistry & registry, const char * name, double value, bool case_insensitive)
{
    addFunction(registry, {
        .name = name, .arguments_min = 0, .arguments_max = 0, .return_type = returns(TypeId::Float64),
        .execute = [value](const Arguments &, const DataTypePtr & type, size_t rows)
        { return type->createConst(rows, Field(value)); },
        .case_insensitive = case_insensitive});
}

void addCheck(FunctionRegistry & registry, const char * name, bool (*f)(double))
{
    addFunction(registry, {
        .name = name, .arguments_min = 1, .arguments_max = 1,
        .return_type = [name](const Arguments & arguments)
        {
            expectNumber(name, arguments, 0);
            return makeType(TypeId::UInt8);
        },
        .execute = [f](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            NumberArgument<double> x(*arguments[0].column);
            auto result = ColumnUInt8::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = f(x[i]);
            return result;
        }});
}

}

void registerMath(FunctionRegistry & registry)
{
    addUnary(registry, "exp", std::exp);
    addUnary(registry, "log", std::log);
    registry.addAlias("ln", "log", true);
    addUnary(registry, "exp2", std::exp2, false);
    addUnary(registry, "log2", std::log2);
    addUnary(registry, "exp10", [](double x) { return ::exp10(x); }, false);
    addUnary(registry, "log10", std::log10);
    addUnary(registry, "log1p", std::log1p, false);
    addUnary(registry, "sqrt", std::sqrt);
    addUnary(registry, "cbrt", [](double x) { return static_cast<double>(std::cbrt(static_cast<long double>(x))); },
        false);
    addUnary(registry, "sin", std::sin);
    addUnary(registry, "cos", std::cos);
    addUnary(registry, "tan", std::tan);
    addUnary(registry, "asin", std::asin);
    addUnary(registry, "acos", std::acos);
    addUnary(registry, "atan", std::atan);
    addUnary(registry, "sinh", std::sinh, false);
    addUnary(registry, "cosh", std::cosh, false);
    /// As ClickHouse computes it, to the last bit.
    addUnary(registry, "tanh", [](double x) { return 2 / (1 + std::exp(-2 * x)) - 1; });
    addUnary(registry, "asinh", std::asinh, false);
    addUnary(registry, "acosh", std::acosh, false);
    addUnary(registry, "atanh", std::atanh, false);
    addUnary(registry, "sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); }, false);
    addUnary(registry, "erf", std::erf, false);
    addUnary(registry, "erfc", std::erfc, false);
    addUnary(registry, "lgamma", [](double x)
    {
        int sign = 0; /// std::lgamma writes its sign to a global variable
        return x < 0 && x == std::floor(x) ? std::numeric_limits<double>::quiet_NaN() : ::lgamma_r(x, &sign);
    }, false);
    addUnary(registry, "tgamma", std::tgamma, false);
    addUnary(registry, "degrees", [](double x) { return x * (180.0 / std::numbers::pi); });
    addUnary(registry, "radians", [](double x) { return x * (std::numbers::pi / 180.0); });
    addBinary(registry, "pow", std::pow);
    registry.addAlias("power", "pow", true);
    addBinary(registry, "atan2", std::atan2);
    addBinary(registry, "hypot", std::hypot);
    addConstant(registry, "pi", std::numbers::pi, true);
    addConstant(registry, "e", std::numbers::e, false);
    addCheck(registry, "isNaN", [](double x) { return x != x; });
    addCheck(registry, "isFinite", [](double x) { return std::isfinite(x); });
    addCheck(registry, "isInfinite", [](double x) { return std::isinf(x); });
    addFunction(registry, {
        .name = "sign", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments)
        {
            expectNumber("sign", arguments, 0);
            return makeType(TypeId::Int8);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            NumberArgument<double> x(*arguments[0].column);
            auto result = ColumnInt8::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = x[i] < 0 ? -1 : x[i] != 0; /// NaN gives 1, as in ClickHouse
            return result;
        },
        .case_insensitive = true});
}

}
