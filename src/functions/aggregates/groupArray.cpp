// groupArray, groupUniqArray: values of a group, all or distinct, up to an optional limit. A value is kept in the order
// of arrival; ClickHouse's order of groupUniqArray is unspecified.

#include "columns/ColumnArray.h"
#include "functions/aggregates/AggregateBase.h"
#include "functions/aggregates/FlatHashSet.h"
#include "functions/aggregates/registerAggregates.h"
#include "io/Checksum.h"
#include "types/Serialization.h"

namespace mangrove
{

namespace
{

struct ArrayData
{
    MutableColumnPtr values; /// null until the first row
};

struct UniqueArrayData : ArrayData
{
    FlatHashSet<UInt128> seen; /// hashes of the values
};

UInt128 hashOf(const Column & column, size_t row)
{
    std::string key;
    column.serializeKey(row, key);
    return xxh3_128(key);
}

template <typename Data>
class AggregateGroupArray final : public AggregateBase<Data, AggregateGroupArray<Data>>
{
public:
    using Base = AggregateBase<Data, AggregateGroupArray<Data>>;
    static constexpr bool unique = std::is_same_v<Data, UniqueArrayData>;

    AggregateGroupArray(std::string name, std::vector<Field> parameters, DataTypes arguments, size_t limit)
        : Base(std::move(name), std::move(parameters), arguments, std::make_shared<DataTypeArray>(arguments[0])),
          serialization_(serializationOf(arguments[0])), limit_(limit)
    {
    }

    void addOne(Data & data, AggregateArguments arguments, size_t row) const { append(data, *arguments[0], row); }
    void addRange(AggregateState state, AggregateArguments arguments, size_t begin, size_t end) const override
    {
        Data & data = Base::data(state);
        if constexpr (unique)
            for (size_t row = begin; row < end; ++row)
                append(data, *arguments[0], row);
        else
            appendRange(data, *arguments[0], begin, end - begin);
    }
    void mergeData(Data & to, const Data & from) const
    {
        if (!from.values)
            return;
        if constexpr (unique)
            for (size_t row = 0; row < from.values->size(); ++row)
                append(to, *from.values, row);
        else
            appendRange(to, *from.values, 0, from.values->size());
    }
    void write(const Data & data, WriteBuffer & out) const
    {
        size_t size = data.values ? data.values->size() : 0;
        out.writeVarUInt(size);
        for (size_t row = 0; row < size; ++row)
            serialization_->writeBinary(*data.values, row, out);
    }
    void read(Data & data, ReadBuffer & in) const
    {
        data = Data{};
        size_t size = readStateSize(in);
        MutableColumnPtr values = this->arguments_[0]->createColumn();
        for (size_t row = 0; row < size; ++row)
        {
            serialization_->readBinary(*values, in, {});
            append(data, *values, row);
        }
    }
    void result(Data & data, Column & to) const
    {
        auto & array = static_cast<ColumnArray &>(to);
        if (data.values)
            array.dataMutable().insertRangeFrom(*data.values, 0, data.values->size());
        array.offsetsMutable().push_back(array.data().size());
    }

private:
    void append(Data & data, const Column & column, size_t row) const
    {
        if (!data.values)
            data.values = column.cloneEmpty();
        if (data.values->size() >= limit_)
            return;
        if constexpr (unique)
            if (!data.seen.insert(hashOf(column, row)))
                return;
        data.values->insertFrom(column, row);
    }
    void appendRange(Data & data, const Column & column, size_t begin, size_t count) const
    {
        if (!data.values)
            data.values = column.cloneEmpty();
        count = std::min(count, limit_ - std::min(limit_, data.values->size()));
        data.values->insertRangeFrom(column, begin, count);
    }

    SerializationPtr serialization_;
    size_t limit_;
};

template <typename Data>
FunctionRegistry::AggregateMaker arrayMaker()
{
    return [](const std::string & name, const std::vector<Field> & parameters, const DataTypes & arguments)
    {
        expectArguments(name, arguments, 1);
        size_t limit = state_elements_max;
        if (parameters.size() > 1 || (parameters.size() == 1
            && (!parameters[0].is<uint64_t>() || parameters[0].get<uint64_t>() == 0)))
            throw Exception(ErrorCode::BAD_ARGUMENTS,
                "Parameter for aggregate function {} should be one positive number", name);
        if (!parameters.empty())
            limit = std::min<size_t>(limit, parameters[0].get<uint64_t>());
        return std::make_shared<AggregateGroupArray<Data>>(name, parameters, arguments, limit);
    };
}

}

void registerGroupArray(FunctionRegistry & registry)
{
    registry.addAggregate("groupArray", arrayMaker<ArrayData>());
    registry.addAggregate("groupUniqArray", arrayMaker<UniqueArrayData>());
    registry.addAlias("array_agg", "groupArray", true);
}

}
