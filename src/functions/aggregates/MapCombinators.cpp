#include "functions/aggregates/MapCombinators.h"

#include "columns/ColumnArray.h"
#include "columns/ColumnMap.h"
#include "columns/ColumnNullable.h"
#include "columns/ColumnTuple.h"
#include "functions/aggregates/KeyedStates.h"
#include "functions/aggregates/registerCollections.h"
#include "types/Serialization.h"

namespace mangrove
{

void StatesLayout::write(const KeyedStates & data, const Serialization & keys, WriteBuffer & out) const
{
    out.writeVarUInt(data.states.size());
    for (size_t row = 0; row < data.states.size(); ++row)
    {
        keys.writeBinary(*data.keys, row, out);
        for (size_t i = 0; i < functions_.size(); ++i)
            functions_[i]->serialize(state(data.states[row], i), out);
    }
}

void StatesLayout::read(KeyedStates & data, const DataType & key_type, const Serialization & keys, ReadBuffer & in) const
{
    const size_t size = readStateSize(in);
    MutableColumnPtr key = key_type.createColumn();
    for (size_t row = 0; row < size; ++row)
    {
        keys.readBinary(*key, in, {});
        const size_t known = data.states.size();
        char * block = find(data, *key, row);
        if (data.states.size() == known)
            throw Exception(ErrorCode::INCORRECT_DATA, "A state of an aggregate function has a key twice");
        for (size_t i = 0; i < functions_.size(); ++i)
            functions_[i]->deserialize(state(block, i), in);
    }
}

namespace
{

class AggregateMap final : public AggregateBase<KeyedStates, AggregateMap>
{
public:
    AggregateMap(AggregateFunctionPtr nested, std::string name, std::vector<Field> parameters, DataTypes arguments, DataTypePtr key)
        : AggregateBase(std::move(name), std::move(parameters), std::move(arguments), std::make_shared<DataTypeMap>(key, nested->returnType()))
        , key_type_(key), key_serialization_(serializationOf(key)), layout_({nested})
    {
    }

    bool trivialDestroy() const override { return false; }
    void destroy(AggregateState state) const noexcept override
    {
        layout_.clear(data(state));
        data(state).~KeyedStates();
    }
    void addOne(KeyedStates & data, AggregateArguments arguments, size_t row) const { addPairs(data, Pairs(*arguments[0]), row); }
    void addRows(std::span<const AggregateState> states, size_t offset, AggregateArguments arguments, size_t begin, size_t end) const override
    {
        Pairs pairs(*arguments[0]);
        for (size_t row = begin; row < end; ++row)
            addPairs(data(states[row] + offset), pairs, row);
    }
    void addRange(AggregateState state, AggregateArguments arguments, size_t begin, size_t end) const override
    {
        Pairs pairs(*arguments[0]);
        for (size_t row = begin; row < end; ++row)
            addPairs(data(state), pairs, row);
    }
    void mergeData(KeyedStates & to, const KeyedStates & from) const { layout_.merge(to, from); }
    void write(const KeyedStates & data, WriteBuffer & out) const { layout_.write(data, *key_serialization_, out); }
    void read(KeyedStates & data, ReadBuffer & in) const { layout_.read(data, *key_type_, *key_serialization_, in); }
    void result(KeyedStates & data, Column & to) const
    {
        auto & pairs = static_cast<ColumnMap &>(to).pairsMutable();
        auto & pair = static_cast<ColumnTuple &>(pairs.dataMutable());
        for (uint32_t row : data.sortedRows())
        {
            pair.elementMutable(0).insertFrom(*data.keys, row);
            layout_.functions()[0]->insertResult(layout_.state(data.states[row], 0), pair.elementMutable(1));
        }
        pairs.offsetsMutable().push_back(pairs.data().size());
    }

private:
    struct Pairs
    {
        const ColumnMap & map;
        ColumnPtr keys;
        ColumnPtr values;

        explicit Pairs(const Column & column)
            : map(columnAs<ColumnMap>(column)), keys(map.keysPtr()->materialize()), values(map.valuesPtr()->materialize())
        {
        }
    };
    void addPairs(KeyedStates & data, const Pairs & pairs, size_t row) const
    {
        const Column * values = pairs.values.get();
        for (size_t k = pairs.map.pairs().beginOf(row); k < pairs.map.pairs().endOf(row); ++k)
            layout_.functions()[0]->add(layout_.state(layout_.find(data, *pairs.keys, k), 0), {&values, 1}, k);
    }

