// The exact quantiles: quantileExact and its Low, High, Exclusive, Inclusive, Weighted and InterpolatedWeighted variants.

#include "functions/aggregates/AggregateQuantile.h"
#include "functions/aggregates/registerAggregates.h"

#include <algorithm>

namespace mangrove
{

namespace
{

template <typename T>
struct AllValues
{
    std::vector<T> values;

    void add(T x)
    {
        if (x == x)
            values.push_back(x);
    }
    void merge(const AllValues & other) { values.insert(values.end(), other.values.begin(), other.values.end()); }
    T nth(size_t n)
    {
        std::nth_element(values.begin(), values.begin() + n, values.end());
        return values[n];
    }
    void write(WriteBuffer & out) const
    {
        out.writeVarUInt(values.size());
        out.write(values.data(), values.size() * sizeof(T));
    }
    void read(ReadBuffer & in)
    {
        values.clear();
        size_t size = readStateSize(in);
        for (size_t i = 0; i < size; ++i)
            values.push_back(in.readPod<T>());
    }
};

enum class Median { Upper, Low };

/// The value at level · size. Low: of an even number of values the median is the lower of the two in the middle.
template <typename T, Median median>
struct ExactValues : AllValues<T>
{
    T quantile(double level)
    {
        size_t size = this->values.size();
        if (!size)
            return emptyQuantile<T>();
        size_t n = level < 1 ? static_cast<size_t>(level * static_cast<double>(size)) : size - 1;
        if (median == Median::Low && level == 0.5 && size % 2 == 0)
            --n;
        return this->nth(n);
    }
};

/// Between two values by distance: of size + 1 (Exclusive: PERCENTILE.EXC) or size - 1 (Inclusive: PERCENTILE.INC) steps.
template <typename T, bool inclusive>
struct InterpolatedValues : AllValues<T>
{
    double quantile(double level)
    {
        size_t size = this->values.size();
        if (!size)
            return emptyQuantile<double>();
        double place = inclusive ? level * static_cast<double>(size - 1) + 1 : level * static_cast<double>(size + 1);
        if (!inclusive && (level == 0 || level == 1))
            throw Exception(ErrorCode::BAD_ARGUMENTS, "QuantileExactExclusive cannot interpolate for the percentiles 1 and 0");
        auto n = static_cast<size_t>(place);
        if (n < 1)
            return static_cast<double>(this->nth(0));
        if (n >= size)
            return static_cast<double>(this->nth(size - 1));
        auto lower = static_cast<double>(this->nth(n - 1));
        auto upper = static_cast<double>(*std::min_element(this->values.begin() + n, this->values.end()));
        return lower + (place - static_cast<double>(n)) * (upper - lower);
    }
};

/// Values with the sum of their weights: pairs in any order, joined when they are many and when asked.
template <typename T>
struct WeightedValues
{
    std::vector<std::pair<T, uint64_t>> values;
    size_t joined = 0;    /// so many pairs were left by the last join

