// gcd, lcm, factorial, intExp2, intExp10, byteSwap, bitRotateLeft, bitRotateRight, bitTestAll, bitTestAny,
// bitHammingDistance.

#include "functions/FunctionSpec.h"
#include "functions/scalar/registerScalar.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace mangrove
{

namespace
{

size_t widthOf(const DataType & type)
{
    return visitNumberKind(type.createColumn()->kind(), []<typename T>(std::type_identity<T>) { return sizeof(T); });
}

/// An integer of at most 64 bits.
void expectMachineInteger(const char * name, const Arguments & arguments, size_t position)
{
    expectInteger(name, arguments, position);
    if (widthOf(*arguments[position].type) > 8)
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "Function {} does not take {}", name, arguments[position].type->name());
}

DataTypePtr integerOf(size_t width, bool is_signed)
{
    switch (width)
    {
        case 1: return makeType(is_signed ? TypeId::Int8 : TypeId::UInt8);
        case 2: return makeType(is_signed ? TypeId::Int16 : TypeId::UInt16);
        case 4: return makeType(is_signed ? TypeId::Int32 : TypeId::UInt32);
        default: return makeType(is_signed ? TypeId::Int64 : TypeId::UInt64);
    }
}

/// f(std::type_identity<T>) for an integer type of at most 64 bits.
template <typename F>
decltype(auto) visitIntegers(const DataType & type, F && f)
{
    return visitNumberKind(type.createColumn()->kind(), [&]<typename T>(std::type_identity<T> id) -> ColumnPtr
    {
        if constexpr (std::is_integral_v<T> && sizeof(T) <= 8)
            return f(id);
        else
            throw Exception(ErrorCode::ILLEGAL_COLUMN, "Expected a column of integers");
    });
}

template <typename T>
std::make_unsigned_t<T> magnitude(T x)
{
    auto bits = static_cast<std::make_unsigned_t<T>>(x);
    return x < 0 ? static_cast<std::make_unsigned_t<T>>(-bits) : bits;
}

template <typename T>
void checkDivision(T a, T b)
{
    if (a == 0 || b == 0)
        throw Exception(ErrorCode::ILLEGAL_DIVISION, "Division by zero");
    if constexpr (std::is_signed_v<T>)
        if ((a == std::numeric_limits<T>::min() && b == -1) || (b == std::numeric_limits<T>::min() && a == -1))
            throw Exception(ErrorCode::ILLEGAL_DIVISION, "Division of minimal signed number by minus one");
}

template <typename T>
T greatestDivisor(T a, T b)
{
    checkDivision(a, b);
    return static_cast<T>(std::gcd(magnitude(a), magnitude(b)));
}

template <typename T>
T leastMultiple(T a, T b)
{
    checkDivision(a, b);
    T divisor = static_cast<T>(std::gcd(magnitude(a), magnitude(b)));
    bool overflow = std::is_signed_v<T> && (a == std::numeric_limits<T>::min() || b == std::numeric_limits<T>::min());
    T result{};
    if (overflow || __builtin_mul_overflow(static_cast<T>(magnitude(a)) / divisor, static_cast<T>(magnitude(b)), &result))
        throw Exception(ErrorCode::DECIMAL_OVERFLOW, "Intermediate result overflow of {} and {}", a, b);
    return result;
}

/// Computed in the result type, which is that of a sum: of the next width.
template <typename F>
FunctionSpec divisorSpec(const char * name, F f)
{
    return {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [name](const Arguments & arguments)
        {
            expectMachineInteger(name, arguments, 0);
            expectMachineInteger(name, arguments, 1);
            size_t width = std::max(widthOf(*arguments[0].type), widthOf(*arguments[1].type));
            return integerOf(std::min<size_t>(8, width * 2), arguments[0].type->isSigned() || arguments[1].type->isSigned());
        },
        .execute = [f](const Arguments & arguments, const DataTypePtr & type, size_t rows)
        {
            return visitIntegers(*type, [&]<typename T>(std::type_identity<T>) -> ColumnPtr
            {
                NumberArgument<T> a(*arguments[0].column);
                NumberArgument<T> b(*arguments[1].column);
                auto result = ColumnVector<T>::create(rows);
                for (size_t i = 0; i < rows; ++i)
                    result->data()[i] = f(a[i], b[i]);
                return result;
            });
        }};
}

FunctionSpec rotateSpec(const char * name, bool left)
{
    return {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [name](const Arguments & arguments)
        {
            expectMachineInteger(name, arguments, 0);
            expectMachineInteger(name, arguments, 1);
            return integerOf(std::max(widthOf(*arguments[0].type), widthOf(*arguments[1].type)),
                arguments[0].type->isSigned() || arguments[1].type->isSigned());
        },
        .execute = [left](const Arguments & arguments, const DataTypePtr & type, size_t rows)
        {
            return visitIntegers(*type, [&]<typename T>(std::type_identity<T>) -> ColumnPtr
            {
                using Bits = std::make_unsigned_t<T>;
                NumberArgument<T> a(*arguments[0].column);
                NumberArgument<T> b(*arguments[1].column);
                auto result = ColumnVector<T>::create(rows);
                for (size_t i = 0; i < rows; ++i)
                {
                    int count = static_cast<int>(static_cast<uint64_t>(b[i]) % (sizeof(T) * 8));
                    result->data()[i] = static_cast<T>(left ? std::rotl(static_cast<Bits>(a[i]), count)
                        : std::rotr(static_cast<Bits>(a[i]), count));
                }
                return result;
            });
        }};
}

FunctionSpec bitTestsSpec(const char * name, bool all)
{
    return {
        .name = name, .arguments_min = 2, .arguments_max = FunctionSpec::any_number,
        .return_type = [name](const Arguments & arguments)
        {
            expectMachineInteger(name, arguments, 0);
            for (size_t k = 1; k < arguments.size(); ++k)
            {
                expectMachineInteger(name, arguments, k);
                if (arguments[k].type->isSigned())
                    throwIllegalType(name, *arguments[k].type, k);
            }
            return makeType(TypeId::UInt8);
        },
        .execute = [all](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            NumberArgument<uint64_t> x(*arguments[0].column);
            const uint64_t bits = widthOf(*arguments[0].type) * 8;
            auto result = ColumnUInt8::create(rows);
            std::fill(result->data().begin(), result->data().end(), all);
            for (size_t k = 1; k < arguments.size(); ++k)
            {
                NumberArgument<uint64_t> bit(*arguments[k].column);
                for (size_t i = 0; i < rows; ++i)
                {
                    if (bit[i] >= bits)
                        throw Exception(ErrorCode::PARAMETER_OUT_OF_BOUND,
                            "The bit position argument {} is out of bounds for number", bit[i]);
                    uint8_t set = (x[i] >> bit[i]) & 1;
                    result->data()[i] = all ? result->data()[i] & set : result->data()[i] | set;
                }
            }
            return result;
        }};
}

/// f(name, x): powers and factorials leave the range of a UInt64 long before that of exact integers in a double.
FunctionSpec powerSpec(const char * name, uint64_t (*f)(const char *, double))
{
    return {
        .name = name, .arguments_min = 1, .arguments_max = 1,
        .return_type = [name](const Arguments & arguments)
        {
            expectNumber(name, arguments, 0);
            return makeType(TypeId::UInt64);
        },
        .execute = [name, f](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            NumberArgument<double> x(*arguments[0].column);
            auto result = ColumnUInt64::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = f(name, x[i]);
            return result;
        }};
}

uint64_t integerPower(const char * name, double x, uint64_t base, double exponent_max)
{
    if (std::isnan(x))
        throw Exception(ErrorCode::BAD_ARGUMENTS, "{} must not be called with nan", name);
    if (x < 0)
        return 0;
    if (x >= exponent_max + 1)
        return std::numeric_limits<uint64_t>::max();
    uint64_t result = 1;
    for (auto k = static_cast<uint64_t>(x); k > 0; --k)
        result *= base;
    return result;
}

}

