// argMin(result, value), argMax(result, value): the result of the first row with the least (greatest) value.

#include "functions/aggregates/SingleValue.h"
#include "functions/aggregates/registerAggregates.h"

namespace mangrove
{

namespace
{

template <typename Value>
struct ArgData
{
    Value value;
    MutableColumnPtr result; /// one row, when value.has
};

template <typename Value, bool is_min>
class AggregateArg final : public AggregateBase<ArgData<Value>, AggregateArg<Value, is_min>>
{
public:
    using Base = AggregateBase<ArgData<Value>, AggregateArg<Value, is_min>>;
    using Data = ArgData<Value>;

    AggregateArg(std::string name, std::vector<Field> parameters, DataTypes arguments)
        : Base(std::move(name), std::move(parameters), arguments, arguments[0]),
            result_serialization_(serializationOf(arguments[0])),
          value_serialization_(serializationOf(arguments[1]))
    {
    }

    template <typename... Candidate>
    static bool replaces(const Value & current, const Candidate &... candidate)
    {
        if (!current.has)
            return true;
        return is_min ? current.less(candidate...) : current.greater(candidate...);
    }
    static void setResult(Data & data, const Column & column, size_t row)
    {
        if (data.result)
            data.result->popBack(1);
        else
            data.result = column.cloneEmpty();
        data.result->insertFrom(column, row);
    }
    void addOne(Data & data, AggregateArguments arguments, size_t row) const
    {
        if (replaces(data.value, *arguments[1], row))
        {
            data.value.set(*arguments[1], row);
            setResult(data, *arguments[0], row);
        }
    }
    void mergeData(Data & to, const Data & from) const
    {
        if (from.value.has && replaces(to.value, from.value))
        {
            to.value.set(from.value);
            setResult(to, *from.result, 0);
        }
    }
    void write(const Data & data, WriteBuffer & out) const
    {
        out.writePod<uint8_t>(data.value.has);
        if (data.value.has)
        {
            result_serialization_->writeBinary(*data.result, 0, out);
            data.value.write(out, *value_serialization_);
        }
    }
    void read(Data & data, ReadBuffer & in) const
    {
        data = Data{};
        if (in.readPod<uint8_t>())
        {
            data.result = this->arguments_[0]->createColumn();
            result_serialization_->readBinary(*data.result, in, {});
            data.value.read(in, *value_serialization_, *this->arguments_[1]);
        }
    }
    void result(Data & data, Column & to) const
    {
        if (data.value.has)
            to.insertFrom(*data.result, 0);
        else
            to.insert(this->arguments_[0]->defaultValue()); /// of an enum: its first element
    }

private:
    SerializationPtr result_serialization_;
    SerializationPtr value_serialization_;
};

template <bool is_min>
FunctionRegistry::AggregateMaker argMaker()
{
    return [](const std::string & name, const std::vector<Field> & parameters, const DataTypes & arguments)
    {
        expectNoParameters(name, parameters);
        expectArguments(name, arguments, 2);
        return visitSingleValue(*arguments[1], [&]<typename Value>(std::type_identity<Value>) -> AggregateFunctionPtr
        { return std::make_shared<AggregateArg<Value, is_min>>(name, parameters, arguments); });
    };
}

}

void registerArgExtremes(FunctionRegistry & registry)
{
    registry.addAggregate("argMin", argMaker<true>());
    registry.addAggregate("argMax", argMaker<false>());
    registry.addAlias("min_by", "argMin", true);
    registry.addAlias("max_by", "argMax", true);
}

}
