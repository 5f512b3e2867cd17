// plus, minus, multiply, divide, intDiv, modulo and friends, negate, abs: with ClickHouse's result types
// (NumberTraits): sums and products take the next width, intDiv keeps the width of the dividend, modulo that of the
// divisor. Operands are first converted to the type of the computation, so there is one loop per type, not per pair.

#include "functions/registerFunctions.h"
#include "functions/scalar/addInterval.h"

namespace mangrove
{

namespace
{

struct NumberTraits
{
    bool is_float;
    bool is_signed;
    size_t bytes;
};

NumberTraits traitsOf(const DataType & type)
{
    switch (type.id())
    {
        case TypeId::Bool:
        case TypeId::UInt8: return {false, false, 1};
        case TypeId::UInt16: return {false, false, 2};
        case TypeId::UInt32: return {false, false, 4};
        case TypeId::UInt64: return {false, false, 8};
        case TypeId::UInt128: return {false, false, 16};
        case TypeId::Int8: return {false, true, 1};
        case TypeId::Int16: return {false, true, 2};
        case TypeId::Int32: return {false, true, 4};
        case TypeId::Int64: return {false, true, 8};
        case TypeId::Float32: return {true, true, 4};
        default: return {true, true, 8};
    }
}

DataTypePtr makeNumber(bool is_float, bool is_signed, size_t bytes)
{
    if (is_float)
        return makeType(bytes <= 4 ? TypeId::Float32 : TypeId::Float64);
    switch (bytes)
    {
        case 1: return makeType(is_signed ? TypeId::Int8 : TypeId::UInt8);
        case 2: return makeType(is_signed ? TypeId::Int16 : TypeId::UInt16);
        case 4: return makeType(is_signed ? TypeId::Int32 : TypeId::UInt32);
        case 8: return makeType(is_signed ? TypeId::Int64 : TypeId::UInt64);
        default:
            if (is_signed)
                throw Exception(ErrorCode::NOT_IMPLEMENTED,
                    "Signed 128-bit arithmetic is not supported; cast to Int64 or Float64 first");
            return makeType(TypeId::UInt128);
    }
}

size_t nextBytes(size_t bytes)
{
    return std::min<size_t>(bytes * 2, std::max<size_t>(bytes, 8));
}

/// out[i] = f(a[i], b[i]) with the constant sides hoisted.
template <typename T, typename R, typename F>
ColumnPtr binary(const Column & a, const Column & b, size_t rows, F f)
{
    NumberArgument<T> x(a);
    NumberArgument<T> y(b);
    auto result = ColumnVector<R>::create(rows);
    R * out = result->data().data();
    const T * left = x.data();
    const T * right = y.data();
    if (x.isConst() && y.isConst())
    {
        for (size_t i = 0; i < rows; ++i)
            out[i] = f(left[0], right[0]);
    }
    else if (y.isConst())
    {
        for (size_t i = 0; i < rows; ++i)
            out[i] = f(left[i], right[0]);
    }
    else if (x.isConst())
    {
        for (size_t i = 0; i < rows; ++i)
            out[i] = f(left[0], right[i]);
    }
    else
    {
        for (size_t i = 0; i < rows; ++i)
            out[i] = f(left[i], right[i]);
    }
    return result;
}

/// Wrapping arithmetic without signed overflow.
template <typename T>
auto wrapping(T x)
{
    if constexpr (std::is_floating_point_v<T> || sizeof(T) == 16)
        return x;
    else if constexpr (sizeof(T) < 4)
        return static_cast<uint32_t>(x);
    else
        return static_cast<std::make_unsigned_t<T>>(x);
}

enum class Operation { Plus, Minus, Multiply };

ColumnPtr arithmetic(Operation operation, const Arguments & arguments, const DataType & result_type, size_t rows)
{
    const Column & a = *arguments[0].column;
    const Column & b = *arguments[1].column;
    return visitNumberKind(result_type.createColumn()->kind(), [&]<typename T>(std::type_identity<T>) -> ColumnPtr
    {
        switch (operation)
        {
            case Operation::Plus: return binary<T,
                T>(a, b, rows, [](T x, T y) { return static_cast<T>(wrapping(x) + wrapping(y)); });
            case Operation::Minus: return binary<T,
                T>(a, b, rows, [](T x, T y) { return static_cast<T>(wrapping(x) - wrapping(y)); });
            case Operation::Multiply: return binary<T,
                T>(a, b, rows, [](T x, T y) { return static_cast<T>(wrapping(x) * wrapping(y)); });
        }
        __builtin_unreachable();
    });
}

DataTypePtr sumType(std::string_view name, const Arguments & arguments, bool always_signed)
{
    expectNumber(name, arguments, 0);
    expectNumber(name, arguments, 1);
    NumberTraits a = traitsOf(*arguments[0].type);
    NumberTraits b = traitsOf(*arguments[1].type);
    if (a.is_float || b.is_float)
        return makeType(TypeId::Float64);
    return makeNumber(false, always_signed || a.is_signed || b.is_signed, nextBytes(std::max(a.bytes, b.bytes)));
}

bool isInterval(const DataType & type)
{
    return type.id() == TypeId::Interval;
}

DataTypeInterval::Unit unitOf(const DataType & type)
{
    return typeAs<DataTypeInterval>(type).unit();
}

/// date + number is days or seconds.
DataTypeInterval::Unit defaultUnit(const DataType & type)
{
    return type.id() == TypeId::Date ? DataTypeInterval::Unit::Day : DataTypeInterval::Unit::Second;
}

void addPlusOrMinus(FunctionRegistry & registry, const char * name, Operation operation)
{
    const int sign = operation == Operation::Plus ? 1 : -1;
    addFunction(registry, {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [name, operation](const Arguments & arguments) -> DataTypePtr
        {
            const DataTypePtr & a = arguments[0].type;
            const DataTypePtr & b = arguments[1].type;
            if (operation == Operation::Plus && b->isDateOrTime() && !a->isDateOrTime())
                return addIntervalType(name, b, isInterval(*a) ? unitOf(*a) : defaultUnit(*b));
            if (a->isDateOrTime() && isInterval(*b))
                return addIntervalType(name, a, unitOf(*b));
            if (a->isDateOrTime() && (b->isInteger() || b->isFloat()))
                return a;
            if (operation == Operation::Minus && a->isDateOrTime() && b->isDateOrTime())
            {
                if (a->id() == TypeId::DateTime64 || b->id() == TypeId::DateTime64)
                    throw Exception(ErrorCode::NOT_IMPLEMENTED,
                        "{} - {} needs Decimal, which is not supported; use dateDiff('nanosecond', b, a) or toUnixTimestamp64Nano",
                        a->name(), b->name());
                if (a->id() == b->id())
                    return makeType(TypeId::Int32);
            }
            if (isInterval(*a) && isInterval(*b) && unitOf(*a) == unitOf(*b))
                return a;
            return sumType(name, arguments, operation == Operation::Minus);
        },
        .execute = [operation, sign](const Arguments & arguments, const DataTypePtr & result_type,
            size_t rows) -> ColumnPtr
        {
            const DataType & a = *arguments[0].type;
            const DataType & b = *arguments[1].type;
            if (a.isDateOrTime() != b.isDateOrTime())
            {
                const ColumnWithType & time = a.isDateOrTime() ? arguments[0] : arguments[1];
                const ColumnWithType & amount = a.isDateOrTime() ? arguments[1] : arguments[0];
                auto unit = isInterval(*amount.type) ? unitOf(*amount.type) : defaultUnit(*time.type);
                return addInterval(time, unit, *amount.column, sign, result_type, rows);
            }
            return arithmetic(operation, arguments, *result_type, rows);
        }});
}

[[noreturn]] void throwDivision(const char * what)
{
    throw Exception(ErrorCode::ILLEGAL_DIVISION, "{}", what);
}

/// On zero: throw or give zero.
template <typename R>
R divideIntegers(auto a, auto b, bool zero_on_error)
{
    if (b == 0)
    {
        if (zero_on_error)
            return 0;
        throwDivision("Division by zero");
    }
    if constexpr (std::is_signed_v<decltype(a)>)
    {
        if (b == -1 && a == static_cast<int64_t>(std::numeric_limits<R>::min()))
        {
            if (zero_on_error)
                return 0;
            throwDivision("Division of minimal signed number by minus one");
        }
    }
    return static_cast<R>(a / b);
}

ColumnPtr intDiv(const Arguments & arguments, const DataType & result_type, size_t rows, bool zero_on_error)
{
    const Column & a = *arguments[0].column;
    const Column & b = *arguments[1].column;
    const bool is_float = arguments[0].type->isFloat() || arguments[1].type->isFloat();
    return visitNumberKind(result_type.createColumn()->kind(), [&]<typename R>(std::type_identity<R>) -> ColumnPtr
    {
        if (is_float)
            return binary<double, R>(a, b, rows, [=](double x, double y) -> R
            {
                double quotient = x / y;
                if (y == 0 || !std::isfinite(quotient))
                {
                    if (zero_on_error)
                        return R{};
                    throwDivision(y == 0 ? "Division by zero"
                                         : "Cannot perform integer division, because it will produce infinite or too large number");
                }
                return convertNumber<R>(quotient);
            });
        if constexpr (std::is_floating_point_v<R>)
            throwIllegalType("intDiv", result_type, 0);
        else if constexpr (std::is_signed_v<R>)
        {
            /// As ClickHouse: beside a signed operand an unsigned dividend becomes signed at its own width, an unsigned
            /// divisor at the wider one, so that 65535 as UInt16 is -1 beside an Int8.
            const NumberTraits left = traitsOf(*arguments[0].type);
            const NumberTraits right = traitsOf(*arguments[1].type);
            auto unusedBits = [](const NumberTraits & operand, size_t bytes)
            { return operand.is_signed ? 0 : 64 - 8 * std::min<size_t>(8, bytes); };
            const size_t left_unused = unusedBits(left, left.bytes);
            const size_t right_unused = unusedBits(right, std::max(left.bytes, right.bytes));
            auto asSigned = [](int64_t x, size_t unused_bits)
            { return static_cast<int64_t>(static_cast<uint64_t>(x) << unused_bits) >> unused_bits; };
            return binary<int64_t, R>(a, b, rows, [=](int64_t x, int64_t y)
                { return divideIntegers<R>(asSigned(x, left_unused), asSigned(y, right_unused), zero_on_error); });
        }
        else if constexpr (sizeof(R) == 16)
            return binary<UInt128, R>(a, b, rows,
                [=](UInt128 x, UInt128 y) { return divideIntegers<R>(x, y, zero_on_error); });
        else
            return binary<uint64_t, R>(a, b, rows,
                [=](uint64_t x, uint64_t y) { return divideIntegers<R>(x, y, zero_on_error); });
    });
}

enum class ZeroDivisor { Throw, Zero };

/// C's rules: both operands become the common type, the sign is that of the dividend.
ColumnPtr modulo(const Arguments & arguments, const DataType & result_type, size_t rows, bool positive,
    ZeroDivisor zero)
{
    const Column & a = *arguments[0].column;
    const Column & b = *arguments[1].column;
    if (result_type.isFloat())
        return binary<double, double>(a, b, rows, [positive](double x, double y)
        {
            double r = x - std::trunc(x / y) * y; /// not fmod(): ClickHouse, bit for bit
            return positive && r < 0 ? (y < 0 ? r - y : r + y) : r;
        });
    NumberTraits left = traitsOf(*arguments[0].type);
    NumberTraits right = traitsOf(*arguments[1].type);
    return visitNumberKind(result_type.createColumn()->kind(), [&]<typename R>(std::type_identity<R>) -> ColumnPtr
    {
        auto compute = [&]<typename C>(std::type_identity<C>) -> ColumnPtr
        {
            return binary<C, R>(a, b, rows, [=](C x, C y) -> R
            {
                if (y == 0)
                {
                    if (zero == ZeroDivisor::Zero)
                        return R{};
                    throwDivision("Division by zero");
                }
                if constexpr (std::is_signed_v<C>)
                {
                    if (y == -1)
                        return R{};
                    C r = x % y;
                    if (positive && r < 0)
                        r += y < 0 ? -y : y;
                    return static_cast<R>(r);
                }
                return static_cast<R>(x % y);
            });
        };
        size_t bytes = std::max<size_t>(4, std::max(left.bytes, right.bytes));
        if (bytes == 16)
            return compute(std::type_identity<UInt128>{});
        const bool unsigned_common = (!left.is_signed && left.bytes == bytes)
            || (!right.is_signed && right.bytes == bytes);
        if (bytes == 4)
            return unsigned_common ? compute(std::type_identity<uint32_t>{}) : compute(std::type_identity<int32_t>{});
        return unsigned_common ? compute(std::type_identity<uint64_t>{}) : compute(std::type_identity<int64_t>{});
    });
}

void addModulo(FunctionRegistry & registry, const char * name, bool positive, ZeroDivisor zero)
{
    addFunction(registry, {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [name, positive](const Arguments & arguments)
        {
            expectNumber(name, arguments, 0);
            expectNumber(name, arguments, 1);
            NumberTraits a = traitsOf(*arguments[0].type);
            NumberTraits b = traitsOf(*arguments[1].type);
            if (a.is_float || b.is_float)
                return makeType(TypeId::Float64);
            const bool is_signed = a.is_signed && !positive;
            return makeNumber(false, is_signed, is_signed ? nextBytes(b.bytes) : b.bytes);
        },
        .execute = [positive, zero](const Arguments & arguments, const DataTypePtr & type, size_t rows)
        { return modulo(arguments, *type, rows, positive, zero); },
        .case_insensitive = positive});
}

void addIntDiv(FunctionRegistry & registry, const char * name, bool zero_on_error)
{
    addFunction(registry, {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [name](const Arguments & arguments)
        {
            expectNumber(name, arguments, 0);
            expectNumber(name, arguments, 1);
            NumberTraits a = traitsOf(*arguments[0].type);
            NumberTraits b = traitsOf(*arguments[1].type);
            return makeNumber(false, a.is_signed || b.is_signed, a.bytes);
        },
        .execute = [zero_on_error](const Arguments & arguments, const DataTypePtr & type, size_t rows)
        { return intDiv(arguments, *type, rows, zero_on_error); }});
}

}

void registerArithmetic(FunctionRegistry & registry)
{
    addPlusOrMinus(registry, "plus", Operation::Plus);
    addPlusOrMinus(registry, "minus", Operation::Minus);
    addFunction(registry, {
        .name = "multiply", .arguments_min = 2, .arguments_max = 2,
        .return_type = [](const Arguments & arguments) { return sumType("multiply", arguments, false); },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows)
        { return arithmetic(Operation::Multiply, arguments, *type, rows); }});
    addFunction(registry, {
        .name = "divide", .arguments_min = 2, .arguments_max = 2,
        .return_type = [](const Arguments & arguments)
        {
            expectNumber("divide", arguments, 0);
            expectNumber("divide", arguments, 1);
            return makeType(TypeId::Float64);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
        { return binary<double, double>(*arguments[0].column, *arguments[1].column, rows,
            [](double x, double y) { return x / y; }); }});
    addIntDiv(registry, "intDiv", false);
    addIntDiv(registry, "intDivOrZero", true);
    addModulo(registry, "modulo", false, ZeroDivisor::Throw);
    addModulo(registry, "moduloOrZero", false, ZeroDivisor::Zero);
    addModulo(registry, "positiveModulo", true, ZeroDivisor::Throw);
    registry.addAlias("mod", "modulo", true);
    registry.addAlias("positive_modulo", "positiveModulo", true);
    registry.addAlias("pmod", "positiveModulo", true);

    addFunction(registry, {
        .name = "negate", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments)
        {
            if (arguments[0].type->id() == TypeId::Interval)
                return arguments[0].type;
            expectNumber("negate", arguments, 0);
            NumberTraits a = traitsOf(*arguments[0].type);
            return makeNumber(a.is_float, true, a.is_float || a.is_signed ? a.bytes : nextBytes(a.bytes));
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows)
        {
            ColumnPtr zero = type->createConst(rows, type->defaultValue());
            if (type->isFloat()) /// 0 - 0.0 would lose the sign
                return visitNumberKind(type->createColumn()->kind(), [&]<typename T>(std::type_identity<T>) -> ColumnPtr
                { return binary<T, T>(*arguments[0].column, *zero, rows, [](T x, T) { return static_cast<T>(-x); }); });
            return arithmetic(Operation::Minus, {{zero, type, ""}, arguments[0]}, *type, rows);
        }});
    addFunction(registry, {
        .name = "abs", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments)
        {
            expectNumber("abs", arguments, 0);
            NumberTraits a = traitsOf(*arguments[0].type);
            return makeNumber(a.is_float, a.is_float, a.bytes);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            return visitNumbers(fullOf(*arguments[0].column), [&]<typename T>(const ColumnVector<T> &) -> ColumnPtr
            {
                if constexpr (std::is_floating_point_v<T>)
                    return binary<T, T>(*arguments[0].column, *arguments[0].column, rows,
                        [](T x, T) { return std::fabs(x); });
                else if constexpr (sizeof(T) == 16)
                    return arguments[0].column->materialize();
                else
                {
                    using R = std::make_unsigned_t<T>;
                    return binary<T, R>(*arguments[0].column, *arguments[0].column, rows,
                        [](T x, T) { return static_cast<R>(x < 0 ? -wrapping(x) : wrapping(x)); });
                }
            });
        },
        .case_insensitive = true});
}

}