void registerIntegers(FunctionRegistry & registry)
{
    addFunction(registry, divisorSpec("gcd", []<typename T>(T a, T b) { return greatestDivisor(a, b); }));
    addFunction(registry, divisorSpec("lcm", []<typename T>(T a, T b) { return leastMultiple(a, b); }));
    addFunction(registry, rotateSpec("bitRotateLeft", true));
    addFunction(registry, rotateSpec("bitRotateRight", false));
    addFunction(registry, bitTestsSpec("bitTestAll", true));
    addFunction(registry, bitTestsSpec("bitTestAny", false));
    addFunction(registry, powerSpec("intExp2",
        [](const char * name, double x) { return integerPower(name, x, 2, 63); }));
    addFunction(registry, powerSpec("intExp10",
        [](const char * name, double x) { return integerPower(name, x, 10, 19); }));
    FunctionSpec factorial = powerSpec("factorial", [](const char *, double x)
    {
        if (x > 20)
            throw Exception(ErrorCode::BAD_ARGUMENTS,
                "The maximum value for the input argument of function factorial is 20");
        uint64_t result = 1;
        for (uint64_t k = 2; x > 0 && k <= static_cast<uint64_t>(x); ++k)
            result *= k;
        return result;
    });
    factorial.case_insensitive = true;
    factorial.return_type = [](const Arguments & arguments)
    {
        expectInteger("factorial", arguments, 0);
        return makeType(TypeId::UInt64);
    };
    addFunction(registry, factorial);
    addFunction(registry, {
        .name = "byteSwap", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments)
        {
            if (arguments[0].type->isFloat())
                throw Exception(ErrorCode::NOT_IMPLEMENTED, "byteSwap takes integers of at most 64 bits, not {}", arguments[0].type->name());
            expectMachineInteger("byteSwap", arguments, 0);
            return integerOf(widthOf(*arguments[0].type), arguments[0].type->isSigned());
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows)
        {
            return visitIntegers(*type, [&]<typename T>(std::type_identity<T>) -> ColumnPtr
            {
                NumberArgument<T> x(*arguments[0].column);
                auto result = ColumnVector<T>::create(rows);
                for (size_t i = 0; i < rows; ++i)
                {
                    auto bytes = std::bit_cast<std::array<char, sizeof(T)>>(x[i]);
                    std::reverse(bytes.begin(), bytes.end());
                    result->data()[i] = std::bit_cast<T>(bytes);
                }
                return result;
            });
        },
        .case_insensitive = true});
    addFunction(registry, {
        .name = "bitHammingDistance", .arguments_min = 2, .arguments_max = 2,
        .return_type = [](const Arguments & arguments)
        {
            expectMachineInteger("bitHammingDistance", arguments, 0);
            expectMachineInteger("bitHammingDistance", arguments, 1);
            return makeType(TypeId::UInt8);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            NumberArgument<uint64_t> a(*arguments[0].column);
            NumberArgument<uint64_t> b(*arguments[1].column);
            auto result = ColumnUInt8::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = static_cast<uint8_t>(std::popcount(a[i] ^ b[i]));
            return result;
        }});
}

}
