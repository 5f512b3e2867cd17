// bitAnd, bitOr, bitXor, bitNot, bitShiftLeft, bitShiftRight, bitTest, bitCount.

#include "functions/FunctionSpec.h"
#include "functions/scalar/registerScalar.h"

namespace mangrove
{

namespace
{

/// Signed if either is; as wide as the wider.
DataTypePtr commonInteger(const char * name, const Arguments & arguments)
{
    expectInteger(name, arguments, 0);
    expectInteger(name, arguments, 1);
    auto bytes = [](const DataType & type)
        { return type.id() == TypeId::Bool ? size_t{1}
            : visitNumberKind(type.createColumn()->kind(),
                []<typename T>(std::type_identity<T>) { return sizeof(T); }); };
    size_t width = std::max(bytes(*arguments[0].type), bytes(*arguments[1].type));
    bool is_signed = arguments[0].type->isSigned() || arguments[1].type->isSigned();
    switch (width)
    {
        case 1: return makeType(is_signed ? TypeId::Int8 : TypeId::UInt8);
        case 2: return makeType(is_signed ? TypeId::Int16 : TypeId::UInt16);
        case 4: return makeType(is_signed ? TypeId::Int32 : TypeId::UInt32);
        case 8: return makeType(is_signed ? TypeId::Int64 : TypeId::UInt64);
        default:
            if (is_signed)
                throw Exception(ErrorCode::NOT_IMPLEMENTED, "Function {} does not mix UInt128 with signed integers",
                    name);
            return makeType(TypeId::UInt128);
    }
}

enum class Operation { And, Or, Xor, ShiftLeft, ShiftRight };

template <typename T>
T apply(Operation operation, T a, T b)
{
    switch (operation)
    {
        case Operation::And: return a & b;
        case Operation::Or: return a | b;
        case Operation::Xor: return a ^ b;
        case Operation::ShiftLeft:
        case Operation::ShiftRight:
        {
            if (b < 0 || static_cast<UInt128>(b) >= sizeof(T) * 8)
            {
                if (b < 0)
                    throw Exception(ErrorCode::PARAMETER_OUT_OF_BOUND,
                        "The number of shift positions needs to be a non-negative value");
                return T{};
            }
            if (operation == Operation::ShiftRight)
                return static_cast<T>(a >> static_cast<int>(b));
            return static_cast<T>(static_cast<UInt128>(a) << static_cast<int>(b));
        }
    }
    __builtin_unreachable();
}

FunctionSpec bitSpec(const char * name, Operation operation)
{
    return {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [name](const Arguments & arguments) { return commonInteger(name, arguments); },
        .execute = [operation](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            return visitNumberKind(type->createColumn()->kind(), [&]<typename T>(std::type_identity<T>) -> ColumnPtr
            {
                if constexpr (std::is_floating_point_v<T>)
                    throwIllegalType("bit function", *type, 0);
                else
                {
                    NumberArgument<T> a(*arguments[0].column);
                    NumberArgument<T> b(*arguments[1].column);
                    auto result = ColumnVector<T>::create(rows);
                    for (size_t i = 0; i < rows; ++i)
                        result->data()[i] = apply<T>(operation, a[i], b[i]);
                    return result;
                }
            });
        }};
}

}

void registerBits(FunctionRegistry & registry)
{
    addFunction(registry, bitSpec("bitAnd", Operation::And));
    addFunction(registry, bitSpec("bitOr", Operation::Or));
    addFunction(registry, bitSpec("bitXor", Operation::Xor));
    addFunction(registry, bitSpec("bitShiftLeft", Operation::ShiftLeft));
    addFunction(registry, bitSpec("bitShiftRight", Operation::ShiftRight));
    addFunction(registry, {
        .name = "bitNot", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments)
        {
            expectInteger("bitNot", arguments, 0);
            return arguments[0].type->id() == TypeId::Bool ? makeType(TypeId::UInt8) : arguments[0].type;
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            return visitNumbers(*arguments[0].column->materialize(),
                [&]<typename T>(const ColumnVector<T> & numbers) -> ColumnPtr
            {
                if constexpr (std::is_floating_point_v<T>)
                    throwIllegalType("bitNot", *type, 0);
                else
                {
                    auto result = ColumnVector<T>::create(rows);
                    for (size_t i = 0; i < rows; ++i)
                        result->data()[i] = static_cast<T>(~numbers.data()[i]);
                    return result;
                }
            });
        }});
    addFunction(registry, {
        .name = "bitTest", .arguments_min = 2, .arguments_max = 2,
        .return_type = [](const Arguments & arguments)
        {
            expectInteger("bitTest", arguments, 0);
            expectInteger("bitTest", arguments, 1);
            return makeType(TypeId::UInt8);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            NumberArgument<uint64_t> x(*arguments[0].column);
            NumberArgument<uint64_t> bit(*arguments[1].column);
            auto result = ColumnUInt8::create(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                if (bit[i] > 63)
                    throw Exception(ErrorCode::PARAMETER_OUT_OF_BOUND,
                        "The bit position argument {} is out of bounds for number", bit[i]);
                result->data()[i] = (x[i] >> bit[i]) & 1;
            }
            return result;
        }});
    addFunction(registry, {
        .name = "bitCount", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments)
        {
            expectInteger("bitCount", arguments, 0);
            return makeType(TypeId::UInt8);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            auto result = ColumnUInt8::create(rows);
            visitNumbers(*arguments[0].column->materialize(), [&]<typename T>(const ColumnVector<T> & numbers)
            {
                for (size_t i = 0; i < rows; ++i)
                {
                    if constexpr (std::is_integral_v<T> && sizeof(T) <= 8)
                        result->data()[i] = std::popcount(static_cast<std::make_unsigned_t<T>>(numbers.data()[i]));
                    else if constexpr (sizeof(T) == 16)
                        result->data()[i] = std::popcount(static_cast<uint64_t>(numbers.data()[i]))
                            + std::popcount(static_cast<uint64_t>(numbers.data()[i] >> 64));
                }
            });
            return result;
        }});
}

}
