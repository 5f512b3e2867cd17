// groupArrayMovingSum[(window)](x), groupArrayMovingAvg: for each row the sum over the rows up to it, or over the last
// `window` of them, and that divided by the window (without one: by the number of rows).

#include "columns/ColumnArray.h"
#include "functions/aggregates/AggregateBase.h"
#include "functions/aggregates/registerCollections.h"

namespace mangrove
{

namespace
{

template <typename S>
struct RunningSums
{
    std::vector<S> sums;
};

/// S is the type of the sums and of the result.
template <typename T, typename S, bool average>
class AggregateMoving final : public AggregateBase<RunningSums<S>, AggregateMoving<T, S, average>>
{
public:
    using Data = RunningSums<S>;
    using Base = AggregateBase<Data, AggregateMoving>;

    AggregateMoving(std::string name, std::vector<Field> parameters, DataTypes arguments, DataTypePtr element, uint64_t window)
        : Base(std::move(name), std::move(parameters), std::move(arguments), std::make_shared<DataTypeArray>(std::move(element)))
        , window_(window)
    {
    }

    void addOne(Data & data, AggregateArguments arguments, size_t row) const
    {
        append(data, wrappingSum<S>(last(data), static_cast<S>(numberAt<T>(*arguments[0], row))));
    }
    void mergeData(Data & to, const Data & from) const
    {
        const S before = last(to);
        for (S sum : from.sums)
            append(to, wrappingSum<S>(before, sum));
    }
    void write(const Data & data, WriteBuffer & out) const
    {
        out.writeVarUInt(data.sums.size());
        for (S sum : data.sums)
            out.writePod(sum);
    }
    void read(Data & data, ReadBuffer & in) const
    {
        data = Data{};
        size_t size = readStateSize(in);
        for (size_t i = 0; i < size; ++i)
            append(data, in.readPod<S>());
    }
    void result(Data & data, Column & to) const
    {
        auto & array = static_cast<ColumnArray &>(to);
        const uint64_t window = window_ ? window_ : data.sums.size();
        for (size_t i = 0; i < data.sums.size(); ++i)
        {
            S sum = i < window ? data.sums[i] : wrappingDifference<S>(data.sums[i], data.sums[i - window]);
            if constexpr (average)
                sum /= static_cast<S>(window);
            appendNumber<S>(array.dataMutable(), sum);
        }
        array.offsetsMutable().push_back(array.data().size());
    }

private:
    static S last(const Data & data) { return data.sums.empty() ? S{} : data.sums.back(); }
    static void append(Data & data, S sum)
    {
        if (data.sums.size() >= state_elements_max)
            throw Exception(ErrorCode::TOO_LARGE_ARRAY_SIZE, "Too many rows for a moving sum, maximum is {}", state_elements_max);
        data.sums.push_back(sum);
    }

    uint64_t window_; /// 0 = all rows
};

template <bool average>
void addMoving(FunctionRegistry & registry, const char * registered_name)
{
    registry.addAggregate(registered_name, [](const std::string & name, const std::vector<Field> & parameters,
        const DataTypes & arguments) -> AggregateFunctionPtr
    {
        expectArguments(name, arguments, 1);
        if (parameters.size() > 1)
            throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH,
                "Incorrect number of parameters for aggregate function {}, should be 0 or 1", name);
        if (!parameters.empty() && (!parameters[0].is<uint64_t>() || parameters[0].get<uint64_t>() == 0))
            throw Exception(ErrorCode::BAD_ARGUMENTS, "Parameter for aggregate function {} should be positive integer", name);
        if (!arguments[0]->isNumber() || arguments[0]->id() == TypeId::UInt128)
            throwIllegalAggregateArgument(name, *arguments[0]);
        const uint64_t window = parameters.empty() ? 0 : parameters[0].get<uint64_t>();
        return visitNumberKind(arguments[0]->createColumn()->kind(),
            [&]<typename T>(std::type_identity<T>) -> AggregateFunctionPtr
        {
            using Sum = std::conditional_t<std::is_floating_point_v<T>, double,
                std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>>;
            using S = std::conditional_t<average, double, Sum>;
            DataTypePtr element = makeType(std::is_same_v<S, double> ? TypeId::Float64 : std::is_signed_v<S> ? TypeId::Int64 : TypeId::UInt64);
            return std::make_shared<AggregateMoving<T, S, average>>(name, parameters, arguments, element, window);
        });
    });
}

}

void registerGroupArrayMoving(FunctionRegistry & registry)
{
    addMoving<false>(registry, "groupArrayMovingSum");
    addMoving<true>(registry, "groupArrayMovingAvg");
}

}
