// deltaSum(x): the sum of the rises from row to row; deltaSumTimestamp(x, time) knows the order of merged states.
// boundingRatio(x, y): the slope between the leftmost and the rightmost point.
// exponentialMovingAverage(half_decay)(x, time): values weigh half as much for each half_decay that passed since.

#include "functions/aggregates/NumberReader.h"
#include "functions/aggregates/registerStatistics.h"

namespace mangrove
{

namespace
{

template <typename T>
struct Rises
{
    T sum{};
    T first{};
    T last{};
    int64_t first_time = 0;
    int64_t last_time = 0;
    bool seen = false;
};

/// A time as a number of the same order; UInt64 is moved into the range of Int64.
using TimeReader = int64_t (*)(const Column & column, size_t row);

template <typename T>
class AggregateDeltaSum final : public AggregateBase<Rises<T>, AggregateDeltaSum<T>>
{
public:
    using Data = Rises<T>;
    using Base = AggregateBase<Data, AggregateDeltaSum>;

    /// `time` is null without times.
    AggregateDeltaSum(std::string name, DataTypes arguments, TimeReader time) : Base(std::move(name), {}, arguments, arguments[0]), time_(time) { }

    void addOne(Data & data, AggregateArguments arguments, size_t row) const
    {
        const T x = numberAt<T>(*arguments[0], row);
        const int64_t time = time_ ? time_(*arguments[1], row) : 0;
        if (data.seen && data.last < x)
            data.sum = wrappingSum<T>(data.sum, wrappingDifference<T>(x, data.last));
        data.last = x;
        data.last_time = time;
        if (data.seen)
            return;
        data.first = x;
        data.first_time = time;
        data.seen = true;
    }
    void mergeData(Data & to, const Data & from) const
    {
        if (!from.seen)
            return;
        if (!to.seen)
        {
            to = from;
            return;
        }
        if (time_ && isBefore(from, to))
        {
            Data first = from;
            append(first, to);
            to = first;
        }
        else if (!time_ || isBefore(to, from))
            append(to, from);
        else if (to.first < from.first) /// all at one time: of the two the greater
        {
            to.first = from.first;
            to.last = from.last;
        }
    }
    void write(const Data & data, WriteBuffer & out) const
    {
        out.writePod(data.sum);
        out.writePod(data.first);
        out.writePod(data.last);
        out.writePod(data.first_time);
        out.writePod(data.last_time);
        out.writePod<uint8_t>(data.seen);
    }
    void read(Data & data, ReadBuffer & in) const
    {
        data.sum = in.readPod<T>();
        data.first = in.readPod<T>();
        data.last = in.readPod<T>();
        data.first_time = in.readPod<int64_t>();
        data.last_time = in.readPod<int64_t>();
        data.seen = in.readPod<uint8_t>() != 0;
    }
    void result(Data & data, Column & to) const { appendNumber<T>(to, data.sum); }

private:
    static bool isBefore(const Data & a, const Data & b)
    {
        return a.last_time < b.first_time
            || (a.last_time == b.first_time && (a.last_time < b.last_time || a.first_time < a.last_time));
    }
    static void append(Data & to, const Data & after)
    {
        if (to.last < after.first)
            to.sum = wrappingSum<T>(to.sum, wrappingDifference<T>(after.first, to.last));
        to.sum = wrappingSum<T>(to.sum, after.sum);
        to.last = after.last;
        to.last_time = after.last_time;
    }

    TimeReader time_;
};

TimeReader timeReader(const std::string & name, const DataType & type)
{
    switch (type.id()) /// those that ClickHouse takes, but floats
    {
        case TypeId::UInt32:
        case TypeId::UInt64:
        case TypeId::Int32:
        case TypeId::Int64:
        case TypeId::Date:
        case TypeId::DateTime: break;
        default: throwIllegalAggregateArgument(name, type);
    }
    return visitNumberKind(type.createColumn()->kind(), []<typename T>(std::type_identity<T>) -> TimeReader
    {
        return [](const Column & column, size_t row) -> int64_t
        {
            const T x = numberAt<T>(column, row);
            if constexpr (std::is_same_v<T, uint64_t>)
                return static_cast<int64_t>(x ^ (1ULL << 63));
            else
                return static_cast<int64_t>(x);
        };
    });
}

FunctionRegistry::AggregateMaker deltaMaker(bool timed)
{
    return [timed](const std::string & name, const std::vector<Field> & parameters, const DataTypes & arguments) -> AggregateFunctionPtr
    {
        expectNoParameters(name, parameters);
        expectArguments(name, arguments, timed ? 2 : 1);
        if ((!arguments[0]->isInteger() && !arguments[0]->isFloat()) || arguments[0]->id() == TypeId::UInt128)
            throwIllegalAggregateArgument(name, *arguments[0]);
        TimeReader time = timed ? timeReader(name, *arguments[1]) : nullptr;
        return visitNumberKind(arguments[0]->createColumn()->kind(), [&]<typename T>(std::type_identity<T>) -> AggregateFunctionPtr
        { return std::make_shared<AggregateDeltaSum<T>>(name, arguments, time); });
    };
}

struct Bounds
{
    double left_x = 0;
    double left_y = 0;
    double right_x = 0;
    double right_y = 0;
    bool any = false;
};

class AggregateBoundingRatio final : public AggregateBase<Bounds, AggregateBoundingRatio>
{
public:
    AggregateBoundingRatio(std::string name, DataTypes arguments)
        : AggregateBase(name, {}, arguments, makeType(TypeId::Float64))
        , x_(numberReader(name, *arguments[0])), y_(numberReader(name, *arguments[1]))
    {
    }

