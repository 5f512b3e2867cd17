// skewPop, skewSamp, kurtPop, kurtSamp: from the sums of the first four powers, as ClickHouse computes them. Of Float32
// the sums and the result are Float32.

#include "functions/aggregates/AggregateBase.h"
#include "functions/aggregates/registerStatistics.h"

namespace mangrove
{

namespace
{

template <typename F>
struct PowerSums
{
    F count = 0;
    F sums[4] = {};
};

template <typename T, typename F, int power>
class AggregateHigherMoment final : public AggregateBase<PowerSums<F>, AggregateHigherMoment<T, F, power>>
{
public:
    using Data = PowerSums<F>;
    using Base = AggregateBase<Data, AggregateHigherMoment>;

    AggregateHigherMoment(std::string name, std::vector<Field> parameters, DataTypes arguments, bool sample)
        : Base(std::move(name), std::move(parameters), std::move(arguments),
              makeType(sizeof(F) == 4 ? TypeId::Float32 : TypeId::Float64))
        , sample_(sample)
    {
    }

    void addOne(Data & data, AggregateArguments arguments, size_t row) const
    {
        const F x = static_cast<F>(numberAt<T>(*arguments[0], row));
        ++data.count;
        data.sums[0] += x;
        data.sums[1] += x * x;
        data.sums[2] += x * x * x;
        data.sums[3] += x * x * x * x;
    }
    void mergeData(Data & to, const Data & from) const
    {
        to.count += from.count;
        for (size_t i = 0; i < 4; ++i)
            to.sums[i] += from.sums[i];
    }
    void write(const Data & data, WriteBuffer & out) const { out.writePod(data); }
    void read(Data & data, ReadBuffer & in) const { data = in.readPod<Data>(); }
    void result(Data & data, Column & to) const
    {
        const F variance = varianceOf(data);
        F value = std::numeric_limits<F>::quiet_NaN();
        if (variance > 0)
            value = static_cast<F>(static_cast<double>(centralMoment(data))
                / std::pow(static_cast<double>(variance), power / 2.0));
        appendNumber<F>(to, value);
    }

private:
    F varianceOf(const Data & data) const
    {
        const F divisor = data.count - sample_;
        if (!(divisor > 0))
            return std::numeric_limits<F>::quiet_NaN();
        return std::max(F{}, (data.sums[1] - data.sums[0] * data.sums[0] / data.count) / divisor);
    }
    /// The mean of (x - mean)^power; of one value it is 0, not what rounding leaves of it.
    static F centralMoment(const Data & data)
    {
        const F n = data.count;
        if (n == 1)
            return 0;
        const auto & [s1, s2, s3, s4] = data.sums;
        if constexpr (power == 3)
            return (s3 - (3 * s2 - 2 * s1 * s1 / n) * s1 / n) / n;
        else
            return (s4 - (4 * s3 - (6 * s2 - 3 * s1 * s1 / n) * s1 / n) * s1 / n) / n;
    }

    bool sample_;
};

template <int power>
void addMoment(FunctionRegistry & registry, const char * registered_name, bool sample)
{
    registry.addAggregate(registered_name, [sample](const std::string & name, const std::vector<Field> & parameters,
        const DataTypes & arguments) -> AggregateFunctionPtr
    {
        expectNoParameters(name, parameters);
        expectArguments(name, arguments, 1);
        if (!arguments[0]->isNumber())
            throwIllegalAggregateArgument(name, *arguments[0]);
        return visitNumberKind(arguments[0]->createColumn()->kind(),
            [&]<typename T>(std::type_identity<T>) -> AggregateFunctionPtr
        {
            using F = std::conditional_t<std::is_same_v<T, float>, float, double>;
            return std::make_shared<AggregateHigherMoment<T, F, power>>(name, parameters, arguments, sample);
        });
    });
}

}

void registerHigherMoments(FunctionRegistry & registry)
{
    addMoment<3>(registry, "skewPop", false);
    addMoment<3>(registry, "skewSamp", true);
    addMoment<4>(registry, "kurtPop", false);
    addMoment<4>(registry, "kurtSamp", true);
}

}
