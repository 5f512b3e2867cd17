#include "functions/aggregates/Combinators.h"

#include "columns/ColumnArray.h"
#include "columns/ColumnNullable.h"
#include "columns/ColumnString.h"
#include "functions/aggregates/ArrayCombinators.h"
#include "functions/aggregates/MapCombinators.h"
#include "functions/aggregates/WrapperBase.h"

namespace mangrove
{

namespace
{

/// -If: rows where the last argument is true.
class AggregateIf final : public AggregateWrapper
{
public:
    AggregateIf(AggregateFunctionPtr nested, DataTypePtr state_type) : AggregateWrapper(std::move(nested), 0),
        state_type_(std::move(state_type)) { }

    DataTypePtr stateType() const override { return state_type_; }

    void addRows(std::span<const AggregateState> states, size_t offset, AggregateArguments arguments, size_t begin,
        size_t end) const override
    {
        visitCondition(*arguments.back(), begin, end,
            [&](size_t from, size_t to) { nested_->addRows(states, offset, arguments.first(arguments.size() - 1),
                from, to); });
    }
    void addRange(AggregateState state, AggregateArguments arguments, size_t begin, size_t end) const override
    {
        visitCondition(*arguments.back(), begin, end,
            [&](size_t from, size_t to) { nested_->addRange(state, arguments.first(arguments.size() - 1), from, to); });
    }

private:
    template <typename F>
    static void visitCondition(const Column & condition, size_t begin, size_t end, F && f)
    {
        const PodVector<uint8_t> * nulls = nullptr;
        const Column * values = &condition;
        if (condition.kind() == ColumnKind::Nullable)
        {
            auto & nullable = static_cast<const ColumnNullable &>(condition);
            nulls = &nullable.nullMap();
            values = &nullable.nested();
        }
        const auto & data = numbersOf<uint8_t>(*values);
        if (nulls)
            forEachRun(begin, end, [&](size_t row) { return data[row] && !(*nulls)[row]; }, f);
        else
            forEachRun(begin, end, [&](size_t row) { return data[row] != 0; }, f);
    }

    DataTypePtr state_type_;
};

/// -If with a literal NULL as the condition: no row ever.
class AggregateNever final : public AggregateWrapper
{
public:
    explicit AggregateNever(AggregateFunctionPtr nested) : AggregateWrapper(std::move(nested), 0) { }
    void addRows(std::span<const AggregateState>, size_t, AggregateArguments, size_t, size_t) const override { }
    void addRange(AggregateState, AggregateArguments, size_t, size_t) const override { }
};

/// -State: the result is the serialized state.
class AggregateStateOf final : public AggregateWrapper
{
public:
    explicit AggregateStateOf(AggregateFunctionPtr nested) : AggregateWrapper(std::move(nested), 0) { }

    DataTypePtr returnType() const override { return nested_->stateType(); }
    void addRows(std::span<const AggregateState> states, size_t offset, AggregateArguments arguments, size_t begin,
        size_t end) const override
    {
        nested_->addRows(states, offset, arguments, begin, end);
    }
    void addRange(AggregateState state, AggregateArguments arguments, size_t begin, size_t end) const override
    {
        nested_->addRange(state, arguments, begin, end);
    }
    void insertResult(AggregateState state, Column & to) const override
    {
        WriteBuffer out;
        nested_->serialize(state, out);
        static_cast<ColumnString &>(to).append(out.str());
    }
};

/// -Merge: the argument is a column of states.
class AggregateMerge final : public AggregateWrapper
{
public:
    explicit AggregateMerge(AggregateFunctionPtr nested) : AggregateWrapper(std::move(nested), 0) { }

    void addRows(std::span<const AggregateState> states, size_t offset, AggregateArguments arguments, size_t begin,
        size_t end) const override
    {
        Scratch scratch(*nested_);
        for (size_t row = begin; row < end; ++row)
            scratch.mergeInto(states[row] + offset, arguments[0]->stringAt(row));
    }
    void addRange(AggregateState state, AggregateArguments arguments, size_t begin, size_t end) const override
    {
        Scratch scratch(*nested_);
        for (size_t row = begin; row < end; ++row)
            scratch.mergeInto(state, arguments[0]->stringAt(row));
    }

private:
    /// Memory for one state that is read from text and merged.
    class Scratch
    {
    public:
        explicit Scratch(const AggregateFunction & function)
            : function_(function), memory_(static_cast<char *>(::operator new(
                                       std::max<size_t>(1, function.stateBytes()),
                                           std::align_val_t(function.stateAlignment()))))
        {
        }
        Scratch(const Scratch &) = delete;
        ~Scratch() { ::operator delete(memory_, std::align_val_t(function_.stateAlignment())); }
        void mergeInto(AggregateState to, std::string_view bytes)
        {
            if (bytes.empty())
                return; /// the default of an AggregateFunction column: no rows
            function_.create(memory_);
            try
            {
                ReadBuffer in(bytes);
                function_.deserialize(memory_, in);
                function_.merge(to, memory_);
            }
            catch (...)
            {
                function_.destroy(memory_);
                throw;
            }
            function_.destroy(memory_);
        }

    private:
        const AggregateFunction & function_;
        char * memory_;
    };
};

/// -OrNull, -OrDefault: NULL or the type's default instead of the function's own result for no rows.
class AggregateOrFill final : public AggregateWrapper
{
public:
    AggregateOrFill(AggregateFunctionPtr nested, DataTypePtr state_type, bool null)
        : AggregateWrapper(std::move(nested), 1), state_type_(std::move(state_type)), null_(null)
    {
    }

