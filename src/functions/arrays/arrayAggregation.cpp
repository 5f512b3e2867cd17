// arraySum, arrayAvg, arrayMin, arrayMax, arrayProduct, arrayCumSum, arrayDifference, with or without a lambda;
// arrayReduce('aggregate', …); finalizeAggregation, which is an aggregate over one state.

#include "functions/arrays/ArrayArguments.h"
#include "functions/arrays/registerArrays.h"
#include "functions/callFunction.h"

namespace mangrove
{

namespace
{

DataTypePtr numbersType(const char * name, const Arguments & arguments)
{
    DataTypePtr type = arrayCallType(name, arguments);
    if (!type->isNumber())
        throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT,
            "array aggregation function {} cannot be performed on type {}", name, type->name());
    return type;
}

DataTypePtr sumType(const DataType & type)
{
    return makeType(type.isFloat() ? TypeId::Float64 : type.isSigned() ? TypeId::Int64 : TypeId::UInt64);
}

/// f(values, begin, end) → S, computed in the sum type of the values.
template <typename F>
ColumnPtr foldNumbers(const ArrayCall & call, const DataType & sum_type, size_t rows, F f)
{
    return visitNumberKind(sum_type.createColumn()->kind(), [&]<typename S>(std::type_identity<S>) -> ColumnPtr
    {
        NumberArgument<S> values(*call.values);
        auto result = ColumnVector<S>::create(rows);
        for (size_t i = 0; i < rows; ++i)
            result->data()[i] = f(values.data() + call.array().beginOf(i),
                call.array().endOf(i) - call.array().beginOf(i));
        return result;
    });
}

constexpr auto sum = []<typename S>(const S * values, size_t count)
{
    S total{};
    for (size_t k = 0; k < count; ++k)
    {
        if constexpr (std::is_integral_v<S> && sizeof(S) <= 8)
            total = static_cast<S>(static_cast<uint64_t>(total) + static_cast<uint64_t>(values[k]));
        else
            total += values[k];
    }
    return total;
};

template <typename F>
void addDoubles(FunctionRegistry & registry, const char * name, F f)
{
    addFunction(registry, {
        .name = name, .arguments_min = 1, .arguments_max = FunctionSpec::any_number,
        .return_type = [=](const Arguments & arguments)
        {
            numbersType(name, arguments);
            return makeType(TypeId::Float64);
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr & type, size_t rows)
        {
            ArrayCall call(name, arguments);
            return foldNumbers(call, *type, rows, [f](const auto * values, size_t count) { return f(values, count); });
        },
        .higher_order = true});
}

void addExtreme(FunctionRegistry & registry, const char * name, int sign)
{
    addFunction(registry, {
        .name = name, .arguments_min = 1, .arguments_max = FunctionSpec::any_number,
        .return_type = [=](const Arguments & arguments)
        {
            DataTypePtr type = arrayCallType(name, arguments);
            if (type->id() == TypeId::Nothing)
                throwIllegalType(name, *type, 0);
            return type;
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            ArrayCall call(name, arguments);
            MutableColumnPtr result = type->createColumn();
            const Column & values = *call.values;
            for (size_t i = 0; i < rows; ++i)
            {
                size_t best = call.array().endOf(i);
                for (size_t k = call.array().beginOf(i); k < call.array().endOf(i); ++k)
                    if (!values.isNullAt(k) && (best == call.array().endOf(i)
                        || sign * values.compareAt(k, best, values, sign) < 0))
                        best = k;
                if (best == call.array().endOf(i))
                    result->insertDefault();
                else
                    result->insertFrom(values, best);
            }
            return result;
        },
        .higher_order = true});
}

void addCumulative(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "arrayCumSum", .arguments_min = 1, .arguments_max = FunctionSpec::any_number,
        .return_type = [](const Arguments & arguments) -> DataTypePtr
        { return std::make_shared<DataTypeArray>(sumType(*numbersType("arrayCumSum", arguments))); },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            ArrayCall call("arrayCumSum", arguments);
            ColumnPtr sums = visitNumberKind(typeAs<DataTypeArray>(*type).element()->createColumn()->kind(),
                [&]<typename S>(std::type_identity<S>) -> ColumnPtr
            {
                NumberArgument<S> values(*call.values);
                auto result = ColumnVector<S>::create(call.values->size());
                for (size_t i = 0; i < rows; ++i)
                {
                    S total{};
                    for (size_t k = call.array().beginOf(i); k < call.array().endOf(i); ++k)
                    {
                        S both[2] = {total, values[k]};
                        result->data()[k] = total = sum(both, 2);
                    }
                }
                return result;
            });
            return ColumnArray::create(sums, call.array().offsetsPtr());
        },
        .higher_order = true});
    addFunction(registry, {
        .name = "arrayDifference", .arguments_min = 1, .arguments_max = FunctionSpec::any_number,
        .return_type = [](const Arguments & arguments) -> DataTypePtr
        {
            DataTypePtr type = numbersType("arrayDifference", arguments);
            TypeId id = type->isFloat() ? TypeId::Float64
                : type->id() == TypeId::UInt8 || type->id() == TypeId::Int8 || type->id() == TypeId::Bool
                    ? TypeId::Int16
                : type->id() == TypeId::UInt16 || type->id() == TypeId::Int16 ? TypeId::Int32
                                                                              : TypeId::Int64;
            return std::make_shared<DataTypeArray>(makeType(id));
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            ArrayCall call("arrayDifference", arguments);
            ColumnPtr differences = visitNumberKind(typeAs<DataTypeArray>(*type).element()->createColumn()->kind(),
                [&]<typename S>(std::type_identity<S>) -> ColumnPtr
            {
                NumberArgument<S> values(*call.values);
                auto result = ColumnVector<S>::create(call.values->size());
                for (size_t i = 0; i < rows; ++i)
                {
                    for (size_t k = call.array().beginOf(i); k < call.array().endOf(i); ++k)
                    {
                        if (k == call.array().beginOf(i))
                            result->data()[k] = S{};
                        else if constexpr (std::is_integral_v<S> && sizeof(S) <= 8)
                            result->data()[k] = static_cast<S>(static_cast<uint64_t>(values[k]) - static_cast<uint64_t>(values[k - 1]));
                        else
                            result->data()[k] = values[k] - values[k - 1];
                    }
                }
                return result;
            });
            return ColumnArray::create(differences, call.array().offsetsPtr());
        },
        .higher_order = true});
}