    DataTypePtr key_type_;
    SerializationPtr key_serialization_;
    StatesLayout layout_;
};

/// sumMap(keys, values…): keys and values are arrays, as arguments or as elements of one tuple.
class AggregateMappedArrays final : public AggregateBase<KeyedStates, AggregateMappedArrays>
{
public:
    AggregateMappedArrays(std::string name, DataTypes arguments, DataTypePtr key, std::vector<AggregateFunctionPtr> functions, bool sum)
        : AggregateBase(std::move(name), {}, std::move(arguments), resultType(key, functions))
        , key_type_(key), key_serialization_(serializationOf(key)), layout_(std::move(functions)), sum_(sum)
    {
    }

    bool trivialDestroy() const override { return false; }
    void destroy(AggregateState state) const noexcept override
    {
        layout_.clear(data(state));
        data(state).~KeyedStates();
    }
    void addOne(KeyedStates & data, AggregateArguments arguments, size_t row) const { addKeys(data, Arrays(arguments), row); }
    void addRows(std::span<const AggregateState> states, size_t offset, AggregateArguments arguments, size_t begin, size_t end) const override
    {
        Arrays arrays(arguments);
        for (size_t row = begin; row < end; ++row)
            addKeys(data(states[row] + offset), arrays, row);
    }
    void addRange(AggregateState state, AggregateArguments arguments, size_t begin, size_t end) const override
    {
        Arrays arrays(arguments);
        for (size_t row = begin; row < end; ++row)
            addKeys(data(state), arrays, row);
    }
    void mergeData(KeyedStates & to, const KeyedStates & from) const { layout_.merge(to, from); }
    void write(const KeyedStates & data, WriteBuffer & out) const { layout_.write(data, *key_serialization_, out); }
    void read(KeyedStates & data, ReadBuffer & in) const { layout_.read(data, *key_type_, *key_serialization_, in); }
    void result(KeyedStates & data, Column & to) const
    {
        auto & tuple = static_cast<ColumnTuple &>(to);
        auto elements = [&](size_t i) -> ColumnArray & { return static_cast<ColumnArray &>(tuple.elementMutable(i)); };
        const size_t functions = layout_.functions().size();
        for (uint32_t row : data.sortedRows())
        {
            bool all_zero = sum_;
            for (size_t i = 0; i < functions; ++i)
            {
                Column & values = elements(i + 1).dataMutable();
                layout_.functions()[i]->insertResult(layout_.state(data.states[row], i), values);
                all_zero = all_zero && isZero(values, values.size() - 1);
            }
            if (!all_zero)
                elements(0).dataMutable().insertFrom(*data.keys, row);
            else /// keys whose sums are all zero are left out
                for (size_t i = 0; i < functions; ++i)
                    elements(i + 1).dataMutable().popBack(1);
        }
        for (size_t i = 0; i <= functions; ++i)
            elements(i).offsetsMutable().push_back(elements(i).data().size());
    }

private:
    static DataTypePtr resultType(const DataTypePtr & key, const std::vector<AggregateFunctionPtr> & functions)
    {
        DataTypes types{std::make_shared<DataTypeArray>(key)};
        for (const auto & function : functions)
            types.push_back(std::make_shared<DataTypeArray>(function->returnType()));
        return std::make_shared<DataTypeTuple>(types);
    }
    static bool isZero(const Column & values, size_t row)
    {
        return visitNumbers(values, [&](const auto & numbers) { return numbers.data()[row] == 0; });
    }

    struct Arrays
    {
        std::vector<const ColumnArray *> arrays;
        Columns data;

