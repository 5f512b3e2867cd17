#pragma once
// Base of aggregate functions with a C++ state: Data is the state, Derived says what one row does. The loops of
// addRows() and addRange() call Derived without virtual dispatch; a hot function overrides addRange itself.
//
// Derived has: void addOne(Data &, std::span<const Column * const>, size_t row) const;
//              void mergeData(Data &, const Data &) const; void write(const Data &, WriteBuffer &) const;
//              void read(Data &, ReadBuffer &) const; void result(Data &, Column &) const.

#include "functions/AggregateFunction.h"
#include "functions/FunctionRegistry.h"
#include "functions/Numbers.h"
#include "types/DataTypes.h"

namespace mangrove
{

using AggregateArguments = std::span<const Column * const>;

template <typename Data_, typename Derived>
class AggregateBase : public AggregateFunction
{
public:
    using Data = Data_;

    AggregateBase(std::string name, std::vector<Field> parameters, DataTypes arguments, DataTypePtr return_type)
        : name_(std::move(name)), parameters_(std::move(parameters)), arguments_(std::move(arguments)),
            return_type_(std::move(return_type))
    {
    }

    std::string name() const override { return name_; }
    DataTypePtr returnType() const override { return return_type_; }
    DataTypePtr stateType() const override
        { return std::make_shared<DataTypeAggregateFunction>(name_, parameters_, arguments_); }

    size_t stateBytes() const override { return sizeof(Data); }
    size_t stateAlignment() const override { return alignof(Data); }
    bool trivialDestroy() const override { return std::is_trivially_destructible_v<Data>; }
    void create(AggregateState state) const override { new (state) Data; }
    void destroy(AggregateState state) const noexcept override { data(state).~Data(); }

    void add(AggregateState state, AggregateArguments arguments,
        size_t row) const override { self().addOne(data(state), arguments, row); }
    void addRows(std::span<const AggregateState> states, size_t offset, AggregateArguments arguments, size_t begin,
        size_t end) const override
    {
        for (size_t row = begin; row < end; ++row)
            self().addOne(data(states[row] + offset), arguments, row);
    }
    void addRange(AggregateState state, AggregateArguments arguments, size_t begin, size_t end) const override
    {
        for (size_t row = begin; row < end; ++row)
            self().addOne(data(state), arguments, row);
    }
    void merge(AggregateState to, const char * from) const override { self().mergeData(data(to), data(from)); }
    void serialize(const char * state, WriteBuffer & out) const override { self().write(data(state), out); }
    void deserialize(AggregateState state, ReadBuffer & in) const override { self().read(data(state), in); }
    void insertResult(AggregateState state, Column & to) const override { self().result(data(state), to); }

protected:
    static Data & data(AggregateState state) { return *reinterpret_cast<Data *>(state); }
    static const Data & data(const char * state) { return *reinterpret_cast<const Data *>(state); }
    const Derived & self() const { return static_cast<const Derived &>(*this); }

    const std::string name_;
    const std::vector<Field> parameters_;
    const DataTypes arguments_;
    const DataTypePtr return_type_;
};

/// NUMBER_OF_ARGUMENTS_DOESNT_MATCH unless there are so many.
void expectArguments(const std::string & function, const DataTypes & arguments, size_t count);
void expectNoParameters(const std::string & function, const std::vector<Field> & parameters);
[[noreturn]] void throwIllegalAggregateArgument(const std::string & function, const DataType & type);

/// The limit of what one state may be read back with: input may be hostile.
constexpr size_t state_elements_max = 1ULL << 30;
size_t readStateSize(ReadBuffer & in);

/// Integers wrap around, as ClickHouse's sums do.
template <typename S>
S wrappingSum(S a, S b)
{
    if constexpr (std::is_integral_v<S> && sizeof(S) <= 8)
        return static_cast<S>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
    else
        return a + b;
}
template <typename S>
S wrappingDifference(S a, S b)
{
    if constexpr (std::is_integral_v<S> && sizeof(S) <= 8)
        return static_cast<S>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
    else
        return a - b;
}

template <typename T>
const T & numberAt(const Column & column, size_t row)
{
    return static_cast<const ColumnVector<T> &>(column).data()[row];
}
template <typename T>
void appendNumber(Column & column, T value)
{
    static_cast<ColumnVector<T> &>(column).data().push_back(value);
}

}
