// quantile, quantiles, median and their Exact and TDigest variants. The plural gives an array over all levels.

#include "columns/ColumnArray.h"
#include "functions/aggregates/QuantileStates.h"
#include "functions/aggregates/registerAggregates.h"

#include <algorithm>

namespace mangrove
{

namespace
{

/// All values; the state of quantileExact.
template <typename T>
struct ExactValues
{
    std::vector<T> values;

    void add(T x)
    {
        if (x == x)
            values.push_back(x);
    }
    void merge(const ExactValues & other) { values.insert(values.end(), other.values.begin(), other.values.end()); }
    T quantile(double level)
    {
        if (values.empty())
            return std::is_floating_point_v<T> ? std::numeric_limits<T>::quiet_NaN() : T{};
        size_t n = level < 1 ? static_cast<size_t>(level * static_cast<double>(values.size())) : values.size() - 1;
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

/// T is the argument's element type, R that of a result.
template <typename T, typename State, typename R>
class AggregateQuantile final : public AggregateBase<State, AggregateQuantile<T, State, R>>
{
public:
    using Base = AggregateBase<State, AggregateQuantile<T, State, R>>;

    AggregateQuantile(std::string name, std::vector<Field> parameters, DataTypes arguments, DataTypePtr return_type,
        std::vector<double> levels, bool plural)
        : Base(std::move(name), std::move(parameters), std::move(arguments), std::move(return_type)),
            levels_(std::move(levels)), plural_(plural)
    {
    }

    void addOne(State & state, AggregateArguments arguments,
        size_t row) const { addValue(state, numberAt<T>(*arguments[0], row)); }
    void addRange(AggregateState state, AggregateArguments arguments, size_t begin, size_t end) const override
    {
        const T * values = numbersOf<T>(*arguments[0]).data();
        for (size_t row = begin; row < end; ++row)
            addValue(Base::data(state), values[row]);
    }
    void mergeData(State & to, const State & from) const { to.merge(from); }
    void write(const State & state, WriteBuffer & out) const { state.write(out); }
    void read(State & state, ReadBuffer & in) const { state.read(in); }
    void result(State & state, Column & to) const
    {
        if (!plural_)
        {
            appendNumber<R>(to, resultOf(state, levels_[0]));
            return;
        }
        auto & array = static_cast<ColumnArray &>(to);
        for (double level : levels_)
            appendNumber<R>(array.dataMutable(), resultOf(state, level));
        array.offsetsMutable().push_back(array.data().size());
    }

private:
    static void addValue(State & state, T x)
    {
        if constexpr (std::is_same_v<State, ReservoirSample>)
            state.add(static_cast<double>(x));
        else if constexpr (std::is_same_v<State, TDigest>)
            state.add(static_cast<float>(x));
        else
            state.add(x);
    }
    /// A date of an empty sample is day 0, a number of one is NaN.
    static R resultOf(State & state, double level)
    {
        auto x = state.quantile(level);
        if constexpr (std::is_floating_point_v<decltype(x)> && !std::is_floating_point_v<R>)
            return std::isnan(x) ? R{} : convertNumber<R>(x);
        else
            return static_cast<R>(x);
    }

    std::vector<double> levels_;
    bool plural_;
};

double toLevel(const std::string & name, const Field & parameter)
{
    double level = parameter.is<double>() ? parameter.get<double>()
        : parameter.is<uint64_t>()        ? static_cast<double>(parameter.get<uint64_t>())
                                          : -1;
    if (!(level >= 0 && level <= 1))
        throw Exception(ErrorCode::PARAMETER_OUT_OF_BOUND, "Quantile level is out of range [0..1] in {}", name);
    return level;
}

enum class Kind { Reservoir, Exact, Digest };

template <Kind kind, bool plural>
FunctionRegistry::AggregateMaker quantileMaker()
{
    return [](const std::string & name, const std::vector<Field> & parameters,
        const DataTypes & arguments) -> AggregateFunctionPtr
    {
        expectArguments(name, arguments, 1);
        std::vector<double> levels;
        for (const Field & parameter : parameters)
            levels.push_back(toLevel(name, parameter));
        if (levels.empty())
            levels = {0.5};
        if (!plural && levels.size() > 1)
            throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH,
                "Aggregate function {} requires one level parameter or less", name);
        const DataTypePtr & argument = arguments[0];
        if (!argument->isNumber() && !argument->isDateOrTime())
            throwIllegalAggregateArgument(name, *argument);
        return visitNumberKind(argument->createColumn()->kind(),
            [&]<typename T>(std::type_identity<T>) -> AggregateFunctionPtr
        {
            auto make = [&]<typename State,
                typename R>(std::type_identity<State>, std::type_identity<R>, DataTypePtr type) -> AggregateFunctionPtr
            {
                DataTypePtr result = plural ? std::make_shared<DataTypeArray>(type) : type;
                return std::make_shared<AggregateQuantile<T, State,
                    R>>(name, parameters, arguments, result, levels, plural);
            };
            if constexpr (sizeof(T) == 16)
                throwIllegalAggregateArgument(name, *argument);
            else if constexpr (kind == Kind::Exact)
                return make(std::type_identity<ExactValues<T>>{}, std::type_identity<T>{}, argument);
            else
            {
                using State = std::conditional_t<kind == Kind::Digest, TDigest, ReservoirSample>;
                using Float = std::conditional_t<kind == Kind::Digest, float, double>;
                if (argument->isDateOrTime())
                    return make(std::type_identity<State>{}, std::type_identity<T>{}, argument);
                return make(std::type_identity<State>{}, std::type_identity<Float>{},
                    makeType(kind == Kind::Digest ? TypeId::Float32 : TypeId::Float64));
            }
        });
    };
}

}

void registerQuantiles(FunctionRegistry & registry)
{
    registry.addAggregate("quantile", quantileMaker<Kind::Reservoir, false>());
    registry.addAggregate("quantiles", quantileMaker<Kind::Reservoir, true>());
    registry.addAggregate("quantileExact", quantileMaker<Kind::Exact, false>());
    registry.addAggregate("quantilesExact", quantileMaker<Kind::Exact, true>());
    registry.addAggregate("quantileTDigest", quantileMaker<Kind::Digest, false>());
    registry.addAggregate("quantilesTDigest", quantileMaker<Kind::Digest, true>());
    registry.addAlias("median", "quantile");
    registry.addAlias("medianExact", "quantileExact");
    registry.addAlias("medianTDigest", "quantileTDigest");
}

}
