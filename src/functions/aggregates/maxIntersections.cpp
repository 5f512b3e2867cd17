// maxIntersections(start, end): the greatest number of intervals that share a point, such as the spans that ran at once;
// maxIntersectionsPosition: where that is so first.

#include "functions/aggregates/AggregateBase.h"
#include "functions/aggregates/registerEvents.h"

#include <algorithm>

namespace mangrove
{

namespace
{

template <typename T>
struct Ends
{
    std::vector<std::pair<T, int64_t>> points; /// +1 where an interval begins, -1 where it ends
};

template <typename T>
class AggregateMaxIntersections final : public AggregateBase<Ends<T>, AggregateMaxIntersections<T>>
{
public:
    using Data = Ends<T>;
    using Base = AggregateBase<Data, AggregateMaxIntersections>;

    AggregateMaxIntersections(std::string name, DataTypes arguments, bool position)
        : Base(std::move(name), {}, arguments, position ? arguments[0] : makeType(TypeId::UInt64)), position_(position)
    {
    }

    void addOne(Data & data, AggregateArguments arguments, size_t row) const
    {
        append(data, numberAt<T>(*arguments[0], row), 1);
        append(data, numberAt<T>(*arguments[1], row), -1);
    }
    void mergeData(Data & to, const Data & from) const
    {
        to.points.insert(to.points.end(), from.points.begin(), from.points.end());
    }
    void write(const Data & data, WriteBuffer & out) const
    {
        out.writeVarUInt(data.points.size());
        for (const auto & [point, weight] : data.points)
        {
            out.writePod(point);
            out.writeByte(weight > 0);
        }
    }
    void read(Data & data, ReadBuffer & in) const
    {
        data = Data{};
        size_t size = readStateSize(in);
        for (size_t i = 0; i < size; ++i)
        {
            T point = in.readPod<T>();
            append(data, point, in.readByte() ? 1 : -1);
        }
    }
    void result(Data & data, Column & to) const
    {
        /// At one point intervals end before others begin.
        std::sort(data.points.begin(), data.points.end());
        int64_t running = 0;
        int64_t most = 0;
        T position{};
        for (const auto & [point, weight] : data.points)
        {
            running += weight;
            if (running > most)
            {
                most = running;
                position = point;
            }
        }
        if (position_)
            appendNumber<T>(to, position);
        else
            appendNumber<uint64_t>(to, static_cast<uint64_t>(most));
    }

private:
    static void append(Data & data, T point, int64_t weight)
    {
        if (point == point) /// no NaN
            data.points.emplace_back(point, weight);
    }

    bool position_;
};

FunctionRegistry::AggregateMaker intersectionsMaker(bool position)
{
    return [position](const std::string & name, const std::vector<Field> & parameters, const DataTypes & arguments) -> AggregateFunctionPtr
    {
        expectNoParameters(name, parameters);
        expectArguments(name, arguments, 2);
        for (const DataTypePtr & argument : arguments)
            if (!argument->isNumber() || argument->id() == TypeId::UInt128)
                throwIllegalAggregateArgument(name, *argument);
        if (!arguments[0]->equals(*arguments[1]))
            throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "Illegal argument types {} and {} of aggregate function {}: they must be equal",
                arguments[0]->name(), arguments[1]->name(), name);
        return visitNumberKind(arguments[0]->createColumn()->kind(), [&]<typename T>(std::type_identity<T>) -> AggregateFunctionPtr
        { return std::make_shared<AggregateMaxIntersections<T>>(name, arguments, position); });
    };
}

}

void registerMaxIntersections(FunctionRegistry & registry)
{
    registry.addAggregate("maxIntersections", intersectionsMaker(false));
    registry.addAggregate("maxIntersectionsPosition", intersectionsMaker(true));
}

}
