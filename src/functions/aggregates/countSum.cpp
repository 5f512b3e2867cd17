// count, sum, sumWithOverflow, avg, groupBitAnd/Or/Xor: one or two numbers of state.

#include "functions/aggregates/AggregateBase.h"
#include "functions/aggregates/registerAggregates.h"

namespace mangrove
{

void expectArguments(const std::string & function, const DataTypes & arguments, size_t count)
{
    if (arguments.size() != count)
        throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH,
            "Incorrect number of arguments for aggregate function {}: passed {}, "
            "should be {}", function, arguments.size(), count);
}

void expectNoParameters(const std::string & function, const std::vector<Field> & parameters)
{
    if (!parameters.empty())
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Aggregate function {} cannot have parameters", function);
}

void throwIllegalAggregateArgument(const std::string & function, const DataType & type)
{
    throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "Illegal type {} of argument for aggregate function {}",
        type.name(), function);
}

size_t readStateSize(ReadBuffer & in)
{
    uint64_t size = in.readVarUInt();
    if (size > state_elements_max)
        throw Exception(ErrorCode::TOO_LARGE_ARRAY_SIZE, "An aggregate state of {} elements is too large", size);
    return size;
}

namespace
{

struct CountData
{
    uint64_t count = 0;
};

class AggregateCount final : public AggregateBase<CountData, AggregateCount>
{
public:
    using AggregateBase::AggregateBase;

    void addOne(CountData & data, AggregateArguments, size_t) const { ++data.count; }
    void addRange(AggregateState state, AggregateArguments, size_t begin,
        size_t end) const override { data(state).count += end - begin; }
    void mergeData(CountData & to, const CountData & from) const { to.count += from.count; }
    void write(const CountData & data, WriteBuffer & out) const { out.writeVarUInt(data.count); }
    void read(CountData & data, ReadBuffer & in) const { data.count = in.readVarUInt(); }
    void result(CountData & data, Column & to) const { appendNumber<uint64_t>(to, data.count); }
};

template <typename S>
struct SumData
{
    S sum{};
};

template <typename S, typename T>
S sumRange(const T * values, size_t count)
{
    /// Independent partial sums let floats be vectorised too.
    constexpr size_t lanes = 8;
    S partial[lanes]{};
    size_t i = 0;
    for (; i + lanes <= count; i += lanes)
        for (size_t lane = 0; lane < lanes; ++lane)
            partial[lane] = wrappingSum<S>(partial[lane], static_cast<S>(values[i + lane]));
    for (; i < count; ++i)
        partial[0] = wrappingSum<S>(partial[0], static_cast<S>(values[i]));
    S sum{};
    for (S x : partial)
        sum = wrappingSum<S>(sum, x);
    return sum;
}

template <typename T, typename S>
class AggregateSum final : public AggregateBase<SumData<S>, AggregateSum<T, S>>
{
public:
    using Base = AggregateBase<SumData<S>, AggregateSum<T, S>>;
    using Base::Base;
    using Data = SumData<S>;

    void addOne(Data & data, AggregateArguments arguments, size_t row) const
    {
        data.sum = wrappingSum<S>(data.sum, static_cast<S>(numberAt<T>(*arguments[0], row)));
    }
    void addRange(AggregateState state, AggregateArguments arguments, size_t begin, size_t end) const override
    {
        Data & data = Base::data(state);
        data.sum = wrappingSum<S>(data.sum, sumRange<S>(numbersOf<T>(*arguments[0]).data() + begin, end - begin));
    }
    void mergeData(Data & to, const Data & from) const { to.sum = wrappingSum<S>(to.sum, from.sum); }
    void write(const Data & data, WriteBuffer & out) const { out.writePod(data.sum); }
    void read(Data & data, ReadBuffer & in) const { data.sum = in.readPod<S>(); }
    void result(Data & data, Column & to) const { appendNumber<S>(to, data.sum); }
};

template <typename S>
struct AvgData
{
    S sum{};
    uint64_t count = 0;
};

template <typename T, typename S>
class AggregateAvg final : public AggregateBase<AvgData<S>, AggregateAvg<T, S>>
{
public:
    using Base = AggregateBase<AvgData<S>, AggregateAvg<T, S>>;
    using Base::Base;
    using Data = AvgData<S>;

    void addOne(Data & data, AggregateArguments arguments, size_t row) const
    {
        data.sum = wrappingSum<S>(data.sum, static_cast<S>(numberAt<T>(*arguments[0], row)));
        ++data.count;
    }
    void addRange(AggregateState state, AggregateArguments arguments, size_t begin, size_t end) const override
    {
        Data & data = Base::data(state);
        data.sum = wrappingSum<S>(data.sum, sumRange<S>(numbersOf<T>(*arguments[0]).data() + begin, end - begin));
        data.count += end - begin;
    }
    void mergeData(Data & to, const Data & from) const
    {
        to.sum = wrappingSum<S>(to.sum, from.sum);
        to.count += from.count;
    }
    void write(const Data & data, WriteBuffer & out) const
    {
        out.writePod(data.sum);
        out.writeVarUInt(data.count);
    }
    void read(Data & data, ReadBuffer & in) const
    {
        data.sum = in.readPod<S>();
        data.count = in.readVarUInt();
    }
    void result(Data & data, Column & to) const
    {
        appendNumber<double>(to, static_cast<double>(data.sum) / static_cast<double>(data.count));
    }
};

enum class BitOperation { And, Or, Xor };

template <typename T, BitOperation operation>
struct BitData
{
    T value = operation == BitOperation::And ? static_cast<T>(-1) : T{};
};

template <typename T, BitOperation operation>
class AggregateBits final : public AggregateBase<BitData<T, operation>, AggregateBits<T, operation>>
{
public:
    using Base = AggregateBase<BitData<T, operation>, AggregateBits<T, operation>>;
    using Base::Base;
    using Data = BitData<T, operation>;