    void add(T x, uint64_t weight)
    {
        if (x != x)
            return;
        values.emplace_back(x, weight);
        if (values.size() >= 2 * joined + 1024)
            join();
    }
    void merge(const WeightedValues & other)
    {
        values.insert(values.end(), other.values.begin(), other.values.end());
        if (values.size() >= 2 * joined + 1024)
            join();
    }
    void join()
    {
        std::sort(values.begin(), values.end(), [](const auto & a, const auto & b) { return a.first < b.first; });
        size_t kept = 0;
        for (size_t i = 0; i < values.size(); ++i)
        {
            if (kept && values[kept - 1].first == values[i].first)
                values[kept - 1].second += values[i].second;
            else
                values[kept++] = values[i];
        }
        values.resize(kept);
        joined = kept;
    }
    double total() const
    {
        double sum = 0;
        for (const auto & [value, weight] : values)
            sum += static_cast<double>(weight);
        return sum;
    }
    void write(WriteBuffer & out) const
    {
        out.writeVarUInt(values.size());
        for (const auto & [value, weight] : values)
        {
            out.writePod(value);
            out.writeVarUInt(weight);
        }
    }
    void read(ReadBuffer & in)
    {
        values.clear();
        joined = 0;
        size_t size = readStateSize(in);
        for (size_t i = 0; i < size; ++i)
        {
            T value = in.readPod<T>();
            values.emplace_back(value, in.readVarUInt());
        }
    }
};

template <typename T>
struct ExactWeighted : WeightedValues<T>
{
    T quantile(double level)
    {
        this->join();
        if (this->values.empty())
            return emptyQuantile<T>();
        double threshold = std::ceil(this->total() * level), accumulated = 0;
        for (const auto & [value, weight] : this->values)
        {
            accumulated += static_cast<double>(weight);
            if (accumulated >= threshold)
                return value;
        }
        return this->values.back().first;
    }
};

/// Linear between the centres of the weights: https://en.wikipedia.org/wiki/Percentile#The_weighted_percentile_method
template <typename T>
struct InterpolatedWeighted : WeightedValues<T>
{
    T quantile(double level)
    {
        this->join();
        const auto & values = this->values;
        if (values.empty())
            return emptyQuantile<T>();
        double total = this->total(), accumulated = 0, left = 0;
        for (size_t i = 0; i < values.size(); ++i)
        {
            auto weight = static_cast<double>(values[i].second);
            accumulated += weight;
            double centre = total > 0 ? (accumulated - 0.5 * weight) / total : 0;
            if (level <= centre)
            {
                if (i == 0)
                    return values[0].first;
                auto low = static_cast<double>(values[i - 1].first), high = static_cast<double>(values[i].first);
                double share = centre > left ? (level - left) / (centre - left) : 0;
                return convertNumber<T>(low + share * (high - low));
            }
            left = centre;
        }
        return values.back().first;
    }
};

/// State over the argument's type; Result is that of the result, the argument's own if void.
template <template <typename> typename State, typename Result, bool weighted>
void addExact(FunctionRegistry & registry, const std::string & suffix)
{
    auto maker = [](bool plural)
    {
        return [plural](const std::string & name, const std::vector<Field> & parameters, const DataTypes & arguments) -> AggregateFunctionPtr
        {
            expectQuantileArguments(name, arguments, weighted);
            QuantileLevels levels(name, parameters, plural);
            return visitNumberKind(arguments[0]->createColumn()->kind(), [&]<typename T>(std::type_identity<T>) -> AggregateFunctionPtr
            {
                constexpr bool same = std::is_void_v<Result>;
                if constexpr (sizeof(T) == 16)
                    throwIllegalAggregateArgument(name, *arguments[0]);
                else
                    return std::make_shared<AggregateQuantile<T, State<T>, std::conditional_t<same, T, Result>, weighted>>(
                        name, parameters, arguments, same ? arguments[0] : makeType(TypeId::Float64), levels);
            });
        };
    };
    registry.addAggregate("quantile" + suffix, maker(false));
    registry.addAggregate("quantiles" + suffix, maker(true));
    if (std::is_void_v<Result>) // there is no medianExactExclusive
        registry.addAlias("median" + suffix, "quantile" + suffix);
}

template <typename T>
using Exact = ExactValues<T, Median::Upper>;
template <typename T>
using ExactLow = ExactValues<T, Median::Low>;
template <typename T>
using Exclusive = InterpolatedValues<T, false>;
template <typename T>
using Inclusive = InterpolatedValues<T, true>;

}

void registerExactQuantiles(FunctionRegistry & registry)
{
    addExact<Exact, void, false>(registry, "Exact");
    addExact<ExactLow, void, false>(registry, "ExactLow");
    addExact<Exact, void, false>(registry, "ExactHigh");
    addExact<Exclusive, double, false>(registry, "ExactExclusive");
    addExact<Inclusive, double, false>(registry, "ExactInclusive");
    addExact<ExactWeighted, void, true>(registry, "ExactWeighted");
    addExact<InterpolatedWeighted, void, true>(registry, "InterpolatedWeighted");
}

}
