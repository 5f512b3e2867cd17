// NULLs in arguments of aggregate functions: rows with a NULL are skipped; the result is Nullable and NULL if no row
// was left, except for functions that count.

#include "columns/ColumnNullable.h"
#include "functions/aggregates/Combinators.h"
#include "functions/aggregates/WrapperBase.h"

namespace mangrove
{

namespace
{

class NullAdapter final : public AggregateWrapper
{
public:
    NullAdapter(AggregateFunctionPtr nested, DataTypePtr state_type, bool nullable_result)
        : AggregateWrapper(std::move(nested), nullable_result ? 1 : 0), state_type_(std::move(state_type)),
            nullable_result_(nullable_result)
    {
    }

    DataTypePtr returnType() const override
        { return nullable_result_ ? makeNullable(nested_->returnType()) : nested_->returnType(); }
    DataTypePtr stateType() const override { return state_type_; }

    void addRows(std::span<const AggregateState> states, size_t offset, AggregateArguments arguments, size_t begin,
        size_t end) const override
    {
        Stripped stripped(arguments);
        forEachRun(begin, end, [&](size_t row) { return !stripped.isNull(row); }, [&](size_t from, size_t to)
        {
            if (nullable_result_)
                for (size_t row = from; row < to; ++row)
                    states[row][offset] = 1;
            nested_->addRows(states, offset + prefix_, stripped.columns, from, to);
        });
    }
    void addRange(AggregateState state, AggregateArguments arguments, size_t begin, size_t end) const override
    {
        Stripped stripped(arguments);
        forEachRun(begin, end, [&](size_t row) { return !stripped.isNull(row); }, [&](size_t from, size_t to)
        {
            if (nullable_result_)
                state[0] = 1;
            nested_->addRange(state + prefix_, stripped.columns, from, to);
        });
    }
    void merge(AggregateState to, const char * from) const override
    {
        if (nullable_result_)
            to[0] |= from[0];
        nested_->merge(to + prefix_, from + prefix_);
    }
    void serialize(const char * state, WriteBuffer & out) const override
    {
        if (nullable_result_)
            out.writeByte(state[0]);
        if (!nullable_result_ || state[0])
            nested_->serialize(state + prefix_, out);
    }
    void deserialize(AggregateState state, ReadBuffer & in) const override
    {
        if (nullable_result_)
            state[0] = in.readByte() != 0;
        if (!nullable_result_ || state[0])
            nested_->deserialize(state + prefix_, in);
    }
    void insertResult(AggregateState state, Column & to) const override
    {
        if (!nullable_result_)
        {
            nested_->insertResult(state, to);
            return;
        }
        auto & nullable = static_cast<ColumnNullable &>(to);
        if (!state[0])
        {
            nullable.insertDefault();
            return;
        }
        nested_->insertResult(state + prefix_, nullable.nestedMutable());
        nullable.nullMapMutable().push_back(0);
    }

private:
    struct Stripped
    {
        std::vector<const Column *> columns;
        std::vector<const PodVector<uint8_t> *> null_maps;

        explicit Stripped(AggregateArguments arguments)
        {
            for (const Column * column : arguments)
            {
                if (column->kind() == ColumnKind::Nullable)
                {
                    auto & nullable = static_cast<const ColumnNullable &>(*column);
                    null_maps.push_back(&nullable.nullMap());
                    column = &nullable.nested();
                }
                columns.push_back(column);
            }
        }
        bool isNull(size_t row) const
        {
            for (const auto * map : null_maps)
                if ((*map)[row])
                    return true;
            return false;
        }
    };

    DataTypePtr state_type_;
    bool nullable_result_;
};

struct NoData
{
};

/// An argument is the literal NULL: no row counts.
class AggregateNothing final : public AggregateBase<NoData, AggregateNothing>
{
public:
    using AggregateBase::AggregateBase;

    void addOne(NoData &, AggregateArguments, size_t) const { }
    void mergeData(NoData &, const NoData &) const { }
    void write(const NoData &, WriteBuffer & out) const { out.writeByte(0); }
    void read(NoData &, ReadBuffer & in) const { in.readByte(); }
    void result(NoData &, Column & to) const { to.insertDefault(); }
};

}

AggregateFunctionPtr makeNullAware(const std::string & name, const std::vector<Field> & parameters,
    const DataTypes & arguments,
    const FunctionRegistry::AggregateMaker & maker)
{
    bool any_nullable = false;
    bool null_literal = false;
    DataTypes plain;
    DataTypes stripped;
    for (const DataTypePtr & argument : arguments)
    {
        plain.push_back(removeLowCardinality(argument));
        stripped.push_back(removeNullable(plain.back()));
        any_nullable |= plain.back()->isNullable();
        null_literal |= stripped.back()->id() == TypeId::Nothing && plain.back()->isNullable();
    }
    if (!any_nullable || name.ends_with("_respect_nulls"))
        return maker(name, parameters, plain);
    const bool counts = name == "count" || name.starts_with("uniq") || name.starts_with("deltaSum");
    if (null_literal)
    {
        DataTypePtr type = counts ? makeType(TypeId::UInt64) : makeNullable(makeType(TypeId::Nothing));
        return std::make_shared<AggregateNothing>(name, parameters, plain, type);
    }
    AggregateFunctionPtr nested = maker(name, parameters, stripped);
    const bool nullable_result = !counts && makeNullable(nested->returnType())->isNullable();
    auto state_type = std::make_shared<DataTypeAggregateFunction>(name, parameters, plain);
    return std::make_shared<NullAdapter>(std::move(nested), state_type, nullable_result);
}

}
