// varPopStable, varSampStable, stddevPopStable, stddevSampStable: by Welford's algorithm, which does not lose digits where the
// mean is large beside the deviation; merged after Chan, Golub and LeVeque.

#include "functions/aggregates/NumberReader.h"
#include "functions/aggregates/registerStatistics.h"

namespace mangrove
{

namespace
{

struct Welford
{
    uint64_t count = 0;
    double mean = 0;
    double squares = 0; /// of the distances to the mean
};

class AggregateStableMoment final : public AggregateBase<Welford, AggregateStableMoment>
{
public:
    AggregateStableMoment(std::string name, DataTypes arguments, bool sample, bool root)
        : AggregateBase(name, {}, arguments, makeType(TypeId::Float64))
        , value_(numberReader(name, *arguments[0])), sample_(sample), root_(root)
    {
    }

    void addOne(Welford & data, AggregateArguments arguments, size_t row) const
    {
        const double x = value_(*arguments[0], row);
        const double delta = x - data.mean;
        ++data.count;
        data.mean += delta / static_cast<double>(data.count);
        data.squares += delta * (x - data.mean);
    }
    void mergeData(Welford & to, const Welford & from) const
    {
        const auto n = static_cast<double>(to.count);
        const auto m = static_cast<double>(from.count);
        if (from.count == 0)
            return;
        const double delta = from.mean - to.mean;
        to.mean += delta * m / (n + m);
        to.squares += from.squares + delta * delta * n * m / (n + m);
        to.count += from.count;
    }
    void write(const Welford & data, WriteBuffer & out) const { out.writePod(data); }
    void read(Welford & data, ReadBuffer & in) const { data = in.readPod<Welford>(); }
    void result(Welford & data, Column & to) const
    {
        double variance = std::numeric_limits<double>::infinity(); /// as ClickHouse says of too few values
        if (data.count > (sample_ ? 1 : 0))
            variance = data.squares / static_cast<double>(data.count - sample_);
        appendNumber<double>(to, root_ ? std::sqrt(variance) : variance);
    }

private:
    NumberReader value_;
    bool sample_;
    bool root_;
};

void addStable(FunctionRegistry & registry, const char * registered_name, bool sample, bool root)
{
    registry.addAggregate(registered_name, [=](const std::string & name, const std::vector<Field> & parameters, const DataTypes & arguments)
    {
        expectNoParameters(name, parameters);
        expectArguments(name, arguments, 1);
        return std::make_shared<AggregateStableMoment>(name, arguments, sample, root);
    });
}

}

void registerStableMoments(FunctionRegistry & registry)
{
    addStable(registry, "varPopStable", false, false);
    addStable(registry, "varSampStable", true, false);
    addStable(registry, "stddevPopStable", false, true);
    addStable(registry, "stddevSampStable", true, true);
}

}
