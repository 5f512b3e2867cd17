// and, or, xor, not: three-valued, over numbers of any width (non-zero is true).

#include "columns/ColumnNullable.h"
#include "functions/registerFunctions.h"
#include "functions/FunctionSpec.h"

namespace mangrove
{

namespace
{

enum class Operation { And, Or, Xor };

/// 0, 1 or 2 (unknown) per row.
enum : uint8_t { False = 0, True = 1, Unknown = 2 };

void readTruth(const Column & column, uint8_t * out, size_t rows)
{
    if (column.kind() == ColumnKind::Const)
    {
        uint8_t value;
        readTruth(static_cast<const ColumnConst &>(column).value(), &value, 1);
        std::fill_n(out, rows, value);
        return;
    }
    if (column.kind() == ColumnKind::Nullable)
    {
        auto & nullable = static_cast<const ColumnNullable &>(column);
        readTruth(nullable.nested(), out, rows);
        const auto & nulls = nullable.nullMap();
        for (size_t i = 0; i < rows; ++i)
            out[i] = nulls[i] ? Unknown : out[i];
        return;
    }
    visitNumbers(column, [&]<typename T>(const ColumnVector<T> & numbers)
    {
        for (size_t i = 0; i < rows; ++i)
            out[i] = numbers.data()[i] != T{};
    });
}

void combine(Operation operation, uint8_t * to, const uint8_t * with, size_t rows, bool any_null)
{
    if (!any_null)
    {
        for (size_t i = 0; i < rows; ++i)
            to[i] = operation == Operation::And ? to[i] & with[i] : operation == Operation::Or ? to[i] | with[i]
                : to[i] ^ with[i];
        return;
    }
    for (size_t i = 0; i < rows; ++i)
    {
        uint8_t a = to[i];
        uint8_t b = with[i];
        if (operation == Operation::And)
            to[i] = a == False || b == False ? False : a == Unknown || b == Unknown ? Unknown : True;
        else if (operation == Operation::Or)
            to[i] = a == True || b == True ? True : a == Unknown || b == Unknown ? Unknown : False;
        else
            to[i] = a == Unknown || b == Unknown ? Unknown : a ^ b;
    }
}

DataTypePtr logicResult(const std::string & name, const Arguments & arguments)
{
    bool nullable = false;
    bool any_bool = false;
    for (size_t i = 0; i < arguments.size(); ++i)
    {
        DataTypePtr type = removeNullable(arguments[i].type);
        nullable |= arguments[i].type->isNullable();
        if (!type->isNumber() && type->id() != TypeId::Nothing)
            throwIllegalType(name, *arguments[i].type, i);
        any_bool |= type->id() == TypeId::Bool;
    }
    DataTypePtr type = makeType(any_bool ? TypeId::Bool : TypeId::UInt8);
    return nullable ? makeNullable(type) : type;
}

FunctionSpec logicSpec(std::string name, Operation operation)
{
    return {
        .name = name, .arguments_min = 2, .arguments_max = FunctionSpec::any_number,
        .return_type = [name](const Arguments & arguments) { return logicResult(name, arguments); },
        .execute = [operation](const Arguments & arguments, const DataTypePtr & result_type, size_t rows) -> ColumnPtr
        {
            const bool any_null = result_type->isNullable();
            auto result = ColumnUInt8::create(rows);
            PodVector<uint8_t> next(rows);
            for (size_t i = 0; i < arguments.size(); ++i)
            {
                const Column & column = *arguments[i].column;
                /// A literal NULL has no values to read.
                const bool is_null = column.kind() == ColumnKind::Const && column.isNullAt(0);
                uint8_t * to = i == 0 ? result->data().data() : next.data();
                if (is_null)
                    std::fill_n(to, rows, uint8_t{Unknown});
                else
                    readTruth(column, to, rows);
                if (i)
                    combine(operation, result->data().data(), next.data(), rows, any_null);
            }
            if (!any_null)
                return result;
            auto nulls = ColumnUInt8::create(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                nulls->data()[i] = result->data()[i] == Unknown;
                result->data()[i] &= 1;
            }
            return ColumnNullable::create(result, nulls);
        },
        .null_gives_null = operation == Operation::Xor, .low_cardinality_result = false};
}

}

void registerLogic(FunctionRegistry & registry)
{
    addFunction(registry, logicSpec("and", Operation::And));
    addFunction(registry, logicSpec("or", Operation::Or));
    addFunction(registry, logicSpec("xor", Operation::Xor));
    addFunction(registry, {
        .name = "not", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments)
        {
            expectNumber("not", arguments, 0);
            return makeType(arguments[0].type->id() == TypeId::Bool ? TypeId::Bool : TypeId::UInt8);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            auto result = ColumnUInt8::create(rows);
            readTruth(*arguments[0].column, result->data().data(), rows);
            for (uint8_t & x : result->data())
                x ^= 1;
            return result;
        },
        .case_insensitive = true});
}

}
