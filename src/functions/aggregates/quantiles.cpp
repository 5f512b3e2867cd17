// quantile, quantiles, median and the sketches among their variants: TDigest, Timing, BFloat16, with and without weights.

#include "functions/aggregates/AggregateQuantile.h"
#include "functions/aggregates/QuantileStates.h"
#include "functions/aggregates/registerAggregates.h"

namespace mangrove
{

QuantileLevels::QuantileLevels(const std::string & function, const std::vector<Field> & parameters, bool plural_) : plural(plural_)
{
    for (const Field & parameter : parameters)
    {
        double level = parameter.is<double>() ? parameter.get<double>()
            : parameter.is<uint64_t>()        ? static_cast<double>(parameter.get<uint64_t>())
                                              : -1;
        if (!(level >= 0 && level <= 1))
            throw Exception(ErrorCode::PARAMETER_OUT_OF_BOUND, "Quantile level is out of range [0..1] in {}", function);
        levels.push_back(level);
    }
    if (levels.empty())
        levels = {0.5};
    if (!plural && levels.size() > 1)
        throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH, "Aggregate function {} requires one level parameter or less", function);
}

void expectQuantileArguments(const std::string & function, const DataTypes & arguments, bool weighted)
{
    expectArguments(function, arguments, weighted ? 2 : 1);
    bool wide = arguments[0]->createColumn()->kind() == ColumnKind::UInt128;
    if ((!arguments[0]->isNumber() && !arguments[0]->isDateOrTime()) || wide)
        throwIllegalAggregateArgument(function, *arguments[0]);
    if (!weighted)
        return;
    switch (arguments[1]->isNumber() ? arguments[1]->createColumn()->kind() : ColumnKind::String)
    {
        case ColumnKind::UInt8:
        case ColumnKind::UInt16:
        case ColumnKind::UInt32:
        case ColumnKind::UInt64: return;
        default:
            throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT,
                "Second argument (weight) for function {} must be unsigned integer, but it has type {}", function, arguments[1]->name());
    }
}

namespace
{

/// State::Result is the type of the result; of a date or time the result is one too, unless dates_too is false.
template <typename State, bool weighted, bool dates_too = true>
void addSketch(FunctionRegistry & registry, const std::string & suffix)
{
    auto maker = [](bool plural)
    {
        return [plural](const std::string & name, const std::vector<Field> & parameters, const DataTypes & arguments) -> AggregateFunctionPtr
        {
            expectQuantileArguments(name, arguments, weighted);
            QuantileLevels levels(name, parameters, plural);
            return visitNumberKind(arguments[0]->createColumn()->kind(), [&]<typename T>(std::type_identity<T>) -> AggregateFunctionPtr
            {
                using Result = typename State::Result;
                if constexpr (sizeof(T) == 16)
                    throwIllegalAggregateArgument(name, *arguments[0]);
                else if (dates_too && arguments[0]->isDateOrTime())
                    return std::make_shared<AggregateQuantile<T, State, T, weighted>>(name, parameters, arguments, arguments[0], levels);
                else
                    return std::make_shared<AggregateQuantile<T, State, Result, weighted>>(name, parameters, arguments,
                        makeType(sizeof(Result) == 4 ? TypeId::Float32 : TypeId::Float64), levels);
            });
        };
    };
    registry.addAggregate("quantile" + suffix, maker(false));
    registry.addAggregate("quantiles" + suffix, maker(true));
    registry.addAlias("median" + suffix, "quantile" + suffix);
}

}

void registerQuantiles(FunctionRegistry & registry)
{
    addSketch<ReservoirSample, false>(registry, "");
    addSketch<TDigest, false>(registry, "TDigest");
    addSketch<TDigest, true>(registry, "TDigestWeighted");
    addSketch<TimingQuantile, false, false>(registry, "Timing");
    addSketch<TimingQuantile, true, false>(registry, "TimingWeighted");
    addSketch<BFloat16Quantile, false>(registry, "BFloat16");
    addSketch<BFloat16Quantile, true>(registry, "BFloat16Weighted");
}

}
