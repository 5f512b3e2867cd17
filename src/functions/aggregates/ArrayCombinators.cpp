#include "functions/aggregates/ArrayCombinators.h"

#include "columns/ColumnArray.h"
#include "columns/ColumnTuple.h"
#include "functions/aggregates/FlatHashSet.h"
#include "functions/aggregates/WrapperBase.h"
#include "io/Checksum.h"
#include "types/Serialization.h"

namespace mangrove
{

namespace
{

DataTypes elementTypes(const std::string & name, const DataTypes & arguments)
{
    DataTypes elements;
    for (const DataTypePtr & argument : arguments)
    {
        if (argument->id() != TypeId::Array)
            throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT,
                "Illegal type {} of argument for aggregate function {}. Must be array.",
                argument->name(), name);
        elements.push_back(typeAs<DataTypeArray>(*argument).element());
    }
    if (elements.empty())
        expectArguments(name, arguments, 1);
    return elements;
}

/// The element columns of array arguments, without LowCardinality.
struct Elements
{
    std::vector<const ColumnArray *> arrays;
    Columns owned;
    std::vector<const Column *> data;

    explicit Elements(AggregateArguments arguments)
    {
        for (const Column * column : arguments)
        {
            arrays.push_back(&columnAs<ColumnArray>(*column));
            owned.push_back(arrays.back()->data().materialize());
            data.push_back(owned.back().get());
        }
    }
    std::pair<size_t, size_t> range(size_t row) const
    {
        size_t begin = arrays[0]->beginOf(row);
        size_t end = arrays[0]->endOf(row);
        for (const ColumnArray * array : arrays)
            if (array->beginOf(row) != begin || array->endOf(row) != end)
                throw Exception(ErrorCode::SIZES_OF_COLUMNS_DOESNT_MATCH,
                    "All arrays passed to an aggregate function must have equal sizes");
        return {begin, end};
    }
};

class AggregateArray final : public AggregateWrapper
{
public:
    AggregateArray(AggregateFunctionPtr nested, DataTypePtr state_type) : AggregateWrapper(std::move(nested), 0),
        state_type_(std::move(state_type)) { }

    DataTypePtr stateType() const override { return state_type_; }
    void addRows(std::span<const AggregateState> states, size_t offset, AggregateArguments arguments, size_t begin,
        size_t end) const override
    {
        Elements elements(arguments);
        for (size_t row = begin; row < end; ++row)
        {
            auto [from, to] = elements.range(row);
            nested_->addRange(states[row] + offset, elements.data, from, to);
        }
    }
    void addRange(AggregateState state, AggregateArguments arguments, size_t begin, size_t end) const override
    {
        if (begin == end)
            return;
        Elements elements(arguments);
        size_t from = elements.range(begin).first;
        size_t to = from;
        for (size_t row = begin; row < end; ++row)
            to = elements.range(row).second;
        nested_->addRange(state, elements.data, from, to);
    }

private:
    DataTypePtr state_type_;
};

/// States of one array position each.
struct PositionStates
{
    std::vector<char *> states;
};

class AggregateForEach final : public AggregateBase<PositionStates, AggregateForEach>
{
public:
    AggregateForEach(AggregateFunctionPtr nested, std::string name, std::vector<Field> parameters, DataTypes arguments)
        : AggregateBase(std::move(name), std::move(parameters), std::move(arguments),
            std::make_shared<DataTypeArray>(nested->returnType())),
          nested_(std::move(nested))
    {
    }

    void destroy(AggregateState state) const noexcept override
    {
        for (char * nested_state : data(state).states)
        {
            nested_->destroy(nested_state);
            ::operator delete(nested_state, std::align_val_t(nested_->stateAlignment()));
        }
        data(state).~PositionStates();
    }
    void addOne(PositionStates & data, AggregateArguments arguments,
        size_t row) const { addElements(data, Elements(arguments), row); }
    void addRows(std::span<const AggregateState> states, size_t offset, AggregateArguments arguments, size_t begin,
        size_t end) const override
    {
        Elements elements(arguments);
        for (size_t row = begin; row < end; ++row)
            addElements(data(states[row] + offset), elements, row);
    }
    void addRange(AggregateState state, AggregateArguments arguments, size_t begin, size_t end) const override
    {
        Elements elements(arguments);
        for (size_t row = begin; row < end; ++row)
            addElements(data(state), elements, row);
    }
    void mergeData(PositionStates & to, const PositionStates & from) const
    {
        grow(to, from.states.size());
        for (size_t i = 0; i < from.states.size(); ++i)
            nested_->merge(to.states[i], from.states[i]);
    }
    void write(const PositionStates & data, WriteBuffer & out) const
    {
        out.writeVarUInt(data.states.size());
        for (const char * state : data.states)
            nested_->serialize(state, out);
    }
    void read(PositionStates & data, ReadBuffer & in) const
    {
        size_t size = readStateSize(in);
        for (size_t i = 0; i < size; ++i)
        {
            in.peek(); /// a lie about the size ends here, not in memory
            grow(data, i + 1);
            nested_->deserialize(data.states[i], in);
        }
    }
    void result(PositionStates & data, Column & to) const
    {
        auto & array = static_cast<ColumnArray &>(to);
        for (char * state : data.states)
            nested_->insertResult(state, array.dataMutable());
        array.offsetsMutable().push_back(array.data().size());
    }

private:
    void addElements(PositionStates & data, const Elements & elements, size_t row) const
    {
        auto [begin, end] = elements.range(row);
        grow(data, end - begin);
        for (size_t i = begin; i < end; ++i)
            nested_->add(data.states[i - begin], elements.data, i);
    }
    void grow(PositionStates & data, size_t size) const
    {
        while (data.states.size() < size)
        {
            data.states.reserve(size);
            auto * state = static_cast<char *>(
                ::operator new(std::max<size_t>(1, nested_->stateBytes()),
                    std::align_val_t(nested_->stateAlignment())));
            nested_->create(state);
            data.states.push_back(state);
        }
    }