        explicit Arrays(AggregateArguments arguments)
        {
            auto add = [&](const Column & column)
            {
                arrays.push_back(&columnAs<ColumnArray>(column));
                data.push_back(arrays.back()->data().materialize());
            };
            if (const auto * tuple = tryColumnAs<ColumnTuple>(*arguments[0]))
                for (const ColumnPtr & element : tuple->elements())
                    add(*element);
            else
                for (const Column * column : arguments)
                    add(*column);
        }
    };
    void addKeys(KeyedStates & data, const Arrays & arrays, size_t row) const
    {
        const size_t begin = arrays.arrays[0]->beginOf(row);
        const size_t count = arrays.arrays[0]->endOf(row) - begin;
        for (const ColumnArray * array : arrays.arrays)
            if (array->endOf(row) - array->beginOf(row) != count)
                throw Exception(ErrorCode::BAD_ARGUMENTS, "Sizes of keys and values arrays do not match");
        for (size_t k = 0; k < count; ++k)
        {
            char * block = layout_.find(data, *arrays.data[0], begin + k);
            for (size_t i = 0; i < layout_.functions().size(); ++i)
            {
                const Column * values = arrays.data[i + 1].get();
                const size_t position = arrays.arrays[i + 1]->beginOf(row) + k;
                if (values->isNullAt(position))
                    continue;
                if (values->kind() == ColumnKind::Nullable)
                    values = &static_cast<const ColumnNullable &>(*values).nested();
                layout_.functions()[i]->add(layout_.state(block, i), {&values, 1}, position);
            }
        }
    }

    DataTypePtr key_type_;
    SerializationPtr key_serialization_;
    StatesLayout layout_;
    bool sum_;
};

FunctionRegistry::AggregateMaker mappedArraysMaker(const FunctionRegistry & registry, const char * state_name, const char * nested, bool sum)
{
    return [&registry, state_name, nested, sum](const std::string & name, const std::vector<Field> & parameters, const DataTypes & arguments)
    {
        expectNoParameters(name, parameters);
        DataTypes arrays = arguments;
        if (arguments.size() == 1)
        {
            if (arguments[0]->id() != TypeId::Tuple)
                throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "When function {} gets one argument it must be a tuple", name);
            arrays = typeAs<DataTypeTuple>(*arguments[0]).elements();
        }
        if (arrays.size() < 2)
            throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH,
                "Aggregate function {} requires at least two arguments of Array type or one argument of tuple of two arrays", name);
        DataTypes elements;
        for (const DataTypePtr & array : arrays)
        {
            if (array->id() != TypeId::Array)
                throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "Argument of type {} of function {} must be an array", array->name(), name);
            elements.push_back(removeLowCardinality(typeAs<DataTypeArray>(*array).element()));
        }
        std::vector<AggregateFunctionPtr> functions;
        for (size_t i = 1; i < elements.size(); ++i)
            functions.push_back(registry.getAggregate(nested, {}, {removeNullable(elements[i])}));
        return std::make_shared<AggregateMappedArrays>(state_name, arguments, elements[0], std::move(functions), sum);
    };
}

}

AggregateFunctionPtr makeMapCombinator(const FunctionRegistry & registry, std::string_view nested_name,
    const std::vector<Field> & parameters, const DataTypes & arguments)
{
    const std::string name = std::string(nested_name) + "Map";
    if (arguments.size() == 1 && arguments[0]->id() == TypeId::Map)
    {
        auto & map = typeAs<DataTypeMap>(*arguments[0]);
        AggregateFunctionPtr nested = registry.getAggregate(nested_name, parameters, {removeLowCardinality(map.value())});
        return std::make_shared<AggregateMap>(nested, name, parameters, arguments, removeLowCardinality(map.key()));
    }
    if (nested_name == "sum" || nested_name == "min" || nested_name == "max")
        return registry.getAggregate(std::string(nested_name) + "MappedArrays", parameters, arguments);
    if (arguments.size() != 1)
        throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH, "Aggregate function {} requires one map argument, but {} found", name, arguments.size());
    throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "Aggregate function {} requires map as argument", name);
}

void registerMappedArrays(FunctionRegistry & registry)
{
    registry.addAggregate("sumMappedArrays", mappedArraysMaker(registry, "sumMap", "sum", true));
    registry.addAggregate("minMappedArrays", mappedArraysMaker(registry, "minMap", "min", false));
    registry.addAggregate("maxMappedArrays", mappedArraysMaker(registry, "maxMap", "max", false));
    registry.addAggregate("sumMapWithOverflow", mappedArraysMaker(registry, "sumMapWithOverflow", "sumWithOverflow", true));
}

}
