// histogram(bins)(x): [(lower, upper, height), …], adaptive bins after Ben-Haim and Tom-Tov, "A Streaming Parallel Decision
// Tree Algorithm" (JMLR 11, 2010): weighted points, of which the closest two become one while there are too many.

#include "columns/ColumnArray.h"
#include "columns/ColumnTuple.h"
#include "functions/aggregates/NumberReader.h"
#include "functions/aggregates/registerStatistics.h"

#include <algorithm>
#include <queue>

namespace mangrove
{

namespace
{

constexpr uint64_t bins_max = 250;

struct Point
{
    double mean;
    double weight;

    void absorb(const Point & other)
    {
        mean += other.weight * (other.mean - mean) / (other.weight + weight);
        weight += other.weight;
    }
};

struct Bins
{
    std::vector<Point> points;
    double lower = std::numeric_limits<double>::max();
    double upper = std::numeric_limits<double>::lowest();

    void add(Point point, size_t bins)
    {
        if (!std::isfinite(point.mean))
            throw Exception(ErrorCode::INCORRECT_DATA, "Invalid value (inf or nan) for aggregation by 'histogram' function");
        points.push_back(point);
        lower = std::min(lower, point.mean);
        upper = std::max(upper, point.mean);
        if (points.size() >= bins * 2)
            compress(bins);
    }

    void compress(size_t bins)
    {
        std::sort(points.begin(), points.end(), [](const Point & a, const Point & b) { return a.mean < b.mean; });
        if (points.size() <= bins)
            return;
        /// Points that were absorbed are taken out of a linked list; distances to them stay in the queue and are skipped.
        constexpr size_t none = ~size_t{0};
        const size_t size = points.size();
        std::vector<size_t> previous(size);
        std::vector<size_t> next(size);
        std::vector<char> active(size, 1);
        for (size_t i = 0; i < size; ++i)
        {
            previous[i] = i ? i - 1 : none;
            next[i] = i + 1 < size ? i + 1 : none;
        }
        using Distance = std::pair<double, size_t>; /// to the next point
        std::priority_queue<Distance, std::vector<Distance>, std::greater<>> queue;
        auto distance = [&](size_t i) { return points[next[i]].mean - points[i].mean; };
        for (size_t i = 0; i + 1 < size; ++i)
            queue.emplace(distance(i), i);
        size_t left_over = size;
        while (left_over > bins && !queue.empty())
        {
            auto [known, left] = queue.top();
            queue.pop();
            if (!active[left] || next[left] == none || distance(left) > known)
                continue;
            const size_t right = next[left];
            points[left].absorb(points[right]);
            active[right] = 0;
            next[left] = next[right];
            if (next[left] != none)
            {
                previous[next[left]] = left;
                queue.emplace(distance(left), left);
            }
            if (previous[left] != none)
                queue.emplace(distance(previous[left]), previous[left]);
            --left_over;
        }
        size_t kept = 0;
        for (size_t i = 0; i < size; ++i)
            if (active[i])
                points[kept++] = points[i];
        points.resize(kept);
    }

    /// Points that differ in their last digit only become one.
    void fuseEqual()
    {
        size_t kept = 0;
        for (size_t i = 1; i < points.size(); ++i)
        {
            const double tolerance = 10 * (points[kept].mean + points[i].mean) * std::numeric_limits<double>::epsilon();
            if (points[kept].mean + tolerance >= points[i].mean)
                points[kept].absorb(points[i]);
            else
                points[++kept] = points[i];
        }
        if (!points.empty())
            points.resize(kept + 1);
    }
};

class AggregateHistogram final : public AggregateBase<Bins, AggregateHistogram>
{
public:
    AggregateHistogram(std::string name, std::vector<Field> parameters, DataTypes arguments, size_t bins)
        : AggregateBase(name, std::move(parameters), arguments, resultType()), value_(numberReader(name, *arguments[0])), bins_(bins)
    {
    }

    void addOne(Bins & data, AggregateArguments arguments, size_t row) const { data.add({value_(*arguments[0], row), 1}, bins_); }
    void mergeData(Bins & to, const Bins & from) const
    {
        to.lower = std::min(to.lower, from.lower);
        to.upper = std::max(to.upper, from.upper);
        for (const Point & point : from.points)
            to.add(point, bins_);
    }
    void write(const Bins & data, WriteBuffer & out) const
    {
        out.writePod(data.lower);
        out.writePod(data.upper);
        out.writeVarUInt(data.points.size());
        for (const Point & point : data.points)
            out.writePod(point);
    }
    void read(Bins & data, ReadBuffer & in) const
    {
        data = Bins{};
        const double lower = in.readPod<double>();
        const double upper = in.readPod<double>();
        const size_t size = readStateSize(in);
        if (size > bins_ * 2)
            throw Exception(ErrorCode::TOO_LARGE_ARRAY_SIZE, "Too many bins in a state of histogram: {}", size);
        for (size_t i = 0; i < size; ++i)
            data.add(in.readPod<Point>(), bins_);
        data.lower = lower;
        data.upper = upper;
    }
    void result(Bins & data, Column & to) const
    {
        data.compress(bins_);
        data.fuseEqual();
        auto & array = static_cast<ColumnArray &>(to);
        auto & tuple = static_cast<ColumnTuple &>(array.dataMutable());
        const auto & points = data.points;
        for (size_t i = 0; i < points.size(); ++i)
        {
            const bool first = i == 0;
            const bool last = i + 1 == points.size();
            const double before = first ? points[i].weight : (points[i - 1].weight + points[i].weight * 3) / 4;
            const double after = last ? points[i].weight : (points[i + 1].weight + points[i].weight * 3) / 4;
            appendNumber<double>(tuple.elementMutable(0), first ? data.lower : (points[i].mean + points[i - 1].mean) / 2);
            appendNumber<double>(tuple.elementMutable(1), last ? data.upper : (points[i].mean + points[i + 1].mean) / 2);
            appendNumber<double>(tuple.elementMutable(2), (before + after) / 2);
        }
        array.offsetsMutable().push_back(array.data().size());
    }

private:
    static DataTypePtr resultType()
    {
        DataTypePtr number = makeType(TypeId::Float64);
        return std::make_shared<DataTypeArray>(std::make_shared<DataTypeTuple>(DataTypes{number, number, number}));
    }

    NumberReader value_;
    size_t bins_;
};

}

void registerHistogram(FunctionRegistry & registry)
{
    registry.addAggregate("histogram", [](const std::string & name, const std::vector<Field> & parameters, const DataTypes & arguments)
    {
        if (parameters.size() != 1)
            throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH, "Function {} requires single parameter: bins count", name);
        if (!parameters[0].is<uint64_t>())
            throw Exception(ErrorCode::UNSUPPORTED_PARAMETER, "Invalid type for bins count of aggregate function {}", name);
        const uint64_t bins = parameters[0].get<uint64_t>();
        if (bins == 0)
            throw Exception(ErrorCode::BAD_ARGUMENTS, "Bin count must be positive");
        if (bins > bins_max)
            throw Exception(ErrorCode::PARAMETER_OUT_OF_BOUND, "Unsupported bins count: at most {}", bins_max);
        expectArguments(name, arguments, 1);
        return std::make_shared<AggregateHistogram>(name, parameters, arguments, bins);
    });
}

}