    AggregateFunctionPtr nested_;
};

struct DistinctRows
{
    FlatHashSet<UInt128> seen;
    std::vector<MutableColumnPtr> values; /// one column per argument; empty until the first row
};

/// Keeps the distinct rows and runs the function at the end, so that states can be merged.
class AggregateDistinct final : public AggregateBase<DistinctRows, AggregateDistinct>
{
public:
    AggregateDistinct(AggregateFunctionPtr nested, DataTypePtr state_type, DataTypes arguments)
        : AggregateBase(nested->name() + "Distinct", {}, std::move(arguments), nested->returnType()),
            nested_(std::move(nested)),
          state_type_(std::move(state_type))
    {
    }

    DataTypePtr stateType() const override { return state_type_; }
    void addOne(DistinctRows & data, AggregateArguments arguments, size_t row) const
    {
        std::string key;
        for (const Column * column : arguments)
            column->serializeKey(row, key);
        if (!data.seen.insert(xxh3_128(key)))
            return;
        if (data.values.empty())
            for (const Column * column : arguments)
                data.values.push_back(column->cloneEmpty());
        for (size_t i = 0; i < arguments.size(); ++i)
            data.values[i]->insertFrom(*arguments[i], row);
    }
    void mergeData(DistinctRows & to, const DistinctRows & from) const
    {
        if (from.values.empty())
            return;
        std::vector<const Column *> columns;
        for (const auto & column : from.values)
            columns.push_back(column.get());
        for (size_t row = 0; row < columns[0]->size(); ++row)
            addOne(to, columns, row);
    }
    void write(const DistinctRows & data, WriteBuffer & out) const
    {
        size_t rows = data.values.empty() ? 0 : data.values[0]->size();
        out.writeVarUInt(rows);
        for (size_t row = 0; row < rows; ++row)
            for (size_t i = 0; i < arguments_.size(); ++i)
                serializationOf(arguments_[i])->writeBinary(*data.values[i], row, out);
    }
    void read(DistinctRows & data, ReadBuffer & in) const
    {
        data = DistinctRows{};
        size_t rows = readStateSize(in);
        for (size_t row = 0; row < rows; ++row)
        {
            in.peek();
            std::vector<MutableColumnPtr> values;
            std::vector<const Column *> columns;
            for (const DataTypePtr & type : arguments_)
            {
                values.push_back(type->createColumn());
                serializationOf(type)->readBinary(*values.back(), in, {});
                columns.push_back(values.back().get());
            }
            addOne(data, columns, 0);
        }
    }
    void result(DistinctRows & data, Column & to) const
    {
        std::vector<const Column *> columns;
        for (const auto & column : data.values)
            columns.push_back(column.get());
        std::unique_ptr<char[]> memory(new char[nested_->stateBytes() + nested_->stateAlignment()]);
        void * aligned = memory.get();
        size_t space = nested_->stateBytes() + nested_->stateAlignment();
        auto * state = static_cast<char *>(std::align(nested_->stateAlignment(), nested_->stateBytes(), aligned,
            space));
        nested_->create(state);
        if (!columns.empty())
            nested_->addRange(state, columns, 0, columns[0]->size());
        nested_->insertResult(state, to);
        nested_->destroy(state);
    }

private:
    AggregateFunctionPtr nested_;
    DataTypePtr state_type_;
};

}

AggregateFunctionPtr makeArrayCombinator(const FunctionRegistry & registry, std::string_view nested_name,
    const std::vector<Field> & parameters, const DataTypes & arguments)
{
    std::string name = std::string(nested_name) + "Array";
    AggregateFunctionPtr nested = registry.getAggregate(nested_name, parameters, elementTypes(name, arguments));
    return std::make_shared<AggregateArray>(nested,
        std::make_shared<DataTypeAggregateFunction>(name, parameters, arguments));
}

AggregateFunctionPtr makeForEachCombinator(const FunctionRegistry & registry, std::string_view nested_name,
    const std::vector<Field> & parameters, const DataTypes & arguments)
{
    std::string name = std::string(nested_name) + "ForEach";
    AggregateFunctionPtr nested = registry.getAggregate(nested_name, parameters, elementTypes(name, arguments));
    return std::make_shared<AggregateForEach>(nested, name, parameters, arguments);
}

AggregateFunctionPtr makeDistinctCombinator(AggregateFunctionPtr nested, DataTypePtr state_type, DataTypes arguments)
{
    return std::make_shared<AggregateDistinct>(std::move(nested), std::move(state_type), std::move(arguments));
}

}