    void addOne(Bounds & data, AggregateArguments arguments, size_t row) const
    {
        addPoint(data, x_(*arguments[0], row), y_(*arguments[1], row));
    }
    void mergeData(Bounds & to, const Bounds & from) const
    {
        if (!from.any)
            return;
        addPoint(to, from.left_x, from.left_y);
        addPoint(to, from.right_x, from.right_y);
    }
    void write(const Bounds & data, WriteBuffer & out) const
    {
        out.writePod<uint8_t>(data.any);
        for (double x : {data.left_x, data.left_y, data.right_x, data.right_y})
            out.writePod(x);
    }
    void read(Bounds & data, ReadBuffer & in) const
    {
        data.any = in.readPod<uint8_t>() != 0;
        for (double * x : {&data.left_x, &data.left_y, &data.right_x, &data.right_y})
            *x = in.readPod<double>();
    }
    void result(Bounds & data, Column & to) const
    {
        appendNumber<double>(to, (data.right_y - data.left_y) / (data.right_x - data.left_x));
    }

private:
    static void addPoint(Bounds & data, double x, double y)
    {
        if (!data.any)
            data = {x, y, x, y, true};
        else if (x < data.left_x)
            std::tie(data.left_x, data.left_y) = std::tuple(x, y);
        else if (x > data.right_x)
            std::tie(data.right_x, data.right_y) = std::tuple(x, y);
    }

    NumberReader x_;
    NumberReader y_;
};

/// A sum of values that were worth exp2(-age / half_decay) of themselves at `time`.
struct Decayed
{
    double value = 0;
    double time = 0;
};

class AggregateMovingAverage final : public AggregateBase<Decayed, AggregateMovingAverage>
{
public:
    AggregateMovingAverage(std::string name, std::vector<Field> parameters, DataTypes arguments, double half_decay)
        : AggregateBase(name, std::move(parameters), arguments, makeType(TypeId::Float64))
        , value_(numberReader(name, *arguments[0])), time_(numberReader(name, *arguments[1])), half_decay_(half_decay)
    {
    }

    void addOne(Decayed & data, AggregateArguments arguments, size_t row) const
    {
        mergeData(data, {value_(*arguments[0], row), time_(*arguments[1], row)});
    }
    void mergeData(Decayed & to, const Decayed & from) const
    {
        if (to.time > from.time)
            to.value += at(from, to.time);
        else if (to.time < from.time)
            to = {from.value + at(to, from.time), from.time};
        else
            to.value += from.value;
    }
    void write(const Decayed & data, WriteBuffer & out) const { out.writePod(data); }
    void read(Decayed & data, ReadBuffer & in) const { data = in.readPod<Decayed>(); }
    void result(Decayed & data, Column & to) const
    {
        const double weights = 1 / (1 - scale(1.0)); /// of all values of a series with one at each time
        appendNumber<double>(to, data.value / weights);
    }

private:
    double scale(double age) const { return std::exp2(-age / half_decay_); }
    double at(const Decayed & data, double time) const { return data.value * scale(time - data.time); }

    NumberReader value_;
    NumberReader time_;
    double half_decay_;
};

double numberParameter(const std::string & name, const std::vector<Field> & parameters)
{
    if (parameters.size() != 1)
        throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH,
            "Aggregate function {} requires exactly one parameter: half decay time.", name);
    if (parameters[0].is<double>())
        return parameters[0].get<double>();
    if (parameters[0].is<uint64_t>())
        return static_cast<double>(parameters[0].get<uint64_t>());
    throw Exception(ErrorCode::BAD_ARGUMENTS, "The parameter of aggregate function {} must be a number that is not negative", name);
}

}

void registerDeltas(FunctionRegistry & registry)
{
    registry.addAggregate("deltaSum", deltaMaker(false));
    registry.addAggregate("deltaSumTimestamp", deltaMaker(true));
    registry.addAggregate("boundingRatio", [](const std::string & name, const std::vector<Field> & parameters, const DataTypes & arguments)
    {
        expectNoParameters(name, parameters);
        expectArguments(name, arguments, 2);
        return std::make_shared<AggregateBoundingRatio>(name, arguments);
    });
    registry.addAggregate("exponentialMovingAverage", [](const std::string & name, const std::vector<Field> & parameters,
        const DataTypes & arguments)
    {
        double half_decay = numberParameter(name, parameters);
        expectArguments(name, arguments, 2);
        return std::make_shared<AggregateMovingAverage>(name, parameters, arguments, half_decay);
    });
}

}
