// retention(c1, c2, …): [c1 ever, c1 and c2 ever, c1 and c3 ever, …] over the rows of a group.

#include "columns/ColumnArray.h"
#include "functions/aggregates/AggregateBase.h"
#include "functions/aggregates/registerEvents.h"

namespace mangrove
{

namespace
{

constexpr size_t conditions_max = 32;

struct Met
{
    uint32_t bits = 0;
};

class AggregateRetention final : public AggregateBase<Met, AggregateRetention>
{
public:
    using AggregateBase::AggregateBase;

    void addOne(Met & data, AggregateArguments arguments, size_t row) const
    {
        for (size_t i = 0; i < arguments.size(); ++i)
            data.bits |= static_cast<uint32_t>(numberAt<uint8_t>(*arguments[i], row) != 0) << i;
    }
    void mergeData(Met & to, const Met & from) const { to.bits |= from.bits; }
    void write(const Met & data, WriteBuffer & out) const { out.writePod(data.bits); }
    void read(Met & data, ReadBuffer & in) const { data.bits = in.readPod<uint32_t>(); }
    void result(Met & data, Column & to) const
    {
        auto & array = static_cast<ColumnArray &>(to);
        for (size_t i = 0; i < arguments_.size(); ++i)
            appendNumber<uint8_t>(array.dataMutable(), (data.bits & 1) && (data.bits >> i & 1));
        array.offsetsMutable().push_back(array.data().size());
    }
};

}

void expectConditions(const std::string & function, const DataTypes & arguments, size_t first)
{
    for (size_t i = first; i < arguments.size(); ++i)
        if (arguments[i]->id() != TypeId::UInt8 && arguments[i]->id() != TypeId::Bool)
            throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT,
                "Illegal type {} of argument {} of aggregate function {}, must be UInt8", arguments[i]->name(), i + 1, function);
}

void registerRetention(FunctionRegistry & registry)
{
    registry.addAggregate("retention", [](const std::string & name, const std::vector<Field> & parameters,
        const DataTypes & arguments)
    {
        expectNoParameters(name, parameters);
        if (arguments.size() < 2)
            throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH, "Not enough event arguments for aggregate function {}", name);
        if (arguments.size() > conditions_max)
            throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH, "Too many event arguments for aggregate function {}, maximum is {}",
                name, conditions_max);
        expectConditions(name, arguments, 0);
        return std::make_shared<AggregateRetention>(name, parameters, arguments,
            std::make_shared<DataTypeArray>(makeType(TypeId::UInt8)));
    });
}

}
