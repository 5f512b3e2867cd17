// topK(n)(x): the n most frequent values, most frequent first; among equals the one seen first. topKWeighted(n)(x, weight)
// counts a row as often as its weight says; approx_top_k and approx_top_sum give the counts too. All values are counted, so
// the answers are exact where ClickHouse's SpaceSaving may be approximate.

#include "columns/ColumnArray.h"
#include "columns/ColumnTuple.h"
#include "functions/aggregates/AggregateBase.h"
#include "functions/aggregates/registerAggregates.h"
#include "types/Serialization.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

namespace mangrove
{

namespace
{

struct Frequencies
{
    std::unordered_map<std::string, uint32_t> rows; /// serialized key → row of values
    MutableColumnPtr values;                        /// null until the first row
    std::vector<uint64_t> counts;
};

class AggregateTopK final : public AggregateBase<Frequencies, AggregateTopK>
{
public:
    AggregateTopK(std::string name, std::vector<Field> parameters, DataTypes arguments, size_t limit, bool with_counts)
        : AggregateBase(std::move(name), std::move(parameters), arguments,
            std::make_shared<DataTypeArray>(with_counts ? itemType(arguments[0]) : arguments[0])),
          serialization_(serializationOf(arguments[0])), limit_(limit), with_counts_(with_counts)
    {
    }

    void addOne(Frequencies & data, AggregateArguments arguments, size_t row) const
    {
        uint64_t count = 1;
        if (arguments.size() == 2)
            visitNumbers(*arguments[1], [&](const auto & weights) { count = static_cast<uint64_t>(weights.data()[row]); });
        addCount(data, *arguments[0], row, count);
    }
    void mergeData(Frequencies & to, const Frequencies & from) const
    {
        for (size_t row = 0; row < from.counts.size(); ++row)
            addCount(to, *from.values, row, from.counts[row]);
    }
    void write(const Frequencies & data, WriteBuffer & out) const
    {
        out.writeVarUInt(data.counts.size());
        for (size_t row = 0; row < data.counts.size(); ++row)
        {
            serialization_->writeBinary(*data.values, row, out);
            out.writeVarUInt(data.counts[row]);
        }
    }
    void read(Frequencies & data, ReadBuffer & in) const
    {
        data = Frequencies{};
        size_t size = readStateSize(in);
        MutableColumnPtr values = arguments_[0]->createColumn();
        for (size_t row = 0; row < size; ++row)
        {
            serialization_->readBinary(*values, in, {});
            addCount(data, *values, row, in.readVarUInt());
        }
    }
    void result(Frequencies & data, Column & to) const
    {
        std::vector<uint32_t> order(data.counts.size());
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(),
            [&](uint32_t a, uint32_t b) { return data.counts[a] > data.counts[b]; });
        auto & array = static_cast<ColumnArray &>(to);
        for (size_t k = 0; k < std::min(limit_, order.size()); ++k)
        {
            if (!with_counts_)
            {
                array.dataMutable().insertFrom(*data.values, order[k]);
                continue;
            }
            auto & item = static_cast<ColumnTuple &>(array.dataMutable());
            item.elementMutable(0).insertFrom(*data.values, order[k]);
            appendNumber<uint64_t>(item.elementMutable(1), data.counts[order[k]]);
            appendNumber<uint64_t>(item.elementMutable(2), 0); /// the error
        }
        array.offsetsMutable().push_back(array.data().size());
    }

private:
    static DataTypePtr itemType(const DataTypePtr & value)
    {
        return std::make_shared<DataTypeTuple>(DataTypes{value, makeType(TypeId::UInt64), makeType(TypeId::UInt64)},
            std::vector<std::string>{"item", "count", "error"});
    }
    void addCount(Frequencies & data, const Column & column, size_t row, uint64_t count) const
    {
        std::string key;
        column.serializeKey(row, key);
        auto [it, is_new] = data.rows.try_emplace(std::move(key), static_cast<uint32_t>(data.counts.size()));
        if (is_new)
        {
            if (!data.values)
                data.values = column.cloneEmpty();
            data.values->insertFrom(column, row);
            data.counts.push_back(0);
        }
        data.counts[it->second] += count;
    }

    SerializationPtr serialization_;
    size_t limit_;
    bool with_counts_;
};

FunctionRegistry::AggregateMaker topMaker(bool weighted, bool with_counts)
{
    return [=](const std::string & name, const std::vector<Field> & parameters, const DataTypes & arguments)
    {
        expectArguments(name, arguments, weighted ? 2 : 1);
        if (weighted && (!arguments[1]->isInteger() || arguments[1]->id() == TypeId::UInt128))
            throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "The second argument for aggregate function '{}' must have integer type", name);
        size_t limit = 10;
        if (parameters.size() > 1)
            throw Exception(ErrorCode::NOT_IMPLEMENTED,
                "Aggregate function {} takes one parameter, the number of values", name);
        if (!parameters.empty())
        {
            limit = parameters[0].is<uint64_t>() ? parameters[0].get<uint64_t>() : 0;
            if (limit == 0 || limit > 65536)
                throw Exception(ErrorCode::ARGUMENT_OUT_OF_BOUND,
                    "Parameter of aggregate function {} must be in the range [1, 65536]", name);
        }
        return std::make_shared<AggregateTopK>(name, parameters, arguments, limit, with_counts);
    };
}

}

void registerTopK(FunctionRegistry & registry)
{
    registry.addAggregate("topK", topMaker(false, false));
    registry.addAggregate("topKWeighted", topMaker(true, false));
    registry.addAggregate("approx_top_k", topMaker(false, true), true);
    registry.addAlias("approx_top_count", "approx_top_k", true);
    registry.addAggregate("approx_top_sum", topMaker(true, true), true);
}

}
