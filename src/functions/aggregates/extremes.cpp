// min, max, any, anyLast, and the latter two with NULLs (_respect_nulls).

#include "functions/aggregates/SingleValue.h"
#include "functions/aggregates/registerAggregates.h"

namespace mangrove
{

namespace
{

enum class Keep { Min, Max, First, Last };

template <typename Value, Keep keep>
class AggregateExtreme final : public AggregateBase<Value, AggregateExtreme<Value, keep>>
{
public:
    using Base = AggregateBase<Value, AggregateExtreme<Value, keep>>;

    AggregateExtreme(std::string name, std::vector<Field> parameters, DataTypes arguments)
        : Base(std::move(name), std::move(parameters), arguments, arguments[0]),
            serialization_(serializationOf(arguments[0]))
    {
    }

    template <typename... Candidate>
    static bool replaces(const Value & current, const Candidate &... candidate)
    {
        if (!current.has)
            return true;
        if constexpr (keep == Keep::Min)
            return current.less(candidate...);
        else if constexpr (keep == Keep::Max)
            return current.greater(candidate...);
        else
            return keep == Keep::Last;
    }
    void addOne(Value & data, AggregateArguments arguments, size_t row) const
    {
        if (replaces(data, *arguments[0], row))
            data.set(*arguments[0], row);
    }
    void addRange(AggregateState state, AggregateArguments arguments, size_t begin, size_t end) const override
    {
        Value & data = Base::data(state);
        if (begin == end)
            return;
        if constexpr (keep == Keep::First)
            addOne(data, arguments, begin);
        else if constexpr (keep == Keep::Last)
            addOne(data, arguments, end - 1);
        else
            for (size_t row = begin; row < end; ++row)
                addOne(data, arguments, row);
    }
    void mergeData(Value & to, const Value & from) const
    {
        if (from.has && replaces(to, from))
            to.set(from);
    }
    void write(const Value & data, WriteBuffer & out) const
    {
        out.writePod<uint8_t>(data.has);
        if (data.has)
            data.write(out, *serialization_);
    }
    void read(Value & data, ReadBuffer & in) const
    {
        data = Value{};
        if (in.readPod<uint8_t>())
            data.read(in, *serialization_, *this->arguments_[0]);
    }
    void result(Value & data, Column & to) const
    {
        if (data.has)
            data.insertInto(to);
        else
            to.insert(this->arguments_[0]->defaultValue()); /// of an enum: its first element
    }

private:
    SerializationPtr serialization_;
};

template <Keep keep>
FunctionRegistry::AggregateMaker extremeMaker()
{
    return [](const std::string & name, const std::vector<Field> & parameters, const DataTypes & arguments)
    {
        expectNoParameters(name, parameters);
        expectArguments(name, arguments, 1);
        if (arguments[0]->id() == TypeId::AggregateFunction || arguments[0]->id() == TypeId::Lambda)
            throwIllegalAggregateArgument(name, *arguments[0]);
        return visitSingleValue(*arguments[0], [&]<typename Value>(std::type_identity<Value>) -> AggregateFunctionPtr
        { return std::make_shared<AggregateExtreme<Value, keep>>(name, parameters, arguments); });
    };
}

}

void registerExtremes(FunctionRegistry & registry)
{
    registry.addAggregate("min", extremeMaker<Keep::Min>(), true);
    registry.addAggregate("max", extremeMaker<Keep::Max>(), true);
    registry.addAggregate("any", extremeMaker<Keep::First>());
    registry.addAggregate("anyLast", extremeMaker<Keep::Last>());
    registry.addAggregate("any_respect_nulls", extremeMaker<Keep::First>());
    registry.addAggregate("anyLast_respect_nulls", extremeMaker<Keep::Last>());
    for (const char * alias : {"anyRespectNulls", "anyValueRespectNulls", "firstValueRespectNulls"})
        registry.addAlias(alias, "any_respect_nulls");
    for (const char * alias : {"any_value_respect_nulls", "first_value_respect_nulls"})
        registry.addAlias(alias, "any_respect_nulls", true);
    for (const char * alias : {"anyLastRespectNulls", "lastValueRespectNulls"})
        registry.addAlias(alias, "anyLast_respect_nulls");
    registry.addAlias("last_value_respect_nulls", "anyLast_respect_nulls", true);
    registry.addAlias("any_value", "any", true);
    registry.addAlias("first_value", "any", true);
    registry.addAlias("last_value", "anyLast", true);
}

}