    static void combine(T & to, T x)
    {
        if constexpr (operation == BitOperation::And)
            to &= x;
        else if constexpr (operation == BitOperation::Or)
            to |= x;
        else
            to ^= x;
    }
    void addOne(Data & data, AggregateArguments arguments,
        size_t row) const { combine(data.value, numberAt<T>(*arguments[0], row)); }
    void mergeData(Data & to, const Data & from) const { combine(to.value, from.value); }
    void write(const Data & data, WriteBuffer & out) const { out.writePod(data.value); }
    void read(Data & data, ReadBuffer & in) const { data.value = in.readPod<T>(); }
    void result(Data & data, Column & to) const { appendNumber<T>(to, data.value); }
};

ColumnKind numberKind(const std::string & name, const DataTypes & arguments)
{
    expectArguments(name, arguments, 1);
    if (!arguments[0]->isNumber())
        throwIllegalAggregateArgument(name, *arguments[0]);
    return arguments[0]->createColumn()->kind();
}

template <typename T>
using SumOf = std::conditional_t<std::is_floating_point_v<T>, double,
    std::conditional_t<sizeof(T) == 16, UInt128, std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>>>;

template <typename S>
DataTypePtr typeOfSum()
{
    return makeType(std::is_same_v<S, double> ? TypeId::Float64 : sizeof(S) == 16 ? TypeId::UInt128
            : std::is_signed_v<S>                                                 ? TypeId::Int64
                                                                                  : TypeId::UInt64);
}

template <BitOperation operation>
FunctionRegistry::AggregateMaker bitsMaker()
{
    return [](const std::string & name, const std::vector<Field> & parameters,
        const DataTypes & arguments) -> AggregateFunctionPtr
    {
        expectNoParameters(name, parameters);
        return visitNumberKind(numberKind(name, arguments),
            [&]<typename T>(std::type_identity<T>) -> AggregateFunctionPtr
        {
            if constexpr (std::is_floating_point_v<T>)
                throwIllegalAggregateArgument(name, *arguments[0]);
            else
                return std::make_shared<AggregateBits<T, operation>>(name, parameters, arguments, arguments[0]);
        });
    };
}

}

void registerCountAndSum(FunctionRegistry & registry)
{
    registry.addAggregate("count",
        [](const std::string & name, const std::vector<Field> & parameters, const DataTypes & arguments)
    {
        expectNoParameters(name, parameters);
        if (arguments.size() > 1)
            expectArguments(name, arguments, 1);
        return std::make_shared<AggregateCount>(name, parameters, arguments, makeType(TypeId::UInt64));
    }, true);
    registry.addAggregate("sum", [](const std::string & name, const std::vector<Field> & parameters,
        const DataTypes & arguments)
    {
        expectNoParameters(name, parameters);
        return visitNumberKind(numberKind(name, arguments),
            [&]<typename T>(std::type_identity<T>) -> AggregateFunctionPtr
        { return std::make_shared<AggregateSum<T, SumOf<T>>>(name, parameters, arguments, typeOfSum<SumOf<T>>()); });
    }, true);
    registry.addAggregate("sumWithOverflow",
        [](const std::string & name, const std::vector<Field> & parameters, const DataTypes & arguments)
    {
        expectNoParameters(name, parameters);
        return visitNumberKind(numberKind(name, arguments),
            [&]<typename T>(std::type_identity<T>) -> AggregateFunctionPtr
        { return std::make_shared<AggregateSum<T, T>>(name, parameters, arguments, arguments[0]); });
    });
    registry.addAggregate("avg", [](const std::string & name, const std::vector<Field> & parameters,
        const DataTypes & arguments)
    {
        expectNoParameters(name, parameters);
        return visitNumberKind(numberKind(name, arguments),
            [&]<typename T>(std::type_identity<T>) -> AggregateFunctionPtr
        { return std::make_shared<AggregateAvg<T,
            SumOf<T>>>(name, parameters, arguments, makeType(TypeId::Float64)); });
    }, true);
    registry.addAggregate("groupBitAnd", bitsMaker<BitOperation::And>());
    registry.addAggregate("groupBitOr", bitsMaker<BitOperation::Or>());
    registry.addAggregate("groupBitXor", bitsMaker<BitOperation::Xor>());
    registry.addAlias("BIT_AND", "groupBitAnd", true);
    registry.addAlias("BIT_OR", "groupBitOr", true);
    registry.addAlias("BIT_XOR", "groupBitXor", true);
}

}