    DataTypePtr returnType() const override
        { return null_ ? makeNullable(nested_->returnType()) : nested_->returnType(); }
    DataTypePtr stateType() const override { return state_type_; }
    void addRows(std::span<const AggregateState> states, size_t offset, AggregateArguments arguments, size_t begin,
        size_t end) const override
    {
        for (size_t row = begin; row < end; ++row)
            states[row][offset] = 1;
        nested_->addRows(states, offset + prefix_, arguments, begin, end);
    }
    void addRange(AggregateState state, AggregateArguments arguments, size_t begin, size_t end) const override
    {
        if (begin < end)
            state[0] = 1;
        nested_->addRange(state + prefix_, arguments, begin, end);
    }
    void merge(AggregateState to, const char * from) const override
    {
        to[0] |= from[0];
        nested_->merge(to + prefix_, from + prefix_);
    }
    void serialize(const char * state, WriteBuffer & out) const override
    {
        nested_->serialize(state + prefix_, out);
        out.writeByte(state[0]);
    }
    void deserialize(AggregateState state, ReadBuffer & in) const override
    {
        nested_->deserialize(state + prefix_, in);
        state[0] = in.readByte() != 0;
    }
    void insertResult(AggregateState state, Column & to) const override
    {
        if (!state[0])
        {
            to.insert(returnType()->defaultValue());
            return;
        }
        if (to.kind() == ColumnKind::Nullable && !nested_->returnType()->isNullable())
        {
            auto & nullable = static_cast<ColumnNullable &>(to);
            nested_->insertResult(state + prefix_, nullable.nestedMutable());
            nullable.nullMapMutable().push_back(0);
            return;
        }
        nested_->insertResult(state + prefix_, to);
    }

private:
    DataTypePtr state_type_;
    bool null_;
};

AggregateFunctionPtr makeIf(const FunctionRegistry & registry, std::string_view nested_name,
    const std::vector<Field> & parameters, const DataTypes & arguments)
{
    std::string name = std::string(nested_name) + "If";
    if (arguments.empty())
        expectArguments(name, arguments, 1);
    DataTypePtr condition = removeLowCardinalityAndNullable(arguments.back());
    AggregateFunctionPtr nested = registry.getAggregate(nested_name, parameters,
        DataTypes(arguments.begin(), arguments.end() - 1));
    if (condition->id() == TypeId::Nothing)
        return std::make_shared<AggregateNever>(nested);
    if (condition->id() != TypeId::UInt8 && condition->id() != TypeId::Bool)
        throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT,
            "Illegal type {} of last argument for aggregate function {}: must be UInt8",
            arguments.back()->name(), name);
    DataTypes plain;
    for (const DataTypePtr & argument : arguments)
        plain.push_back(removeLowCardinality(argument));
    return std::make_shared<AggregateIf>(nested, std::make_shared<DataTypeAggregateFunction>(name, parameters, plain));
}

AggregateFunctionPtr makeMerge(const FunctionRegistry & registry, std::string_view nested_name,
    const DataTypes & arguments)
{
    std::string name = std::string(nested_name) + "Merge";
    expectArguments(name, arguments, 1);
    if (arguments[0]->id() != TypeId::AggregateFunction)
        throwIllegalAggregateArgument(name, *arguments[0]);
    auto & state = typeAs<DataTypeAggregateFunction>(*arguments[0]);
    AggregateFunctionPtr nested = registry.getAggregate(nested_name, state.parameters(), state.arguments());
    if (!nested->stateType()->equals(*arguments[0]))
        throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT,
            "Illegal type {} of argument for aggregate function {}, expected {}",
            arguments[0]->name(), name, nested->stateType()->name());
    return std::make_shared<AggregateMerge>(nested);
}

}

std::string_view combinatorSuffix(std::string_view name)
{
    for (std::string_view suffix : {"SimpleState", "OrDefault", "Distinct", "ForEach", "OrNull", "Array", "State",
        "Merge", "Map", "If"})
        if (name.size() > suffix.size() && name.ends_with(suffix))
            return name.substr(name.size() - suffix.size());
    return {};
}

AggregateFunctionPtr makeCombinator(const FunctionRegistry & registry, std::string_view nested_name,
    std::string_view suffix,
    const std::vector<Field> & parameters, const DataTypes & arguments)
{
    if (suffix == "If")
        return makeIf(registry, nested_name, parameters, arguments);
    if (suffix == "Merge")
        return makeMerge(registry, nested_name, arguments);
    if (suffix == "Array")
        return makeArrayCombinator(registry, nested_name, parameters, arguments);
    if (suffix == "ForEach")
        return makeForEachCombinator(registry, nested_name, parameters, arguments);
    if (suffix == "Map")
        return makeMapCombinator(registry, nested_name, parameters, arguments);
    // sumIfOrNull is NULL where no row passes, as sumOrNullIf is.
    if ((suffix == "OrNull" || suffix == "OrDefault") && nested_name.ends_with("If"))
        return makeIf(registry, std::string(nested_name.substr(0, nested_name.size() - 2)) + std::string(suffix), parameters, arguments);
    AggregateFunctionPtr nested = registry.getAggregate(nested_name, parameters, arguments);
    if (suffix == "State")
        return std::make_shared<AggregateStateOf>(nested);
    if (suffix == "SimpleState")
        return nested;
    DataTypes plain;
    for (const DataTypePtr & argument : arguments)
        plain.push_back(removeLowCardinality(argument));
    auto state_type = std::make_shared<DataTypeAggregateFunction>(std::string(nested_name) + std::string(suffix),
        parameters, plain);
    if (suffix == "Distinct")
        return makeDistinctCombinator(nested, state_type, plain);
    return std::make_shared<AggregateOrFill>(nested, state_type, suffix == "OrNull");
}

}
