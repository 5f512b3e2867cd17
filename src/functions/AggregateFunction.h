#pragma once
// Aggregate functions. The object is immutable and thread-safe; states live in memory that the caller owns
// (an arena): create() … destroy() bracket each state's life. Combinators (-If, -State, -Merge, -Array, Distinct)
// wrap another function.

#include "io/ReadBuffer.h"
#include "io/WriteBuffer.h"
#include "types/DataType.h"

#include <memory>
#include <span>
#include <string>

namespace mangrove
{

using AggregateState = char *;

class AggregateFunction
{
public:
    virtual ~AggregateFunction() = default;

    virtual std::string name() const = 0;
    virtual DataTypePtr returnType() const = 0;
    /// The type of -State results and of AggregateFunction columns.
    virtual DataTypePtr stateType() const = 0;

    virtual size_t stateBytes() const = 0;
    virtual size_t stateAlignment() const = 0;
    virtual bool trivialDestroy() const = 0;
    virtual void create(AggregateState state) const = 0;
    virtual void destroy(AggregateState state) const noexcept = 0;

    /// `arguments` are full columns (no Const, no LowCardinality unless acceptsLowCardinality()).
    virtual bool acceptsLowCardinality() const { return false; }
    virtual void add(AggregateState state, std::span<const Column * const> arguments, size_t row) const = 0;
    /// states[i] + offset gets row i, for rows [begin, end).
    virtual void addRows(std::span<const AggregateState> states, size_t offset,
        std::span<const Column * const> arguments,
        size_t begin, size_t end) const = 0;
    /// One state gets rows [begin, end): the fast path without GROUP BY and for sorted groups.
    virtual void addRange(AggregateState state, std::span<const Column * const> arguments, size_t begin,
        size_t end) const = 0;
    /// Adds `count` rows without arguments (count()).
    virtual void merge(AggregateState to, const char * from) const = 0;
    virtual void serialize(const char * state, WriteBuffer & out) const = 0;
    virtual void deserialize(AggregateState state, ReadBuffer & in) const = 0;
    /// Appends the result; may change the state (sorting for quantiles).
    virtual void insertResult(AggregateState state, Column & to) const = 0;
};

using AggregateFunctionPtr = std::shared_ptr<const AggregateFunction>;

}
