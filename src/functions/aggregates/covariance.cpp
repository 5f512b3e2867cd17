// covarPop, covarSamp, corr, simpleLinearRegression: from the sums of two numbers, their squares and their product, as
// ClickHouse computes them.

#include "columns/ColumnTuple.h"
#include "functions/aggregates/NumberReader.h"
#include "functions/aggregates/registerStatistics.h"

namespace mangrove
{

namespace
{

/// F is Float32 if both arguments are, as in ClickHouse.
template <typename F>
struct PairSums
{
    F count = 0;
    F x = 0;
    F y = 0;
    F xy = 0;
    F xx = 0;
    F yy = 0;
};

enum class PairStatistic : uint8_t { CovarPop, CovarSamp, Corr, Regression };

template <typename F>
class AggregatePairs final : public AggregateBase<PairSums<F>, AggregatePairs<F>>
{
public:
    using Data = PairSums<F>;
    using Base = AggregateBase<Data, AggregatePairs>;

    AggregatePairs(std::string name, DataTypes arguments, PairStatistic statistic)
        : Base(name, {}, arguments, resultType(statistic))
        , statistic_(statistic), read_x_(numberReader(name, *arguments[0])), read_y_(numberReader(name, *arguments[1]))
    {
    }

    void addOne(Data & data, AggregateArguments arguments, size_t row) const
    {
        const F x = static_cast<F>(read_x_(*arguments[0], row));
        const F y = static_cast<F>(read_y_(*arguments[1], row));
        ++data.count;
        data.x += x;
        data.y += y;
        data.xy += x * y;
        data.xx += x * x;
        data.yy += y * y;
    }
    void mergeData(Data & to, const Data & from) const
    {
        to.count += from.count;
        to.x += from.x;
        to.y += from.y;
        to.xy += from.xy;
        to.xx += from.xx;
        to.yy += from.yy;
    }
    void write(const Data & data, WriteBuffer & out) const { out.writePod(data); }
    void read(Data & data, ReadBuffer & in) const { data = in.readPod<Data>(); }
    void result(Data & data, Column & to) const
    {
        const F n = data.count;
        switch (statistic_)
        {
            case PairStatistic::CovarPop: return appendNumber<F>(to, (data.xy - data.x * data.y / n) / n);
            case PairStatistic::CovarSamp:
                return appendNumber<F>(to, n == 0 ? std::numeric_limits<F>::quiet_NaN()
                    : (data.xy - data.x * data.y / n) / (n - 1));
            case PairStatistic::Corr:
                return appendNumber<F>(to, (n * data.xy - data.x * data.y)
                    / std::sqrt((n * data.xx - data.x * data.x) * (n * data.yy - data.y * data.y)));
            case PairStatistic::Regression: return appendLine(data, to);
        }
    }

private:
    static DataTypePtr resultType(PairStatistic statistic)
    {
        DataTypePtr number = makeType(sizeof(F) == 4 ? TypeId::Float32 : TypeId::Float64);
        if (statistic != PairStatistic::Regression)
            return number;
        return std::make_shared<DataTypeTuple>(DataTypes{number, number}, std::vector<std::string>{"k", "b"});
    }
    /// y = k * x + b by least squares.
    static void appendLine(const Data & data, Column & to)
    {
        const F divisor = data.xx * data.count - data.x * data.x;
        const F nan = std::numeric_limits<F>::quiet_NaN();
        const F k = divisor == 0 || data.count == 0 ? nan : (data.xy * data.count - data.x * data.y) / divisor;
        const F b = data.count == 0 ? nan : (data.y - k * data.x) / data.count;
        auto & tuple = static_cast<ColumnTuple &>(to);
        appendNumber<F>(tuple.elementMutable(0), k);
        appendNumber<F>(tuple.elementMutable(1), b);
    }

    PairStatistic statistic_;
    NumberReader read_x_;
    NumberReader read_y_;
};

void addPairs(FunctionRegistry & registry, const char * registered_name, PairStatistic statistic)
{
    registry.addAggregate(registered_name, [statistic](const std::string & name, const std::vector<Field> & parameters,
        const DataTypes & arguments) -> AggregateFunctionPtr
    {
        expectNoParameters(name, parameters);
        expectArguments(name, arguments, 2);
        const bool single = arguments[0]->id() == TypeId::Float32 && arguments[1]->id() == TypeId::Float32;
        if (single && statistic != PairStatistic::Regression)
            return std::make_shared<AggregatePairs<float>>(name, arguments, statistic);
        return std::make_shared<AggregatePairs<double>>(name, arguments, statistic);
    }, statistic == PairStatistic::Corr);
}

}

void registerCovariance(FunctionRegistry & registry)
{
    addPairs(registry, "covarPop", PairStatistic::CovarPop);
    addPairs(registry, "covarSamp", PairStatistic::CovarSamp);
    addPairs(registry, "corr", PairStatistic::Corr);
    registry.addAlias("COVAR_POP", "covarPop", true);
    registry.addAlias("COVAR_SAMP", "covarSamp", true);
    addPairs(registry, "simpleLinearRegression", PairStatistic::Regression);
}

}
