// varPop, varSamp, stddevPop, stddevSamp: from count, sum and sum of squares, as ClickHouse (the Stable variants use
// Welford's algorithm and are not here).

#include "functions/aggregates/AggregateBase.h"
#include "functions/aggregates/registerAggregates.h"

namespace mangrove
{

namespace
{

struct Moments
{
    double count = 0;
    double sum = 0;
    double squares = 0;
};

template <typename T>
class AggregateMoments final : public AggregateBase<Moments, AggregateMoments<T>>
{
public:
    using Base = AggregateBase<Moments, AggregateMoments<T>>;

    AggregateMoments(std::string name, std::vector<Field> parameters, DataTypes arguments, bool sample, bool root)
        : Base(std::move(name), std::move(parameters), std::move(arguments), makeType(TypeId::Float64)),
            sample_(sample), root_(root)
    {
    }

    void addOne(Moments & data, AggregateArguments arguments, size_t row) const
    {
        double x = static_cast<double>(numberAt<T>(*arguments[0], row));
        ++data.count;
        data.sum += x;
        data.squares += x * x;
    }
    void mergeData(Moments & to, const Moments & from) const
    {
        to.count += from.count;
        to.sum += from.sum;
        to.squares += from.squares;
    }
    void write(const Moments & data, WriteBuffer & out) const { out.writePod(data); }
    void read(Moments & data, ReadBuffer & in) const { data = in.readPod<Moments>(); }
    void result(Moments & data, Column & to) const
    {
        double divisor = data.count - sample_;
        double variance = std::numeric_limits<double>::quiet_NaN();
        if (divisor > 0)
            variance = std::max(0.0, (data.squares - data.sum * data.sum / data.count) / divisor);
        appendNumber<double>(to, root_ ? std::sqrt(variance) : variance);
    }

private:
    bool sample_;
    bool root_;
};

}

void registerMoments(FunctionRegistry & registry)
{
    auto add = [&](const char * registered_name, bool sample, bool root)
    {
        registry.addAggregate(registered_name,
            [=](const std::string & name, const std::vector<Field> & parameters, const DataTypes & arguments)
        {
            expectNoParameters(name, parameters);
            expectArguments(name, arguments, 1);
            if (!arguments[0]->isNumber())
                throwIllegalAggregateArgument(name, *arguments[0]);
            return visitNumberKind(arguments[0]->createColumn()->kind(),
                [&]<typename T>(std::type_identity<T>) -> AggregateFunctionPtr
            { return std::make_shared<AggregateMoments<T>>(name, parameters, arguments, sample, root); });
        });
    };
    add("varPop", false, false);
    add("varSamp", true, false);
    add("stddevPop", false, true);
    add("stddevSamp", true, true);
    registry.addAlias("VAR_POP", "varPop", true);
    registry.addAlias("VAR_SAMP", "varSamp", true);
    registry.addAlias("STD", "stddevPop", true);
    registry.addAlias("STDDEV", "stddevSamp", true);
    registry.addAlias("STDDEV_POP", "stddevPop", true);
    registry.addAlias("STDDEV_SAMP", "stddevSamp", true);
}

}