/// "quantile(0.9)" → name and parameters, which are numbers.
AggregateFunctionPtr aggregateOf(const Arguments & arguments)
{
    std::string text = constantString("arrayReduce", arguments, 0);
    std::vector<Field> parameters;
    std::string name = text;
    if (size_t open = text.find('('); open != std::string::npos && text.back() == ')')
    {
        name = text.substr(0, open);
        std::string list = text.substr(open + 1, text.size() - open - 2);
        for (size_t begin = 0; begin < list.size();)
        {
            size_t end = std::min(list.find(',', begin), list.size());
            std::string number = list.substr(begin, end - begin);
            number.erase(0, number.find_first_not_of(' '));
            auto parse = [&](TypeId id) { return castField(Field(number), makeType(TypeId::String), makeType(id)); };
            parameters.push_back(parse(number.find_first_of(".eE") == std::string::npos ? TypeId::UInt64
                : TypeId::Float64));
            begin = end + 1;
        }
    }
    DataTypes types;
    for (size_t i = 1; i < arguments.size(); ++i)
        types.push_back(expectArray("arrayReduce", arguments, i).element());
    return FunctionRegistry::instance().getAggregate(name, parameters, types);
}

/// Row i of the result aggregates rows begin(i) to end(i) of the columns.
template <typename Begin, typename End>
ColumnPtr aggregateRanges(const AggregateFunction & function, const std::vector<const Column *> & columns, const DataType & type, size_t rows, Begin begin, End end)
{
    MutableColumnPtr result = type.createColumn();
    const std::align_val_t alignment{function.stateAlignment()};
    std::unique_ptr<char, std::function<void(char *)>> state(
        static_cast<char *>(::operator new(std::max<size_t>(1, function.stateBytes()), alignment)),
        [alignment](char * memory) { ::operator delete(memory, alignment); });
    for (size_t i = 0; i < rows; ++i)
    {
        function.create(state.get());
        std::unique_ptr<char, std::function<void(char *)>> guard(state.get(),
            [&](char * created) { function.destroy(created); });
        function.addRange(state.get(), columns, begin(i), end(i));
        function.insertResult(state.get(), *result);
    }
    return result;
}

