// sumCount(x): the tuple (sum, count). sumKahan(x): in Float64 with the rounding errors added up apart (Kahan; states are
// merged by Knuth's two-sum). avgWeighted(x, weight): in the widest type of the weight's kind, as ClickHouse: with whole
// weights the fractions of values do not count.

#include "columns/ColumnTuple.h"
#include "functions/aggregates/NumberReader.h"
#include "functions/aggregates/registerStatistics.h"

namespace mangrove
{

namespace
{

template <typename S>
struct SumAndCount
{
    S sum{};
    uint64_t count = 0;
};

template <typename T, typename S>
class AggregateSumCount final : public AggregateBase<SumAndCount<S>, AggregateSumCount<T, S>>
{
public:
    using Data = SumAndCount<S>;
    using Base = AggregateBase<Data, AggregateSumCount>;
    using Base::Base;

    void addOne(Data & data, AggregateArguments arguments, size_t row) const
    {
        data.sum = wrappingSum<S>(data.sum, static_cast<S>(numberAt<T>(*arguments[0], row)));
        ++data.count;
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
        auto & tuple = static_cast<ColumnTuple &>(to);
        appendNumber<S>(tuple.elementMutable(0), data.sum);
        appendNumber<uint64_t>(tuple.elementMutable(1), data.count);
    }

};

struct Compensated
{
    double sum = 0;
    double compensation = 0;
};

class AggregateSumKahan final : public AggregateBase<Compensated, AggregateSumKahan>
{
public:
    AggregateSumKahan(std::string name, DataTypes arguments)
        : AggregateBase(name, {}, arguments, makeType(TypeId::Float64)), value_(numberReader(name, *arguments[0]))
    {
    }

    void addOne(Compensated & data, AggregateArguments arguments, size_t row) const
    {
        const double compensated = value_(*arguments[0], row) - data.compensation;
        const double sum = data.sum + compensated;
        data.compensation = (sum - data.sum) - compensated;
        data.sum = sum;
    }
    void mergeData(Compensated & to, const Compensated & from) const
    {
        const double raw = to.sum + from.sum;
        const double from_compensated = raw - to.sum;
        const double compensations
            = ((from.sum - from_compensated) + (to.sum - (raw - from_compensated))) + to.compensation + from.compensation;
        to.sum = raw + compensations;
        to.compensation = compensations - (to.sum - raw);
    }
    void write(const Compensated & data, WriteBuffer & out) const { out.writePod(data); }
    void read(Compensated & data, ReadBuffer & in) const { data = in.readPod<Compensated>(); }
    void result(Compensated & data, Column & to) const { appendNumber<double>(to, data.sum); }

private:
    NumberReader value_;
};

template <typename W>
struct Weighted
{
    W sum{};
    W weights{};
};

template <typename W>
class AggregateAvgWeighted final : public AggregateBase<Weighted<W>, AggregateAvgWeighted<W>>
{
public:
    using Data = Weighted<W>;
    using Base = AggregateBase<Data, AggregateAvgWeighted>;

    AggregateAvgWeighted(std::string name, DataTypes arguments)
        : Base(name, {}, arguments, makeType(TypeId::Float64)), value_(readerOf(name, *arguments[0])), weight_(readerOf(name, *arguments[1]))
    {
    }

    void addOne(Data & data, AggregateArguments arguments, size_t row) const
    {
        const W weight = weight_(*arguments[1], row);
        data.sum = plus(data.sum, times(value_(*arguments[0], row), weight));
        data.weights = plus(data.weights, weight);
    }
    void mergeData(Data & to, const Data & from) const
    {
        to.sum = plus(to.sum, from.sum);
        to.weights = plus(to.weights, from.weights);
    }
    void write(const Data & data, WriteBuffer & out) const { out.writePod(data); }
    void read(Data & data, ReadBuffer & in) const { data = in.readPod<Data>(); }
    void result(Data & data, Column & to) const
    {
        appendNumber<double>(to, static_cast<double>(data.sum) / static_cast<double>(data.weights));
    }

private:
    using Reader = W (*)(const Column & column, size_t row);
    static Reader readerOf(const std::string & name, const DataType & type)
    {
        if (!type.isNumber())
            throwIllegalAggregateArgument(name, type);
        return visitNumberKind(type.createColumn()->kind(), []<typename T>(std::type_identity<T>) -> Reader
        { return [](const Column & column, size_t row) { return convertNumber<W>(numberAt<T>(column, row)); }; });
    }
    static W plus(W a, W b)
    {
        if constexpr (std::is_integral_v<W>)
            return static_cast<W>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
        else
            return a + b;
    }
    static W times(W a, W b)
    {
        if constexpr (std::is_integral_v<W>)
            return static_cast<W>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
        else
            return a * b;
    }

    Reader value_;
    Reader weight_;
};

AggregateFunctionPtr makeSumCount(const std::string & name, const std::vector<Field> & parameters, const DataTypes & arguments)
{
    expectNoParameters(name, parameters);
    expectArguments(name, arguments, 1);
    if (!arguments[0]->isNumber() || arguments[0]->id() == TypeId::UInt128)
        throwIllegalAggregateArgument(name, *arguments[0]);
    return visitNumberKind(arguments[0]->createColumn()->kind(), [&]<typename T>(std::type_identity<T>) -> AggregateFunctionPtr
    {
        using S = std::conditional_t<std::is_floating_point_v<T>, double, std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>>;
        DataTypePtr sum = makeType(std::is_same_v<S, double> ? TypeId::Float64 : std::is_signed_v<S> ? TypeId::Int64 : TypeId::UInt64);
        return std::make_shared<AggregateSumCount<T, S>>(name, parameters, arguments,
            std::make_shared<DataTypeTuple>(DataTypes{sum, makeType(TypeId::UInt64)}));
    });
}

}

void registerSums(FunctionRegistry & registry)
{
    registry.addAggregate("sumCount", makeSumCount);
    registry.addAggregate("sumKahan", [](const std::string & name, const std::vector<Field> & parameters, const DataTypes & arguments)
    {
        expectNoParameters(name, parameters);
        expectArguments(name, arguments, 1);
        return std::make_shared<AggregateSumKahan>(name, arguments);
    });
    registry.addAggregate("avgWeighted", [](const std::string & name, const std::vector<Field> & parameters,
        const DataTypes & arguments) -> AggregateFunctionPtr
    {
        expectNoParameters(name, parameters);
        expectArguments(name, arguments, 2);
        for (const DataTypePtr & argument : arguments)
            if (argument->id() == TypeId::UInt128)
                throwIllegalAggregateArgument(name, *argument);
        if (arguments[1]->isFloat())
            return std::make_shared<AggregateAvgWeighted<double>>(name, arguments);
        if (arguments[1]->isSigned())
            return std::make_shared<AggregateAvgWeighted<int64_t>>(name, arguments);
        return std::make_shared<AggregateAvgWeighted<uint64_t>>(name, arguments);
    });
}

}
