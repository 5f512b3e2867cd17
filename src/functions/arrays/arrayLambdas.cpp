// arrayMap, arrayFilter, arrayExists, arrayAll, arrayCount, arrayFirst, arrayFirstIndex, arrayLast, arrayLastIndex.

#include "columns/ColumnNullable.h"
#include "functions/arrays/ArrayArguments.h"
#include "functions/arrays/registerArrays.h"
#include "functions/scalar/selectRows.h"

namespace mangrove
{

namespace
{

/// One byte per element: is the lambda (or the element itself) true?
PodVector<uint8_t> conditions(const ArrayCall & call)
{
    PodVector<uint8_t> result(call.values->size());
    readCondition(*call.values, result.size(), result.data());
    return result;
}

void checkCondition(const char * name, const Arguments & arguments)
{
    DataTypePtr type = removeNullable(arrayCallType(name, arguments));
    if (!type->isNumber() && !(type->id() == TypeId::Nothing && hasLambda(arguments)))
        throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "Condition of function {} must be UInt8, not {}", name,
            type->name());
}

/// f(conditions, begin, end) → R per row.
template <typename R, typename F>
void addFold(FunctionRegistry & registry, const char * name, TypeId type, F f)
{
    addFunction(registry, {
        .name = name, .arguments_min = 1, .arguments_max = FunctionSpec::any_number,
        .return_type = [=](const Arguments & arguments)
        {
            checkCondition(name, arguments);
            return makeType(type);
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            ArrayCall call(name, arguments);
            PodVector<uint8_t> flags = conditions(call);
            auto result = ColumnVector<R>::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = f(flags.data(), call.array().beginOf(i), call.array().endOf(i));
            return result;
        },
        .higher_order = true});
}

size_t firstTrue(const uint8_t * flags, size_t begin, size_t end)
{
    for (size_t k = begin; k < end; ++k)
        if (flags[k])
            return k - begin + 1;
    return 0;
}

size_t lastTrue(const uint8_t * flags, size_t begin, size_t end)
{
    for (size_t k = end; k-- > begin;)
        if (flags[k])
            return k - begin + 1;
    return 0;
}

void addPick(FunctionRegistry & registry, const char * name, size_t (*position)(const uint8_t *, size_t, size_t),
    bool or_null)
{
    addFunction(registry, {
        .name = name, .arguments_min = 2, .arguments_max = FunctionSpec::any_number,
        .return_type = [=](const Arguments & arguments)
        {
            checkCondition(name, arguments);
            DataTypePtr type = expectArray(name, arguments, 1).element();
            return or_null ? makeNullable(type) : type;
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            ArrayCall call(name, arguments);
            PodVector<uint8_t> flags = conditions(call);
            MutableColumnPtr result = type->createColumn();
            const bool wraps = or_null && result->kind() == ColumnKind::Nullable
                && call.array().data().kind() != ColumnKind::Nullable;
            for (size_t i = 0; i < rows; ++i)
            {
                size_t begin = call.array().beginOf(i);
                size_t found = position(flags.data(), begin, call.array().endOf(i));
                if (!found)
                    result->insertDefault();
                else if (wraps)
                {
                    auto & nullable = static_cast<ColumnNullable &>(*result);
                    nullable.nestedMutable().insertFrom(call.array().data(), begin + found - 1);
                    nullable.nullMapMutable().push_back(0);
                }
                else
                    result->insertFrom(call.array().data(), begin + found - 1);
            }
            return result;
        },
        .higher_order = true});
}

}

void registerArrayLambdas(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "arrayMap", .arguments_min = 2, .arguments_max = FunctionSpec::any_number,
        .return_type = [](const Arguments & arguments) -> DataTypePtr
        {
            if (!hasLambda(arguments))
                throwIllegalType("arrayMap", *arguments[0].type, 0);
            arrayCallType("arrayMap", arguments);
            return std::make_shared<DataTypeArray>(removeLowCardinality(typeAs<DataTypeLambda>(*arguments[0].type).result()));
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t) -> ColumnPtr
        {
            ArrayCall call("arrayMap", arguments);
            return ColumnArray::create(call.values, call.array().offsetsPtr());
        },
        .higher_order = true});
    addFunction(registry, {
        .name = "arrayFilter", .arguments_min = 2, .arguments_max = FunctionSpec::any_number,
        .return_type = [](const Arguments & arguments)
        {
            if (!hasLambda(arguments))
                throwIllegalType("arrayFilter", *arguments[0].type, 0);
            checkCondition("arrayFilter", arguments);
            return arguments[1].type;
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            ArrayCall call("arrayFilter", arguments);
            PodVector<uint8_t> flags = conditions(call);
            auto offsets = ColumnUInt64::create(rows);
            size_t kept = 0;
            for (size_t i = 0; i < rows; ++i)
            {
                for (size_t k = call.array().beginOf(i); k < call.array().endOf(i); ++k)
                    kept += flags[k];
                offsets->data()[i] = kept;
            }
            return ColumnArray::create(call.array().data().filter(flags, kept), offsets);
        },
        .higher_order = true});
    addFold<uint8_t>(registry, "arrayExists", TypeId::UInt8,
        [](const uint8_t * flags, size_t begin, size_t end) { return firstTrue(flags, begin, end) != 0; });
    addFold<uint8_t>(registry, "arrayAll", TypeId::UInt8, [](const uint8_t * flags, size_t begin, size_t end)
    {
        for (size_t k = begin; k < end; ++k)
            if (!flags[k])
                return 0;
        return 1;
    });
    addFold<uint32_t>(registry, "arrayCount", TypeId::UInt32, [](const uint8_t * flags, size_t begin, size_t end)
    {
        uint32_t count = 0;
        for (size_t k = begin; k < end; ++k)
            count += flags[k];
        return count;
    });
    addFold<uint32_t>(registry, "arrayFirstIndex", TypeId::UInt32, firstTrue);
    addFold<uint32_t>(registry, "arrayLastIndex", TypeId::UInt32, lastTrue);
    addPick(registry, "arrayFirst", firstTrue, false);
    addPick(registry, "arrayLast", lastTrue, false);
    addPick(registry, "arrayFirstOrNull", firstTrue, true);
    addPick(registry, "arrayLastOrNull", lastTrue, true);
}

}