ColumnPtr arrayReduce(const Arguments & arguments, const DataTypePtr & type, size_t rows)
{
    AggregateFunctionPtr function = aggregateOf(arguments);
    Columns arrays;
    Columns elements;
    std::vector<const Column *> columns;
    for (size_t i = 1; i < arguments.size(); ++i)
    {
        arrays.push_back(arguments[i].column->materialize());
        elements.push_back(static_cast<const ColumnArray &>(*arrays.back()).data().materialize());
        columns.push_back(elements.back().get());
    }
    checkEqualSizes("arrayReduce", arrays);
    auto & array = static_cast<const ColumnArray &>(*arrays[0]);
    return aggregateRanges(*function, columns, *type, rows,
        [&](size_t i) { return array.beginOf(i); }, [&](size_t i) { return array.endOf(i); });
}

/// What turns one state into its result: -Merge of it alone.
AggregateFunctionPtr mergeOf(const Arguments & arguments)
{
    if (arguments[0].type->id() != TypeId::AggregateFunction)
        throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "Illegal type {} of argument of function finalizeAggregation: it must be a state",
            arguments[0].type->name());
    auto & state = typeAs<DataTypeAggregateFunction>(*arguments[0].type);
    return FunctionRegistry::instance().getAggregate(state.function() + "Merge", state.parameters(), {arguments[0].type});
}

}

void registerArrayAggregation(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "arraySum", .arguments_min = 1, .arguments_max = FunctionSpec::any_number,
        .return_type = [](const Arguments & arguments) { return sumType(*numbersType("arraySum", arguments)); },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows)
        { return foldNumbers(ArrayCall("arraySum", arguments), *type, rows, sum); },
        .higher_order = true});
    addDoubles(registry, "arrayAvg",
        [](const auto * values, size_t count) { return count ? sum(values, count) / static_cast<double>(count) : 0.0; });
    addDoubles(registry, "arrayProduct", [](const auto * values, size_t count)
    {
        double product = count ? 1 : 0; /// of nothing: 0, as in ClickHouse
        for (size_t k = 0; k < count; ++k)
            product *= static_cast<double>(values[k]);
        return product;
    });
    addExtreme(registry, "arrayMin", 1);
    addExtreme(registry, "arrayMax", -1);
    addCumulative(registry);
    addFunction(registry, {
        .name = "arrayReduce", .arguments_min = 2, .arguments_max = FunctionSpec::any_number,
        .return_type = [](const Arguments & arguments) { return aggregateOf(arguments)->returnType(); },
        .execute = arrayReduce, .constants = {0}});
    addFunction(registry, {
        .name = "finalizeAggregation", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments) { return mergeOf(arguments)->returnType(); },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows)
        {
            ColumnPtr states = arguments[0].column->materialize();
            return aggregateRanges(*mergeOf(arguments), {states.get()}, *type, rows,
                [](size_t i) { return i; }, [](size_t i) { return i + 1; });
        },
        .null_gives_null = false});
}

}
