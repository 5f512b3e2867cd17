#pragma once
// The frame of the quantile functions: one over values, one over values with weights. State is any type with
// add(x) or add(x, weight), merge(), quantile(level), write() and read(); the plural form gives an array over all levels.

#include "columns/ColumnArray.h"
#include "functions/aggregates/AggregateBase.h"

#include <cmath>
#include <limits>

namespace mangrove
{

struct QuantileLevels
{
    std::vector<double> levels;
    bool plural;

    /// PARAMETER_OUT_OF_BOUND for a level outside [0, 1]; no parameter is 0.5.
    QuantileLevels(const std::string & function, const std::vector<Field> & parameters, bool plural_);
};

/// ILLEGAL_TYPE_OF_ARGUMENT unless they are a number, date or time and, if weighted, an unsigned integer.
void expectQuantileArguments(const std::string & function, const DataTypes & arguments, bool weighted);

/// What an exact quantile answers for an empty sample: NaN, or 0 where the type has none.
template <typename T>
constexpr T emptyQuantile()
{
    return std::is_floating_point_v<T> ? std::numeric_limits<T>::quiet_NaN() : T{};
}

/// T is the argument's element type, R that of a result.
template <typename T, typename State, typename R, bool weighted = false>
class AggregateQuantile final : public AggregateBase<State, AggregateQuantile<T, State, R, weighted>>
{
public:
    using Base = AggregateBase<State, AggregateQuantile<T, State, R, weighted>>;

    AggregateQuantile(std::string name, std::vector<Field> parameters, DataTypes arguments, DataTypePtr result, QuantileLevels levels)
        : Base(std::move(name), std::move(parameters), std::move(arguments),
              levels.plural ? std::make_shared<DataTypeArray>(std::move(result)) : std::move(result))
        , levels_(std::move(levels))
    {
    }

    void addOne(State & state, AggregateArguments arguments, size_t row) const
    {
        const T & x = numberAt<T>(*arguments[0], row);
        if constexpr (weighted)
            state.add(x, weightAt(*arguments[1], row));
        else
            state.add(x);
    }
    void addRange(AggregateState state, AggregateArguments arguments, size_t begin, size_t end) const override
    {
        State & data = Base::data(state);
        for (size_t row = begin; row < end; ++row)
            addOne(data, arguments, row);
    }
    void mergeData(State & to, const State & from) const { to.merge(from); }
    void write(const State & state, WriteBuffer & out) const { state.write(out); }
    void read(State & state, ReadBuffer & in) const { state.read(in); }
    void result(State & state, Column & to) const
    {
        if (!levels_.plural)
        {
            appendNumber<R>(to, resultOf(state, levels_.levels[0]));
            return;
        }
        auto & array = static_cast<ColumnArray &>(to);
        for (double level : levels_.levels)
            appendNumber<R>(array.dataMutable(), resultOf(state, level));
        array.offsetsMutable().push_back(array.data().size());
    }

private:
    /// Weights are unsigned integers of any width (the makers see to it).
    static uint64_t weightAt(const Column & column, size_t row)
    {
        switch (column.kind())
        {
            case ColumnKind::UInt8: return numberAt<uint8_t>(column, row);
            case ColumnKind::UInt16: return numberAt<uint16_t>(column, row);
            case ColumnKind::UInt32: return numberAt<uint32_t>(column, row);
            default: return numberAt<uint64_t>(column, row);
        }
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

    QuantileLevels levels_;
};

}
